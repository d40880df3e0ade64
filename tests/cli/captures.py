# SPDX-License-Identifier: BSD-2-Clause
"""Captures that the tests of the command line make for themselves: rewritten, cut, or made of DNS messages."""

import socket
import struct

ETHERNET = 1
HEAD = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<4I")
RESPONSE = 0x8000
A, NS = 1, 2
START = 1_800_000_000  # seconds; the time of the first packet of what is made here


def read_pcap(path):
    """The packets of a little-endian microsecond pcap: (seconds, microseconds, octets, octets on the wire)."""
    with open(path, "rb") as stream:
        octets = stream.read()
    assert HEAD.unpack_from(octets)[0] == 0xA1B2C3D4, path
    packets, at = [], HEAD.size
    while at < len(octets):
        seconds, micros, kept, wire = RECORD.unpack_from(octets, at)
        at += RECORD.size + kept
        packets.append((seconds, micros, octets[at - kept:at], wire))
    return packets


def pcap_octets(packets, link=ETHERNET):
    parts = [HEAD.pack(0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for seconds, micros, data, wire in packets:
        parts += [RECORD.pack(seconds, micros, len(data), wire), data]
    return b"".join(parts)


def write(path, octets):
    with open(path, "wb") as stream:
        stream.write(octets)
    return path


def write_pcap(path, packets, link=ETHERNET):
    return write(path, pcap_octets(packets, link))


def tagged(packets, vlan=7):
    """The same packets with an IEEE 802.1Q tag."""
    tag = struct.pack("!2H", 0x8100, vlan)
    return [(seconds, micros, data[:12] + tag + data[12:], wire + 4)
            for seconds, micros, data, wire in packets]


def timed(frames, start=START, step_micros=1000):
    """Frames as packets, one after the other."""
    return [(start + index * step_micros // 1_000_000, index * step_micros % 1_000_000, frame, len(frame))
            for index, frame in enumerate(frames)]


def wire_name(labels):
    """A name from labels of octets, without compression."""
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def labels(text):
    return [label.encode("ascii") for label in text.split(".") if label]


def record(owner, rtype, rdata, ttl=3600):
    return owner + struct.pack("!2HIH", rtype, 1, ttl, len(rdata)) + rdata


def query(ident, qname):
    return struct.pack("!6H", ident, 0, 1, 0, 0, 0) + qname + struct.pack("!2H", A, 1)


def referral(ident, qname, cut, servers):
    """A referral to `cut`; `servers` is a list of (name in wire form, IPv4 address as text)."""
    authority = b"".join(record(cut, NS, name) for name, _ in servers)
    glue = b"".join(record(name, A, socket.inet_aton(address)) for name, address in servers)
    return (struct.pack("!6H", ident, RESPONSE, 1, 0, len(servers), len(servers))
            + qname + struct.pack("!2H", A, 1) + authority + glue)


def udp_frame(source, source_port, target, target_port, payload):
    """An Ethernet frame with IPv4 and UDP, without a UDP checksum."""
    udp = struct.pack("!4H", source_port, target_port, 8 + len(payload), 0) + payload
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head[:10] + struct.pack("!H", total) + head[12:] + udp


def exchange(ident, resolver, server, qname, cut, servers):
    """Frames of a query and the referral that answers it."""
    port = 1024 + ident % 60000
    return [udp_frame(resolver, port, server, 53, query(ident, qname)),
            udp_frame(server, 53, resolver, port, referral(ident, qname, cut, servers))]
