#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is known goes on from run to run, joins that of other sensors, and is compared."""

import os
import random
import resource
import shutil
import signal
import subprocess
import time

from captures import read_pcap, write, write_pcap
from commandline import Test, harness, main

LAB = ("-q", "--profile", "lab")
DAY = 86400


def octets_of(path):
    with open(path, "rb") as stream:
        return stream.read()


def later(packets, seconds):
    return [(first + seconds, micros, data, wire) for first, micros, data, wire in packets]


def kinds_and_names(findings):
    return {(entry["rule"]["id"], entry["gluewatch"].get("name_server"), entry["gluewatch"].get("cut"))
            for entry in findings}


class StateTest(Test):
    def halves(self, name, share=0.5):
        """A capture of the lab in two by time."""
        packets = read_pcap(self.pcap(name))
        times = [seconds + micros / 1e6 for seconds, micros, _, _ in packets]
        middle = times[0] + share * (times[-1] - times[0])
        return (write_pcap(self.path(name + "-1.pcap"), [p for p, t in zip(packets, times) if t < middle]),
                write_pcap(self.path(name + "-2.pcap"), [p for p, t in zip(packets, times) if t >= middle]))

    def keep(self, name, *captures, code=0):
        """Run with the state file of this name; its path."""
        path = self.path(name)
        self.run_it(*LAB, "-o", "json:/dev/null", "--state", path, *captures, code=code)
        return path

    def told(self, *args):
        """Findings and incidents of a run."""
        entries = self.run_it(*LAB, "-o", "json", *args).objects()
        return ([entry for entry in entries if harness.is_finding(entry)],
                [entry["gluewatch"]["incident"] for entry in entries if harness.is_incident(entry)])

    def refused(self, *args, word="", **more):
        result = self.run_it(*args, code=1, **more)
        self.assertEqual(len(result.notes()), 1, result.err)
        self.assertIn(word, result.notes()[0])
        self.assertEqual(result.out, b"")


class RoundTrips(StateTest):
    def test_nothing_is_lost_by_writing_and_reading(self):
        for name in ("renumbering", "one-resolver-poisoned", "private-glue"):
            with self.subTest(name):
                state = self.keep(name, self.pcap(name))
                before = octets_of(state)
                self.assertGreater(len(before), 1000)
                self.keep(name, write_pcap(self.path("empty.pcap"), []))
                self.assertEqual(octets_of(state), before, "a run without packets changed it")
                self.run_it("merge", "-o", self.path("again"), state)
                self.assertEqual(octets_of(self.path("again")), before)

    def test_neither_secret_nor_batch_shows_in_it(self):
        seen = set()
        for seed, batch in (("1", "64"), ("2", "1"), ("3", "7")):
            state = self.path("s" + seed)
            self.run_it(*LAB, "--state", state, self.pcap("one-resolver-poisoned"),
                        env={"GLUEWATCH_HASH_SEED": seed, "GLUEWATCH_BATCH": batch})
            seen.add(octets_of(state))
        self.assertEqual(len(seen), 1)

    def test_history_is_told(self):
        state = self.keep("s", self.pcap("quiet-day"))
        history = self.stats("--profile", "lab", "--state", state, self.pcap("quiet-day"))["history"]
        self.assertGreater(history["records"], 10)
        first = history["first"]
        shifted = write_pcap(self.path("l.pcap"), later(read_pcap(self.pcap("quiet-day")), DAY))
        shown = self.run_it(*LAB, "-o", "text", "--state", state, shifted).out.decode()
        self.assertIn("of earlier runs, since " + first[:10], shown)
        history = self.stats("--profile", "lab", "--state", state, shifted)["history"]
        self.assertEqual(history["first"], first, "the begin moved")
        self.assertGreater(history["last"], first[:10] + "Z")
        self.assertNotIn("history", self.stats(self.pcap("quiet-day")))

    def test_a_capture_in_two_says_what_it_says_in_one(self):
        for name in ("one-resolver-poisoned", "renumbering", "ns-set-changed", "one-parent-out-of-step"):
            with self.subTest(name):
                whole, incidents = self.told(self.pcap(name))
                first, second = self.halves(name)
                state = self.path(name + ".state")
                told = [self.told("--state", state, part) for part in (first, second)]
                self.assertEqual(kinds_and_names(told[0][0]) | kinds_and_names(told[1][0]),
                                 kinds_and_names(whole))
                self.assertEqual({one["id"] for one in told[1][1]}, {one["id"] for one in incidents})

    def test_without_the_state_the_second_half_knows_nothing_of_a_change(self):
        for name, kind in (("renumbering", "glue-changed-after-stable"), ("ns-set-changed", "ns-set-changed")):
            first, second = self.halves(name, 0.6)
            self.assertEqual(self.told("--state", self.path(name), first)[0], [])
            self.assertEqual(self.told(second)[0], [])
            told = self.told("--state", self.path(name), second)[0]
            self.assertEqual({entry["rule"]["id"] for entry in told}, {kind})

    def test_groups_of_the_operator_may_change(self):
        groups = write(self.path("groups"), b"all 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32\n")
        state = self.path("s")
        self.run_it(*LAB, "--groups", groups, "--state", state, self.pcap("one-resolver-poisoned"))
        self.told("--state", state, self.pcap("one-resolver-poisoned"))
        self.run_it("merge", "-o", self.path("m"), state)
        self.assertEqual(octets_of(state), octets_of(self.path("m")))


