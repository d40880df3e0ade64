# SPDX-License-Identifier: BSD-2-Clause
"""The benign run: many clients, eight resolvers and a forwarder, sixteen servers, nothing wrong.

Everything happens in real time. The rate of the clients follows from the packets wanted and the
time allowed; parents give out short TTLs, so that referrals keep coming.
"""

import json
import multiprocessing
import os
import random
import select
import socket
import time

import clients
import dns
import large
import resolvers
import servers
import zones
from lookalikes import TRANSLATION
from topology import NETNS_DIR, call, enter

CLIENT_ADDRESSES = [("198.18.9.%d" % n, "2001:db8:900::%d" % n) for n in range(10, 50)]
TRANSLATOR = ("198.18.30.1", "2001:db8:3000::1")
BEHIND = (7, 8)
FORWARDER = ("198.18.20.53", "2001:db8:2000::53")
QTYPES = ("A",) * 10 + ("AAAA",) * 6 + ("MX", "NS", "TXT", "SOA")
CHANGES = ((0.25, "renumber"), (0.4, "move"), (0.55, "lag"), (0.7, "renumber"), (0.8, "move"))
CHANGED = 25
FEWEST_PER_QUERY = 4  # packets; bounds the rate when this machine, not the rate, is the limit


class Line:
    """What a long line does to frames: late, a little uneven, some lost; order is kept."""

    def __init__(self, seed, seconds, loss):
        self.rng = random.Random(seed)
        self.seconds = seconds
        self.loss = loss
        self.last = {True: 0.0, False: 0.0}

    def __call__(self, frame, outward):
        if self.rng.random() < self.loss:
            return ()
        now = time.monotonic()
        due = max(now + self.seconds * self.rng.uniform(1, 1.15), self.last[outward])
        self.last[outward] = due
        return ((due - now, frame),)


def deaf(frame, outward):
    """Let only neighbour discovery through: the host behind this line is silent."""
    kind = frame[12:14]
    near = kind == b"\x08\x06" or (kind == b"\x86\xdd" and frame[20] == 58)
    return ((0, frame),) if outward or near else ()


