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
    """A reply function that answers AA from TABLE, {(folded name, type number): [rdata]}."""
    def reply(octets, message):
        name, qtype, _ = message.questions[0]
        answer = [dns.record(name, qtype, rdata) for rdata in table.get((name.lower(), qtype), ())]
        extra = [dns.opt()] if message.additional else []
        return dns.message(message.ident, dns.QR | dns.AA, [asked(octets, message)], answer, [],
                           extra)
    return reply
