# SPDX-License-Identifier: BSD-2-Clause
"""Scenarios in which nobody lies, though a careless reader might think so."""

import random
import socket
import struct
import time

import dns
import pcapfile
import resolvers
import zones
from attacks import done, large_delegation, stage, victims_of
from forger import checksum, udp_packet
from internet import Internet, names_of
from responder import ChildReply, Responder, ZoneReply, asked
from servers import VENDORS
from topology import call, later

STRANGE = ("192.0.2.30", "2001:db8:30::1")
SECOND = ("192.0.2.31", "2001:db8:30::2")
OUTSIDE = ("198.18.6.1", "2001:db8:600::1")
TRANSLATION = """table inet translate {
  chain after {
    type nat hook postrouting priority 100
    oifname "eth0" ct direction original masquerade random
  }
}
"""


def hosting_move(lab, out, rng):
    """A hundred delegations move to another provider within seconds."""
    net = stage(lab, out, rng, 130, 1, prepare=add_provider)
    moved = [entry.name for entry in net.world.children()
             if entry.targets[0].startswith(("ns1.hoster.", "ns1." + entry.name))
             and entry.name not in ("hoster.example.", "mover.example.", "provider.test.")][:100]
    after = net.world.variant()
    for name in moved:
        entry = after.find(name)
        entry.targets = ["ns1.mover.example.", "ns2.mover.example."]
        entry.glue, entry.child_glue = {}, None
    lab.note(names=moved)
    net.round(names_of(net.world), batch=16)
    net.change(after)
    lab.event("%d delegations have the name servers of mover.example" % len(moved))
    for _ in range(2):
        net.restart_resolvers()
        net.round(names_of(net.world), batch=16)
    return done(net, 0)


def add_provider(world):
    """Add mover.example, whose servers are the hosting servers, too."""
    glue = zones.pool_glue("mover.example.", 98)
    world.add(zones.Delegation("mover.example.", sorted(glue), glue))


def lagging_secondary(lab, out, rng):
    """After a change one parent is some rounds behind the others."""
    net = stage(lab, out, rng)
    entries, late = victims_of(rng, net.world, 3), rng.choice((1, 2, 3, 4))
    after = net.world.variant()
    for number, entry in enumerate(entries):
        host = sorted(entry.glue)[0]
        after.find(entry.name).glue[host] = zones.c1_pool(100 + number)
        lab.note(names=[entry.name, host], addresses=[zones.c1_pool(100 + number)[0]])
    after.serial = net.world.serial + 1
    for name, server in net.hosting.items():
        server.replace(after.write_children(lab, net.signer, "after-" + name))
    for number in net.parents:
        if number != late:
            net.change_parent(number, after)
    lab.event("all parents but p%d, and the children, have the new addresses" % late)
    names = [entry.name for entry in entries]
    for _ in range(3):
        net.restart_resolvers()
        net.round(names)
        net.round(names)
    net.change_parent(late, after)
    lab.event("p%d has them, too" % late)
    net.world = after
    net.restart_resolvers()
    return done(net, 3)


class Rotating(ZoneReply):
    """A parent that shows SHOWN addresses of each name server, others each time."""

    def __init__(self, apex, apex_servers, shown, seed):
        super().__init__(apex, apex_servers)
        self.shown = shown
        self.rng = random.Random(seed)

    def __call__(self, octets, message):
        whole = self.cuts
        self.cuts = {cut: (self.rng.sample(authority, len(authority)), self.some(additional))
                     for cut, (authority, additional) in whole.items()}
        try:
            return super().__call__(octets, message)
        finally:
            self.cuts = whole

    def some(self, additional):
        """Some of the address records, in any order, but some of each owner."""
        owners = {}
        for record in self.rng.sample(additional, len(additional)):
            owners.setdefault(dns.read_name(record, 0)[0], []).append(record)
        chosen = [record for records in owners.values() for record in records[:self.shown]]
        return self.rng.sample(chosen, len(chosen))


