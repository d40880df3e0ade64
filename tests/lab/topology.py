# SPDX-License-Identifier: BSD-2-Clause
"""Hosts of the lab: one network namespace each, all hanging on one hub that is tapped.

The hub is a Linux bridge that learns nothing, so every port sees every frame as on an old
Ethernet hub, and a capture on the bridge itself holds each frame exactly once. Every host
treats the whole address space as on-link; distances are told by the initial IP TTL instead
of by routers.
"""

import atexit
import contextlib
import ctypes
import heapq
import itertools
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pcapfile

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SO_RCVBUFFORCE = 33
NETNS_DIR = "/run/netns"
PREFIX = "gwlab-"

# Servers and network tools live where an ordinary user's search path does not look.
os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"

LIBC = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The lab cannot do what was asked; the text says why."""


def call(*args, text=None):
    """Run one short command to its end, TEXT being its input, and return what it printed."""
    done = subprocess.run(args, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError("%s: %s" % (" ".join(args), (done.stderr or done.stdout).strip()))
    return done.stdout


def die_with_parent():
    """Make a child end when the lab ends, even if the lab is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter(path):
    """Move the calling thread into the network namespace at PATH."""
    with open(path, "rb") as handle:
        if LIBC.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise LabError("setns %s: %s" % (path, os.strerror(ctypes.get_errno())))


def remove_stale():
    """Remove namespaces, their processes and directories of a lab that was killed."""
    names = os.listdir(NETNS_DIR) if os.path.isdir(NETNS_DIR) else []
    for name in filter(is_stale, names):
        for pid in call("ip", "netns", "pids", name).split():
            os.kill(int(pid), signal.SIGKILL)
        call("ip", "netns", "del", name)
    for name in filter(is_stale, os.listdir(tempfile.gettempdir())):
        shutil.rmtree(os.path.join(tempfile.gettempdir(), name), ignore_errors=True)


def is_stale(name):
    """Whether NAME belongs to a lab process that no longer exists."""
    owner = name[len(PREFIX):].split("-")[0]
    return name.startswith(PREFIX) and owner.isdigit() and not os.path.exists("/proc/" + owner)


