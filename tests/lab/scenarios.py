# SPDX-License-Identifier: BSD-2-Clause
"""The scenarios: each builds its part of the lab and leaves one capture."""

import functools
import os
import random

import clients
import dns
import zones
from attacks import ATTACKS
from forger import Forger
from internet import Internet, names_of, start
from lookalikes import LOOKALIKES
from messages import record_vendor
from odd import record_odd
from responder import Responder, ZoneReply, authoritative
from servers import VENDORS
from topology import LabError, call

CAPTURES = os.path.normpath(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                         "..", "..", "pcaps"))


def smallest(lab, out, rng):
    """Two resolvers, a few delegations, one round."""
    world = zones.standard(rng, 0)
    net = Internet(lab, out, world, rng)
    net.add_servers()
    net.add_resolvers((1, 2))
    net.round(names_of(world))
    lab.stop_tap()
    return net.crowd.failures


def quiet_day(lab, out, rng):
    """Five resolvers, four parents, forty delegations, nothing wrong."""
    world = zones.standard(rng, 34)
    net = start(lab, out, world, rng)
    for _ in range(2):
        net.round(names_of(world), qtypes=("A", "AAAA"))
    net.fill(names_of(world), lambda parents: len(parents) > 1)
    lab.stop_tap()
    return net.crowd.failures


def one_resolver_poisoned(lab, out, rng):
    """R3 gets forged referrals for foo.example ahead of the true ones, and follows them."""
    world = zones.standard(rng, 2)
    net = start(lab, out, world, rng, delay=0.012)
    net.round(names_of(world))
    for _ in range(3):
        net.round(["foo.example."])
    net.resolvers[3].restart()
    attack(lab, net)
    for number in range(9):
        net.round(["foo.example."], numbers=None if number % 2 == 0 else (3,))
    lab.stop_tap()
    return net.crowd.failures


def attack(lab, net):
    """Set up the forger against R3 and the server its forged glue leads to."""
    forged = zones.FORGED_ADDRESS
    lab.note(names=["foo.example.", "ns1.foo.example."], addresses=[forged],
             resolvers=net.resolvers[3].host.addresses)
    lab.event("forger begins")
    target = lab.add_host("x", [forged], hops=3)
    Responder(target, authoritative({("www.foo.example.", 1): ["198.51.100.80"],
                                     ("ns1.foo.example.", 1): [forged]})).begin()
    hosts = ("ns1.foo.example.", "ns2.foo.example.")
    records = ([dns.record("foo.example.", "NS", name) for name in hosts],
               [dns.record(hosts[0], "A", forged),
                dns.record(hosts[1], "A", zones.C2_FIXED["foo"][0])])
    parents = [a for server in net.parents.values() for a in server.host.addresses]
    forger = Forger(lab.add_host("forger", []), net.resolvers[3].host.addresses, parents,
                    "foo.example.", records, hops=61)
    forger.begin()


def one_parent_out_of_step(lab, out, rng):
    """P3 still serves an older example zone."""
    world = zones.standard(rng, 2)
    world.serial = 2
    old = world.variant()
    old.serial = 1
    old.find("bar.example.").glue["ns1.bar.example."] = (zones.c1_pool(100)[0],
                                                         zones.c1_pool(64)[1])
    old.find("baz.example.").targets = ["ns1.hoster.example.", "ns2.hoster.example."]
    old.find("baz.example.").glue = {}
    lab.note(names=["bar.example.", "ns1.bar.example.", "baz.example."],
             addresses=[zones.c1_pool(100)[0]], servers=["192.0.2.3", "2001:db8:53::3"],
             remark="no lie, but nobody can tell from the wire")
    net = start(lab, out, world, rng, older={3: old})
    for _ in range(6):
        net.round(["foo.example.", "bar.example.", "baz.example."])
        net.round(["bar.example.", "baz.example."])
        net.restart_resolvers()
    net.fill(["bar.example.", "baz.example."],
             lambda parents: "p3" in parents and len(parents) > 2)
    lab.stop_tap()
    return net.crowd.failures


def renumbering(lab, out, rng):
    """ns1.foo.example moves to another address at all parents and at the child."""
    def move(world):
        world.find("foo.example.").glue["ns1.foo.example."] = (zones.C1_FIXED["moved"][0],
                                                               zones.C1_FIXED["foo"][1])
    return change_midway(lab, out, rng, "foo.example.", move)


def ns_set_changed(lab, out, rng):
    """The name servers of baz.example are all replaced, at all parents and at the child."""
    def replace(world):
        entry = world.find("baz.example.")
        entry.targets, entry.glue = ["ns1.hoster.example.", "ns2.hoster.example."], {}
    return change_midway(lab, out, rng, "baz.example.", replace)