def rotating_and_truncated_glue(lab, out, rng):
    """Referrals that show nine of twelve addresses, and some that do not fit a packet."""
    name = "pool.test."
    glue = {"ns%d.%s" % (n, name): (zones.c1_pool(70 + n)[0], zones.c2_pool(70 + n)[0],
                                    zones.c1_pool(76 + n)[0], zones.c2_pool(76 + n)[0])
            for n in range(1, 4)}

    def prepare(world):
        world.apex_servers["test."] = {"a.nic.test.": STRANGE}
        world.signed.discard("test.")
        world.add(zones.Delegation(name, sorted(glue), glue))
        world.add(large_delegation("large.example.", 13))
        reply = Rotating("test.", world.apex_servers["test."], 3, rng.random())
        for entry in world.delegations["test."]:
            reply.delegate(entry.name, entry.targets, [
                (host, a) for host in sorted(entry.glue) for a in entry.glue[host]])
        Responder(lab.add_host("p5", STRANGE, hops=20), reply).begin()
    net = stage(lab, out, rng, 4, 1, prepare, udp_limit=1232)
    lab.note(names=[name, "large.example."], addresses=[a for g in glue.values() for a in g])
    for _ in range(12):
        net.round([name, "large.example."])
    net.restart_resolvers()
    for _ in range(6):
        net.round([name])
    return done(net)


class Lossy:
    """A line that loses some frames, swaps some, and has a length."""

    def __init__(self, seed, seconds, loss, swap=0.0):
        self.rng = random.Random(seed)
        self.seconds = seconds
        self.loss = loss
        self.swap = swap

    def __call__(self, frame, outward):
        if frame[12:14] == b"\x08\x06" or self.rng.random() >= self.loss:
            extra = self.seconds if self.rng.random() < self.swap else 0
            return ((self.seconds + extra, frame),)
        return ()


def loss_and_retransmission(lab, out, rng):
    """One packet in twenty is lost before or behind the tap, both ways."""
    def line(name):
        if name[0] in "pc":
            return Lossy(rng.random(), 0.012, 0.06)
        return Lossy(rng.random(), 0.002, 0.04) if name in ("r1", "r2", "r3", "r4") else None
    net = stage(lab, out, rng, 6, 0, line=line)
    for _ in range(3):
        net.round(names_of(net.world), batch=60)
    net.lab.stop_tap()
    return []


def tcp_fallback(lab, out, rng):
    """Referrals over 512 octets are truncated and asked for again over TCP."""
    def prepare(world):
        for label in ("large", "wide", "broad"):
            world.add(large_delegation(label + ".example.", 12))
    net = stage(lab, out, rng, 6, 2, prepare, edns=512)
    for _ in range(4):
        net.round([label + ".example." for label in ("large", "wide", "broad")])
    net.restart_resolvers()
    return done(net)


class Swapping(Lossy):
    """A line on which the first fragment now and then arrives after the second."""

    def __call__(self, frame, outward):
        where = struct.unpack_from("!H", frame, 20)[0]
        first = frame[12:14] == b"\x08\x00" and where & 0x3FFF == 0x2000
        late = first and self.rng.random() < self.swap
        return ((self.seconds + (0.004 if late else 0), frame),)


def signed_fragments(lab, out, rng):
    """Large signed referrals come in fragments, sometimes the second one first."""
    def prepare(world):
        for label in ("large", "wide"):
            world.add(large_delegation(label + ".example."))
    net = stage(lab, out, rng, 0, 1, prepare, udp_limit=4096, edns=4096, line=lambda name:
                Swapping(rng.random(), 0.012, 0, 0.4) if name[0] == "p" else None)
    for _ in range(3):
        net.round([label + ".example." for label in ("large", "wide")])
    net.restart_resolvers()
    return done(net)


def parent_child_disagreement(lab, out, rng):
    """Children have said something else than their parents all the time."""
    changed = []

    def prepare(world):
        for number, entry in enumerate(victims_of(rng, world, 5)):
            host = sorted(entry.glue)[0]
            changed.append(entry.name)
            if number < 3:
                entry.child_glue = dict(entry.glue)
                entry.child_glue[host] = zones.c1_pool(110 + number)
            else:
                entry.child_targets = entry.targets + ["ns1.hoster.example."]
    net = stage(lab, out, rng, 8, 4, prepare)
    lab.note(names=changed)
    net.restart_resolvers()
    return done(net, 4)


