# SPDX-License-Identifier: BSD-2-Clause
"""The scenarios in which somebody lies, each noting what it knows to be true."""

import itertools
import time

import dns
import resolvers
import zones
from forger import Flood, FragmentForger, Injected, Injector, false_referral
from internet import names_of, start
from responder import ChildReply, Responder, asked
from topology import later

RTT = 0.024
FORGED_HOPS = 61
FALSE_WEB = ("198.51.100.80", "2001:db8:bad::80")
EVIL_TARGETS = ("ns1.evil.test.", "ns2.evil.test.")


def stage(lab, out, rng, count=4, rounds=1, prepare=None, **options):
    """A world in which every resolver has looked up everything ROUNDS times; PREPARE edits it."""
    world = zones.standard(rng, count)
    if prepare:
        prepare(world)
    options.setdefault("delay", RTT / 2)
    net = start(lab, out, world, rng, **options)
    for _ in range(rounds):
        net.round(names_of(world))
    return net


def settle(net, *entries):
    """Let everybody look up a few delegations three times more, so that they are well known."""
    for _ in range(3):
        net.round([entry.name for entry in entries])


def done(net, rounds=1):
    """Let everybody look up everything once more, and end the capture."""
    for _ in range(rounds):
        net.round(names_of(net.world))
    net.lab.stop_tap()
    return net.crowd.failures


def victims_of(rng, world, count=1):
    """COUNT delegations below example with two in-domain name servers of their own."""
    fit = [entry for entry in world.delegations["example."]
           if len(entry.glue) == 2 and len(entry.targets) == 2
           and entry.name not in ("hoster.example.",)
           and all(host.endswith("." + entry.name) for host in entry.glue)]
    chosen = rng.sample(fit, count)
    return chosen if count > 1 else chosen[0]


def false_glue(rng, entry, both=None):
    """A false address for one name server of ENTRY, or for BOTH: (host, address, records)."""
    host, other = sorted(entry.glue)
    address = "198.51.100.%d" % rng.randrange(60, 200)
    authority = [dns.record(entry.name, "NS", target) for target in entry.targets]
    if both is None:
        both = rng.random() < 0.5
    additional = [dns.record(host, "A", address),
                  dns.record(other, "A", address if both else entry.glue[other][0])]
    return host, address, (authority, additional)


def parents_of(net):
    """The addresses of all parent servers."""
    return [a for server in net.parents.values() for a in server.host.addresses]


def impostor(lab, entry, host, address):
    """The server that forged glue leads to: it answers for ENTRY, with addresses of its own."""
    box = lab.hosts.get("x") or lab.add_host("x", [], hops=3)
    box.add_addresses([address])
    box.addresses = [address]
    hosts = {name: (address,) for name in sorted(entry.glue) + [host]}
    Responder(box, ChildReply(entry.name, hosts, FALSE_WEB)).begin()


def ask(net, number, labels, name):
    """Let clients ask resolver NUMBER for names below NAME."""
    addresses = net.resolvers[number].host.addresses
    net.crowd.ask([(net.rng.choice(addresses), "%s.%s" % (label, name), "A") for label in labels])


def flood(lab, out, rng, right):
    """Guessed ids by the hundred towards one resolver's open query."""
    net = stage(lab, out, rng, delay=0.04)
    entry, number = victims_of(rng, net.world), rng.choice((1, 4, 5))
    settle(net, entry)
    host, address, records = false_glue(rng, entry)
    victim = net.resolvers[number]
    forger = Flood(lab.add_host("forger", []), victim.host.addresses, parents_of(net), entry.name,
                   records, rng.randrange(44, 62), rng.randrange(100, 240), rng.random()).begin()
    impostor(lab, entry, host, address)
    lab.note(names=[entry.name, host], addresses=[address], resolvers=victim.host.addresses)
    for attempt in range(4):
        forger.right = right and attempt == 3
        lab.event("flood of %d ids, %s" % (forger.count, "one right" if forger.right else
                                          "none right"))
        victim.forget([entry.name])
        ask(net, number, ["r%x" % rng.getrandbits(20)], entry.name)
    forger.active = False
    lab.event("end of the floods, %d forged" % forger.forged)
    ask(net, number, ["a", "b", "c", "d", "www", "mail"], entry.name)
    for other in set(net.resolvers) - {number}:
        net.round([entry.name], numbers=(other,))
    time.sleep(0.5)
    lab.stop_tap()
    return net.crowd.failures