class Incidents(StateTest):
    def test_one_goes_on_and_comes_to_its_end(self):
        name, quiet = "one-resolver-poisoned", read_pcap(self.pcap("quiet-day"))
        state = self.keep("s", self.pcap(name))
        attack, = self.told(self.pcap(name))[1]
        for seconds, status in ((7200, "quiet"), (3 * DAY, "closed")):
            capture = write_pcap(self.path("q.pcap"), later(quiet, seconds))
            one, = self.told("--state", state, capture)[1]
            self.assertEqual((one["id"], one["state"]), (attack["id"], status))
            self.assertEqual(one["opened"], attack["opened"])
        capture = write_pcap(self.path("q.pcap"), later(quiet, 4 * DAY))
        self.assertEqual(self.told("--state", state, capture)[1], [], "told again after its end")
        again = write_pcap(self.path("again.pcap"), later(read_pcap(self.pcap(name)), 5 * DAY))
        ids = {one["id"] for one in self.told("--state", state, again)[1]}
        self.assertIn(attack["id"], ids, "did not come back within a week")

    def test_the_laws_hold(self):
        for _ in range(3):
            self.stats("--profile", "lab", "--state", self.path("s"), self.pcap("private-glue"))


class Damage(StateTest):
    def setUp(self):
        super().setUp()
        self.state = self.keep("s", self.pcap("renumbering"))
        self.good = octets_of(self.state)

    def check_refused(self, octets, word=""):
        write(self.state, octets)
        out = self.path("out.json")
        self.refused("--state", self.state, "-o", "json:" + out, self.pcap("quiet-day"), word=word)
        self.assertFalse(os.path.exists(out), "an output was begun")
        self.assertEqual(octets_of(self.state), octets, "what is refused was written to")

    def test_a_changed_octet(self):
        for at in [*range(0, len(self.good), 1000), len(self.good) - 1]:
            with self.subTest(at):
                damaged = bytearray(self.good)
                damaged[at] ^= 0x10
                self.check_refused(bytes(damaged), "s: ")

    def test_a_file_that_is_cut_or_too_long(self):
        for end in (0, 1, 15, 64, 79, len(self.good) // 2, len(self.good) - 1):
            with self.subTest(end):
                self.check_refused(self.good[:end])
        self.check_refused(self.good + b"\0", "damaged")

    def test_another_version(self):
        self.check_refused(self.good[:16] + b"\xff\0\0\0" + self.good[20:], "another version")

    def test_what_is_no_state_file(self):
        self.check_refused(octets_of(self.pcap("quiet-day")), "not a state file")
        for path in ("/dev/null", "/dev/full", self.scratch):
            self.refused("--state", path, self.pcap("quiet-day"))
        self.refused("merge", "-o", self.path("m"), self.pcap("quiet-day"), word="not a state file")
        self.assertFalse(os.path.exists(self.path("m")))


class Writing(StateTest):
    def nothing_left(self):
        self.assertEqual([name for name in os.listdir(self.scratch) if name.endswith(".new")], [])

    def test_where_nothing_can_be_written(self):
        self.refused("--state", self.path("absent/s"), self.pcap("quiet-day"), word="No such file")
        if os.geteuid() != 0:
            os.mkdir(self.path("closed"), 0o500)
            self.refused("--state", self.path("closed/s"), self.pcap("quiet-day"), word="denied")

    def limited(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    def test_a_file_that_cannot_grow_leaves_the_old_one(self):
        state = self.keep("s", self.pcap("renumbering"))
        before = octets_of(state)
        result = self.run_it(*LAB, "--state", state, self.pcap("private-glue"), code=1, preexec_fn=self.limited)
        self.assertEqual(len(result.notes()), 1)
        self.assertIn("File too large", result.notes()[0])
        self.assertEqual(octets_of(state), before)
        self.nothing_left()
        self.refused("merge", "-o", self.path("m"), state, preexec_fn=self.limited, word="File too large")
        self.nothing_left()

    def test_a_full_disk_leaves_the_old_one(self):
        if shutil.which("unshare") is None:
            self.skipTest("no unshare")
        folder = self.path("disk")
        os.mkdir(folder)
        script = ('mount -t tmpfs -o size=64k none "$1" || exit 77; cp "$2" "$1/s" || exit 77; '
                  'before=$(cksum <"$1/s"); "$0" -q --profile lab -o json:/dev/null --state "$1/s" "$3"; code=$?; '
                  '[ "$before" = "$(cksum <"$1/s")" ] || exit 78; [ "$(ls "$1")" = s ] || exit 79; exit $code')
        state = self.keep("s", self.pcap("renumbering"))
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script, self.program, folder, state,
                               self.pcap("private-glue")], stderr=subprocess.PIPE, check=False, timeout=60)
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("no file system of our own can be mounted here")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"No space left", done.stderr)

    def test_a_run_that_is_killed_leaves_the_old_one_or_the_new_one(self):
        state = self.keep("s", self.pcap("renumbering"))
        chance = random.Random(7)
        for _ in range(25):
            child = self.start(*LAB, "-o", "json:/dev/null", "--state", state, self.pcap("private-glue"))
            time.sleep(chance.random() * 0.1)
            child.kill()
            child.wait()
            self.run_it("merge", "-o", self.path("m"), state)
        self.keep("s", self.pcap("private-glue"))
        self.nothing_left()

    def test_a_signal_ends_the_run_and_the_state_is_written(self):
        reading, writing = os.pipe()
        child = self.start(*LAB, "-o", "json:/dev/null", "--state", self.path("s"), "-", stdin=reading)
        os.close(reading)
        os.write(writing, octets_of(self.pcap("renumbering"))[:60000])
        time.sleep(1)
        child.send_signal(signal.SIGTERM)
        self.finish(child)
        os.close(writing)
        self.run_it("merge", "-o", self.path("m"), self.path("s"))

    def test_damaged_inputs_count_as_far_as_they_were_read(self):
        cut = write(self.path("cut.pcap"), octets_of(self.pcap("renumbering"))[:100001])
        self.run_it("merge", "-o", self.path("m"), self.keep("s", cut, code=4))

    def test_lost_output_leaves_the_state_as_it_was(self):
        self.run_it(*LAB, "-o", "json:/dev/full", "--state", self.path("s"), self.pcap("renumbering"), code=1)
        self.assertFalse(os.path.exists(self.path("s")))

    def test_no_output_takes_its_place(self):
        state = self.keep("s", self.pcap("renumbering"))
        before = octets_of(state)
        self.run_it("-o", "json:" + state, "--state", state, self.pcap("renumbering"), code=2)
        self.assertEqual(octets_of(state), before)