class Benign:
    """The large Internet."""

    def __init__(self, lab, rng, count):
        self.lab = lab
        self.rng = rng
        self.world = large.LargeWorld(rng, count)
        self.signer = zones.Signer(lab)
        self.parents = {}
        self.hosting = {}
        self.resolvers = []
        self.files = {}

    def line(self, low, high, loss=0.002):
        """A line of random length."""
        return Line(self.rng.random(), self.rng.uniform(low, high) / 2, loss)

    def parent_file(self, apex, where):
        """Write and sign a parent zone."""
        path = self.lab.write(self.world.parent_text(apex), where, "zone." + apex.rstrip("."))
        return path if apex in self.world.suffix_of.values() else self.signer.sign(apex, path)

    def write_children(self):
        """Write every child zone once; all servers of a zone read the same file."""
        for number, entry in self.world.everyone():
            self.files[entry.name] = self.lab.write(entry.child_text(number), "children",
                                                    "zone." + entry.name.rstrip("."))

    def begin(self, out):
        """Start all servers, the tap and the resolvers."""
        lab = self.lab
        self.write_children()
        root = self.signer.sign(".", lab.write(self.world.root_text(), "root", "zone.root"))
        for number, kind in enumerate((servers.Nsd, servers.Knot), 1):
            host = lab.add_host("root%d" % number, list(zones.ROOT_SERVERS.values())[number - 1],
                                hops=5 + number, change=self.line(0.004, 0.02), apart=True)
            kind(host, {".": root}).begin()
        for number in large.PARENT_ADDRESSES:
            self.begin_parent(number)
        for number in large.HOSTS:
            self.begin_hosting(number)
        lab.add_host("void", [a for pair in large.SILENT for a in pair], change=deaf, apart=True)
        self.add_resolvers(out)

    def begin_parent(self, number):
        """Start parent server NUMBER."""
        mine = [apex for apex, numbers in self.world.parents.items() if number in numbers]
        files = {apex: self.parent_file(apex, "parent%d" % number) for apex in mine}
        files.update({entry.name: self.files[entry.name] for _, entry in self.world.everyone()
                      if number in entry.parents})
        host = self.lab.add_host("p%d" % number, large.PARENT_ADDRESSES[number], hops=7 + number,
                                 change=self.line(0.008, 0.05), apart=True)
        kind = servers.VENDORS[large.PARENT_VENDORS[number - 1]]
        self.parents[number] = kind(host, files).begin()

    def begin_hosting(self, number):
        """Start hosting server NUMBER."""
        mine = {entry.name: self.files[entry.name] for _, entry in self.world.everyone()
                if number in entry.hosts}
        host = self.lab.add_host("h%d" % number, large.host_addresses(number), hops=10 + number,
                                 change=self.line(0.006, 0.08, 0.004), apart=True)
        kind = servers.VENDORS[large.HOST_VENDORS[number]]
        self.hosting[number] = kind(host, mine).begin()

    def add_resolvers(self, out):
        """Make resolvers, forwarder and clients, open the tap, start the resolvers."""
        box = self.lab.add_host("nat", TRANSLATOR, hops=4)
        box.route()
        box.call("nft", "-f", self.lab.write(TRANSLATION, "nat.nft"))
        for number in range(1, 9):
            self.resolvers.append(resolvers.make(
                self.lab, "r%d" % number, number, edns={6: 4096, 7: 512}.get(number, 1232),
                router=box if number in BEHIND else None))
        host = self.lab.add_host("f", FORWARDER, hops=2)
        self.resolvers.append(resolvers.Unbound(
            host, upstream=[self.resolvers[n].ipv4() for n in (1, 3)]))
        crowd = self.lab.add_host("clients", ["198.18.9.9", "2001:db8:900::9"] + [
            a for pair in CLIENT_ADDRESSES for a in pair], hops=1)
        ways = {"198.18.9.0/24": "198.18.9.9", "2001:db8:900::/64": "2001:db8:900::9"}
        for number in large.HOSTS:
            four, six = large.main_address(number)
            for prefix in large.pools(number):
                ways[prefix] = six if ":" in prefix else four
        for host in [box] + [r.host for r in self.resolvers if not r.host.router]:
            host.add_routes(ways)
        self.lab.start_tap(out)
        for resolver in self.resolvers:
            resolver.begin()
        return crowd

    def packets(self):
        """How many packets have crossed the hub."""
        text = call("ip", "-n", self.lab.hub, "-s", "-j", "link", "show", "dev", "hub")
        return json.loads(text)[0]["stats64"]["rx"]["packets"]

    def change(self, what):
        """Let some delegations change, as happens every day."""
        chosen = self.rng.sample(self.world.names, CHANGED)
        touched = {name: entry for _, entry in self.world.everyone()
                   for name in (entry.name,) if name in chosen}
        edit = self.move if what == "move" else self.renumber
        done = [entry.name for entry in touched.values() if edit(entry)]
        self.rewrite_children()
        apexes = {large.parent_zone(name, self.world.delegations) for name in done}
        for apex in apexes:
            self.world.serials[apex] += 1
        behind = self.rng.choice(list(self.parents)) if what == "lag" else None
        for number, server in self.parents.items():
            if number != behind:
                self.reload(number, server, apexes)
        self.lab.event("%s: %s" % (what, " ".join(sorted(done))))
        return behind, apexes

    def reload(self, number, server, apexes):
        """Let one parent server read the zones that changed."""
        mine = [apex for apex in sorted(apexes) if number in self.world.parents[apex]]
        if mine:
            server.replace({apex: self.parent_file(apex, "again%d" % number) for apex in mine})

    def renumber(self, entry):
        """Give one in-domain name server of ENTRY another address of the same server."""
        own = sorted(host for host in entry.glue if host.endswith("." + entry.name))
        if not own or not entry.hosts or entry.child_glue or entry.glue[own[0]] in large.SILENT:
            return False
        number = large.host_of(entry.glue[own[0]][0])
        entry.glue[own[0]] = large.pool_address(number, self.rng.randrange(64))
        return True

    def move(self, entry):
        """Let ENTRY move to another provider that has the zone already, or will answer for it."""
        fit = [provider for provider in self.world.providers
               if entry.hosts and provider.hosts <= entry.hosts
               and provider.targets != entry.targets]
        if not fit:
            return False
        entry.targets, entry.glue = self.rng.choice(fit).targets, {}
        entry.child_targets = entry.child_glue = None
        return True

    def rewrite_children(self):
        """Write the child zones again and let those hosting servers that have them read them."""
        fresh = {}
        for number, entry in self.world.everyone():
            text = entry.child_text(number)
            with open(self.files[entry.name], "r", encoding="ascii") as old:
                if old.read() != text:
                    fresh[entry.name] = text
        paths = {name: self.lab.write(text, "children-again", "zone." + name.rstrip("."))
                 for name, text in fresh.items()}
        for server in self.hosting.values():
            mine = {name: path for name, path in paths.items() if name in server.zones}
            if mine:
                server.replace(mine)

    def questions(self):
        """The names clients ask for, with weights: few are popular, many are rare."""
        entries = [entry for _, entry in self.world.everyone()]
        self.rng.shuffle(entries)
        return entries, [1 / (rank + 20) ** 0.8 for rank in range(len(entries))]