def off_path_flood(lab, out, rng):
    """Floods of guessed ids; in the last one an id is right."""
    return flood(lab, out, rng, True)


def off_path_flood_missed(lab, out, rng):
    """Floods of guessed ids, all wrong."""
    return flood(lab, out, rng, False)


def on_path(lab, out, rng, seconds):
    """An injector before one resolver answers for several names, SECONDS after the query."""
    net = stage(lab, out, rng)
    entries, number = victims_of(rng, net.world, 5), rng.choice((1, 2, 3, 4, 5))
    settle(net, *entries)
    false = {entry.name: false_glue(rng, entry) for entry in entries}
    answers = {entry.name for entry in entries[3:]}

    def make(query, cut):
        if cut not in answers:
            return false_referral(query, false[cut][2])
        if query.qtype != 1:
            return None
        return dns.message(query.message.ident, dns.QR | dns.AA, [query.question()],
                           [dns.record(query.name, "A", FALSE_WEB[0], ttl=300)])

    victim = net.resolvers[number]
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, parents_of(net),
                      list(false), FORGED_HOPS, make, seconds).begin()
    for entry in entries[:3]:
        impostor(lab, entry, *false[entry.name][:2])
    lab.note(names=list(false), addresses=[FALSE_WEB[0]] + [false[e.name][1] for e in entries[:3]],
             resolvers=victim.host.addresses, forged_referrals=[e.name for e in entries[:3]],
             forged_answers=sorted(answers))
    lab.event("injector begins")
    for _ in range(2):
        net.round(list(false), numbers=(number,))
        net.round(list(false), numbers=[n for n in net.resolvers if n != number])
    forger.active = False
    lab.event("injector ends, %d forged" % forger.forged)
    return done(net)


def on_path_race_won(lab, out, rng):
    """The forged reply comes first, the true one some 20 ms later."""
    return on_path(lab, out, rng, 0.004)


def on_path_race_lost(lab, out, rng):
    """The forged reply comes some 15 ms after the true one."""
    return on_path(lab, out, rng, RTT + 0.015)


def fragment(lab, out, rng, lose):
    """Second fragments of a large signed referral are replaced on their way to one resolver."""
    number, address = rng.choice((1, 3, 5)), "198.51.100.%d" % rng.randrange(60, 200)
    victims = ["198.18.%d.53" % number, "2001:db8:%d00::53" % number]
    names = ["large.example.", "wide.example."]
    lines = {}

    def line(name):
        if name[0] != "p":
            return None
        return lines.setdefault(name, FragmentForger(victims, address, RTT / 2, lose))

    def prepare(world):
        for name in names:
            world.add(large_delegation(name))
    net = stage(lab, out, rng, 0, 1, prepare, udp_limit=4096, edns=4096, line=line)
    box = lab.add_host("x", [address], hops=3)
    hosts = {host: (address,) for name in names for host in net.world.find(name).glue}
    Responder(box, Several(ChildReply(name, {host: pair for host, pair in hosts.items()
                                             if host.endswith("." + name)}, FALSE_WEB)
                           for name in names)).begin()
    for forger in lines.values():
        forger.active = True
    lab.event("second fragments are forged from now on")
    for turn in range(3):
        if turn % 2 == 0:
            net.resolvers[number].restart()
        net.round(names, numbers=(number,))
        for name in names:
            ask(net, number, ["a", "b", "c", "d", "e", "f"], name)
        net.round(names, numbers=[n for n in net.resolvers if n != number])
    for forger in lines.values():
        forger.active = False
    lab.event("no more forged fragments")
    hosts = sorted({name for forger in lines.values() for name in forger.names})
    lab.note(names=names + hosts, addresses=[address], resolvers=victims)
    return done(net)


