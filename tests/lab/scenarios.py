# SPDX-License-Identifier: BSD-2-Clause
"""The scenarios: each builds its part of the lab and leaves one capture."""

import random
import socket

import dns
import resolvers
import servers
import zones
from clients import Crowd
from forger import Forger
from responder import Responder, authoritative


class Internet:
    """Root, parents, hosting servers, resolvers and clients, as most scenarios need them."""

    def __init__(self, lab, world, rng, delay=None, udp_limit=servers.UDP_LIMIT):
        self.lab = lab
        self.world = world
        self.rng = rng
        self.signer = zones.Signer(lab)
        self.delay = delay
        self.udp_limit = udp_limit
        self.roots = {}
        self.parents = {}
        self.hosting = {}
        self.resolvers = {}
        self.crowd = None

    def add_servers(self, older=None):
        """Start all authoritative servers; OLDER maps a parent to the world it serves instead."""
        older = older or {}
        root = self.world.write_root(self.lab, self.signer, "root")
        for number, kind in enumerate((servers.Nsd, servers.Knot), 1):
            addresses = list(zones.ROOT_SERVERS.values())[number - 1]
            host = self.lab.add_host("root%d" % number, addresses, hops=5 + number)
            self.roots[number] = kind(host, root).begin()
        for number, vendor in enumerate(("nsd", "knot", "bind", "pdns"), 1):
            apexes = [apex for apex, listed in self.world.apex_servers.items()
                      if any("192.0.2.%d" % number in pair for pair in listed.values())]
            world = older.get(number, self.world)
            paths = world.write_parents(self.lab, self.signer, "parent%d" % number, apexes)
            host = self.lab.add_host("p%d" % number, ["192.0.2.%d" % number,
                                                      "2001:db8:53::%d" % number],
                                     hops=8 + 2 * number, delay=self.delay)
            self.parents[number] = servers.VENDORS[vendor](host, paths, self.udp_limit).begin()
        self.add_hosting()

    def add_hosting(self):
        """Start the two hosting servers, C1 on Knot and C2 on BIND."""
        for name, kind, addresses, hops in (("c1", servers.Knot, zones.c1_addresses(), 12),
                                            ("c2", servers.Bind, zones.c2_addresses(), 15)):
            paths = self.world.write_children(self.lab, self.signer, name)
            self.hosting[name] = kind(self.lab.add_host(name, addresses, hops), paths).begin()

    def add_resolvers(self, numbers=(1, 2, 3, 4, 5)):
        """Start the resolvers and the clients' host."""
        for number in numbers:
            self.resolvers[number] = resolvers.make(self.lab, "r%d" % number, number)
        host = self.lab.add_host("clients", ["198.18.9.10", "2001:db8:900::10"], hops=1)
        self.crowd = Crowd(host, self.rng)
        for resolver in self.resolvers.values():
            resolver.begin()

    def round(self, names, numbers=None, qtypes=("A",), batch=8):
        """Let each resolver forget NAMES, then look up www below each of them."""
        chosen = [self.resolvers[n] for n in numbers or self.resolvers]
        for resolver in chosen:
            resolver.forget(names)
        questions = [(self.rng.choice(resolver.host.addresses), "www." + name,
                      self.rng.choice(qtypes)) for resolver in chosen for name in names]
        self.rng.shuffle(questions)
        for start in range(0, len(questions), batch):
            self.crowd.ask(questions[start:start + batch])


def quiet_day(lab, out, rng):
    """Five resolvers, four parents, forty delegations, nothing wrong."""
    world = zones.standard(rng, 34)
    net = Internet(lab, world, rng)
    net.add_servers()
    lab.start_tap(out)
    net.add_resolvers()
    names = [entry.name for entry in world.children()]
    for _ in range(3):
        net.round(names, qtypes=("A", "AAAA"))
    lab.stop_tap()
    return net.crowd.failures


def one_resolver_poisoned(lab, out, rng):
    """R3 gets forged referrals for foo.example ahead of the true ones, and follows them."""
    world = zones.standard(rng, 2)
    net = Internet(lab, world, rng, delay=0.012)
    net.add_servers()
    lab.start_tap(out)
    net.add_resolvers()
    net.round([entry.name for entry in world.children()])
    for _ in range(3):
        net.round(["foo.example."])
    net.resolvers[3].restart()
    attack(lab, net)
    for _ in range(6):
        net.round(["foo.example."])
    lab.stop_tap()
    return net.crowd.failures


def attack(lab, net):
    """Set up the forger against R3 and the server its forged glue leads to."""
    target = lab.add_host("x", [zones.FORGED_ADDRESS], hops=3)
    address = socket.inet_aton("198.51.100.80")
    Responder(target, authoritative({("www.foo.example.", 1): [address],
                                     ("ns1.foo.example.", 1): [socket.inet_aton(
                                         zones.FORGED_ADDRESS)]})).begin()
    names = ("ns1.foo.example.", "ns2.foo.example.")
    records = ([dns.record("foo.example.", "NS", name) for name in names],
               [dns.record(names[0], "A", zones.FORGED_ADDRESS),
                dns.record(names[1], "A", zones.C2_FIXED["foo"][0])])
    parents = [a for server in net.parents.values() for a in server.host.addresses]
    forger = Forger(lab.add_host("forger", []), net.resolvers[3].host.addresses, parents,
                    "foo.example.", records, hops=61)
    lab.thread(forger.work)


class Scenario:
    """What `lab` needs to know about one capture: who makes it and what a reader finds in it."""

    def __init__(self, make, shows):
        self.make = make
        self.shows = shows


SCENARIOS = {
    "quiet-day": Scenario(
        quiet_day,
        "40 delegations resolved three times by five resolvers over four parents, IPv4 and IPv6, "
        "nothing wrong: nothing to report"),
    "one-resolver-poisoned": Scenario(
        one_resolver_poisoned,
        "ns1.foo.example is 198.51.100.66 for resolver 198.18.3.53 = 2001:db8:300::53 only, which "
        "then asks that address; the true 192.0.2.11 reaches it some 25 ms later each time and is "
        "what the four others are told before and after"),
}


def run(lab, name, out, seed):
    """Run one scenario into the capture OUT and return the lookups that failed."""
    return SCENARIOS[name].make(lab, out, random.Random("%s-%d" % (name, seed)))
