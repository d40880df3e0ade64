#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every scenario can be made, again with the same octets, reads as what it says, and expects what can be.

Usage: check_captures.py SCENARIO

The captures are read by a small decoder of their own and, around the attack, by tshark where there is one.
"""

import hashlib
import ipaddress
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

SEED = 4242
WINDOW = 600          # frames from the attack on that are shown to tshark
FLOOD = ("--flood", "5000")
SPARSE = 16           # of the other frames one in so many is looked at
VARIANTS_OF = ("A01", "A07", "A09")
# Only these are shown to tshark: it mixes up fragments of equal id that differ.
SHOWN = ("plain", "vlan", "mpls", "ipv6", "extension")
KINDS = """glue-addr-conflict glue-addr-minority glue-addr-flap glue-changed-after-stable glue-bogon glue-loopback
glue-unrelated glue-unreferenced glue-ttl-outlier glue-fanin-surge referral-upward referral-sideways
delegation-not-served required-glue-missing ns-set-divergence ns-set-changed cut-overlap ns-target-invalid
ns-fanout glue-orphan promiscuous-ns resp-unsolicited resp-txid-burst resp-double-conflict resp-case-mismatch
resp-wrong-source resp-fragment-glue resp-bad-checksum resp-path-outlier parent-child-mismatch ghost-delegation
root-mismatch reference-mismatch suspect-glue-followed poisoned-answer-suspected""".split()
SEVERITIES = ("info", "low", "medium", "high", "critical")
FAMILIES = ("poison-race", "path-injection", "delegation-hijack", "misconfig", "resolver-dos")
KEYS = {"id", "seed", "variant", "short", "attack_start_ns", "attack_complete_ns", "must", "may", "must_not",
        "incident", "odd_checksums", "odd_messages", "cut_short", "benign"}

complaints = []


def complain(where, text):
    complaints.append(f"{where}: {text}")


def read_pcap(octets):
    """[(time in ns, frame)] of a pcap file with nanoseconds."""
    if octets[:4] != struct.pack("<I", 0xa1b23c4d):
        raise ValueError("no pcap file with nanoseconds")
    frames, at = [], 24
    while at < len(octets):
        seconds, nanoseconds, kept, _ = struct.unpack_from("<IIII", octets, at)
        frames.append((seconds * 10**9 + nanoseconds, octets[at + 16:at + 16 + kept]))
        at += 16 + kept
    return frames


def internet_sum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def network_of(frame):
    """(IP version, IP packet) of an Ethernet frame with or without a tag and a label."""
    at = 12
    ether_type = struct.unpack_from(">H", frame, at)[0]
    if ether_type == 0x8100:
        at += 4
        ether_type = struct.unpack_from(">H", frame, at)[0]
    at += 2
    if ether_type == 0x8847:
        at += 4
        return frame[at] >> 4, frame[at:]
    return {0x0800: 4, 0x86dd: 6}[ether_type], frame[at:]


def transport_of(version, packet):
    """(protocol, offset, more, pseudo header without length and protocol, payload)."""
    if version == 4:
        if internet_sum(packet[:20]) != 0xffff:
            raise ValueError("wrong checksum of the IPv4 header")
        total, _, flags = struct.unpack_from(">HHH", packet, 2)
        if total != len(packet):
            raise ValueError("IPv4 length does not fit the frame")
        return packet[9], (flags & 0x1fff) * 8, flags & 0x2000, packet[12:20], packet[20:]
    length, following = struct.unpack_from(">HB", packet, 4)
    if length != len(packet) - 40:
        raise ValueError("IPv6 length does not fit the frame")
    at, offset, more = 40, 0, 0
    while following in (44, 60):
        if following == 44:
            offset, more = struct.unpack_from(">H", packet, at + 2)[0] & ~7, packet[at + 3] & 1
        following, at = packet[at], at + 8
    return following, offset, more, packet[8:40], packet[at:]


def skip_name(message, at):
    """Offset behind the name at `at`; pointers must lead backwards."""
    end = None
    limit = at
    for _ in range(128):
        length = message[at]
        if length >= 0xc0:
            target = (length & 0x3f) << 8 | message[at + 1]
            end = at + 2 if end is None else end
            if target >= limit or target < 12:
                raise ValueError("a pointer does not lead backwards")
            at = limit = target
        elif length == 0:
            return at + 1 if end is None else end
        elif length > 63:
            raise ValueError("a label is too long")
        else:
            at += 1 + length
    raise ValueError("a name is too long")


def check_message(message):
    counts = struct.unpack_from(">4H", message, 4)
    at = 12
    for _ in range(counts[0]):
        at = skip_name(message, at) + 4
    for _ in range(sum(counts[1:])):
        at = skip_name(message, at)
        kind, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        if kind in (2, 5) and skip_name(message, at) != at + length:
            raise ValueError("a name in RDATA has another length")
        if kind in (1, 28) and length != {1: 4, 28: 16}[kind]:
            raise ValueError("an address has a wrong length")
        at += length
    if at != len(message):
        raise ValueError(f"{len(message) - at} octets behind the last record")


def check_frame(frame, expected):
    version, packet = network_of(frame)
    protocol, offset, more, pseudo, payload = transport_of(version, packet)
    if offset or more:
        return
    ends = pseudo if protocol != 1 else b""
    tail = struct.pack(">II", len(payload), protocol) if protocol != 1 else b""
    without = protocol == 17 and payload[6:8] == b"\0\0"
    if not without and not expected["odd_checksums"] and internet_sum(ends + tail + payload) != 0xffff:
        raise ValueError(f"wrong checksum of protocol {protocol}")
    if protocol == 17:
        if struct.unpack_from(">H", payload, 4)[0] != len(payload):
            raise ValueError("UDP length does not fit the packet")
        if not expected["odd_messages"] and 53 in struct.unpack_from(">HH", payload):
            check_message(payload[8:])


def check_capture(where, frames, expected):
    last = 0
    for number, (time, frame) in enumerate(frames):
        if time < last:
            complain(where, f"frame {number + 1} goes back in time")
        last = time
        if expected["cut_short"] or (number % SPARSE and time < expected["attack_start_ns"]):
            continue
        try:
            check_frame(frame, expected)
        except (ValueError, IndexError, KeyError, struct.error) as error:
            complain(where, f"frame {number + 1}: {error!r}")
            return


def check_entry(where, entry, listed):
    kind = entry.get("kind", "")
    known = any(one.startswith(kind[:-1]) for one in KINDS) if listed == "must_not" and kind.endswith("*") \
        else kind in KINDS
    if not known:
        complain(where, f"{listed}: no kind {kind!r}")
    if entry.get("min_severity", "info") not in SEVERITIES:
        complain(where, f"{listed} {kind}: no severity {entry['min_severity']!r}")
    if not all(isinstance(name, str) and not name.endswith(".") and name == name.lower()
               for name in entry.get("names", [None])):
        complain(where, f"{listed} {kind}: names are {entry.get('names')}")


def check_expected(where, expected, frames):
    if set(expected) != KEYS:
        complain(where, f"keys are {sorted(expected)}")
        return
    for listed in ("must", "may", "must_not"):
        for entry in expected[listed]:
            check_entry(where, entry, listed)
    if expected["incident"] and (not set(expected["incident"]["family"].split("|")) <= set(FAMILIES)
                                 or expected["incident"]["min_severity"] not in SEVERITIES):
        complain(where, f"incident is {expected['incident']}")
    if not expected["benign"] and not expected["must"]:
        complain(where, "an attack that leaves nothing to be found")
    if expected["variant"] != "plain":
        return
    times = {time for time, _ in frames}
    for entry in expected["must"]:
        if entry["complete_ns"] and entry["complete_ns"] not in times:
            complain(where, f"{entry['kind']} is complete at no packet's time")


def make(program, folder, arguments):
    subprocess.run([program, "make", *arguments, "-d", folder], check=True)
    with open(os.path.join(folder, "capture.pcap"), "rb") as stream:
        octets = stream.read()
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as stream:
        expected = json.load(stream)
    with open(os.path.join(folder, "args"), encoding="utf-8") as stream:
        for argument in stream.read().split("\n"):
            if argument.endswith((".zone", ".json", ".txt")) and \
                    not os.path.exists(os.path.join(folder, argument)):
                complain(" ".join(arguments), f"no companion {argument}")
    return octets, expected


def check_again(program, arguments, octets):
    """The same seed gives the same octets, through a pipe as in a file."""
    again = subprocess.run([program, "make", *arguments, "-w", "-"], check=True, stdout=subprocess.PIPE).stdout
    if hashlib.sha256(again).digest() != hashlib.sha256(octets).digest():
        complain(" ".join(arguments), "is not the same when made again")


def check_scenario(program, arguments, shown):
    where = " ".join(arguments)
    with tempfile.TemporaryDirectory() as folder:
        octets, expected = make(program, folder, arguments)
    frames = read_pcap(octets)
    check_capture(where, frames, expected)
    check_expected(where, expected, frames)
    check_again(program, arguments, octets)
    if not any(expected[odd] for odd in ("odd_messages", "odd_checksums", "cut_short")) \
            and expected["variant"] in SHOWN:
        first = next((number for number, (time, _) in enumerate(frames)
                      if time >= expected["attack_start_ns"]), 0)
        shown.extend(frames[first:first + WINDOW])
    return octets


def check_with_tshark(frames):
    """Show the frames to tshark; returns whether there is one."""
    if not shutil.which("tshark"):
        return False
    bad = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0"
    with tempfile.NamedTemporaryFile(suffix=".pcap") as stream:
        stream.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for time, frame in frames:
            stream.write(struct.pack("<IIII", time // 10**9, time % 10**9, len(frame), len(frame)) + frame)
        stream.flush()
        seen = subprocess.run(
            ["tshark", "-n", "-r", stream.name, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
             "-o", "tcp.check_checksum:TRUE", "-Y", bad], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True).stdout
    for line in seen.split("\n")[:10]:
        if line.strip():
            complain("tshark", line.strip())
    return True


def check_addresses(octets):
    """No packet comes from or goes to where nobody lives."""
    for _, frame in read_pcap(octets)[::SPARSE]:
        version, packet = network_of(frame)
        ends = (packet[12:16], packet[16:20]) if version == 4 else (packet[8:24], packet[24:40])
        for end in ends:
            if not ipaddress.ip_address(bytes(end)).is_global:
                complain("addresses", f"{ipaddress.ip_address(bytes(end))} is not public")
                return


def listed(program, *how):
    lines = subprocess.run([program, "list", *how], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [line.split()[0] for line in lines.splitlines()]


def check_refusal(program, name):
    """What takes days says so, and writes nothing."""
    refused = subprocess.run([program, "make", name, "--short", "-w", "-"], check=False, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    if refused.returncode != 3 or refused.stdout or name not in refused.stderr:
        complain(name, f"--short: exit code {refused.returncode}, {refused.stderr!r}")


def main():
    program = sys.argv[1]
    shown = []
    names = listed(program)
    quick = listed(program, "--short")
    variants = subprocess.run([program, "variants"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    if not names or len(variants) < 2:
        complain("list", "is empty")
    seed = ["--seed", str(SEED)]
    made = {name: check_scenario(program, [name, *seed, *(["--short"] if name in quick else []), *FLOOD], shown)
            for name in names}
    for name in set(names) - set(quick):
        check_refusal(program, name)
    for name in VARIANTS_OF:
        for variant in variants[1:]:
            other = check_scenario(program, [name, *seed, "--short", "--variant", variant], shown)
            if other == made[name]:
                complain(f"{name} {variant}", "is no other capture")
    check_addresses(made["A01"])
    week = check_scenario(program, ["A01", *seed], shown)
    other = subprocess.run([program, "make", "A01", "--seed", str(SEED + 1), "-w", "-"], check=True,
                           stdout=subprocess.PIPE).stdout
    if other == week:
        complain("A01", "another seed gives the same capture")
    tshark = check_with_tshark(shown)
    print(f"{len(names)} scenarios, {len(variants)} variants, "
          f"{len(shown)} frames {'' if tshark else 'not '}shown to tshark")
    for text in complaints:
        print(text)
    sys.exit(1 if complaints else 0)


main()