def large_delegation(name, count=18):
    """A signed delegation whose referral fills two packets."""
    glue = {"ns%02d-in-the-data-centre-with-the-longest-name-of-the-region.%s" % (number, name):
            (zones.c1_pool if number % 2 else zones.c2_pool)(64 + number)
            for number in range(count)}
    return zones.Delegation(name, sorted(glue), glue, signed=True)


def forged_second_fragment(lab, out, rng):
    """The true second fragment comes after the forged one."""
    return fragment(lab, out, rng, False)


def forged_second_fragment_alone(lab, out, rng):
    """The true second fragment never comes."""
    return fragment(lab, out, rng, True)


def poisoned_resolver_and_clients(lab, out, rng):
    """One resolver believes forged glue and tells its clients a false address."""
    net = stage(lab, out, rng)
    host = net.crowd.host
    more = ["198.18.9.%d" % n for n in range(11, 19)]
    host.add_addresses(more)
    net.crowd.sources = host.addresses + more
    entry, number = victims_of(rng, net.world), rng.choice((1, 2, 3, 4))
    target, address, records = false_glue(rng, entry, True)
    victim = net.resolvers[number]
    settle(net, entry)
    everybody = [(r.host.addresses[0], "www." + entry.name, "A") for r in net.resolvers.values()]
    net.crowd.ask(everybody * 4)
    impostor(lab, entry, target, address)
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, parents_of(net),
                      [entry.name], FORGED_HOPS,
                      lambda query, _: false_referral(query, records)).begin()
    lab.note(names=[entry.name, target], addresses=[address], resolvers=victim.host.addresses,
             false_answers=list(FALSE_WEB))
    lab.event("forger begins")
    for _ in range(3):
        victim.forget([entry.name])
        net.crowd.ask(everybody * 4)
        ask(net, number, ["a", "b", "c"], entry.name)
    forger.active = False
    lab.event("forger ends, %d forged" % forger.forged)
    for _ in range(3):
        net.crowd.ask(everybody * 4)
    lab.stop_tap()
    return net.crowd.failures


def compromised_parent(lab, out, rng):
    """One parent server lies to everybody for a time."""
    net = stage(lab, out, rng)
    entries, number = victims_of(rng, net.world, 3), rng.choice((1, 2, 3, 4))
    settle(net, *entries)
    after = net.world.variant()
    after.serial += 1
    facts = []
    for entry in entries:
        host, address, _ = false_glue(rng, entry)
        after.find(entry.name).glue[host] = (address,)
        impostor(lab, entry, host, address)
        facts.append((entry.name, host, address))
    lab.note(names=[n for name, host, _ in facts for n in (name, host)],
             addresses=[address for *_, address in facts],
             servers=net.parents[number].host.addresses)
    names = [entry.name for entry in entries]
    lab.event("p%d begins to lie" % number)
    net.change_parent(number, after)
    for _ in range(5):
        net.restart_resolvers()
        net.round(names)
        net.round(names)
    net.world.serial = after.serial + 1
    net.change_parent(number, net.world)
    lab.event("p%d tells the truth again" % number)
    net.restart_resolvers()
    return done(net, 2)


def hijack(lab, out, rng, edit, what):
    """All parents change one delegation while the child stays as it was; later it is undone."""
    false = (zones.FORGED_ADDRESS, "198.51.100.67")
    evil = {target: (address,) for target, address in zip(EVIL_TARGETS, false)}
    replies = Several([ChildReply("evil.test.", evil, FALSE_WEB)])

    def prepare(world):
        world.add(zones.Delegation("evil.test.", list(EVIL_TARGETS), evil))
        Responder(lab.add_host("x", false, hops=3), replies).begin()
    net = stage(lab, out, rng, 4, 1, prepare)
    entry = victims_of(rng, net.world)
    settle(net, entry)
    net.restart_resolvers()
    net.round([entry.name])
    before, after = net.world, net.world.variant()
    hosts = edit(after.find(entry.name), evil)
    replies.replies.append(ChildReply(entry.name, hosts, FALSE_WEB))
    lab.note(names=[entry.name] + sorted(hosts), addresses=list(false))
    net.change_parents(after)
    lab.event("all parents: " + what)
    for _ in range(2):
        net.restart_resolvers()
        net.round([entry.name])
        net.round([entry.name])
    before.serial = after.serial + 1
    net.change_parents(before)
    lab.event("all parents as before")
    net.restart_resolvers()
    return done(net)


