# SPDX-License-Identifier: BSD-2-Clause
"""Clients: ask resolvers and servers from a host of the lab."""

import socket
import struct
import time

import dns


def family_of(address):
    """The socket family of an address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ask_udp(host, server, octets, source=None, wait=3.0):
    """Send one message over UDP; return the reply, or None."""
    with host.socket(family_of(server), socket.SOCK_DGRAM) as sock:
        if source:
            sock.bind((source, 0))
        sock.settimeout(wait)
        try:
            sock.connect((server, 53))
            sock.send(octets)
            return sock.recv(65535)
        except OSError:
            return None


def ask_tcp(host, server, messages, source=None, pieces=None, wait=3.0):
    """Send messages over one TCP connection and return the replies in order of arrival.

    All messages go out in one write; PIECES, a list of octet counts, cuts that write into
    segments of those sizes instead.
    """
    stream = b"".join(struct.pack("!H", len(octets)) + octets for octets in messages)
    replies = []
    with host.socket(family_of(server), socket.SOCK_STREAM) as sock:
        if source:
            sock.bind((source, 0))
        sock.settimeout(wait)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((server, 53))
        for size in pieces or ():
            sock.sendall(stream[:size])
            stream = stream[size:]
            time.sleep(0.05)
        sock.sendall(stream)
        try:
            for _ in messages:
                length = struct.unpack("!H", read_exactly(sock, 2))[0]
                replies.append(read_exactly(sock, length))
        except OSError:
            pass
    return replies


def read_exactly(sock, count):
    """COUNT octets from a stream."""
    out = b""
    while len(out) < count:
        part = sock.recv(count - len(out))
        if not part:
            raise OSError("connection closed")
        out += part
    return out


class Crowd:
    """Clients that ask the resolvers; a batch is sent at once and its replies are collected.

    With SOURCES, addresses of the host, each query comes from one of them.
    """

    def __init__(self, host, rng):
        self.host = host
        self.rng = rng
        self.failures = []
        self.sources = []

    def ask(self, questions, wait=4.0):
        """Ask (server, name, type) each, all at the same time, and wait for the replies."""
        open_sockets = []
        for server, name, qtype in questions:
            sock = self.host.socket(family_of(server), socket.SOCK_DGRAM)
            near = [a for a in self.sources if (":" in a) == (":" in server)]
            if near:
                sock.bind((self.rng.choice(near), 0))
            sock.connect((server, 53))
            ident = self.rng.randrange(1, 65536)
            sock.send(dns.query(ident, name, qtype, rd=True, bufsize=1232))
            open_sockets.append((sock, server, name, qtype))
        end = time.monotonic() + wait
        for sock, server, name, qtype in open_sockets:
            sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                rcode = dns.Message(sock.recv(65535)).rcode
            except OSError:
                rcode = -1
            if rcode != 0:
                self.failures.append((server, name, qtype, rcode))
            sock.close()
