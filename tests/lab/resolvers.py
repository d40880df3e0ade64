# SPDX-License-Identifier: BSD-2-Clause
"""The five resolvers: Unbound, BIND, PowerDNS Recursor, Knot Resolver and a second Unbound."""

import contextlib
import os
import socket

from topology import call, stop, wait_until
from zones import ROOT_SERVERS, address_records

EDNS = 1232
CLIENTS = ("198.18.0.0/15", "2001:db8::/32", "127.0.0.0/8")


class Resolver:
    """One resolver on one host of the lab.

    EDNS is the UDP size it offers to servers. With UPSTREAM, addresses of other resolvers, it asks
    those instead of servers.
    """

    software = ""

    def __init__(self, host, edns=EDNS, upstream=()):
        self.host = host
        self.edns = edns
        self.upstream = list(upstream)
        self.where = "resolver-" + host.name
        self.process = None
        self.hints = self.file("hints", hints())

    def file(self, name, text):
        """Write one file of this resolver and return its path."""
        return self.host.lab.write(text, self.where, name)

    def directory(self):
        """The resolver's own directory."""
        return os.path.dirname(self.host.lab.path(self.where, "x"))

    def ipv4(self):
        """The resolver's IPv4 address."""
        return self.host.addresses[0]

    def ipv6(self):
        """The resolver's IPv6 address."""
        return self.host.addresses[1]

    def begin(self):
        """Start the program and wait until its port is taken."""
        self.process = self.launch()
        wait_until(lambda: listens(self.host), "%s on %s" % (self.software, self.host.name),
                   self.process)
        return self

    def restart(self):
        """Stop the program and start it again with nothing cached."""
        stop(self.process)
        return self.begin()

    def launch(self):
        """Start the program."""
        raise NotImplementedError

    def forget(self, names):
        """Drop what is cached at and below each of NAMES."""
        raise NotImplementedError


class Unbound(Resolver):
    """Unbound; with CAPS its queries carry random letter case."""

    software = "unbound"

    def __init__(self, host, caps=False, **options):
        super().__init__(host, **options)
        self.caps = caps
        self.config = ""

    def launch(self):
        lines = ["server:", '  directory: "%s"' % self.directory(), '  chroot: ""',
                 '  username: ""', '  pidfile: ""', "  use-syslog: no", "  do-daemonize: no",
                 '  root-hints: "%s"' % self.hints, '  module-config: "iterator"',
                 "  edns-buffer-size: %d" % self.edns, "  max-udp-size: 4096",
                 "  do-not-query-localhost: no", '  local-zone: "test." nodefault',
                 "  use-caps-for-id: %s" % ("yes" if self.caps else "no")]
        lines += ["  interface: " + address for address in self.host.addresses]
        lines += ["  outgoing-interface: " + address for address in self.host.addresses]
        lines += ["  access-control: %s allow" % block for block in CLIENTS]
        lines += ["remote-control:", "  control-enable: yes", "  control-use-cert: no",
                  "  control-interface: %s/control" % self.directory()]
        if self.upstream:
            lines += ["forward-zone:", '  name: "."']
            lines += ["  forward-addr: " + address for address in self.upstream]
        self.config = self.file("unbound.conf", "\n".join(lines) + "\n")
        return self.host.start("unbound", "-d", "-c", self.config)

    def forget(self, names):
        for name in names:
            self.host.call("unbound-control", "-c", self.config, "flush_zone", name)
        self.host.call("unbound-control", "-c", self.config, "flush_infra", "all")