def hijack_ns_seen_by_all(lab, out, rng):
    """Another NS set for everybody, then the old one."""
    def edit(entry, evil):
        entry.targets, entry.glue, entry.signed = list(evil), {}, False
        return evil
    return hijack(lab, out, rng, edit, "NS set is ns1 and ns2.evil.test")


def hijack_glue_seen_by_all(lab, out, rng):
    """The same NS set with another address for everybody, then the old one."""
    def edit(entry, evil):
        host = sorted(entry.glue)[0]
        entry.glue[host] = evil[EVIL_TARGETS[0]]
        return entry.glue
    return hijack(lab, out, rng, edit, "the first name server is at 198.51.100.66")


class Several:
    """The replies of a server with several zones; REPLIES are those of each."""

    def __init__(self, replies):
        self.replies = list(replies)

    def __call__(self, octets, message):
        name = "." + message.questions[0][0].lower()
        fit = [reply for reply in self.replies if name.endswith("." + reply.apex)]
        return (fit or self.replies)[0](octets, message)


class FanOut:
    """The replies of an attacker's zone: each name is a delegation to COUNT hosts below VICTIM."""

    def __init__(self, apex, victim, count, rng):
        self.apex = apex
        self.victim = victim
        self.count = count
        self.rng = rng

    def __call__(self, octets, message):
        name, qtype, _ = message.questions[0]
        folded = name.lower()
        question = [asked(octets, message)]
        if qtype == 2 and folded == self.apex:
            return dns.message(message.ident, dns.QR | dns.AA, question, [
                dns.record(self.apex, "NS", "ns1." + self.apex)])
        if folded in (self.apex, "ns1." + self.apex, "www." + self.apex):
            return dns.message(message.ident, dns.QR | dns.AA, question, [], [dns.record(
                self.apex, "SOA", "ns1.%s hostmaster.%s 1 1800 900 604800 300" % (
                    self.apex, self.apex))])
        cut = folded[:-len(self.apex)].rstrip(".").rpartition(".")[2] + "." + self.apex
        authority = [dns.record(cut, "NS", "x%07x.%s" % (self.rng.getrandbits(28), self.victim))
                     for _ in range(self.count)]
        return dns.message(message.ident, dns.QR, question, [], authority, [dns.opt()])


def nxns_fanout(lab, out, rng):
    """A zone whose every name is delegated to sixty name servers below somebody else's zone."""
    evil, victim = "evil.example.", "victim.test."

    def prepare(world):
        world.add(zones.Delegation(evil, ["ns1." + evil], {"ns1." + evil: (zones.FORGED_ADDRESS,)}))
        glue = zones.pool_glue(victim, 100)
        world.add(zones.Delegation(victim, sorted(glue), glue))
        box = lab.add_host("x", [zones.FORGED_ADDRESS], hops=3)
        Responder(box, FanOut(evil, victim, count, rng)).begin()
    count = rng.randrange(40, 70)
    net = stage(lab, out, rng, 2, 1, prepare, delay=0.004, udp_limit=4096, edns=4096)
    lab.note(names=[evil, victim], addresses=[zones.FORGED_ADDRESS],
             resolvers=[r.ipv4() for r in net.resolvers.values()], targets_per_referral=count)
    lab.event("first of the questions below " + evil)
    for _ in range(5):
        net.crowd.ask([(r.ipv4(), "r%x.%s" % (rng.getrandbits(24), evil), "A")
                       for r in net.resolvers.values()], wait=1.5)
    lab.event("last of the questions below " + evil)
    net.crowd.failures.clear()
    return done(net)


