# SPDX-License-Identifier: BSD-2-Clause
"""The name space of the lab: root, the zones example and test, and the zones below them."""

import copy
import os

from topology import call

ROOT_SERVERS = {
    "a.root-servers.lab.": ("203.0.113.1", "2001:db8:a::1"),
    "b.root-servers.lab.": ("203.0.113.2", "2001:db8:b::2"),
}
EXAMPLE_SERVERS = {
    "a.nic.example.": ("192.0.2.1", "2001:db8:53::1"),
    "b.nic.example.": ("192.0.2.2", "2001:db8:53::2"),
    "c.nic.example.": ("192.0.2.3", "2001:db8:53::3"),
    "d.nic.example.": ("192.0.2.4", "2001:db8:53::4"),
}
TEST_SERVERS = {
    "b.nic.test.": ("192.0.2.2", "2001:db8:53::2"),
    "c.nic.test.": ("192.0.2.3", "2001:db8:53::3"),
}
C1_FIXED = {"foo": ("192.0.2.11", "2001:db8::11"), "hoster": ("192.0.2.13", "2001:db8::13"),
            "provider": ("192.0.2.15", "2001:db8::15"), "moved": ("192.0.2.21", "2001:db8::21")}
C2_FIXED = {"foo": ("192.0.2.12", "2001:db8::12"), "hoster": ("192.0.2.14", "2001:db8::14"),
            "provider": ("192.0.2.16", "2001:db8::16"), "moved": ("192.0.2.22", "2001:db8::22")}
POOL = range(64, 128)
NSEC3_ZONES = ("example.", "ard.", "cod.", "eft.")
FORGED_ADDRESS = "198.51.100.66"

HEADS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "glade", "heron", "iris", "jade",
         "kelp", "lotus", "maple", "north", "olive", "pine", "quartz", "river", "stone", "tulip")
TAILS = ("bank", "books", "cafe", "farm", "games", "labs", "mail", "music", "press", "shop",
         "trade", "works")
SHAPES = ("in-domain", "in-domain-dual", "in-domain-signed", "sibling", "sibling-signed",
          "other-tld", "mixed", "deep", "parent-host")


def c1_pool(number):
    """Addresses of the first hosting server for pool member NUMBER."""
    return "192.0.2.%d" % number, "2001:db8:c1::%x" % number


def c2_pool(number):
    """Addresses of the second hosting server for pool member NUMBER."""
    return "192.0.2.%d" % (number + 64), "2001:db8:c2::%x" % number


def c1_addresses():
    """Every address of the first hosting server."""
    return [a for pair in C1_FIXED.values() for a in pair] + [a for n in POOL for a in c1_pool(n)]


def c2_addresses():
    """Every address of the second hosting server."""
    return [a for pair in C2_FIXED.values() for a in pair] + [a for n in POOL for a in c2_pool(n)]


def address_records(name, addresses, ttl=""):
    """Zone file lines giving NAME its ADDRESSES."""
    return ["%s %s %s %s" % (name, ttl, "AAAA" if ":" in a else "A", a) for a in addresses]


class Delegation:
    """What a parent zone says about one child: its name servers and their glue."""

    def __init__(self, name, targets, glue=None, signed=False, child_glue=None):
        self.child_targets = None
        self.name = name
        self.targets = list(targets)
        self.glue = dict(glue or {})
        self.signed = signed
        self.child_glue = child_glue

    def parent_lines(self):
        """The delegation as lines of the parent's zone file."""
        lines = ["%s NS %s" % (self.name, target) for target in self.targets]
        for host in sorted(self.glue):
            lines += address_records(host, self.glue[host])
        return lines

    def child_text(self, number):
        """The child's zone file."""
        glue = self.glue if self.child_glue is None else self.child_glue
        targets = self.child_targets or self.targets
        lines = soa(self.name, targets[0], 1)
        lines += ["%s NS %s" % (self.name, target) for target in targets]
        for host in sorted(glue):
            if host.endswith("." + self.name):
                lines += address_records(host, glue[host])
        web = "www." + self.name
        lines += address_records(web, ("203.0.113.%d" % (100 + number % 150),
                                       "2001:db8:80::%x" % number))
        lines += ['%s TXT "web server of %s"' % (web, self.name),
                  "%s MX 10 %s" % (self.name, web)]
        return "\n".join(lines) + "\n"


