# SPDX-License-Identifier: BSD-2-Clause
"""A small name server over UDP whose replies are made by a function of the query."""

import socket

import dns


class Responder:
    """Answers on every address of HOST; REPLY maps (query octets, message) to a reply or None.

    MOUTHS maps an address to another of the host's that its replies come from instead.
    """

    def __init__(self, host, reply, mouths=None):
        self.host = host
        self.reply = reply
        self.mouths = mouths or {}
        self.socks = {}
        self.answered = 0

    def begin(self):
        """Open the sockets and start answering."""
        for address in self.host.addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = self.host.socket(family, socket.SOCK_DGRAM)
            sock.bind((address, 53))
            sock.settimeout(0.2)
            self.socks[address] = sock
        for address, sock in self.socks.items():
            self.host.lab.thread(self.work, sock, self.socks[self.mouths.get(address, address)])
        return self

    def work(self, sock, mouth):
        """Answer until the lab closes."""
        while not self.host.lab.closing.is_set():
            try:
                octets, client = sock.recvfrom(65535)
                reply = self.reply(octets, dns.Message(octets))
            except (TimeoutError, ConnectionError, dns.FormatError):
                continue
            if reply is not None:
                mouth.sendto(reply, client)
                self.answered += 1
        sock.close()


def asked(octets, message):
    """The question section of a query with one question, as it was sent."""
    return octets[12:12 + len(dns.name_wire(message.questions[0][0])) + 4]


def authoritative(table):
    """A reply function that answers AA from TABLE, {(folded name, type number): [address]}."""
    def reply(octets, message):
        name, qtype, _ = message.questions[0]
        answer = [dns.record(name, dns.TYPE_NAMES[qtype], address)
                  for address in table.get((name.lower(), qtype), ())]
        extra = [dns.opt()] if message.additional else []
        return dns.message(message.ident, dns.QR | dns.AA, [asked(octets, message)], answer, [],
                           extra)
    return reply


class ChildReply:
    """A reply function for one child zone where every name has the address WEB.

    HOSTS are its name servers and their addresses. SPELL turns the question as it was sent into
    the one the reply carries.
    """

    def __init__(self, apex, hosts, web, spell=bytes):
        self.apex = apex
        self.hosts = hosts
        self.web = web
        self.spell = spell

    def __call__(self, octets, message):
        name, qtype, _ = message.questions[0]
        folded = name.lower()
        if not ("." + folded).endswith("." + self.apex):
            return dns.message(message.ident, dns.QR | 5, [asked(octets, message)])
        names = [dns.record(self.apex, "NS", host) for host in self.hosts]
        glue = [address_record(host, address) for host in self.hosts
                for address in self.hosts[host]]
        soa = [dns.record(self.apex, "SOA", "%s hostmaster.%s 1 1800 900 604800 300" % (
            sorted(self.hosts)[0], self.apex))]
        answer, authority, additional = [], soa, []
        kind = {1: ".", 28: ":"}.get(qtype)
        if qtype == 2 and folded == self.apex:
            answer, authority, additional = names, [], glue
        elif qtype == 6 and folded == self.apex:
            answer, authority = soa, []
        elif kind:
            answer = [address_record(folded, address)
                      for address in self.hosts.get(folded, self.web) if kind in address]
            authority = [] if answer else soa
        extra = [dns.opt()] if message.additional else []
        return dns.message(message.ident, dns.QR | dns.AA, [self.spell(asked(octets, message))],
                           answer, authority, additional + extra)


class ZoneReply:
    """A reply function for one parent zone that adds whatever it is told to its referrals."""

    def __init__(self, apex, apex_servers):
        self.apex = apex
        self.servers = apex_servers
        self.cuts = {}

    def delegate(self, cut, targets, addresses):
        """Delegate CUT to TARGETS; ADDRESSES are (owner, address) for the additional section."""
        self.cuts[cut] = ([dns.record(cut, "NS", target) for target in targets],
                          [address_record(*pair) for pair in addresses])

    def __call__(self, octets, message):
        name, qtype, _ = message.questions[0]
        folded = name.lower()
        extra = [dns.opt()] if message.additional else []
        question = [asked(octets, message)]
        for cut, (authority, additional) in self.cuts.items():
            if ("." + folded).endswith("." + cut) and not (folded == cut and qtype == 43):
                return dns.message(message.ident, dns.QR, question, [], authority,
                                   additional + extra)
        answer = self.answer(folded, dns.TYPE_NAMES.get(qtype))
        known = folded == self.apex or folded in self.servers or folded in self.cuts or any(
            host.endswith("." + folded) for host in self.servers)
        soa = dns.record(self.apex, "SOA", "%s hostmaster.%s 1 1800 900 604800 300" % (
            sorted(self.servers)[0], self.apex))
        return dns.message(message.ident, dns.QR | dns.AA | (0 if known else 3), question, answer,
                           [] if answer else [soa], extra)

    def answer(self, name, qtype):
        """The answer section for a name of the parent zone itself."""
        if name == self.apex and qtype == "NS":
            return [dns.record(name, "NS", host) for host in self.servers]
        family = {"A": ".", "AAAA": ":"}.get(qtype)
        return [address_record(name, address) for address in self.servers.get(name, ())
                if family and family in address]


def address_record(owner, address):
    """An A or AAAA record."""
    return dns.record(owner, "AAAA" if ":" in address else "A", address)
