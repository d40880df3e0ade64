#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""However packets are given, what is found in them is the same."""

import os
import resource
import shutil
import subprocess
import threading
import time

from captures import pcap_octets, read_pcap, write, write_pcap
from commandline import Test, all_captures, main

PACKERS = {"gz": ["gzip", "-c"], "xz": ["xz", "-c"], "zst": ["zstd", "-q", "-c"], "lz4": ["lz4", "-q", "-c"]}
NAMES = {"gz": "gzip", "xz": "xz", "zst": "zstd", "lz4": "lz4"}
PLACES = ("frame", "frames", "input", "file", "evidence", "inputs", "elapsed_seconds", "created")


def placeless(entry):
    """Without where packets stand and when the run was: that differs from one container to the next."""
    if isinstance(entry, dict):
        return {key: placeless(value) for key, value in entry.items() if key not in PLACES}
    if isinstance(entry, list):
        return [placeless(value) for value in entry]
    return entry


class Inputs(Test):
    def setUp(self):
        super().setUp()
        self.good = self.pcap("private-glue")

    def report(self, *args, **more):
        return placeless(self.run_it("-q", "-o", "json", *args, **more).objects())

    def expect(self, expected, *args, **more):
        self.assertEqual(self.report(*args, **more), expected)

    def test_an_option_a_plain_argument_a_directory_and_a_stream_are_alike(self):
        expected = self.report(self.good)
        self.assertGreater(len(expected), 10)
        os.mkdir(self.path("folder"))
        shutil.copy(self.good, self.path("folder"))
        self.expect(expected, "-r", self.good)
        self.expect(expected, "--read=" + self.good)
        self.expect(expected, self.path("folder"))
        self.expect(expected, self.path("folder") + "/")
        with open(self.good, "rb") as stream:
            self.expect(expected, "-", stdin=stream)
        with open(self.good, "rb") as stream:
            self.expect(expected, "-", stdin=stream.read())
        with open(self.good, "rb") as stream:
            self.expect(expected, "/dev/stdin", stdin=stream)

    def fifo(self, octets, piece=None, pause=0.0):
        """A FIFO and a writer that hands over `piece` octets at a time, with pauses."""
        path = self.path("fifo%d" % len(os.listdir(self.scratch)))
        os.mkfifo(path)

        def feed():
            with open(path, "wb", buffering=0) as stream:
                step = piece or len(octets)
                for at in range(0, len(octets), step):
                    stream.write(octets[at:at + step])
                    time.sleep(pause)
        writer = threading.Thread(target=feed)
        writer.start()
        self.addCleanup(writer.join)
        return path

    def test_a_fifo_and_a_slow_writer(self):
        packets = read_pcap(self.good)[:300]
        octets = pcap_octets(packets)
        expected = self.report(write(self.path("some.pcap"), octets))
        self.expect(expected, self.fifo(octets))
        self.expect(expected, self.fifo(octets, 997, 0.005))

    def test_two_fifos_at_once(self):
        packets = read_pcap(self.good)
        halves = [pcap_octets(packets[:1000]), pcap_octets(packets[1000:])]
        expected = self.report(self.good)
        self.expect(expected, self.fifo(halves[1]), self.fifo(halves[0]))

    def test_compressed_inputs(self):
        expected = self.report(self.good)
        with open(self.good, "rb") as stream:
            octets = stream.read()
        for ending, command in PACKERS.items():
            with self.subTest(ending):
                packed = subprocess.run(command, input=octets, stdout=subprocess.PIPE, check=True).stdout
                path = write(self.path("no-telling-name"), packed)
                self.expect(expected, path)
                self.expect(expected, "-", stdin=packed)
                self.expect(expected, self.fifo(packed, 5003))
                self.assertEqual(self.stats(path)["inputs"][0]["compression"], NAMES[ending])
                cut = write(self.path("cut"), packed[:-20])
                result = self.run_it("-o", "stats", cut, code=4)
                self.assertEqual(len(result.notes()), 1, result.err)

    def test_pcapng_is_read_like_pcap(self):
        if not shutil.which("editcap"):
            self.skipTest("editcap is absent")
        for path in all_captures():
            with self.subTest(path):
                other = self.path("other.pcapng")
                subprocess.run(["editcap", "-F", "pcapng", path, other], check=True)
                self.expect(self.report(path), other)

    def test_several_files_are_read_in_the_order_of_time(self):
        packets = read_pcap(self.good)
        parts = [write_pcap(self.path(name + ".pcap"), packets[begin:begin + 500])
                 for name, begin in (("d", 0), ("c", 500), ("b", 1000), ("a", 1500))]
        parts.append(write_pcap(self.path("e.pcap"), packets[2000:]))
        expected = self.report(self.good)
        for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)):
            self.expect(expected, *[parts[place] for place in order])
        self.expect(expected, self.scratch)
        counters = self.stats(self.scratch)
        self.assertEqual([os.path.basename(entry["path"]) for entry in counters["inputs"]],
                         ["d.pcap", "c.pcap", "b.pcap", "a.pcap", "e.pcap"])

    def test_a_directory_with_other_things_in_it(self):
        shutil.copy(self.good, self.path("a.pcap"))
        write(self.path("notes\33[31m.txt"), b"these are not the packets you are looking for\n" * 10)
        write(self.path("short"), b"x")
        write(self.path(".hidden"), pcap_octets([]))
        os.mkdir(self.path("inner.pcap"))
        os.symlink("/absent", self.path("dangling.pcap"))
        os.mkfifo(self.path("fifo"))
        expected = self.report(self.good)
        self.expect(expected, self.scratch)
        noted = self.run_it("-o", "json", self.scratch).notes()
        self.assertEqual(len(noted), 1)
        self.assertIn("2 files passed over", noted[0])
        named = self.run_it("-v", "-o", "json", self.scratch).err
        self.assertIn(b"notes\\027[31m.txt: not a capture", named)
        self.assertEqual(self.run_it("-q", "-o", "json", self.scratch).err, b"")

    def test_more_files_than_descriptors(self):
        packets = read_pcap(self.good)
        for index in range(2000):
            write_pcap(self.path("%04d.pcap" % (9999 - index)), packets[index:index + 1])
        write_pcap(self.path("rest.pcap"), packets[2000:])

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        expected = self.report(self.good)
        self.expect(expected, self.scratch, preexec_fn=few)
        paths = sorted(os.path.join(self.scratch, name) for name in os.listdir(self.scratch))
        self.expect(expected, *paths, preexec_fn=few)
        self.expect(expected, *paths[1000:], *paths[:1000], preexec_fn=few)

    def test_more_than_4096_arguments(self):
        paths = [write_pcap(self.path("%d" % index), []) for index in range(5000)]
        self.assertEqual(len(self.stats(*paths)["inputs"]), 5000)

    def test_names_like_filter_words_and_with_odd_octets(self):
        expected = self.report(self.good)
        for name in ("port", "udp", "not", "-x", "with space", "new\nline", "esc\33[2J", "quote\"'", "back\\slash",
                     "\udcff\udc80", "a:b", "%s%n", "<script>", "x" * 250):
            with self.subTest(name):
                shutil.copy(self.good, self.path(name))
                if name[0] != "-":
                    self.expect(expected, name, cwd=self.scratch)
                self.expect(expected, "-r", name, cwd=self.scratch)
                text = self.run_it("-v", "-o", "text", "-r", name, cwd=self.scratch)
                self.assertRegex(text.out, rb"\A[ -~\n]*\Z")
                with open(self.good, "rb") as stream:
                    write(self.path(name), stream.read()[:-1])
                text = self.run_it("-o", "text", "-r", name, cwd=self.scratch, code=4)
                self.assertRegex(text.out, rb"\A[ -~\n]*\Z")
                self.assertEqual(len(text.notes()), 1)

    def test_a_file_named_like_a_filter_word_is_an_input_until_the_filter_begins(self):
        shutil.copy(self.good, self.path("udp"))
        shutil.copy(self.pcap("renumbering"), self.path("port"))
        counters = self.stats("udp", "port", cwd=self.scratch)
        self.assertEqual(len(counters["inputs"]), 2)
        counters = self.stats("udp", "--", "udp", "port", "53", cwd=self.scratch)
        self.assertEqual((len(counters["inputs"]), counters["filter"]), (1, "udp port 53"))
        counters = self.stats("udp", "tcp", "or", "udp", cwd=self.scratch)
        self.assertEqual((len(counters["inputs"]), counters["filter"]), (1, "tcp or udp"))

    def test_options_may_stand_between_inputs(self):
        counters = self.stats(self.good, "-c", "2000", self.pcap("renumbering"), "-v")
        self.assertEqual((len(counters["inputs"]), counters["packets"]["seen"]), (2, 2000))

    def test_a_frame_beyond_all_bounds_is_passed_over_and_counted(self):
        packets = read_pcap(self.good)[:20]
        giant = packets[9][:2] + (bytes(300 * 1024), 300 * 1024)
        path = write_pcap(self.path("giant.pcap"), packets[:10] + [giant] + packets[10:])
        counters = self.stats(path)
        self.assertEqual(counters["packets"]["reasons"]["frame-too-long"], 1)
        self.assertEqual(counters["packets"]["seen"], 21)

    def test_a_capture_given_twice_is_read_twice(self):
        counters = self.stats(self.good, self.good)
        self.assertEqual(counters["packets"]["seen"], 2 * len(read_pcap(self.good)))


main()