class Grasping:
    """The replies of a child server that speaks of names outside its zone."""

    def __init__(self, apex, address, shadowed):
        self.apex = apex
        self.address = address
        self.shadowed = shadowed
        self.sound = ChildReply(apex, {"ns1." + apex: (address,)}, ("203.0.113.9",))

    def __call__(self, octets, message):
        name, qtype, _ = message.questions[0]
        first = name.lower().split(".")[0]
        make = getattr(self, "say_" + first.rstrip("0123456789"), None)
        sections = make(name) if make and qtype == 1 else None
        if sections is None:
            return self.sound(octets, message)
        flags, answer, authority, additional = sections
        return dns.message(message.ident, dns.QR | flags, [asked(octets, message)], answer,
                           authority, additional + [dns.opt()])

    def steal(self, zone):
        """NS records for ZONE, and their glue."""
        return ([dns.record(zone, "NS", "ns.evil.test.")],
                [dns.record("ns.evil.test.", "A", zones.FORGED_ADDRESS)])

    def say_pos(self, name):
        """A positive answer with NS of the zone above."""
        return (dns.AA, [dns.record(name, "A", "203.0.113.9")], *self.steal("example."))

    def say_neg(self, _):
        """NXDOMAIN with NS of somebody else's delegation."""
        return (dns.AA | 3, [], *self.steal(self.shadowed))

    def say_side(self, _):
        """A referral to somebody else's delegation."""
        return (0, [], *self.steal(self.shadowed))

    def say_glue(self, name):
        """A referral below the zone with an address for somebody else's name server."""
        host = "ns." + self.shadowed
        cut = name.lower()
        return (0, [], [dns.record(cut, "NS", host), dns.record(cut, "NS", "ns1." + self.apex)],
                [dns.record(host, "A", zones.FORGED_ADDRESS),
                 dns.record("ns1." + self.apex, "A", self.address)])

    def say_mail(self, name):
        """A positive answer with MX in the authority section and the address of its host."""
        web = "www." + self.shadowed
        return (dns.AA, [dns.record(name, "A", "203.0.113.9")],
                [dns.record(self.shadowed, "MX", "10 " + web)],
                [dns.record(web, "A", zones.FORGED_ADDRESS)])


def names_outside_the_zone(lab, out, rng):
    """A child server adds records for names it has no business with."""
    evil, address = "evil.example.", "198.51.100.%d" % rng.randrange(70, 200)

    def prepare(world):
        world.add(zones.Delegation(evil, ["ns1." + evil], {"ns1." + evil: (address,)}))
        box = lab.add_host("x", [address], hops=4)
        Responder(box, Grasping(evil, address, "bank.example.")).begin()
    net = stage(lab, out, rng, 2, 1, prepare)
    lab.note(names=[evil, "bank.example.", "example.", "ns.evil.test."],
             addresses=[zones.FORGED_ADDRESS], servers=[address])
    lab.event("first of the strange replies")
    kinds = [kind + str(number) for kind in ("pos", "neg", "side", "glue", "mail")
             for number in range(4)]
    rng.shuffle(kinds)
    for number in net.resolvers:
        net.resolvers[number].forget([evil])
        for group in itertools.zip_longest(*[iter(kinds)] * 4):
            ask(net, number, group, evil)
    lab.event("last of the strange replies")
    net.crowd.failures.clear()
    return done(net, 2)


def promiscuous_reply(lab, out, rng):
    """Forged answers of a child's servers bring NS of the zone above; the true ones follow."""
    net = stage(lab, out, rng)
    entries = victims_of(rng, net.world, 3)
    number = rng.choice((1, 2, 3, 4, 5))
    settle(net, *entries)
    steal = ([dns.record("example.", "NS", "ns.evil.test.")],
             [dns.record("ns.evil.test.", "A", zones.FORGED_ADDRESS)])

    def make(query, _):
        if query.qtype != 1:
            return None
        answer = [dns.record(query.name, "A", FALSE_WEB[0])]
        return dns.message(query.message.ident, dns.QR | dns.AA, [query.question()], answer,
                           steal[0], steal[1] + [dns.opt()])
    servers = [a for entry in entries for pair in entry.glue.values() for a in pair]
    victim = net.resolvers[number]
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, servers,
                      [entry.name for entry in entries], FORGED_HOPS, make).begin()
    lab.note(names=["example."] + [e.name for e in entries], servers=servers,
             addresses=[zones.FORGED_ADDRESS, FALSE_WEB[0]], resolvers=victim.host.addresses)
    lab.event("forger begins")
    for _ in range(3):
        net.round([entry.name for entry in entries], numbers=(number,))
    forger.active = False
    lab.event("forger ends, %d forged" % forger.forged)
    return done(net, 2)