class BindResolver(Resolver):
    """BIND named as a resolver."""

    software = "bind"

    def launch(self):
        key = "bGFiIGNvbnRyb2wga2V5IG9ubHkgdXNlZCBoZXJlIQ=="
        rndc = 'key "lab" { algorithm hmac-sha256; secret "%s"; };\n' % key
        self.file("rndc.conf", rndc + 'options { default-key "lab"; default-server 127.0.0.1; };\n')
        blocks = " ".join(block + ";" for block in CLIENTS)
        config = self.file("named.conf", "\n".join([
            rndc + "options {", '  directory "%s";' % self.directory(), "  pid-file none;",
            "  session-keyfile none;", "  recursion yes;", "  dnssec-validation no;",
            "  allow-query { %s };" % blocks, "  listen-on { any; };", "  listen-on-v6 { any; };",
            "  query-source address %s;" % self.ipv4(),
            "  query-source-v6 address %s;" % self.ipv6(), "  empty-zones-enable no;",
            "  edns-udp-size %d;" % self.edns, "  max-udp-size 4096;", "};",
            'controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "lab"; }; };',
            'zone "." { type hint; file "%s"; };' % self.hints, ""]))
        return self.host.start("named", "-n", "1", "-g", "-c", config)

    def forget(self, names):
        for name in names:
            self.host.call("rndc", "-c", os.path.join(self.directory(), "rndc.conf"),
                           "flushtree", name)


class Recursor(Resolver):
    """PowerDNS Recursor."""

    software = "pdns-recursor"

    def launch(self):
        self.file("recursor.conf", "\n".join([
            "local-address=" + ",".join(self.host.addresses),
            "query-local-address=" + ",".join(self.host.addresses),
            "hint-file=" + self.hints, "dont-query=", "socket-dir=" + self.directory(),
            "allow-from=" + ",".join(CLIENTS), "dnssec=process-no-validate", "threads=1",
            "edns-outgoing-bufsize=%d" % self.edns, "security-poll-suffix=", "daemon=no",
            "disable-syslog=yes",
            "public-suffix-list-file=", "extended-resolution-errors=no", ""]))
        return self.host.start("pdns_recursor", "--config-dir=" + self.directory())

    def forget(self, names):
        self.host.call("rec_control", "--config-dir=" + self.directory(), "wipe-cache",
                       *[name.rstrip(".") + "$" for name in names])


class KnotResolver(Resolver):
    """Knot Resolver, whose cache on disk would outlive a restart."""

    software = "knot-resolver"

    def launch(self):
        for name in ("data.mdb", "lock.mdb"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.directory(), name))
        lines = ["net.listen('%s', 53, { kind = 'dns' })" % a for a in self.host.addresses]
        lines += ["net.listen('%s/control', nil, { kind = 'control' })" % self.directory(),
                  "net.outgoing_v4('%s')" % self.ipv4(), "net.outgoing_v6('%s')" % self.ipv6(),
                  "modules = { 'hints > iterate', 'policy' }", "cache.size = 20 * MB",
                  "net.bufsize(%d, 1232)" % self.edns,
                  "trust_anchors.remove('.')",
                  "policy.add(policy.suffix(policy.PASS, { todname('test.') }))"]
        pairs = ["['%s'] = { %s }" % (name, ", ".join("'%s'" % a for a in addresses))
                 for name, addresses in ROOT_SERVERS.items()]
        lines.append("hints.root({ %s })" % ", ".join(pairs))
        config = self.file("kresd.conf", "\n".join(lines) + "\n")
        return self.host.start("kresd", "-n", "-c", config, self.directory())

    def forget(self, names):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(5)
            control.connect(os.path.join(self.directory(), "control"))
            control.recv(4096)
            for name in names:
                control.sendall(("cache.clear('%s')\n" % name).encode())
                control.recv(4096)


def hints():
    """The root hints file."""
    lines = []
    for name, addresses in ROOT_SERVERS.items():
        lines += [". 3600000 NS " + name] + address_records(name, addresses, "3600000")
    return "\n".join(lines) + "\n"


def listens(host):
    """Whether something holds UDP port 53 on the first address of HOST."""
    return host.addresses[0] + ":53" in call("ip", "netns", "exec", host.netns, "ss", "-Hlun")


def make(lab, name, number, change=None, router=None, **options):
    """The resolver R<NUMBER> on a new host NAME; the software goes round, r5 uses random case."""
    host = lab.add_host(name, ["198.18.%d.53" % number, "2001:db8:%d00::53" % number], hops=number,
                        change=change, router=router)
    if number == 5:
        return Unbound(host, caps=True, **options)
    return (Unbound, BindResolver, Recursor, KnotResolver)[number % 4 - 1](host, **options)
