# SPDX-License-Identifier: BSD-2-Clause
"""Authoritative servers: NSD, Knot, BIND and PowerDNS, each on one host of the lab."""

import os
import signal

import clients
import dns
from topology import call, wait_until
from zones import NSEC3_ZONES

UDP_LIMIT = 1232


class Server:
    """One authoritative server; ZONES maps apex to zone file path."""

    vendor = ""

    def __init__(self, host, zones, udp_limit=UDP_LIMIT):
        self.host = host
        self.zones = dict(zones)
        self.udp_limit = udp_limit
        self.where = "server-" + host.name
        self.process = None

    def file(self, name, text):
        """Write one file of this server and return its path."""
        return self.host.lab.write(text, self.where, name)

    def directory(self):
        """The server's own directory."""
        return os.path.dirname(self.host.lab.path(self.where, "x"))

    def apex(self, zone):
        """The zone name as the configuration wants it."""
        return zone if zone == "." else zone.rstrip(".")

    def begin(self):
        """Start the program and wait until it answers for its first zone."""
        self.process = self.launch()
        wait_until(lambda: answers(self.host, sorted(self.zones)[0]),
                   "%s on %s" % (self.vendor, self.host.name), self.process)
        return self

    def launch(self):
        """Start the program."""
        raise NotImplementedError

    def replace(self, zones):
        """Serve other files for the zones given, without a restart."""
        raise NotImplementedError

    def overwrite(self, zones):
        """Put the contents of other zone files in place of those being served."""
        for apex, path in zones.items():
            with open(path, "rb") as source, open(self.zones[apex], "wb") as target:
                target.write(source.read())


class Nsd(Server):
    """NSD."""

    vendor = "nsd"

    def launch(self):
        lines = ["server:", "  do-ip4: yes", "  do-ip6: yes", '  username: ""', "  server-count: 1",
                 '  zonesdir: ""', '  zonelistfile: "%s/zone.list"' % self.directory(),
                 '  pidfile: "%s/nsd.pid"' % self.directory(),
                 '  xfrdfile: "%s/xfrd.state"' % self.directory(), '  database: ""',
                 "  ipv4-edns-size: %d" % self.udp_limit, "  ipv6-edns-size: %d" % self.udp_limit,
                 "  xfrdir: %s" % self.directory(), "  minimal-responses: no"]
        lines += ["  ip-address: " + address for address in self.host.addresses]
        lines += ["remote-control:", "  control-enable: no"]
        for zone, path in self.zones.items():
            lines += ["zone:", '  name: "%s"' % self.apex(zone), '  zonefile: "%s"' % path]
        config = self.file("nsd.conf", "\n".join(lines) + "\n")
        return self.host.start("nsd", "-d", "-c", config)

    def replace(self, zones):
        self.overwrite(zones)
        self.process.send_signal(signal.SIGHUP)


class Knot(Server):
    """Knot DNS."""

    vendor = "knot"

    def launch(self):
        lines = ["server:", "  rundir: %s" % self.directory(), "  udp-workers: 1",
                 "  tcp-workers: 1",
                 "  background-workers: 1", "  udp-max-payload: %d" % self.udp_limit]
        lines += ["  listen: %s@53" % address for address in self.host.addresses]
        lines += ["database:", "  storage: %s/db" % self.directory(), "template:",
                  "  - id: default", "    zonefile-sync: -1", "    journal-content: none",
                  "    zonefile-load: whole", "    semantic-checks: off", "zone:"]
        for zone, path in self.zones.items():
            lines += ["  - domain: %s" % zone, "    file: %s" % path]
        config = self.file("knot.conf", "\n".join(lines) + "\n")
        return self.host.start("knotd", "-c", config)

    def replace(self, zones):
        self.overwrite(zones)
        self.process.send_signal(signal.SIGHUP)


class Bind(Server):
    """BIND named as an authoritative server."""

    vendor = "bind"

    def launch(self):
        lines = ["options {", '  directory "%s";' % self.directory(), "  recursion no;",
                 "  listen-on { any; };", "  listen-on-v6 { any; };", "  notify no;",
                 "  pid-file none;", '  session-keyfile none;', "  check-names primary ignore;",
                 "  minimal-responses no;", "  max-udp-size %d;" % self.udp_limit,
                 "  edns-udp-size %d;" % self.udp_limit, "  empty-zones-enable no;",
                 "};", "controls { };"]
        for zone, path in self.zones.items():
            lines += ['zone "%s" { type primary; file "%s"; check-integrity no; };' % (zone, path)]
        config = self.file("named.conf", "\n".join(lines) + "\n")
        return self.host.start("named", "-n", "1", "-g", "-c", config)

    def replace(self, zones):
        self.overwrite(zones)
        self.process.send_signal(signal.SIGHUP)


class Pdns(Server):
    """PowerDNS with the bind backend."""

    vendor = "pdns"
    nsec3 = NSEC3_ZONES

    def launch(self):
        lines = ["options { };"]
        for zone, path in self.zones.items():
            lines.append('zone "%s" { type master; file "%s"; };' % (zone, path))
        named = self.file("named.conf", "\n".join(lines) + "\n")
        database = os.path.join(self.directory(), "dnssec.sqlite")
        config = ["launch=bind", "bind-config=" + named, "bind-dnssec-db=" + database,
                  "local-address=" + ",".join(self.host.addresses), "local-port=53",
                  "socket-dir=" + self.directory(), "udp-truncation-threshold=%d" % self.udp_limit,
                  "security-poll-suffix=", "guardian=no", "daemon=no", "disable-syslog=yes",
                  "cache-ttl=0", "query-cache-ttl=0", "negquery-cache-ttl=0",
                  "zone-cache-refresh-interval=0",
                  "dname-processing=yes"]
        self.file("pdns.conf", "\n".join(config) + "\n")
        tool = ("pdnsutil", "--config-dir=" + self.directory())
        call(*tool, "create-bind-db", database)
        for zone, path in self.zones.items():
            if path.endswith(".signed"):
                if zone in self.nsec3:
                    call(*tool, "set-nsec3", self.apex(zone), "1 0 0 -")
                call(*tool, "set-presigned", self.apex(zone))
        return self.host.start("pdns_server", "--config-dir=" + self.directory())

    def replace(self, zones):
        self.overwrite(zones)
        for zone in zones:
            self.host.call("pdns_control", "--config-dir=" + self.directory(),
                           "bind-reload-now", self.apex(zone))


VENDORS = {kind.vendor: kind for kind in (Nsd, Knot, Bind, Pdns)}


def answers(host, zone):
    """Whether the server on HOST gives an SOA for ZONE, asked from the same host."""
    reply = clients.ask_udp(host, host.addresses[0], dns.query(1, zone, "SOA"), wait=0.5)
    message = dns.Message(reply) if reply else None
    return bool(message and message.rcode == 0 and message.answer)