def dead_servers(lab, out, rng):
    """Name servers that are silent, closed, refuse or fail, each beside a good one."""
    silent, closed, failing = "192.0.2.40", "192.0.2.41", "192.0.2.42"

    def prepare(world):
        for number, (label, address) in enumerate((
                ("silent", silent), ("closed", closed), ("failing", failing))):
            name = label + ".example."
            world.add(zones.Delegation(name, ["ns1." + name, "ns2." + name], {
                "ns1." + name: (address,), "ns2." + name: zones.c2_pool(100 + number)[:1]}))
        world.add(zones.Delegation("refusing.example.", ["ns1.refusing.example."],
                                   {"ns1.refusing.example.": ("192.0.2.43",)}))
        Responder(lab.add_host("silent", [silent], hops=9), lambda *_: None).begin()
        lab.add_host("closed", [closed], hops=9)
        for address, rcode in ((failing, 2), ("192.0.2.43", 5)):
            Responder(lab.add_host("rcode%d" % rcode, [address], hops=9),
                      lambda octets, message, rcode=rcode: dns.message(
                          message.ident, dns.QR | rcode, [asked(octets, message)])).begin()
    net = stage(lab, out, rng, 8, 0, prepare)
    lab.note(names=["silent.example.", "closed.example.", "failing.example.", "refusing.example."],
             addresses=[silent, closed, failing, "192.0.2.43"])
    for _ in range(6):
        net.round(names_of(net.world), batch=45)
    net.crowd.failures.clear()
    return done(net, 0)


def dual_role_server(lab, out, rng):
    """Parent servers that serve some of the children, too."""
    names = ["dual.example.", "shared.example."]

    def prepare(world):
        for name in names:
            hosts = {"b.nic.example.": (), "ns2." + name: zones.c2_pool(90)}
            world.add(zones.Delegation(name, sorted(hosts), {"ns2." + name: zones.c2_pool(90)}))
        world.also = {2: names}
    net = stage(lab, out, rng, 4, 2, prepare)
    lab.note(names=names, servers=net.parents[2].host.addresses)
    for name in names:
        for qtype in ("DS", "NS", "A"):
            net.crowd.ask([(r.ipv4(), name, qtype) for r in net.resolvers.values()])
    net.restart_resolvers()
    return done(net)


def several_taps(lab, out, rng):
    """Every packet is seen at two taps, the second time one hop further on."""
    net = stage(lab, out, rng, 8, 3)
    failures = done(net)
    pcapfile.rewrite(out, lambda when, frame: [(when, frame), (
        when + rng.uniform(0.00002, 0.0002), one_hop_on(frame))])
    return failures


def one_hop_on(frame):
    """FRAME as a router passes it on."""
    octets = bytearray(frame)
    octets[5], octets[11] = octets[5] ^ 0x10, octets[11] ^ 0x10
    if frame[12:14] == b"\x08\x00":
        octets[22] -= 1
        octets[24:26] = b"\0\0"
        struct.pack_into("!H", octets, 24, checksum(bytes(octets[14:34])))
    elif frame[12:14] == b"\x86\xdd" and frame[20] != 58:
        octets[21] -= 1
    return bytes(octets)


def nat(lab, out, rng):
    """Resolvers r1 to r4 ask from one address behind a translator that changes their ports."""
    net = Internet(lab, out, zones.standard(rng, 4), rng, delay=0.012)
    net.add_servers()
    box = lab.add_host("nat", OUTSIDE, hops=4)
    box.route()
    box.call("nft", "-f", lab.write(TRANSLATION, "nat.nft"))
    net.add_resolvers((1, 2, 3, 4), router=box)
    lab.note(resolvers=list(OUTSIDE))
    for _ in range(3):
        net.round(names_of(net.world))
    net.restart_resolvers()
    return done(net)


def forwarders(lab, out, rng):
    """A resolver that only asks two others, and its clients."""
    net = stage(lab, out, rng, 10, 2)
    host = lab.add_host("f", ["198.18.20.53", "2001:db8:2000::53"], hops=2)
    forwarder = resolvers.Unbound(host, upstream=["198.18.1.53", "198.18.3.53"]).begin()
    net.resolvers[6] = forwarder
    lab.note(resolvers=host.addresses)
    return done(net, 6)


def anycast(lab, out, rng):
    """192.0.2.1 is two boxes, NSD and BIND, at different distances; one resolver changes over."""
    def prepare(world):
        paths = world.write_parents(lab, zones.Signer(lab), "q1", ["example."])
        box = lab.add_host("q1", ["192.0.2.1"], hops=19, delay=0.006)
        box.sysctl("net.ipv4.conf.all.arp_ignore", 8)
        VENDORS["bind"](box, paths).begin()
    net = stage(lab, out, rng, 8, 1, prepare)
    box = ":".join("%02x" % octet for octet in lab.hosts["q1"].hwaddr())
    for numbers in ((4, 5), (3,)):
        for number in numbers:
            call("ip", "-n", net.resolvers[number].host.netns, "neigh", "replace", "192.0.2.1",
                 "lladdr", box, "dev", "eth0", "nud", "permanent")
        lab.event("%s reach the other box" % " and ".join("r%d" % n for n in numbers))
        for _ in range(3):
            net.restart_resolvers()
            net.round(names_of(net.world))
    lab.note(servers=["192.0.2.1"])
    return done(net)


