# SPDX-License-Identifier: BSD-2-Clause
"""Counts of DNS messages and referrals as tshark sees them, for comparison with ours.

tshark's plain field list cannot be used: NSEC's type bitmap appears there among the types of the records.
Its JSON, read record by record with duplicate keys kept, tells one record from the next.
"""

import ipaddress
import json
import subprocess

COMMAND = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "dns", "-T", "json",
           "-J", "frame ip ipv6 udp tcp dns _ws.malformed"]
COUNTS = ("messages", "queries", "responses", "over_udp", "over_tcp", "referrals", "referrals_with_glue",
          "zone_cuts", "zone_ns_addr_triples")
TYPE_A, TYPE_NS, TYPE_SOA, TYPE_AAAA = "1", "2", "6", "28"


class Pairs(list):
    """A JSON object as the list of its (key, value) pairs."""

    def first(self, key, default=None):
        return next((value for name, value in self if name == key), default)

    def section(self, key):
        """The pairs of a member that is an object itself; none when it is absent."""
        value = self.first(key)
        return value if isinstance(value, Pairs) else Pairs()


def frames(path):
    """The layers of each frame with DNS. tshark's array is read one element at a time."""
    child = subprocess.Popen([*COMMAND, "-r", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             encoding="utf-8", errors="surrogateescape")
    element = []
    for line in child.stdout:
        if line.startswith("  {"):
            element = []
        element.append(line)
        if line.startswith("  }"):
            text = "".join(element).rstrip().rstrip(",")
            yield json.loads(text, object_pairs_hook=Pairs).section("_source").section("layers")
    child.wait()


def messages(layers):
    """(transport, dns layer) of each DNS message with a whole header and port 53 in this frame."""
    protocols = layers.section("frame").first("frame.protocols", "").split(":")
    if "icmp" in protocols or "icmpv6" in protocols:
        return
    transport, ports, fragment = None, (), False
    for name, layer in layers:
        if not isinstance(layer, Pairs):
            continue
        if name in ("ip", "ipv6"):
            fragment = is_lone_fragment(name, layer)
        elif name in ("udp", "tcp"):
            transport = name
            ports = (layer.first(name + ".srcport"), layer.first(name + ".dstport"))
        elif name == "dns" and not fragment and "53" in ports \
                and layer.first("dns.count.add_rr") is not None:
            yield transport, layer


def is_lone_fragment(name, layer):
    """Whether this is one fragment of a datagram that tshark could not put together."""
    whole = any("reassembled.length" in key for key, _ in flat(layer))
    if name == "ip":
        more = layer.section("ip.flags_tree").first("ip.flags.mf") == "1"
        return not whole and (more or layer.first("ip.frag_offset", "0") != "0")
    return not whole and any(key in ("ipv6.fraghdr.more", "ipv6.fraghdr.offset") and value != "0"
                             for key, value in flat(layer))


def flat(layer):
    for key, value in layer:
        if isinstance(value, Pairs):
            yield from flat(value)
        else:
            yield key, str(value)


def records(layer, section):
    """(owner, type, layer) of each record of a section; the first type is the record's own."""
    for _, record in layer.section(section):
        if isinstance(record, Pairs):
            yield name_of(record.first("dns.resp.name", "")), record.first("dns.resp.type"), record


def name_of(text):
    return "." if text in ("<Root>", "") else text.lower().rstrip(".")


def referral(layer):
    """({(cut, target)}, [(owner, address)]) of a response shaped like a referral, or None."""
    flags = layer.section("dns.flags_tree")
    plain = [flags.first("dns.flags." + bit) in ("0", None)
             for bit in ("opcode", "authoritative", "rcode")]
    if flags.first("dns.flags.response") != "1" or not all(plain) \
            or layer.first("dns.count.answers") != "0":
        return None
    authority = list(records(layer, "Authoritative nameservers"))
    delegated = {(owner, name_of(record.first("dns.ns", "")))
                 for owner, kind, record in authority if kind == TYPE_NS}
    if not delegated or any(kind == TYPE_SOA for _, kind, _ in authority):
        return None
    addresses = []
    for owner, kind, record in records(layer, "Additional records"):
        text = {TYPE_A: record.first("dns.a"), TYPE_AAAA: record.first("dns.aaaa")}.get(kind)
        if text:
            addresses.append((owner, str(ipaddress.ip_address(text))))
    return delegated, addresses


class Sums:
    """Counts over one file, from any of the two programs."""

    def __init__(self):
        self.count = dict.fromkeys(COUNTS, 0)
        self.cuts = set()
        self.triples = set()

    def add_referral(self, delegated, addresses):
        """delegated: {(cut, target)}; addresses: [(owner, address)] of ADDITIONAL."""
        targets = {target for _, target in delegated}
        glue = [(owner, address) for owner, address in addresses if owner in targets]
        self.count["referrals"] += 1
        self.count["referrals_with_glue"] += bool(glue)
        self.cuts |= {cut for cut, _ in delegated}
        self.triples |= {(cut, target, address) for cut, target in delegated
                         for owner, address in glue if owner == target}

    def result(self):
        return {**self.count, "zone_cuts": len(self.cuts), "zone_ns_addr_triples": len(self.triples)}


def count(path):
    """What tshark sees in a capture, as Sums."""
    sums = Sums()
    for layers in frames(path):
        for transport, layer in messages(layers):
            response = layer.section("dns.flags_tree").first("dns.flags.response") == "1"
            sums.count["messages"] += 1
            sums.count["responses" if response else "queries"] += 1
            sums.count["over_" + transport] += 1
            seen = referral(layer)
            if seen:
                sums.add_referral(*seen)
    return sums