def wrong_source(lab, out, rng):
    """Forged referrals come from another parent server than the one that was asked."""
    net = stage(lab, out, rng)
    entry, number = victims_of(rng, net.world), rng.choice((1, 2, 3, 4, 5))
    settle(net, entry)
    host, address, records = false_glue(rng, entry)
    victim = net.resolvers[number]
    sources = {asked_at: other for n in net.parents for asked_at, other in zip(
        net.parents[n].host.addresses, net.parents[n % 4 + 1].host.addresses)}
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, parents_of(net),
                      [entry.name], FORGED_HOPS, lambda query, _: false_referral(query, records),
                      sources=sources).begin()
    lab.note(names=[entry.name, host], addresses=[address], resolvers=victim.host.addresses)
    lab.event("forger begins")
    for _ in range(8):
        net.round([entry.name], numbers=(number,))
    forger.active = False
    lab.event("forger ends, %d forged" % forger.forged)
    return done(net)


def forged_case(lab, out, rng):
    """A forger who has id and port but not the letter case, against a resolver that mixes it."""
    net = stage(lab, out, rng)
    entry = victims_of(rng, net.world)
    settle(net, entry)
    host, address, records = false_glue(rng, entry)

    def make(query, _):
        return false_referral(query, records,
                              question=dns.question(query.name.lower(), query.qtype))
    victim = net.resolvers[5]
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, parents_of(net),
                      [entry.name], FORGED_HOPS, make).begin()
    impostor(lab, entry, host, address)
    lab.note(names=[entry.name, host], addresses=[address], resolvers=victim.host.addresses)
    lab.event("forger begins")
    for _ in range(6):
        net.round([entry.name], numbers=(5,))
    forger.active = False
    lab.event("forger ends, %d forged" % forger.forged)
    return done(net)


class Sweep(Injector):
    """Tries every port of a resolver in the parent's name, then sends a burst to an open one."""

    def __init__(self, host, victims, server_addresses, cut, records, rng):
        super().__init__(host, victims, server_addresses, [cut], 55)
        self.records = records
        self.rng = rng
        self.swept = False

    def act(self, query):
        if self.swept:
            self.active = False
            self.lab.event("burst of ids at port %d" % query.sport)
            idents = set(self.rng.sample(range(65536), 200)) - {query.message.ident}
            for ident in sorted(idents):
                yield 0, self.frame(query, false_referral(query, self.records, ident))
            return
        self.swept = True
        self.lab.event("sweep of 10000 ports begins")
        low = self.rng.randrange(1024, 50000)
        for port in range(low, low + 10000):
            yield 0, self.frame(query, false_referral(query, self.records,
                                                      self.rng.randrange(65536)), dport=port)
            time.sleep(0.0002)
        self.lab.event("sweep ends")


def port_sweep(lab, out, rng):
    """A search for the open port of a resolver whose kernel tells which ones are closed."""
    net = stage(lab, out, rng)
    number = rng.choice((1, 2, 3, 4))
    victim = net.resolvers[number]
    victim.host.sysctl("net.ipv4.icmp_ratelimit", 0)
    victim.host.sysctl("net.ipv6.icmp.ratelimit", 0)
    entry = victims_of(rng, net.world)
    settle(net, entry)
    host, address, records = false_glue(rng, entry)
    forger = Sweep(lab.add_host("forger", []), victim.host.addresses, parents_of(net), entry.name,
                   records, rng).begin()
    lab.note(names=[entry.name, host], addresses=[address], resolvers=victim.host.addresses)
    for _ in range(20):
        net.round([entry.name], numbers=(number,))
        time.sleep(0.5)
        if not forger.active:
            break
    net.round([entry.name], numbers=(number,))
    return done(net)