def soa(apex, primary, serial, ttl=3600):
    """The first lines of a zone file."""
    master = "hostmaster." + apex if apex != "." else "hostmaster.lab."
    return ["$TTL %d" % ttl,
            "%s SOA %s %s %d 1800 900 604800 300" % (apex, primary, master, serial)]


class World:
    """All zones of one scenario. Copy it with `variant` to let servers disagree.

    ALSO names, by number, delegations that a parent server serves itself.
    """

    def __init__(self):
        self.delegations = {"example.": [], "test.": []}
        self.apex_servers = {"example.": EXAMPLE_SERVERS, "test.": TEST_SERVERS}
        self.extra = {"example.": [], "test.": []}
        self.serial = 1
        self.signed = {".", "example.", "test."}
        self.also = {}
        self.ttl = 3600

    def variant(self):
        """A copy that can be changed on its own."""
        return copy.deepcopy(self)

    def add(self, delegation):
        """Add a delegation to the parent its name lies under."""
        self.delegations[parent_of(delegation.name)].append(delegation)

    def find(self, name):
        """The delegation called NAME."""
        for entry in self.delegations[parent_of(name)]:
            if entry.name == name:
                return entry
        raise KeyError(name)

    def children(self):
        """Every delegation below example and test."""
        return [entry for apex in sorted(self.delegations) for entry in self.delegations[apex]]

    def parent_text(self, apex, signer):
        """The zone file of example or test, DS records included."""
        servers = self.apex_servers[apex]
        lines = soa(apex, sorted(servers)[0], self.serial, self.ttl)
        lines += ["%s NS %s" % (apex, name) for name in servers]
        for name, addresses in servers.items():
            lines += address_records(name, addresses)
        for entry in self.delegations[apex]:
            lines += entry.parent_lines()
            if entry.signed:
                lines.append(signer.ds(entry.name))
        lines += self.extra[apex]
        return "\n".join(lines) + "\n"

    def root_text(self, signer):
        """The root zone."""
        lines = soa(".", "a.root-servers.lab.", self.serial)
        lines += [". NS %s" % name for name in ROOT_SERVERS]
        for name, addresses in ROOT_SERVERS.items():
            lines += address_records(name, addresses)
        for apex, servers in self.apex_servers.items():
            lines += ["%s NS %s" % (apex, name) for name in servers]
            for name, addresses in servers.items():
                lines += address_records(name, addresses)
            if apex in self.signed:
                lines.append(signer.ds(apex))
        return "\n".join(lines) + "\n"

    def write_root(self, lab, signer, where):
        """Write the root zone; return {apex: path}."""
        return {".": self.write(lab, signer, where, ".", self.root_text(signer),
                                "." in self.signed)}

    def write_parents(self, lab, signer, where, apexes):
        """Write the parent zones APEXES; return {apex: path}."""
        return {apex: self.write(lab, signer, where, apex, self.parent_text(apex, signer),
                                 apex in self.signed) for apex in apexes}

    def write_children(self, lab, signer, where, names=None):
        """Write the child zones NAMES, or all of them; return {apex: path}."""
        return {entry.name: self.write(lab, signer, where, entry.name, entry.child_text(number),
                                       entry.signed)
                for number, entry in enumerate(self.children())
                if names is None or entry.name in names}

    @staticmethod
    def write(lab, signer, where, apex, text, signed):
        """Write one zone file, signed if asked for."""
        path = lab.write(text, where, "zone." + (apex.rstrip(".") or "root"))
        return signer.sign(apex, path) if signed else path


