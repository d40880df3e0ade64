# SPDX-License-Identifier: BSD-2-Clause
"""Root, parents, hosting servers, resolvers and clients together, as most scenarios need them."""

import time

import dns
import pcapfile
import resolvers
import servers
import zones
from clients import Crowd, ask_udp
from topology import later, wait_until

SETTLE = 1.0

class Internet:
    """Root, parents, hosting servers, resolvers and clients, as most scenarios need them.

    LINE gives for a host's name what its line does to frames, see Wire, or None; without it the
    parents are DELAY seconds away.
    """

    def __init__(self, lab, out, world, rng, delay=None, udp_limit=servers.UDP_LIMIT, line=None):
        self.lab = lab
        self.out = out
        self.world = world
        self.rng = rng
        self.signer = zones.Signer(lab)
        self.line = line or (lambda name: later(delay) if delay and name[0] == "p" else None)
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
            if not apexes:
                continue
            where = "parent%d" % number
            paths = world.write_parents(self.lab, self.signer, where, apexes)
            paths.update(world.write_children(self.lab, self.signer, where,
                                              world.also.get(number, ())))
            host = self.lab.add_host("p%d" % number, ["192.0.2.%d" % number,
                                                      "2001:db8:53::%d" % number],
                                     hops=8 + 2 * number, change=self.line("p%d" % number))
            self.parents[number] = servers.VENDORS[vendor](host, paths, self.udp_limit).begin()
        self.add_hosting()

    def add_hosting(self):
        """Start the two hosting servers, C1 on Knot and C2 on BIND."""
        for name, kind, addresses, hops in (("c1", servers.Knot, zones.c1_addresses(), 12),
                                            ("c2", servers.Bind, zones.c2_addresses(), 15)):
            paths = self.world.write_children(self.lab, self.signer, name)
            self.hosting[name] = kind(self.lab.add_host(name, addresses, hops,
                                                        change=self.line(name)), paths).begin()

    def add_resolvers(self, numbers=(1, 2, 3, 4, 5), **options):
        """Make the hosts of the resolvers and the clients, open the tap, start the resolvers."""
        for number in numbers:
            self.resolvers[number] = resolvers.make(self.lab, "r%d" % number, number,
                                                    change=self.line("r%d" % number), **options)
        for host in {r.host.router or r.host for r in self.resolvers.values()}:
            host.add_routes(self.ways())
        host = self.lab.add_host("clients", ["198.18.9.10", "2001:db8:900::10"], hops=1)
        self.crowd = Crowd(host, self.rng)
        time.sleep(SETTLE)
        self.lab.start_tap(self.out)
        for resolver in self.resolvers.values():
            resolver.begin()

    def ways(self):
        """Routes to the many addresses of the hosting servers through the first one of each.

        The kernel's table of neighbours is one for all namespaces, and small.
        """
        return {address + ("/128" if ":" in address else "/32"):
                host.addresses[1 if ":" in address else 0]
                for host in (server.host for server in self.hosting.values())
                for address in host.addresses[2:]}

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

    def fill(self, names, wanted, tries=12):
        """Ask again for those of NAMES where a resolver's parents so far are not as WANTED.

        WANTED tells of a set of parent servers, as p1 to p4, whether it will do.
        """
        for _ in range(tries):
            table = pcapfile.tally(self.lab.capture)
            for number, resolver in self.resolvers.items():
                open_names = [name for name in names if not wanted(
                    {parent for who, parent in table[name] if who == "r%d" % number})]
                if open_names:
                    resolver.restart()
                    self.round(open_names, numbers=(number,))

    def restart_resolvers(self):
        """Start every resolver afresh: nothing cached, no server preferred."""
        for resolver in self.resolvers.values():
            resolver.restart()

    def change(self, after):
        """Let all parents and both hosting servers turn to the world AFTER, as one reload."""
        after.serial = self.world.serial + 1
        for name, server in self.hosting.items():
            server.replace(after.write_children(self.lab, self.signer, "after-" + name))
        self.change_parents(after)
        self.world = after

    def change_parents(self, after):
        """Let all parents turn to the world AFTER; the children stay as they are."""
        after.serial = max(after.serial, self.world.serial + 1)
        for number in self.parents:
            self.reload(number, after)
        self.wait_for(self.parents, after.serial)

    def change_parent(self, number, after):
        """Let one parent turn to the world AFTER."""
        self.reload(number, after)
        self.wait_for([number], after.serial)

    def reload(self, number, after):
        """Give one parent the zone files of the world AFTER."""
        server = self.parents[number]
        server.replace(after.write_parents(self.lab, self.signer,
                                           "serial%d-p%d" % (after.serial, number),
                                           [a for a in server.zones if a in after.delegations]))

    def wait_for(self, numbers, serial):
        """Wait until the parents NUMBERS serve the zone example with SERIAL."""
        for number in numbers:
            host = self.parents[number].host
            wait_until(lambda host=host: serial_of(host) == serial, "the new zone at " + host.name)


def start(lab, out, world, rng, older=None, edns=resolvers.EDNS, **options):
    """The whole Internet of WORLD, running, with the tap open."""
    net = Internet(lab, out, world, rng, **options)
    net.add_servers(older)
    net.add_resolvers(edns=edns)
    return net


def names_of(world):
    """The names of all delegations of WORLD."""
    return [entry.name for entry in world.children()]


def serial_of(host):
    """The SOA serial of example at the parent server on HOST, asked without crossing the hub."""
    reply = ask_udp(host, host.addresses[0], dns.query(1, "example.", "SOA"))
    return dns.Message(reply).soa_serial() if reply else None
