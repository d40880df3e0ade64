# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the whole program share: running it under limits, reading its outputs, its laws."""

import json
import os
import signal
import subprocess
import tempfile

SKIP = 77  # meson's code for a test that could not run here
SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")
MEBI = 1024 * 1024


class Outcome:
    """One run: exit code, what it printed, its findings, referrals and counters, its peak memory."""

    def __init__(self, code, errors, peak, timed_out):
        self.code = code
        self.errors = errors
        self.peak_octets = peak
        self.timed_out = timed_out
        self.findings = []
        self.incidents = []
        self.referrals = []
        self.stats = None

    def faults(self, codes=(0,)):
        """What is wrong with the run whatever it was about: how it ended, sanitizers, the laws."""
        if self.timed_out:
            return ["took too long"]
        found = [f"printed: {line}" for line in self.errors.split("\n")
                 if any(word in line for word in SANITIZER_WORDS)]
        if self.code not in codes:
            last = self.errors.strip().split("\n")[-1]
            found.append(f"exit code {self.code}, expected {' or '.join(map(str, codes))}: {last}")
        if self.stats is not None:
            found += broken_laws(self.stats)
        elif self.code in (0, 3, 4):
            found.append("wrote no counters")
        return found


def read_lines(path):
    """The objects of a file of JSON Lines; none when it does not exist."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def is_finding(entry):
    return entry.get("event", {}).get("dataset") == "gluewatch.finding"


def is_incident(entry):
    return entry.get("event", {}).get("dataset") == "gluewatch.incident"


def run(program, captures, args=(), env=None, seconds=60):
    """Run the program on captures with every output on, and read what it wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        where = {name: os.path.join(scratch, name) for name in ("json", "referrals", "stats", "errors")}
        command = [program, *args, "-q", "-o", "json:" + where["json"],
                   "-o", "referrals:" + where["referrals"], "--stats", where["stats"], *captures]
        with open(where["errors"], "wb") as errors:
            child = subprocess.Popen(command, env={**os.environ, **(env or {})}, stderr=errors,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            code, peak, timed_out = reap(child, seconds)
        with open(where["errors"], encoding="utf-8", errors="replace") as errors:
            outcome = Outcome(code, errors.read(), peak, timed_out)
        if code in (0, 3, 4):
            lines = read_lines(where["json"])
            outcome.findings = [entry for entry in lines if is_finding(entry)]
            outcome.incidents = [entry for entry in lines if is_incident(entry)]
            outcome.referrals = read_lines(where["referrals"])
            outcome.stats = (read_lines(where["stats"]) or [None])[0]
        return outcome


def reap(child, seconds):
    """Wait for the child, at most so long: (exit code, peak memory in octets, whether it was ended)."""
    ended = []

    def end(_signal, _frame):
        ended.append(True)
        child.kill()

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss * 1024, bool(ended)


def broken_laws(stats):
    """The conservation laws, counted again from the counters themselves."""
    packets, messages = stats["packets"], stats["messages"]
    table, findings, incidents = stats["table"], stats["findings"], stats["incidents"]
    reasons = sum(packets["reasons"].values())
    classes = messages["classes"]
    fits = stats["matching"]["fits"]
    equal = {
        "packets seen = parsed + reasons + held":
            (packets["seen"], packets["parsed"] + reasons + packets["held"]),
        "packets skipped = reasons": (packets["skipped"], reasons),
        "nothing held at the end": (packets["held"], 0),
        "packets seen = packets of the inputs":
            (packets["seen"], sum(entry["packets"] for entry in stats["inputs"])),
        "messages seen = classes": (messages["seen"], sum(classes.values())),
        "messages seen = queries + responses":
            (messages["seen"], messages["queries"] + messages["responses"]),
        "messages seen = udp + tcp": (messages["seen"], messages["udp"] + messages["tcp"]),
        "messages seen = fits": (messages["seen"], sum(fits.values())),
        "messages malformed = reasons":
            (classes["malformed"], sum(messages["malformed"].values())),
        "cuts inserted = kept + evicted":
            (table["inserted"], table["delegations"] + table["evicted"]),
        "findings raised = emitted + aggregated + suppressed":
            (findings["raised"], findings["emitted"] + findings["aggregated"]
             + findings["suppressed_low"] + findings["suppressed_full"]
             + findings["suppressed_rule"] + findings["suppressed_rate"]),
        "incidents opened = open + closed":
            (incidents["opened"], incidents["open"] + incidents["closed"]),
        "incidents told = by severity":
            (incidents["opened"] - incidents["rolled_up"], sum(incidents["by_severity"].values())),
        "findings emitted = by kind": (findings["emitted"], sum(findings["by_kind"].values())),
        "findings emitted = by severity":
            (findings["emitted"], sum(findings["by_severity"].values())),
    }
    broken = [f"law broken: {law}: {left} and {right}"
              for law, (left, right) in equal.items() if left != right]
    return broken + [f"law broken by its own account: {law}"
                     for law, holds in stats["laws"].items() if not holds]


def captures_folder(name):
    """The folder `name` in the folder that GLUEWATCH_CAPTURES names, or None when it is absent."""
    top = os.environ.get("GLUEWATCH_CAPTURES")
    if not top:
        return None
    folder = os.path.join(top, name)
    return folder if os.path.isdir(folder) else None