def multihomed_and_lowercase(lab, out, rng):
    """One server answers from its second address, another one writes every question small."""
    def prepare(world):
        for label, address in (("second", STRANGE), ("small", ("192.0.2.32", "2001:db8:30::3"))):
            host = "ns1.%s.example." % label
            world.add(zones.Delegation(label + ".example.", [host], {host: address[:1]}))
        box = lab.add_host("second", [STRANGE[0], SECOND[0]], hops=9)
        Responder(box, ChildReply("second.example.", {"ns1.second.example.": STRANGE[:1]},
                                  ("203.0.113.77",)), {STRANGE[0]: SECOND[0]}).begin()
        box = lab.add_host("small", ["192.0.2.32"], hops=11)
        Responder(box, ChildReply("small.example.", {"ns1.small.example.": ("192.0.2.32",)},
                                  ("203.0.113.78",), spell=bytes.lower)).begin()
    net = stage(lab, out, rng, 8, 2, prepare)
    lab.note(names=["second.example.", "small.example."],
             addresses=[STRANGE[0], SECOND[0], "192.0.2.32"])
    for _ in range(4):
        net.round(["second.example.", "small.example."])
    net.crowd.failures.clear()
    return done(net)


def backscatter(lab, out, rng):
    """Replies to questions that a resolver never asked, from a thousand servers, and late ones."""
    net = stage(lab, out, rng, 8, 3)
    box = lab.add_host("far", [], hops=13)
    mouth = box.socket(socket.AF_PACKET, socket.SOCK_RAW)
    mouth.bind(("eth0", 0))
    victim = net.resolvers[rng.choice((1, 2, 3, 4))]
    lab.note(resolvers=[victim.ipv4()])
    for frame in scattered(rng, victim, box, 3000):
        mouth.send(frame)
        time.sleep(0.0005)
    mouth.close()
    return done(net, 2)


def scattered(rng, victim, box, count):
    """COUNT replies of as many servers to questions in the name of VICTIM."""
    for _ in range(count):
        name = "%x.example." % rng.getrandbits(32)
        payload = dns.message(rng.randrange(65536), dns.QR | 5, [dns.question(name, "A")])
        source = "203.0.113.%d" % rng.randrange(10, 250)
        packet = udp_packet(source, victim.ipv4(), 53, rng.randrange(1024, 65536), payload, 50)
        yield victim.host.hwaddr() + box.hwaddr() + b"\x08\x00" + packet


def route_change(lab, out, rng):
    """The way to 192.0.2.2 becomes three hops longer for good; what it says stays the same."""
    class Route:
        extra = 0

        def __call__(self, frame, outward):
            if outward and self.extra and frame[12:14] == b"\x08\x00":
                octets = bytearray(frame)
                octets[22] -= self.extra
                octets[24:26] = b"\0\0"
                struct.pack_into("!H", octets, 24, checksum(bytes(octets[14:34])))
                frame = bytes(octets)
            elif outward and self.extra and frame[12:14] == b"\x86\xdd" and frame[20] != 58:
                frame = frame[:21] + bytes((frame[21] - self.extra,)) + frame[22:]
            return ((0.012 + 0.004 * self.extra, frame),)
    route = Route()
    net = stage(lab, out, rng, 10, 4, line=lambda name: route if name == "p2" else
                (later(0.012) if name[0] == "p" else None))
    route.extra = 3
    lab.event("192.0.2.2 is three hops farther away")
    lab.note(servers=net.parents[2].host.addresses)
    net.restart_resolvers()
    return done(net, 5)