def change_midway(lab, out, rng, name, edit):
    """Watch the delegation NAME before and after EDIT has changed the world."""
    world = zones.standard(rng, 2)
    net = start(lab, out, world, rng)
    watch(net, name)
    after = net.world.variant()
    edit(after)
    net.change(after)
    lab.note(names=[name])
    lab.event("the change")
    watch(net, name)
    lab.stop_tap()
    return net.crowd.failures


def watch(net, name):
    """Ask for everything once and for NAME eight times, starting the resolvers afresh midway."""
    net.round(names_of(net.world))
    for number in range(8):
        net.round([name])
        if number in (2, 5):
            net.restart_resolvers()


def private_glue(lab, out, rng):
    """Delegations whose glue nobody outside can use, beside good ones."""
    world = zones.standard(rng, 0)
    odd = {"office": "10.1.2.3", "loop": "127.0.0.1", "zero": "0.0.0.0", "loop6": "::1",
           "unique": "fd00::1", "link": "169.254.1.1", "home": "192.168.7.7",
           "carrier": "100.64.1.1"}
    for number, (label, address) in enumerate(odd.items()):
        name = label + ".example."
        glue = {"ns1." + name: (address,), "ns2." + name: zones.c2_pool(80 + number)}
        world.add(zones.Delegation(name, sorted(glue), glue))
    world.add(zones.Delegation("bare.example.", ["ns1.bare.example.", "ns2.hoster.example."],
                               child_glue={"ns1.bare.example.": zones.c1_pool(95)}))
    lab.note(names=[label + ".example." for label in odd] + ["bare.example."],
             addresses=list(odd.values()))
    net = start(lab, out, world, rng)
    for _ in range(2):
        net.round(names_of(world))
    lab.stop_tap()
    return net.crowd.failures


def unrelated_glue(lab, out, rng):
    """The server of test adds addresses to its referrals that are none of its business."""
    world = zones.standard(rng, 0)
    world.apex_servers["test."] = {"a.nic.test.": ("192.0.2.5", "2001:db8:53::5")}
    world.signed.discard("test.")
    bank = "ns.bank.example."
    for label in ("shop", "books"):
        world.add(zones.Delegation(label + ".test.", [bank]))
    for number, label in enumerate(("trade", "games")):
        name = label + ".test."
        world.add(zones.Delegation(name, ["ns1." + name, "ns2." + name],
                                   zones.pool_glue(name, 90 + number)))
    added = {"shop.test.": [(bank, zones.FORGED_ADDRESS)],
             "books.test.": [(bank, zones.c1_pool(66)[0])],
             "trade.test.": [("www.bank.example.", zones.FORGED_ADDRESS)]}
    lab.note(names=["shop.test.", "trade.test.", bank, "www.bank.example."],
             addresses=[zones.FORGED_ADDRESS], servers=["192.0.2.5", "2001:db8:53::5"])
    reply = ZoneReply("test.", world.apex_servers["test."])
    for entry in world.delegations["test."]:
        reply.delegate(entry.name, entry.targets, [
            (host, address) for host in sorted(entry.glue) for address in entry.glue[host]
        ] + added.get(entry.name, []))
    Responder(lab.add_host("p5", ["192.0.2.5", "2001:db8:53::5"], hops=20), reply).begin()
    net = start(lab, out, world, rng)
    for _ in range(4):
        net.round(names_of(world))
    lab.stop_tap()
    return net.crowd.failures


def tcp_and_fragments(lab, out, rng):
    """A delegation too large for one packet, over TCP and in fragments."""
    world = zones.standard(rng, 0)
    name = "large.example."
    glue = {"ns%02d-in-the-data-centre-with-the-longest-name-of-the-region.%s" % (number, name):
            (zones.c1_pool if number % 2 else zones.c2_pool)(64 + number) for number in range(18)}
    world.add(zones.Delegation(name, sorted(glue), glue, signed=True))
    net = start(lab, out, world, rng, udp_limit=4096)
    net.round([name])
    for number, server in net.parents.items():
        for address in server.host.addresses:
            ask_large(net.crowd.host, address, name, rng, split=number % 2 == 0)
    lab.stop_tap()
    return net.crowd.failures


