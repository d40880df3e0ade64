# SPDX-License-Identifier: BSD-2-Clause
"""A larger name space for the benign run: six top-level zones, thousands of delegations, much mess.

The mess is what the real DNS is full of: delegations whose child zone says something else, name
servers that are silent, refuse or fail, sets too large for one packet, servers of the parent that
serve the child, too. Nothing in it is an attack.
"""

import zones
from zones import address_records

PARENT_ADDRESSES = {n: ("192.0.2.%d" % n, "2001:db8:53::%d" % n) for n in range(1, 9)}
PARENT_VENDORS = ("nsd", "knot", "bind", "pdns", "bind", "nsd", "pdns", "knot")
HOST_VENDORS = ("knot", "bind", "nsd", "pdns", "bind", "knot", "pdns", "nsd")
HOSTS = range(8)
POOL_SIZE = 32
SILENT = [("192.0.2.%d" % (192 + n), "2001:db8:dead::%x" % (n + 1)) for n in range(8)]

# Apex, numbers of its parent servers, TTL in its zone, the public suffix below it if any.
APEXES = (("ard.", (1, 2, 3, 4), 30, "co.ard."), ("bex.", (2, 3, 5), 20, None),
          ("cod.", (6, 7, 8), 45, "com.cod."), ("dim.", (1, 5, 7), 15, None),
          ("eft.", (4, 8), 60, None), ("fig.", (3, 6, 7, 8), 25, "net.fig."))

LABELS = ("al", "ber", "cor", "dan", "el", "fir", "gol", "hem", "ist", "jor", "kal", "lum", "mer",
          "nor", "ost", "pel", "quin", "rus", "sal", "tor", "ul", "ver", "wil", "yar", "zen")
ENDS = ("a", "ex", "in", "or", "um", "ford", "burg", "mark", "tek", "soft", "shop", "net")


def pools(number):
    """The two IPv4 and two IPv6 prefixes that hosting server NUMBER answers on."""
    low = 32 * number
    first = "198.51.100.%d/27" % low
    second = "%s.%d/27" % (("192.0.2", 64 + low) if number < 4 else
                           ("203.0.113", 64 + low - 128))
    return first, second, "2001:db8:c%d::/64" % number, "2001:db8:d%d::/64" % number