def bogus_addresses(lab, out, rng):
    """Glue that was sound turns to 0.0.0.0 at all parents, then to 127.0.0.1."""
    net = stage(lab, out, rng)
    entry = victims_of(rng, net.world)
    settle(net, entry)
    host = sorted(entry.glue)[0]
    lab.note(names=[entry.name, host], addresses=["0.0.0.0", "127.0.0.1"])
    for address in ("0.0.0.0", "127.0.0.1"):
        after = net.world.variant()
        after.find(entry.name).glue[host] = (address,)
        net.change_parents(after)
        net.world = after
        lab.event("all parents: %s is %s" % (host, address))
        for _ in range(3):
            net.restart_resolvers()
            net.round([entry.name])
    return done(net)


def slow_guessing(lab, out, rng):
    """Each query of one resolver to a parent gets one false referral with a guessed id."""
    net = stage(lab, out, rng, 10)
    entries, number = victims_of(rng, net.world, 4), rng.choice((1, 2, 4, 5))
    settle(net, *entries)
    false = {entry.name: false_glue(rng, entry) for entry in entries}
    victim = net.resolvers[number]

    def make(query, cut):
        ident = (query.message.ident + rng.randrange(1, 65536)) & 0xFFFF
        return false_referral(query, false[cut][2], ident)
    forger = Injected(lab.add_host("forger", []), victim.host.addresses, parents_of(net),
                      list(false), 52, make).begin()
    lab.note(names=list(false), addresses=[address for _, address, _ in false.values()],
             resolvers=victim.host.addresses)
    lab.event("guessing begins")
    for _ in range(10):
        net.round(list(false), numbers=(number,))
        time.sleep(0.5)
    forger.active = False
    lab.event("guessing ends, %d forged" % forger.forged)
    return done(net)


def forwarder_poisoned(lab, out, rng):
    """False answers to a forwarder bring NS and glue of the zone above; the true ones follow."""
    net = stage(lab, out, rng, line=lambda name: later(RTT / 2) if name[0] in "pr" else None)
    entries = victims_of(rng, net.world, 3)
    upstream = [net.resolvers[n] for n in (1, 3)]
    host = lab.add_host("f", ["198.18.20.53", "2001:db8:2000::53"], hops=2)
    net.resolvers[6] = resolvers.Unbound(host, upstream=[r.ipv4() for r in upstream]).begin()
    settle(net, *entries)

    def make(query, _):
        answer = [dns.record(query.name, "A", FALSE_WEB[0])] if query.qtype == 1 else []
        return dns.message(query.message.ident, dns.QR | dns.RD | dns.RA, [query.question()],
                           answer, [dns.record("example.", "NS", "ns.evil.test.")],
                           [dns.record("ns.evil.test.", "A", zones.FORGED_ADDRESS), dns.opt()])
    forger = Injected(lab.add_host("forger", []), host.addresses,
                      [a for r in upstream for a in r.host.addresses],
                      [entry.name for entry in entries], FORGED_HOPS, make).begin()
    lab.note(names=["example.", "ns.evil.test."] + [entry.name for entry in entries],
             addresses=[zones.FORGED_ADDRESS, FALSE_WEB[0]], resolvers=host.addresses)
    lab.event("forger begins")
    for _ in range(4):
        net.round([entry.name for entry in entries], numbers=(6,))
    forger.active = False
    lab.event("forger ends, %d forged" % forger.forged)
    return done(net)