class Merging(StateTest):
    def test_the_order_does_not_matter(self):
        a, b, c = (self.keep(name, self.pcap(name)) for name in
                   ("renumbering", "one-resolver-poisoned", "private-glue"))
        d, e = (self.keep(name, capture) for name, capture in
                zip("de", self.halves("one-resolver-poisoned", 0.8)))
        for names in ((a, b, c), (b, d, e), (d, e, a)):
            merged = []
            for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0, 1)):
                out = self.path("m%d" % len(merged))
                self.run_it("merge", "-o", out, *(names[i] for i in order))
                merged.append(out)
            for left, right in (((0, 1), 2), (0, (1, 2))):
                inner = left if isinstance(left, tuple) else right
                self.run_it("merge", "-o", self.path("inner"), *(names[i] for i in inner))
                other = names[right if isinstance(left, tuple) else left]
                out = self.path("m%d" % len(merged))
                self.run_it("merge", "-o", out, other, self.path("inner"))
                merged.append(out)
            self.assertEqual(len({octets_of(path) for path in merged}), 1)

    def test_into_one_of_them(self):
        a, b = (self.keep(name, self.pcap(name)) for name in ("renumbering", "private-glue"))
        self.run_it("merge", "-o", self.path("m"), a, b)
        self.run_it("merge", "-o", a, a, b)
        self.assertEqual(octets_of(a), octets_of(self.path("m")))

    def test_how_it_is_asked_for(self):
        state = self.keep("s", self.pcap("quiet-day"))
        for args in (("merge", state), ("merge", "-o", "x"), ("merge", "-o", "x", "--lab", state),
                     ("merge", "-o", "x", "--state", "y", state), ("merge", "-o", "x", state, "absent")):
            self.assertEqual(len(self.run_it(*args, code=2, cwd=self.scratch).notes()), 1, args)
        write(self.path("merge"), octets_of(self.pcap("quiet-day")))
        self.run_it("-q", "./merge", cwd=self.scratch)