def upward_referral(lab, out, rng):
    """A server of two delegations knows neither and refers upward, to the root."""
    old = "192.0.2.44"
    names = ["left.example.", "gone.example."]

    def prepare(world):
        for number, name in enumerate(names):
            world.add(zones.Delegation(name, ["ns1." + name, "ns2." + name], {
                "ns1." + name: (old,), "ns2." + name: zones.c2_pool(105 + number)[:1]}))
        Responder(lab.add_host("old", [old], hops=12), lambda octets, message: dns.message(
            message.ident, dns.QR, [asked(octets, message)], [],
            [dns.record(".", "NS", host) for host in zones.ROOT_SERVERS])).begin()
    net = stage(lab, out, rng, 4, 2, prepare)
    lab.note(names=names, servers=[old])
    for _ in range(5):
        net.round(names)
    net.crowd.failures.clear()
    return done(net)


def cohosted_glue(lab, out, rng):
    """The server of test adds true addresses of name servers in example to its referrals."""
    def prepare(world):
        world.apex_servers["test."] = {"a.nic.test.": STRANGE}
        world.signed.discard("test.")
        bank, hoster = world.find("bank.example."), world.find("hoster.example.")
        for number in range(12):
            world.add(zones.Delegation("shop%d.test." % number, sorted(
                bank.glue if number % 2 else hoster.glue)))
        reply = ZoneReply("test.", world.apex_servers["test."])
        for entry in world.delegations["test."]:
            glue = dict(bank.glue, **hoster.glue, **entry.glue)
            reply.delegate(entry.name, entry.targets, [
                (host, a) for host in entry.targets for a in glue[host]])
        Responder(lab.add_host("p5", STRANGE, hops=20), reply).begin()
    net = stage(lab, out, rng, 0, 3, prepare)
    lab.note(names=["bank.example.", "hoster.example.", "test."], servers=list(STRANGE))
    return done(net, 2)


def ttl_change(lab, out, rng):
    """All parents halve their TTLs; nothing else changes."""
    net = stage(lab, out, rng, 12, 4)
    after = net.world.variant()
    after.ttl = 1800
    net.change_parents(after)
    net.world = after
    lab.event("all parents: TTL 1800 instead of 3600")
    net.restart_resolvers()
    return done(net, 4)


LOOKALIKES = {
    "upward-referral": (upward_referral, "192.0.2.44 is delegated two zones, knows neither and "
                        "refers to the root"),
    "cohosted-glue": (cohosted_glue, "the server of test adds true addresses of name servers below "
                      "example to its referrals"),
    "ttl-change": (ttl_change, "all parents go from TTL 3600 to 1800; nothing else changes"),
    "hosting-move": (hosting_move, "a hundred delegations move to mover.example within seconds, "
                     "children included"),
    "lagging-secondary": (lagging_secondary, "after a change of three glue addresses one parent is "
                          "some rounds behind the others"),
    "rotating-and-truncated-glue": (rotating_and_truncated_glue, "the server of test shows three "
                                    "of four addresses of each name server, others each time; "
                                    "large.example is truncated and asked for over TCP"),
    "loss-and-retransmission": (loss_and_retransmission, "one packet in twenty is lost on either "
                                "side of the tap; resolvers ask again"),
    "tcp-fallback": (tcp_fallback, "referrals over 512 octets are truncated and asked for again "
                     "over TCP"),
    "signed-fragments": (signed_fragments, "large signed referrals come in fragments, now and then "
                         "the second one first"),
    "parent-child-disagreement": (parent_child_disagreement, "three children give their first name "
                                  "server another address than their parents do, two list one "
                                  "more name server; it was never otherwise"),
    "dead-servers": (dead_servers, "name servers that are silent, closed, refuse everything or "
                     "answer SERVFAIL"),
    "dual-role-server": (dual_role_server, "192.0.2.2 serves example and two of its children"),
    "several-taps": (several_taps, "every packet is there twice, the second time one hop further "
                     "on"),
    "nat": (nat, "four resolvers ask from 198.18.6.1 behind a translator that changes their "
            "ports; their clients ask their own addresses"),
    "forwarders": (forwarders, "198.18.20.53 asks 198.18.1.53 and 198.18.3.53 instead of servers"),
    "anycast": (anycast, "192.0.2.1 is two boxes with different software and IP TTL; first two, "
                "then three resolvers reach the second"),
    "multihomed-and-lowercase": (multihomed_and_lowercase, "the server of second.example answers "
                                 "from another address than it was asked at; that of small.example "
                                 "returns every question in small letters"),
    "backscatter": (backscatter, "three thousand REFUSED replies from many addresses to questions "
                    "that a resolver never asked"),
    "route-change": (route_change, "the way to 192.0.2.2 becomes three hops longer; what it says "
                     "stays the same"),
}
