# SPDX-License-Identifier: BSD-2-Clause
"""A small name server over UDP whose replies are made by a function of the query."""

import socket

import dns


class Responder:
    """Answers on every address of HOST; REPLY maps (query octets, message) to a reply or None."""

    def __init__(self, host, reply):
        self.host = host
        self.reply = reply
        self.answered = 0

    def begin(self):
        """Open the sockets and start answering."""
        for address in self.host.addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = self.host.socket(family, socket.SOCK_DGRAM)
            sock.bind((address, 53))
            sock.settimeout(0.2)
            self.host.lab.thread(self.work, sock)
        return self

    def work(self, sock):
        """Answer until the lab closes."""
        while not self.host.lab.closing.is_set():
            try:
                octets, client = sock.recvfrom(65535)
                reply = self.reply(octets, dns.Message(octets))
            except (TimeoutError, ConnectionError, dns.FormatError):
                continue
            if reply is not None:
                sock.sendto(reply, client)
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