class Differences(StateTest):
    def test_a_renumbering_is_all_that_changed(self):
        first, second = self.halves("renumbering")
        out = self.run_it("diff", "--profile", "lab", first, second).out.decode().splitlines()
        self.assertEqual(out, ["~ ns1.foo.example address +192.0.2.21 (still 192.0.2.11 2001:db8::11)",
                               "0 new, 0 gone, 1 changed"])
        one, = self.run_it("diff", "-o", "json", "--profile", "lab", first, second).objects()
        self.assertEqual((one["difference"], one["about"], one["name"], one["gained"], one["lost"]),
                         ("changed", "name-server", "ns1.foo.example", ["192.0.2.21"], []))

    def test_a_state_file_is_as_good_as_its_capture(self):
        first, second = self.halves("ns-set-changed")
        kept = [self.keep(name, capture) for name, capture in (("a", first), ("b", second))]
        wanted = self.run_it("diff", "--profile", "lab", first, second).out
        self.assertRegex(wanted, rb"(?m)^~ [a-z.]+ NS ")
        self.assertEqual(self.run_it("diff", *kept).out, wanted)
        self.assertEqual(self.run_it("diff", "--profile", "lab", kept[0], second).out, wanted)

    def test_nothing_changed(self):
        state = self.keep("s", self.pcap("quiet-day"))
        self.assertEqual(self.run_it("diff", state, state).out, b"no difference\n")
        self.assertEqual(self.run_it("diff", "-o", "json", state, state).out, b"")

    def test_new_and_gone(self):
        a, b = (self.keep(name, self.pcap(name)) for name in ("renumbering", "private-glue"))
        there = self.run_it("diff", a, b).out.decode().splitlines()
        back = self.run_it("diff", b, a).out.decode().splitlines()
        self.assertEqual(sorted(line.replace("-", "+", 1) for line in there if line[0] == "-"),
                         sorted(line for line in back if line[0] == "+"))
        self.assertTrue(any(line[0] == "+" for line in there))

    def test_what_cannot_be_compared(self):
        state = self.keep("s", self.pcap("quiet-day"))
        for args in (("diff", state), ("diff", state, state, state), ("diff", "-o", "text:x", state, state),
                     ("diff", "--state", "x", state, state)):
            self.assertEqual(len(self.run_it(*args, code=2).notes()), 1, args)
        self.refused("diff", state, write(self.path("odd"), b"no capture"))
        cut = write(self.path("cut.pcap"), octets_of(self.pcap("renumbering"))[:100001])
        self.run_it("diff", "-q", state, cut, code=4)
        with open("/dev/full", "wb") as full:
            self.run_it("diff", state, self.keep("b", self.pcap("renumbering")), code=1, stdout=full)


main()