def mass_hijack(lab, out, rng):
    """All parents give the first name server of a dozen delegations one and the same address."""
    net = stage(lab, out, rng, 36, 2)
    entries = victims_of(rng, net.world, 12)
    after = net.world.variant()
    hosts = []
    for entry in entries:
        hosts.append(sorted(entry.glue)[0])
        after.find(entry.name).glue[hosts[-1]] = (zones.FORGED_ADDRESS,)
    names = [entry.name for entry in entries]
    lab.note(names=names + hosts, addresses=[zones.FORGED_ADDRESS])
    Responder(lab.add_host("x", [zones.FORGED_ADDRESS], hops=3), Several(
        ChildReply(entry.name, {host: (zones.FORGED_ADDRESS,)}, FALSE_WEB)
        for entry, host in zip(entries, hosts))).begin()
    net.change_parents(after)
    lab.event("twelve name servers are at " + zones.FORGED_ADDRESS)
    for _ in range(2):
        net.restart_resolvers()
        net.round(names)
    lab.stop_tap()
    return net.crowd.failures


ATTACKS = {
    "slow-guessing": (slow_guessing, "each query of one resolver for four delegations gets one "
                      "false referral with a wrong id ahead of the true one"),
    "forwarder-poisoned": (forwarder_poisoned, "false answers of 198.18.1.53 and 198.18.3.53 to "
                           "the forwarder 198.18.20.53 bring NS of example and their glue; the "
                           "true answers follow"),
    "mass-hijack": (mass_hijack, "twelve name servers of as many delegations move to 198.51.100.66 "
                    "at all parents at once; the other name servers still say the old addresses"),
    "off-path-flood": (off_path_flood, "one resolver gets hundreds of false referrals with guessed "
                       "ids, four times; the last time one id is right, and it asks the false "
                       "address"),
    "off-path-flood-missed": (off_path_flood_missed, "the same without a right id: nobody is "
                              "poisoned"),
    "on-path-race-won": (on_path_race_won, "an injector before one resolver answers for five names "
                         "some 20 ms ahead of the parents, three by false glue, two by false "
                         "answers"),
    "on-path-race-lost": (on_path_race_lost, "the same injector is some 15 ms late each time"),
    "forged-second-fragment": (forged_second_fragment, "the second fragment of large.example's "
                               "referral reaches one resolver in a forged copy first; checksums "
                               "are right; the true one comes after it"),
    "forged-second-fragment-alone": (forged_second_fragment_alone, "the same, and the true second "
                                     "fragment never comes"),
    "poisoned-resolver-and-clients": (poisoned_resolver_and_clients, "one resolver of five "
                                      "believes false glue, and its clients are told "
                                      "198.51.100.80 for a while; the clients of the others are "
                                      "told the truth"),
    "compromised-parent": (compromised_parent, "one parent server gives three delegations false "
                           "glue, to everybody, for a while"),
    "hijack-ns-seen-by-all": (hijack_ns_seen_by_all, "all parents give a delegation the name "
                              "servers ns1 and ns2.evil.test for a while; the child does not know"),
    "hijack-glue-seen-by-all": (hijack_glue_seen_by_all, "all parents give one name server of a "
                                "delegation another address for a while; the other one still says "
                                "the old address"),
    "nxns-fanout": (nxns_fanout, "every name below evil.example is delegated to some sixty name "
                    "servers below victim.test without glue; the resolvers ask victim.test for "
                    "them"),
    "names-outside-the-zone": (names_outside_the_zone, "the server of evil.example adds NS of the "
                               "parent, NS and addresses of bank.example and an MX nobody asked "
                               "for to answers, NXDOMAIN and referrals"),
    "promiscuous-reply": (promiscuous_reply, "forged answers of child servers to one resolver "
                          "bring NS of example; the true answers follow"),
    "wrong-source": (wrong_source, "false referrals for one delegation reach one resolver from "
                     "another parent than the one that was asked"),
    "forged-case": (forged_case, "false referrals with right ids but small letters reach the "
                    "resolver that mixes the case"),
    "port-sweep": (port_sweep, "ten thousand ports of one resolver are tried in a parent's name, "
                   "its kernel tells the closed ones; then ids are guessed at the open one"),
    "bogus-addresses": (bogus_addresses, "sound glue turns to 0.0.0.0 and then to 127.0.0.1 at all "
                        "parents"),
}
