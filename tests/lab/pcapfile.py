# SPDX-License-Identifier: BSD-2-Clause
"""Reads the lab's own captures back: enough to count what is in them."""

import collections
import socket
import struct

import dns


def frames(path):
    """Time and octets of every frame of a microsecond Ethernet pcap of this machine's order."""
    with open(path, "rb") as handle:
        head = handle.read(24)
        if len(head) != 24 or struct.unpack("=I", head[:4])[0] != 0xA1B2C3D4:
            raise ValueError("%s is not such a capture" % path)
        while True:
            head = handle.read(16)
            if len(head) < 16:
                return
            seconds, micros, kept, _ = struct.unpack("=4I", head)
            frame = handle.read(kept)
            if len(frame) < kept:
                return
            yield seconds + micros / 1e6, frame


def sort(path):
    """Put the frames of a capture in order of time; two processors may hand them over swapped."""
    with open(path, "rb") as handle:
        octets = handle.read()
    records, offset = [], 24
    while offset < len(octets):
        end = offset + 16 + struct.unpack_from("=I", octets, offset + 8)[0]
        records.append((struct.unpack_from("=2I", octets, offset), octets[offset:end]))
        offset = end
    with open(path, "wb") as handle:
        handle.write(octets[:24])
        handle.writelines(record for _, record in sorted(records, key=lambda item: item[0]))


def rewrite(path, change):
    """Put what CHANGE gives for each (time, frame), a list of such pairs, in place of it."""
    with open(path, "rb") as handle:
        head = handle.read(24)
    records = [record for when, frame in frames(path) for record in change(when, frame)]
    with open(path, "wb") as handle:
        handle.write(head)
        for when, frame in sorted(records, key=lambda record: record[0]):
            micros = round(when * 1e6)
            handle.write(struct.pack("=4I", micros // 1000000, micros % 1000000, len(frame),
                                     len(frame)) + frame)


def datagrams(path):
    """Every whole UDP datagram: (time, source, port, destination, port, payload)."""
    for when, frame in frames(path):
        packet = frame[14:]
        kind = frame[12:14]
        if kind == b"\x08\x00" and packet[9] == 17 and not (packet[6] & 0x3F or packet[7]):
            ends = [socket.inet_ntop(socket.AF_INET, packet[i:i + 4]) for i in (12, 16)]
            udp = packet[(packet[0] & 15) * 4:]
        elif kind == b"\x86\xdd" and packet[6] == 17:
            ends = [socket.inet_ntop(socket.AF_INET6, packet[i:i + 16]) for i in (8, 24)]
            udp = packet[40:]
        else:
            continue
        sport, dport, length = struct.unpack_from("!3H", udp)
        yield when, ends[0], sport, ends[1], dport, udp[8:length]


def messages(path):
    """Every readable DNS message over UDP: (time, source, port, destination, port, message)."""
    for when, source, sport, target, dport, payload in datagrams(path):
        if 53 in (sport, dport):
            try:
                yield when, source, sport, target, dport, dns.Message(payload)
            except dns.FormatError:
                continue


def referrals(path):
    """Every referral over UDP: (time, server, receiver, zone cut, message)."""
    for when, source, sport, target, _, message in messages(path):
        if sport == 53 and message.is_referral():
            for cut in message.owners(message.authority, "NS"):
                yield when, source, target, cut, message


def group(address):
    """The resolver an address belongs to, as rN, or the address itself."""
    for number in range(1, 9):
        if address in ("198.18.%d.53" % number, "2001:db8:%d00::53" % number):
            return "r%d" % number
    return address


def server(address):
    """The parent server an address belongs to, as pN, or the address itself."""
    for number in range(1, 5):
        if address in ("192.0.2.%d" % number, "2001:db8:53::%d" % number):
            return "p%d" % number
    return address


def tally(path):
    """Referrals per zone cut: {cut: {(resolver, server): count}}."""
    table = collections.defaultdict(collections.Counter)
    for _, source, target, cut, _ in referrals(path):
        table[cut][group(target), server(source)] += 1
    return table