class Traffic:
    """Clients that ask at a given rate, in a process of their own."""

    def __init__(self, benign, rate):
        self.rng = random.Random(benign.rng.random())
        self.rate = multiprocessing.Value("d", rate)
        self.answered = multiprocessing.Value("L", 0)
        self.asked = multiprocessing.Value("L", 0)
        self.entries, self.weights = benign.questions()
        self.servers = [resolver.host.addresses for resolver in benign.resolvers]
        self.lab = benign.lab
        self.open = {}

    def run(self):
        """Ask until the lab closes."""
        enter(os.path.join(NETNS_DIR, self.lab.hosts["clients"].netns))
        ears = {4: [], 6: []}
        poll, by_number = select.epoll(), {}
        for pair in CLIENT_ADDRESSES * 3:
            for address in pair:
                sock = socket.socket(clients.family_of(address), socket.SOCK_DGRAM)
                sock.bind((address, 0))
                sock.setblocking(False)
                ears[6 if ":" in address else 4].append(sock)
                poll.register(sock, select.EPOLLIN)
                by_number[sock.fileno()] = sock
        due = time.monotonic()
        while True:
            for number, _ in poll.poll(0.002):
                self.collect(by_number[number])
            now = time.monotonic()
            if now - due > 1:
                due = now
            while due <= now:
                self.ask(ears)
                due += self.rng.expovariate(self.rate.value)

    def collect(self, sock):
        """Take what waits at one socket."""
        try:
            while True:
                sock.recv(4096)
                self.answered.value += 1
        except OSError:
            pass

    def ask(self, ears):
        """Send one query."""
        entry = self.rng.choices(self.entries, cum_weights=self.cumulated())[0]
        resolver = self.rng.choice(self.servers)
        four = self.rng.random() < 0.6
        sock = self.rng.choice(ears[4 if four else 6])
        octets = dns.query(self.rng.randrange(65536), *self.name_below(entry), rd=True,
                           bufsize=self.rng.choice((0, 1232, 4096)))
        try:
            sock.sendto(octets, (resolver[0 if four else 1], 53))
        except OSError:
            return
        self.asked.value += 1

    def cumulated(self):
        """The running sums of the weights, made at first use."""
        if len(self.open) == 0:
            total, sums = 0, []
            for weight in self.weights:
                total += weight
                sums.append(total)
            self.open["sums"] = sums
        return self.open["sums"]

    def name_below(self, entry):
        """A name to ask for, and a type."""
        kind, qtype = self.rng.random(), self.rng.choice(QTYPES)
        if qtype in ("MX", "NS", "TXT", "SOA"):
            return entry.name, qtype
        if kind < 0.05:
            return "%x.%s" % (self.rng.getrandbits(24), entry.name), qtype
        if kind < 0.07:
            return "%x.%s" % (self.rng.getrandbits(24), entry.name.split(".", 1)[1]), qtype
        if entry.alias and kind < 0.5:
            return "shop." + entry.name, qtype
        return "www." + entry.name, qtype


def run(lab, out, rng, packets, seconds, count):
    """Make a capture of at least PACKETS packets within about SECONDS."""
    benign = Benign(lab, rng, count)
    benign.begin(out)
    lab.note(names=len(benign.world.names), resolvers=[r.ipv4() for r in benign.resolvers],
             translated=["r%d" % number for number in BEHIND], translator=list(TRANSLATOR))
    traffic = Traffic(benign, 100)
    lab.fork(traffic.run)
    start = before = time.monotonic()
    early = benign.packets()
    seen, changes, behind = 0, list(CHANGES), None
    while seen < packets:
        time.sleep(2)
        now, total = time.monotonic(), benign.packets() - early
        pace = (total - seen) / (now - before)
        seen, before = total, now
        wanted = max(0.8 * packets / seconds, (packets - seen) / max(20, seconds - (now - start)))
        faster = traffic.rate.value * min(1.5, max(0.7, wanted / max(pace, 1)))
        traffic.rate.value = min(faster, packets / seconds / FEWEST_PER_QUERY)
        print("%4.0f s  %8d packets  %5.0f/s  %5.0f queries/s  %d of %d answered" % (
            now - start, seen, pace, traffic.rate.value, traffic.answered.value,
            traffic.asked.value), flush=True)
        if behind:
            benign.reload(behind[0], benign.parents[behind[0]], behind[1])
            behind = None
        if changes and seen > changes[0][0] * packets:
            behind = benign.change(changes.pop(0)[1])
            behind = behind if behind[0] else None
    traffic.rate.value = 0.01
    lab.stop_tap(strict=False)