class Host:
    """One machine of the lab."""

    def __init__(self, lab, name, addresses, hops):
        self.lab = lab
        self.name = name
        self.netns = "%s%d-%s" % (PREFIX, os.getpid(), name)
        self.addresses = list(addresses)
        self.hops = hops
        self.router = None

    def create(self, wire=None):
        """Make the namespace and plug it into the hub, or into WIRE, a delay line."""
        call("ip", "netns", "add", self.netns)
        self.lab.cleanup.callback(call, "ip", "netns", "del", self.netns)
        other = wire.netns if wire else self.lab.hub
        call("ip", "-n", other, "link", "add", "to-" + self.name, "type", "veth",
             "peer", "name", "eth0", "netns", self.netns)
        plain_checksums(other, "to-" + self.name)
        plain_checksums(self.netns, "eth0")
        if wire:
            call("ip", "-n", other, "link", "set", "to-" + self.name, "up")
        else:
            plug(self.lab.hub, "to-" + self.name)
        self.sysctl("net.ipv4.ip_default_ttl", 64 - self.hops)
        self.sysctl("net.ipv6.conf.eth0.hop_limit", 64 - self.hops)
        self.sysctl("net.ipv6.conf.eth0.accept_ra", 0)
        self.sysctl("net.ipv6.conf.eth0.router_solicitations", 0)
        self.sysctl("net.ipv4.neigh.eth0.base_reachable_time_ms", 3600000)
        self.sysctl("net.ipv6.neigh.eth0.base_reachable_time_ms", 3600000)
        call("ip", "-n", self.netns, "link", "set", "lo", "up")
        call("ip", "-n", self.netns, "link", "set", "eth0", "up")
        self.add_addresses(self.addresses)
        call("ip", "-n", self.netns, "-4", "route", "add", "default", "dev", "eth0")
        call("ip", "-n", self.netns, "-6", "route", "add", "default", "dev", "eth0")

    def add_addresses(self, addresses):
        """Give the host more addresses."""
        lines = ["addr add %s dev eth0%s" % (address + ("/128" if ":" in address else "/32"),
                                             " nodad" if ":" in address else "")
                 for address in addresses]
        call("ip", "-n", self.netns, "-batch", "-", text="\n".join(lines) + "\n")

    def add_routes(self, routes):
        """Reach each prefix through one address: {prefix: address}; one neighbour for all."""
        lines = ["route add %s via %s dev eth0 onlink" % pair for pair in routes.items()]
        call("ip", "-n", self.netns, "-batch", "-", text="\n".join(lines) + "\n")

    def route(self):
        """Become a router for hosts that will hang on this one."""
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding",
                    "net.ipv4.conf.eth0.proxy_arp", "net.ipv6.conf.eth0.proxy_ndp"):
            self.sysctl(key, 1)

    def forward_to(self, host):
        """Pass on what is for HOST, which hangs on a port of this router, and be its way out."""
        port = "to-" + host.name
        call("ip", "-n", self.netns, "addr", "add", "fe80::1/64", "dev", port, "nodad")
        for address in host.addresses:
            call("ip", "-n", self.netns, "route", "add", address, "dev", port)
            if ":" in address:
                call("ip", "-n", self.netns, "-6", "neigh", "add", "proxy", address, "dev", "eth0")
        call("ip", "-n", host.netns, "-4", "route", "replace", "default", "via", self.addresses[0],
             "dev", "eth0", "onlink")
        call("ip", "-n", host.netns, "-6", "route", "replace", "default", "via", "fe80::1", "dev",
             "eth0")

    def sysctl(self, key, value):
        """Set one kernel knob inside the namespace."""
        call("ip", "netns", "exec", self.netns, "sysctl", "-q", "-w", "%s=%s" % (key, value))

    def hwaddr(self):
        """The Ethernet address as six octets."""
        text = call("ip", "-n", self.netns, "-o", "link", "show", "dev", "eth0")
        return bytes.fromhex(text.split("link/ether ")[1].split()[0].replace(":", ""))

    def start(self, *args, env=None):
        """Start a long-running program inside the namespace; it ends with the lab."""
        return self.lab.start("ip", "netns", "exec", self.netns, *args, env=env)

    def call(self, *args):
        """Run a short program inside the namespace."""
        return call("ip", "netns", "exec", self.netns, *args)

    def socket(self, family, kind, proto=0):
        """Open a socket that lives in this host's network."""
        return self.lab.socket_in(self.netns, family, kind, proto)


def plain_checksums(netns, device):
    """Turn offloads off, so that what is captured is what a wire would carry."""
    call("ip", "netns", "exec", netns, "ethtool", "-K", device, "tx", "off", "rx", "off",
         "tso", "off", "gso", "off", "gro", "off", "sg", "off")


def plug(hub, device):
    """Make DEVICE a port of the hub."""
    call("ip", "-n", hub, "link", "set", device, "master", "hub", "up")


class Wire:
    """A line with something on it: a namespace whose pump copies frames between its two ports.

    CHANGE is called with each frame and whether it goes outward, from the host to the hub, and
    gives (seconds late, frame) for whatever is to leave on the other side. With APART the pump is
    a process of its own, which a lab with much traffic needs.
    """

    def __init__(self, lab, name, change, apart=False):
        self.lab = lab
        self.name = name
        self.netns = "%s%d-w%s" % (PREFIX, os.getpid(), name)
        self.change = change
        self.apart = apart

    def create(self):
        """Make the namespace with its port on the hub."""
        call("ip", "netns", "add", self.netns)
        self.lab.cleanup.callback(call, "ip", "netns", "del", self.netns)
        quiet_ipv6(self.netns)
        call("ip", "-n", self.lab.hub, "link", "add", "w-" + self.name, "type", "veth",
             "peer", "name", "hubside", "netns", self.netns)
        plain_checksums(self.lab.hub, "w-" + self.name)
        plain_checksums(self.netns, "hubside")
        plug(self.lab.hub, "w-" + self.name)
        call("ip", "-n", self.netns, "link", "set", "hubside", "up")

    def connect(self):
        """Start copying."""
        ends = []
        for device in ("hubside", "to-" + self.name):
            end = self.lab.socket_in(self.netns, socket.AF_PACKET, socket.SOCK_RAW,
                                     socket.htons(3))
            end.bind((device, 3))
            end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
            end.setblocking(False)
            ends.append(end)
        run = self.lab.fork if self.apart else self.lab.thread
        run(pump, ends, self.change, self.lab.closing)


