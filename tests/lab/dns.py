# SPDX-License-Identifier: BSD-2-Clause
"""Just enough of the DNS wire format to ask, to answer and to forge."""

import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28,
         "OPT": 41, "DS": 43, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "DNAME": 39,
         "ANY": 255}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
COUNTS_WITH_OPT = b"\0\1\0\0\0\0\0\1"
QR, AA, TC, RD, RA, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0010


class FormatError(Exception):
    """A message that cannot be read."""


def name_wire(name):
    """A domain name without compression."""
    out = b""
    for label in name.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode("ascii")
    return out + b"\0"


def query(ident, name, qtype, rd=False, bufsize=0, do=False, qclass=1, opcode=0):
    """A query; with BUFSIZE it carries an OPT record."""
    flags = opcode << 11 | (RD if rd else 0)
    out = struct.pack("!6H", ident, flags, 1, 0, 0, 1 if bufsize else 0)
    out += question(name, qtype, qclass)
    return out + (opt(bufsize, do) if bufsize else b"")


def question(name, qtype, qclass=1):
    """One entry of the question section."""
    return name_wire(name) + struct.pack("!2H", type_number(qtype), qclass)


def type_number(qtype):
    """A record type as its number."""
    return qtype if isinstance(qtype, int) else TYPES[qtype]


def opt(bufsize=1232, do=False, version=0):
    """An OPT record."""
    return b"\0" + struct.pack("!2HIH", 41, bufsize, version << 16 | (0x8000 if do else 0), 0)


def record(owner, rtype, rdata, ttl=3600, rclass=1):
    """One resource record; RDATA is octets, or text for the types that hold names or addresses."""
    if isinstance(rdata, str):
        rdata = rdata_wire(rtype, rdata)
    owner = owner if isinstance(owner, bytes) else name_wire(owner)
    return owner + struct.pack("!2HIH", type_number(rtype), rclass, ttl, len(rdata)) + rdata


def rdata_wire(rtype, text):
    """RDATA written as text."""
    if rtype == "A":
        return socket.inet_pton(socket.AF_INET, text)
    if rtype == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if rtype == "TXT":
        return bytes([len(text)]) + text.encode("ascii")
    if rtype == "MX":
        preference, host = text.split()
        return struct.pack("!H", int(preference)) + name_wire(host)
    if rtype == "SOA":
        primary, master, *numbers = text.split()
        return name_wire(primary) + name_wire(master) + struct.pack("!5I", *map(int, numbers))
    return name_wire(text)


def message(ident, flags, questions=(), answer=(), authority=(), additional=(), counts=None):
    """A whole message; COUNTS overrides the four section counts."""
    sections = (questions, answer, authority, additional)
    counts = counts or [len(section) for section in sections]
    return struct.pack("!6H", ident, flags, *counts) + b"".join(b"".join(s) for s in sections)


def read_name(octets, offset):
    """The name at OFFSET, as spelt, and the offset behind it."""
    labels, end, limit = [], None, offset
    while True:
        if offset >= len(octets):
            raise FormatError("name runs past the end")
        length = octets[offset]
        if length >= 0xC0:
            target = struct.unpack_from("!H", octets, offset)[0] & 0x3FFF
            if target >= limit:
                raise FormatError("pointer does not go back")
            end = offset + 2 if end is None else end
            offset = limit = target
        elif length > 63:
            raise FormatError("label type")
        elif length == 0:
            end = offset + 1 if end is None else end
            return ".".join(labels) + ".", end
        else:
            labels.append(octets[offset + 1:offset + 1 + length].decode("latin-1"))
            offset += 1 + length


class Message:
    """A message taken apart: header fields, question, and records by section."""

    def __init__(self, octets):
        if len(octets) < 12:
            raise FormatError("header is cut")
        self.ident, self.flags, *counts = struct.unpack_from("!6H", octets)
        self.rcode = self.flags & 15
        self.rcode_high = 0
        offset = 12
        self.questions, self.sections = [], []
        try:
            for _ in range(counts[0]):
                name, offset = read_name(octets, offset)
                self.questions.append((name, *struct.unpack_from("!2H", octets, offset)))
                offset += 4
            for count in counts[1:]:
                records = []
                for _ in range(count):
                    owner, offset = read_name(octets, offset)
                    head = struct.unpack_from("!2HIH", octets, offset)
                    records.append((owner, head[0], octets, offset + 10, head[3]))
                    if head[0] == TYPES["OPT"]:
                        self.rcode_high = head[2] >> 24
                    offset += 10 + head[3]
                self.sections.append(records)
        except struct.error as cause:
            raise FormatError("message is cut") from cause
        self.answer, self.authority, self.additional = self.sections

    def is_response(self):
        """Whether QR is set."""
        return bool(self.flags & QR)

    def extended_rcode(self):
        """The RCODE with the bits that an OPT record adds."""
        return self.rcode_high << 4 | self.rcode

    def __str__(self):
        sections = ["+".join("%s/%s" % (owner, TYPE_NAMES.get(number, number))
                             for owner, number, *_ in section) for section in self.sections]
        return "flags %04x rcode %d: %s" % (self.flags, self.extended_rcode(), " | ".join(sections))

    def names(self, section, rtype):
        """Owner and target of each record of RTYPE, a type whose RDATA is a name."""
        return [(owner.lower(), read_name(octets, at)[0].lower())
                for owner, number, octets, at, _ in section if number == TYPES[rtype]]

    def soa_serial(self):
        """The serial of the first SOA record in the answer, or None."""
        for _, number, octets, at, length in self.answer:
            if number == TYPES["SOA"]:
                return struct.unpack_from("!I", octets, at + length - 20)[0]
        return None

    def owners(self, section, rtype):
        """The owners of the records of RTYPE, folded, each once."""
        return sorted({owner.lower() for owner, number, *_ in section if number == TYPES[rtype]})

    def addresses(self):
        """Owner and address of each address record in the additional section."""
        out = []
        for owner, number, octets, at, length in self.additional:
            if (number, length) in ((1, 4), (28, 16)):
                family = socket.AF_INET if length == 4 else socket.AF_INET6
                out.append((owner.lower(), socket.inet_ntop(family, octets[at:at + length])))
        return out

    def is_referral(self):
        """NS below the answering zone in the authority section, nothing in the answer."""
        return (self.is_response() and self.rcode == 0 and not self.answer
                and not self.flags & AA and bool(self.owners(self.authority, "NS")))
