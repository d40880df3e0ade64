#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A signal ends the reading, not the report."""

import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
import threading
import time

from captures import pcap_octets, read_pcap
from commandline import PATIENCE, Test, harness, main


class Signals(Test):
    def setUp(self):
        super().setUp()
        self.packets = read_pcap(self.pcap("private-glue"))

    def wait_until_read(self, child, octets):
        """Until the pipe is empty: what was written was read."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            left, = struct.unpack("i", fcntl.ioctl(child.stdin, termios.FIONREAD, b"\0" * 4))
            if left == 0:
                time.sleep(0.1)
                return
            time.sleep(0.01)
        self.fail(f"{octets} octets were not read")

    def fed(self, octets, *args):
        """A run that waits for more after it was given these octets."""
        child = self.start(*args, "-", stdin=subprocess.PIPE)
        child.stdin.write(octets)
        child.stdin.flush()
        self.wait_until_read(child, len(octets))
        return child

    def test_interrupted_reading_ends_in_a_whole_report(self):
        octets = pcap_octets(self.packets[:1500])
        expected = self.stats_of(octets)
        for which, workers in ((signal.SIGINT, "1"), (signal.SIGTERM, "1"), (signal.SIGINT, "4")):
            for more in (b"", b"\0" * 7, octets[24:24 + 50]):  # a piece of a record is nobody's fault
                with self.subTest((which, workers, len(more))):
                    child = self.fed(octets + more, "-o", "json", "--stats", self.path("stats"),
                                     "--workers", workers)
                    child.send_signal(which)
                    result = self.finish(child)
                    self.assertEqual(result.err, b"")
                    self.assertTrue(result.objects()[-1]["gluewatch"]["stats"]["interrupted"])
                    counters, = harness.read_lines(self.path("stats"))
                    self.assertEqual(harness.broken_laws(counters), [])
                    self.assertTrue(counters["interrupted"])
                    for key in ("packets", "messages", "findings"):
                        self.assertEqual(counters[key], expected[key])

    def stats_of(self, octets):
        return self.run_it("-q", "-o", "stats", "-", stdin=octets).objects()[0]

    def test_the_text_says_that_it_was_stopped(self):
        child = self.fed(pcap_octets(self.packets[:100]), "-o", "text")
        child.send_signal(signal.SIGTERM)
        self.assertIn(b"STOPPED", self.finish(child).out)

    def test_a_signal_before_any_packet(self):
        for octets in (b"", pcap_octets([])):
            with self.subTest(len(octets)):
                child = self.fed(octets, "-o", "json")
                time.sleep(0.2)
                child.send_signal(signal.SIGINT)
                result = self.finish(child)
                self.assertEqual(len(result.objects()), 1)

    def test_the_exit_code_of_findings_stays(self):
        child = self.fed(pcap_octets(self.packets), "-o", "json", "--fail-on", "high")
        child.send_signal(signal.SIGINT)
        self.finish(child, code=3)

    def test_signals_at_any_moment_leave_exact_accounts(self):
        body = pcap_octets(self.packets)[24:]
        for delay in (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16):
            with self.subTest(delay):
                child = self.start("-o", "stats", "-", stdin=subprocess.PIPE)
                child.stdin.write(pcap_octets([]))
                child.stdin.flush()
                time.sleep(0.1)  # by then signals are caught
                timer = threading.Timer(delay, child.send_signal, (signal.SIGTERM,))
                timer.start()
                self.write_until_closed(child, body)
                timer.join()
                out = child.stdout.read()
                self.assertEqual(child.wait(timeout=PATIENCE), 0, child.stderr.read())
                self.assertEqual(harness.broken_laws(json.loads(out)), [])

    @staticmethod
    def write_until_closed(child, body):
        try:
            while True:
                child.stdin.write(body)
        except BrokenPipeError:
            pass
        try:
            child.stdin.close()
        except BrokenPipeError:
            pass
        child.stdin = None

    def test_signals_between_many_files(self):
        paths = []
        for index in range(400):
            paths.append(self.path("%03d.pcap" % index))
            os.symlink(self.pcap("quiet-day"), paths[-1])
        for delay in (0.1, 0.2, 0.3):
            with self.subTest(delay):
                child = self.start("-o", "stats", self.scratch)
                time.sleep(delay)
                child.send_signal(signal.SIGINT)
                result = self.finish(child)
                self.assertEqual(harness.broken_laws(result.objects()[0]), [])

    def test_two_kinds_of_signal_at_once_are_one(self):
        child = self.fed(pcap_octets(self.packets), "-o", "json")
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(child).objects()[-1]["event"]["kind"], "metric")

    def test_a_second_signal_ends_what_the_first_could_not(self):
        child = self.start("-o", "json", *[self.pcap("quiet-day")] * 3)
        time.sleep(0.5)  # nobody reads the findings, which are longer than a pipe holds
        child.send_signal(signal.SIGINT)
        time.sleep(0.3)
        self.assertIsNone(child.poll())
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(timeout=PATIENCE), -signal.SIGINT)

    def test_a_reader_that_goes_away_ends_the_run_quietly(self):
        for form in ("json", "referrals"):
            with self.subTest(form):
                child = self.start("-o", form, *[self.pcap("quiet-day")] * 3)
                line = child.stdout.readline()
                child.stdout.close()
                child.stdout = None
                self.assertTrue(line)
                self.assertEqual(child.stderr.read(), b"")
                self.assertEqual(child.wait(timeout=PATIENCE), 1)


main()