def pump(ends, change, closing):
    """Copy frames between ENDS, hub side first, until CLOSING; CHANGE says what becomes of each."""
    late, order = [], itertools.count()
    while not closing.is_set():
        while late and late[0][0] <= time.monotonic():
            _, _, end, frame = heapq.heappop(late)
            end.send(frame)
        wait = min(0.2, max(0, late[0][0] - time.monotonic())) if late else 0.2
        for source in select.select(ends, [], [], wait)[0]:
            outward = source is ends[1]
            target = ends[0] if outward else ends[1]
            for frame in waiting(source):
                for seconds, out in change(frame, outward):
                    heapq.heappush(late, (time.monotonic() + seconds, next(order), target, out))


def waiting(end, most=64):
    """Frames that others sent and that wait at END, MOST at a time."""
    for _ in range(most):
        try:
            frame, address = end.recvfrom(65535)
        except BlockingIOError:
            return
        if address[2] != socket.PACKET_OUTGOING:
            yield frame


def later(seconds):
    """What a line does that is only long."""
    return lambda frame, outward: ((seconds, frame),)


def quiet_ipv6(netns):
    """Keep the kernel of a namespace without addresses from talking on its own."""
    for scope in ("all", "default"):
        call("ip", "netns", "exec", netns, "sysctl", "-q", "-w",
             "net.ipv6.conf.%s.disable_ipv6=1" % scope)