def pool_address(number, member):
    """The addresses of MEMBER, 0 to 63, of hosting server NUMBER."""
    four = pools(number)[member // POOL_SIZE].split("/")[0]
    head, _, low = four.rpartition(".")
    six = pools(number)[2 + member // POOL_SIZE].split("/")[0]
    return ("%s.%d" % (head, int(low) + member % POOL_SIZE),
            "%s%x" % (six, 0x10 + member % POOL_SIZE))


def main_address(number):
    """The addresses that lead to the pools of hosting server NUMBER."""
    return "192.0.2.%d" % (20 + number), "2001:db8:20::%d" % (number + 1)


def host_addresses(number):
    """All addresses of hosting server NUMBER."""
    return list(main_address(number)) + [address for member in range(2 * POOL_SIZE)
                                         for address in pool_address(number, member)]


class LargeDelegation(zones.Delegation):
    """A delegation, what its child zone says, and which hosting servers have that zone."""

    def __init__(self, name, targets, glue=None, hosts=(), ttl=60):
        super().__init__(name, targets, glue)
        self.hosts = set(hosts)
        self.parents = set()
        self.ttl = ttl
        self.child_targets = None
        self.alias = None
        self.digest = None

    def parent_lines(self):
        lines = super().parent_lines()
        if self.digest:
            lines.append("%s DS 12345 13 2 %s" % (self.name, self.digest))
        return lines

    def child_text(self, number):
        targets = self.child_targets or self.targets
        glue = dict(self.glue, **(self.child_glue or {}))
        lines = zones.soa(self.name, targets[0], 1, self.ttl)
        lines += ["%s NS %s" % (self.name, target) for target in targets]
        for host in sorted(glue):
            if host.endswith("." + self.name):
                lines += address_records(host, glue[host])
        web = "www." + self.name
        lines += address_records(web, ("203.0.113.%d" % (3 + number % 60),
                                       "2001:db8:80::%x" % number))
        lines += ["%s MX 10 %s" % (self.name, web), '%s TXT "v=spf1 -all"' % self.name]
        if self.alias:
            lines.append("shop.%s CNAME www.%s" % (self.name, self.alias))
        return "\n".join(lines) + "\n"


class LargeWorld:
    """The zones of the benign run."""

    def __init__(self, rng, count):
        self.rng = rng
        self.delegations = {}
        self.ttls = {}
        self.parents = {}
        self.suffix_of = {}
        self.serials = {}
        for apex, numbers, ttl, suffix in APEXES:
            for zone in filter(None, (apex, suffix)):
                self.delegations[zone] = []
                self.ttls[zone], self.parents[zone], self.serials[zone] = ttl, numbers, 1
            if suffix:
                self.suffix_of[apex] = suffix
        self.providers = [self.make_provider(n) for n in range(60)]
        self.names = self.make_names(count)
        for number, name in enumerate(self.names):
            self.delegations[parent_zone(name, self.delegations)].append(
                self.make_customer(name, number))

    def make_names(self, count):
        """COUNT names below the parent zones."""
        stems = [a + b + c for a in LABELS for b in LABELS for c in ENDS]
        apexes = list(self.delegations)
        return ["%s.%s" % (stem, self.rng.choice(apexes))
                for stem in self.rng.sample(stems, count)]

    def make_provider(self, number):
        """A hosting provider: a delegation whose name servers serve many others."""
        apex = self.rng.choice([entry[0] for entry in APEXES])
        name = "dns%02d.%s" % (number, apex)
        glue = {}
        for index, host in enumerate(self.rng.sample(HOSTS, self.rng.choice((2, 2, 3, 4))), 1):
            pair = pool_address(host, number % 64)
            glue["ns%d.%s" % (index, name)] = pair if self.rng.random() < 0.8 else pair[:1]
        entry = LargeDelegation(name, sorted(glue), glue, map(host_of, addresses_in(glue)))
        self.delegations[apex].append(entry)
        return entry

    def vanity(self, name, most=3):
        """In-domain glue for NAME."""
        hosts = self.rng.sample(HOSTS, self.rng.randint(2, most))
        dual = self.rng.random() < 0.7
        return {"ns%d.%s" % (index, name): pool_address(host, self.rng.randrange(64))[:1 + dual]
                for index, host in enumerate(hosts, 1)}

    def make_customer(self, name, number):
        """A delegation of one of many shapes."""
        rng = self.rng
        ttl = rng.choice((5, 10, 30, 60, 300))
        shape = rng.random()
        if shape < 0.55:
            provider = rng.choice(self.providers[:8] if rng.random() < 0.5 else self.providers)
            entry = LargeDelegation(name, provider.targets, {}, provider.hosts, ttl)
        elif shape < 0.62:
            provider, own = rng.choice(self.providers), self.vanity(name)
            first = sorted(own)[0]
            entry = LargeDelegation(name, [first, provider.targets[-1]], {first: own[first]},
                                    provider.hosts | set(map(host_of, own[first])), ttl)
        elif shape < 0.65:
            entry = self.make_wide(name, ttl)
        else:
            own = self.vanity(name)
            entry = LargeDelegation(name, sorted(own), own, map(host_of, addresses_in(own)), ttl)
        if rng.random() < 0.25:
            entry.digest = "%064x" % rng.getrandbits(256)
        if rng.random() < 0.05 and number:
            entry.alias = rng.choice(self.providers).name
        self.add_mess(entry)
        return entry

    def make_wide(self, name, ttl):
        """A delegation with so many name servers that its referral is truncated."""
        glue = {"%s-%s.%s" % (self.rng.choice(LABELS) * 8, index, name):
                pool_address(index % 8, self.rng.randrange(64)) for index in range(13)}
        return LargeDelegation(name, sorted(glue), glue, HOSTS, ttl)

    def add_mess(self, entry):
        """Give some delegations one of the ordinary faults."""
        rng, fault = self.rng, self.rng.random()
        own = sorted(host for host in entry.glue if host.endswith("." + entry.name))
        if fault < 0.04:
            entry.child_targets = entry.targets + [rng.choice(self.providers).targets[0]]
        elif fault < 0.06 and len(entry.targets) > 2:
            entry.child_targets = entry.targets[:-1]
        elif fault < 0.09 and own:
            host = host_of(entry.glue[own[0]][0])
            entry.child_glue = {own[0]: pool_address(host, rng.randrange(64))}
        elif fault < 0.12 and own:
            entry.glue[own[-1]] = rng.choice(SILENT)
        elif fault < 0.15 and len(entry.hosts) > 1:
            entry.hosts.discard(sorted(entry.hosts)[0])
        elif fault < 0.155:
            entry.hosts.clear()
        elif fault < 0.165:
            apex = parent_zone(entry.name, self.delegations)
            number = self.parents[apex][0]
            entry.targets, entry.glue = ["ns1." + entry.name], {}
            entry.glue["ns1." + entry.name] = PARENT_ADDRESSES[number]
            entry.hosts, entry.parents = set(), {number}

    def everyone(self):
        """Every delegation with a number that stays the same."""
        return enumerate(entry for apex in self.delegations for entry in self.delegations[apex])

    def apex_hosts(self, apex):
        """The name servers of a parent zone and their addresses."""
        top = apex.split(".", 1)[1] if apex in self.suffix_of.values() else apex
        return {"%s.nic.%s" % ("abcd"[i], top): PARENT_ADDRESSES[number]
                for i, number in enumerate(self.parents[apex])}

    def parent_text(self, apex):
        """The zone file of a parent zone."""
        hosts = self.apex_hosts(apex)
        lines = zones.soa(apex, sorted(hosts)[0], self.serials[apex], self.ttls[apex])
        lines += ["%s NS %s" % (apex, host) for host in hosts]
        if apex not in self.suffix_of.values():
            for host in hosts:
                lines += address_records(host, hosts[host])
        if apex in self.suffix_of:
            suffix = self.suffix_of[apex]
            lines += ["%s NS %s" % (suffix, host) for host in self.apex_hosts(suffix)]
        for entry in self.delegations[apex]:
            lines += entry.parent_lines()
        return "\n".join(lines) + "\n"

    def root_text(self):
        """The root zone, whose delegations live two minutes."""
        lines = zones.soa(".", "a.root-servers.lab.", 1, 120)
        lines += [". NS %s" % name for name in zones.ROOT_SERVERS]
        for name, addresses in zones.ROOT_SERVERS.items():
            lines += address_records(name, addresses)
        for apex, *_ in APEXES:
            for host, addresses in self.apex_hosts(apex).items():
                lines += ["%s NS %s" % (apex, host)] + address_records(host, addresses)
        return "\n".join(lines) + "\n"


def addresses_in(glue):
    """All addresses of a table of glue."""
    return [address for pair in glue.values() for address in pair]


def host_of(address):
    """The hosting server that answers on ADDRESS."""
    for number in HOSTS:
        for prefix in pools(number):
            head, _, low = prefix.split("/")[0].rpartition(":" if ":" in prefix else ".")
            if ":" in address and address.startswith(head + ":"):
                return number
            if ":" not in address and address.rpartition(".")[0] == head:
                if int(low) <= int(address.rpartition(".")[2]) < int(low) + POOL_SIZE:
                    return number
    raise KeyError(address)


def parent_zone(name, apexes):
    """The longest of APEXES that NAME lies under."""
    return max((apex for apex in apexes if name.endswith("." + apex)), key=len)