def ask_large(host, server, name, rng, split):
    """Ask SERVER for NAME over UDP, whole and truncated, then several times on one connection."""
    idents = iter(rng.sample(range(1, 65536), 6))
    www = "www." + name
    clients.ask_udp(host, server, dns.query(next(idents), www, "A", bufsize=4096, do=True))
    again = dns.query(next(idents), www, "AAAA", bufsize=512, do=True)
    clients.ask_udp(host, server, again)
    clients.ask_tcp(host, server, [again])
    batch = [dns.query(next(idents), owner, "A", bufsize=1232, do=True)
             for owner in (www, "www.foo.example.", "www.hoster.example.", "mail." + name)]
    clients.ask_tcp(host, server, batch, pieces=(1, 20, 60) if split else None)


def responses_only(_, out, __):
    """The poisoned capture without anything sent to a server."""
    source = os.path.join(CAPTURES, "one-resolver-poisoned.pcap")
    if not os.path.exists(source):
        raise LabError("make one-resolver-poisoned.pcap first")
    call("tcpdump", "-Z", "root", "-r", source, "-w", out, "src port 53")
    return []


class Scenario:
    """What `lab` needs to know about one capture: who makes it and what a reader finds in it.

    ATTACK is whether something in it has to be reported.
    """

    def __init__(self, make, shows, attack=False):
        self.make = make
        self.shows = shows
        self.attack = attack


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
    "one-parent-out-of-step": Scenario(
        one_parent_out_of_step,
        "192.0.2.3 = 2001:db8:53::3 alone gives ns1.bar.example as 192.0.2.100 (192.0.2.64 at the "
        "three other parents) and baz.example the name servers of hoster.example, to every "
        "resolver alike"),
    "renumbering": Scenario(
        renumbering,
        "ns1.foo.example is 192.0.2.11 for everybody before the change and 192.0.2.21 for "
        "everybody after it, child included"),
    "tcp-and-fragments": Scenario(
        tcp_and_fragments,
        "referrals for large.example with 18 name servers, dual-stack glue and DS: truncated, over "
        "TCP (several queries in one segment, queries cut over segments) and in IPv4 and IPv6 "
        "fragments; 192.0.2.1 leaves all glue out of its 1,529-octet fragmented referrals with "
        "TC=0, as NSD does; nothing wrong"),
    "private-glue": Scenario(
        private_glue,
        "glue that leads nowhere from outside: 10.1.2.3, 127.0.0.1, 0.0.0.0, ::1, fd00::1, "
        "169.254.1.1, 192.168.7.7, 100.64.1.1; ns1.bare.example has no address at all"),
    "responses-only": Scenario(
        responses_only,
        "one-resolver-poisoned.pcap without the queries: forged and true glue of ns1.foo.example "
        "must still be told apart by resolver"),
    "ns-set-changed": Scenario(
        ns_set_changed,
        "baz.example has ns1 and ns2.baz.example before the change and ns1 and ns2.hoster.example "
        "after it, at all parents and at the child"),
    "unrelated-glue": Scenario(
        unrelated_glue,
        "192.0.2.5 (zone test) gives ns.bank.example as 198.51.100.66 in referrals for shop.test "
        "and, truly, as 192.0.2.66 for books.test, and adds an address of www.bank.example, no "
        "name server, to referrals for trade.test; the parents of example say 192.0.2.66"),
    "smallest": Scenario(
        smallest,
        "six delegations resolved once by two resolvers; the lab's self check, not kept"),
}
for each in VENDORS:
    SCENARIOS["messages-" + each] = Scenario(
        functools.partial(record_vendor, vendor=each),
        "every kind of reply that %s gives as root, parent and child server; messages-%s.csv has "
        "the class of each" % (VENDORS[each].__doc__.rstrip("."), each))
SCENARIOS["messages-odd"] = Scenario(
    record_odd,
    "replies that no sound server gives, readable and not; messages-odd.csv has the class of each")
for each in ("one-resolver-poisoned", "responses-only", "one-parent-out-of-step", "unrelated-glue",
             "private-glue"):
    SCENARIOS[each].attack = True
for each, made in ATTACKS.items():
    SCENARIOS[each] = Scenario(*made, attack=True)
for each, made in LOOKALIKES.items():
    SCENARIOS[each] = Scenario(*made)
# Kept in the repository with their truth beside them.
SMALL = ("off-path-flood", "on-path-race-won", "forged-second-fragment",
         "poisoned-resolver-and-clients", "hijack-ns-seen-by-all", "nxns-fanout",
         "names-outside-the-zone", "promiscuous-reply", "signed-fragments", "nat",
         "dual-role-server", "loss-and-retransmission")
UNKEPT = ("smallest", *(name for name in (*ATTACKS, *LOOKALIKES) if name not in SMALL))


def run(lab, name, out, seed):
    """Run one scenario into the capture OUT and return the lookups that failed."""
    return SCENARIOS[name].make(lab, out, random.Random("%s-%d" % (name, seed)))