class Lab:
    """Everything a scenario holds; leaving the `with` block undoes it all.

    A hub that is LEARNING sends a frame only where its receiver is, for labs with much traffic;
    the tap sees every frame all the same. TRUTH is what a scenario knows about its capture.
    """

    def __init__(self, learning=False):
        self.cleanup = contextlib.ExitStack()
        self.closing = threading.Event()
        self.hub = "%s%d-hub" % (PREFIX, os.getpid())
        self.hosts = {}
        self.threads = []
        self.directory = None
        self.tcpdump = None
        self.capture = None
        self.learning = learning
        self.truth = {}

    def __enter__(self):
        remove_stale()
        atexit.register(self.close)
        try:
            self.directory = tempfile.mkdtemp(prefix="%s%d-" % (PREFIX, os.getpid()))
            self.cleanup.callback(shutil.rmtree, self.directory, ignore_errors=True)
            call("ip", "netns", "add", self.hub)
            self.cleanup.callback(call, "ip", "netns", "del", self.hub)
            quiet_ipv6(self.hub)
            call("ip", "-n", self.hub, "link", "add", "hub", "type", "bridge",
                 "ageing_time", "30000" if self.learning else "0", "mcast_snooping", "0",
                 "stp_state", "0")
            call("ip", "-n", self.hub, "link", "set", "hub", "up", "promisc", "on")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stop what runs and remove what was made, last made first."""
        self.closing.set()
        for thread in self.threads:
            thread.join()
        self.threads.clear()
        time.sleep(0.1)
        self.cleanup.close()
        atexit.unregister(self.close)

    def note(self, **facts):
        """Add to what is known about the capture; lists grow, other facts are replaced."""
        for key, value in facts.items():
            if isinstance(value, list):
                known = self.truth.setdefault(key, [])
                known += [item for item in value if item not in known]
            else:
                self.truth[key] = value

    def event(self, what):
        """Note that WHAT happened now, in the time of the capture."""
        self.truth.setdefault("times", []).append([round(time.time(), 6), what])

    def add_host(self, name, addresses, hops=0, delay=None, change=None, apart=False,
                 router=None):
        """Add a host; with DELAY its traffic is late by so many seconds each way.

        CHANGE and APART are those of its line, see Wire. With ROUTER it hangs on that host instead
        of on the hub.
        """
        host = Host(self, name, addresses, hops)
        host.router = router
        if router:
            host.create(router)
            router.forward_to(host)
        elif delay or change:
            wire = Wire(self, name, change or later(delay), apart)
            wire.create()
            host.create(wire)
            wire.connect()
        else:
            host.create()
        self.hosts[name] = host
        return host

    def path(self, *parts):
        """A path in the scenario's own directory; parent directories are made."""
        path = os.path.join(self.directory, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, text, *parts):
        """Write TEXT to a file in the scenario's directory and return its path."""
        path = self.path(*parts)
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        return path

    def start(self, *args, env=None):
        """Start a program and remember to stop it."""
        log = self.path("log", "%d-%s" % (len(os.listdir(os.path.dirname(self.path("log", "")))),
                                          os.path.basename(args[4] if len(args) > 4 else args[0])))
        with open(log, "wb") as out:
            process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       env=env, preexec_fn=die_with_parent, process_group=0)
        process.log = log
        self.cleanup.callback(stop, process)
        return process

    def thread(self, function, *args):
        """Run FUNCTION until the lab closes."""
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        self.threads.append(thread)

    def fork(self, function, *args):
        """Run FUNCTION in a process of its own until the lab closes."""
        pid = os.fork()
        if pid == 0:
            die_with_parent()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            status = 1
            try:
                function(*args)
                status = 0
            except Exception as error:  # its parent is the lab, not this stack
                print("lab: %s: %r" % (function.__name__, error), file=sys.stderr)
            finally:
                os._exit(status)
        self.cleanup.callback(end_child, pid)
        return pid

    def socket_in(self, netns, family, kind, proto=0):
        """Open a socket in another network namespace; the calling thread returns to its own."""
        home = "/proc/self/task/%d/ns/net" % threading.get_native_id()
        with open(home, "rb") as back:
            enter(os.path.join(NETNS_DIR, netns))
            try:
                made = socket.socket(family, kind, proto)
            finally:
                if LIBC.setns(back.fileno(), CLONE_NEWNET) != 0:
                    raise LabError("cannot return from namespace " + netns)
        return made

    def start_tap(self, path):
        """Capture everything that crosses the hub into PATH."""
        self.capture = path
        room = "131072" if self.learning else "16384"
        self.tcpdump = self.start("ip", "netns", "exec", self.hub, "tcpdump", "-i", "hub", "-w",
                                  path, "-U", "-s", "0", "-B", room, "-n", "-Z", "root",
                                  "--immediate-mode")
        wait_until(lambda: "listening on" in read(self.tcpdump.log), "tcpdump", self.tcpdump)

    def stop_tap(self, strict=True):
        """End the capture; fail, or if not STRICT note it, when it lacks what crossed the hub."""
        time.sleep(0.5)
        self.tcpdump.send_signal(signal.SIGINT)
        self.tcpdump.wait()
        log = read(self.tcpdump.log)
        counts = dict((words, int(number)) for number, words in re.findall(
            r"^(\d+) packets (captured|received by filter|dropped by kernel)$", log, re.M))
        lost = counts["received by filter"] - counts["captured"] + counts["dropped by kernel"]
        if lost and strict:
            raise LabError("the tap lost packets: " + log)
        self.note(lost_at_tap=lost)
        pcapfile.sort(self.capture)


def read(path):
    """The text of a log file so far."""
    with open(path, "r", encoding="utf-8", errors="replace") as handle:
        return handle.read()


def end_child(pid):
    """End a process that was forked off, if it has not ended yet."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def stop(process):
    """End one process that the lab started, and those it started in turn."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    with contextlib.suppress(ProcessLookupError):
        for _ in range(20):
            os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.01)


def wait_until(condition, what, process=None, seconds=15):
    """Wait for CONDITION to hold; fail when it does not, or when PROCESS has ended."""
    end = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            raise LabError("%s ended: %s" % (what, read(process.log)[-2000:]))
        if time.monotonic() > end:
            text = read(process.log)[-2000:] if process is not None else ""
            raise LabError("%s did not become ready: %s" % (what, text))
        time.sleep(0.05)
