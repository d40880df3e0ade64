# SPDX-License-Identifier: BSD-2-Clause
"""Running the program as a person does: arguments, streams, terminals and signals.

A test file defines classes on Test and ends in main(). Its arguments are the program, then what unittest takes.
"""

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
PCAPS = os.path.join(ROOT, "pcaps")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import harness  # noqa: E402

PATIENCE = 60  # seconds
# What would change the output, were it set where the tests run.
NEUTRAL = ("NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG", "GLUEWATCH_BATCH", "GLUEWATCH_HASH_SEED")


def all_captures():
    return sorted(os.path.join(PCAPS, name) for name in os.listdir(PCAPS) if name.endswith(".pcap"))


def lines_of(octets):
    return octets.decode("utf-8").splitlines()


def environment(changes):
    kept = {name: value for name, value in os.environ.items() if name not in NEUTRAL}
    return {**kept, "TERM": "xterm", **changes}


class Result:
    """How a run ended and what it said."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def objects(self):
        return [json.loads(line) for line in lines_of(self.out)]

    def notes(self):
        return lines_of(self.err)


class Test(unittest.TestCase):
    program = None
    maxDiff = 2000

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scratch = folder.name

    def path(self, name):
        return os.path.join(self.scratch, name)

    def pcap(self, name):
        return os.path.join(PCAPS, name + ".pcap")

    def run_it(self, *args, code=0, stdin=subprocess.DEVNULL, env=(), **more):
        """Run to the end; the exit code must be `code`, None for any."""
        if isinstance(stdin, bytes):
            more["input"] = stdin
        else:
            more["stdin"] = stdin
        more.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([self.program, *args], stderr=subprocess.PIPE, timeout=PATIENCE,
                              env=environment(dict(env)), check=False, **more)
        result = Result(done.returncode, done.stdout, done.stderr)
        self.check_sane(result)
        if code is not None:
            self.assertEqual(result.code, code, (args, result.err))
        return result

    def check_sane(self, result):
        """What holds for every run: no sanitizer spoke, and what was said is lines of printable ASCII."""
        for word in harness.SANITIZER_WORDS:
            self.assertNotIn(word.encode(), result.err)
        self.assertRegex(result.err, rb"\A(gluewatch: [ -~]+\n)*\Z")

    def findings(self, *args, **more):
        """The findings of a run as objects, without the time of their making and their places."""
        result = self.run_it("-q", "-o", "json", *args, **more)
        return [entry for entry in result.objects() if harness.is_finding(entry)]

    def stats(self, *args, **more):
        """The counters of a run, whose laws must hold."""
        counters, = self.run_it("-q", "-o", "stats", *args, **more).objects()
        self.assertEqual(harness.broken_laws(counters), [])
        return counters

    def start(self, *args, env=(), **more):
        """Start without waiting; ended at the latest with the test."""
        child = subprocess.Popen([self.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=environment(dict(env)), **more)
        self.addCleanup(self.end, child)
        return child

    @staticmethod
    def end(child):
        if child.poll() is None:
            child.kill()
            child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                stream.close()

    def finish(self, child, code=0):
        out, err = child.communicate(timeout=PATIENCE)
        result = Result(child.returncode, out, err)
        self.check_sane(result)
        self.assertEqual(result.code, code, result.err)
        return result

    def on_terminal(self, *args, columns=80, env=(), outputs=("stdout",), between=None, **more):
        """Run with a terminal as the named outputs; (exit code, what it shows, what the others hold)."""
        leader, follower = pty.openpty()
        termios.tcsetwinsize(follower, (50, columns))
        rest = tempfile.TemporaryFile()
        self.addCleanup(rest.close)
        streams = {name: follower if name in outputs else rest for name in ("stdout", "stderr")}
        child = subprocess.Popen([self.program, *args], env=environment(dict(env)),
                                 **{"stdin": subprocess.DEVNULL, **streams, **more})
        self.addCleanup(self.end, child)
        os.close(follower)
        if between is not None:
            between(child)
        shown = read_terminal(leader)
        os.close(leader)
        child.wait(timeout=PATIENCE)
        rest.seek(0)
        return child.returncode, shown.replace(b"\r\n", b"\n"), rest.read()


def read_terminal(leader):
    """All that is shown until the last writer has closed it."""
    shown, until = b"", time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if not select.select([leader], [], [], 0.5)[0]:
            continue
        try:
            piece = os.read(leader, 65536)
        except OSError:  # what Linux says instead of an end
            break
        if not piece:
            break
        shown += piece
    return shown


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: %s PROGRAM [test]..." % sys.argv[0])
    Test.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