def parent_of(name):
    """The lab's parent zone of a child name."""
    return name.rstrip(".").rsplit(".", 1)[-1] + "."


class Signer:
    """Signs zones with one ECDSA P-256 key each, kept as long as the lab runs."""

    def __init__(self, lab):
        self.lab = lab
        self.keys = {}

    def key(self, apex):
        """The path stem of the key of APEX, made at first use."""
        if apex not in self.keys:
            directory = os.path.dirname(self.lab.path("keys", "x"))
            make = 'cd "$1" && ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom "$2"'
            stem = call("sh", "-c", make, "sh", directory, apex).strip()
            self.keys[apex] = os.path.join(directory, stem)
        return self.keys[apex]

    def ds(self, apex):
        """The DS record of APEX as a zone file line."""
        return call("ldns-key2ds", "-n", "-2", self.key(apex) + ".key").strip()

    def sign(self, apex, path):
        """Sign the zone file at PATH; return the path of the signed file."""
        chain = ["-n", "-t", "0"] if apex in NSEC3_ZONES else []
        call("ldns-signzone", "-o", apex, "-f", path + ".signed", *chain, path, self.key(apex))
        return path + ".signed"


def fixed_delegations():
    """The delegations the scenarios call by name."""
    def pair(name, kind):
        return {"ns1." + name: C1_FIXED[kind], "ns2." + name: C2_FIXED[kind]}

    def in_domain(name, glue, signed=False):
        return Delegation(name, sorted(glue), glue, signed)

    return [
        in_domain("foo.example.", pair("foo.example.", "foo")),
        in_domain("hoster.example.", pair("hoster.example.", "hoster")),
        in_domain("bar.example.", pool_glue("bar.example.", 64)),
        in_domain("baz.example.", pool_glue("baz.example.", 65)),
        in_domain("bank.example.", {"ns.bank.example.": c1_pool(66)}),
        in_domain("provider.test.", pair("provider.test.", "provider")),
    ]


def pool_glue(name, number, dual=True):
    """In-domain glue for NAME out of the pool."""
    wanted = 2 if dual else 1
    return {"ns1." + name: c1_pool(number)[:wanted], "ns2." + name: c2_pool(number)[:wanted]}


def make_delegation(name, shape, number):
    """A generated delegation of the given SHAPE."""
    hoster = ["ns1.hoster.example.", "ns2.hoster.example."]
    own = pool_glue(name, number, shape != "in-domain")
    if shape in ("in-domain", "in-domain-dual", "in-domain-signed", "deep"):
        return Delegation(name, sorted(own), own, shape == "in-domain-signed")
    if shape in ("sibling", "sibling-signed"):
        return Delegation(name, hoster, signed=shape == "sibling-signed")
    if shape == "other-tld":
        return Delegation(name, ["ns1.provider.test.", "ns2.provider.test."])
    if shape == "mixed":
        first = "ns1." + name
        return Delegation(name, [first, hoster[1]], {first: own[first]})
    return Delegation(name, ["c1.nic.example.", "c2.nic.example."])


def standard(rng, count):
    """The world most scenarios start from: the fixed delegations and COUNT generated ones."""
    world = World()
    for entry in fixed_delegations():
        world.add(entry)
    names = rng.sample([head + tail for head in HEADS for tail in TAILS], count)
    for number, label in enumerate(names):
        shape = SHAPES[number % len(SHAPES)]
        apex = "test." if number % 8 == 7 else "example."
        name = "%s.%s%s" % (label, "city." if shape == "deep" else "", apex)
        world.add(make_delegation(name, shape, POOL[4 + number % (len(POOL) - 4)]))
    world.extra["example."] += address_records("c1.nic.example.", C1_FIXED["moved"])
    world.extra["example."] += address_records("c2.nic.example.", C2_FIXED["moved"])
    return world
