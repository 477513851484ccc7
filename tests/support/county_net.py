"""A county's network on one machine: each site in a network namespace of its own, and the cables in the test's hand.

A site has two interfaces. ``lan`` leads to the test itself, which is in the hall as a kiosk or a panel is. ``wan``
is the one cable to the county: its two ends are TUN devices and this process carries each packet from one to the
other, so that a cable can be cut, unplugged, slow and lossy on any kernel, also on one without ``tc netem``::

    with Network(["tax", "police"]) as net:
        net.sites["tax"].cable.cut()

Needs root; where the machine does not allow it, ``NoNamespaces`` is raised.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import random
import re
import select
import struct
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from managed_resources import ManagedResources

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LARGEST = 65_535
AT_ONCE = 64
"""How many packets are read from one end before the others get their turn."""
SEED = 20261122
COUNTY = "county"
OURS = re.compile(r"^jh(\d+)-")
"""Our namespaces: ``jh``, the process that made it, its network's number, the site."""


class NoNamespaces(AssertionError):
    """This machine does not let the test make network namespaces."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Condition of a cable in each direction; ``bits_per_s`` None is as fast as the machine."""

    delay_s: float = 0.0
    loss: float = 0.0
    bits_per_s: float | None = None
    cut: bool = False


WELL = Condition()
CUT = Condition(cut=True)


class Cable:
    """One site's cable to the county; its two ends are TUN devices held open by this process."""

    def __init__(self, site: str, *, namespace: str, county: str, ends: tuple[int, int]) -> None:
        self.site = site
        self.condition = WELL
        self.ends = ends
        self._namespace = namespace
        self._county = county

    def cut(self) -> None:
        """Drop every packet, in both directions, without an error at either end."""
        self.condition = CUT

    def heal(self) -> None:
        """Carry every packet at once again."""
        self.condition = WELL

    def be(self, condition: Condition) -> None:
        """Become slow, lossy or both."""
        self.condition = condition

    def unplug(self) -> None:
        """Take the link down at the site: its machine knows at once that there is no route."""
        ip("-n", self._namespace, "link", "set", "wan", "down")

    def plug(self) -> None:
        """Take the link up."""
        ip("-n", self._namespace, "link", "set", "wan", "up")
        ip("-n", self._namespace, "route", "replace", f"{self._county}/32", "dev", "wan")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One namespace, and how to get there. ``lan`` is its address; the county's is the same for the sites."""

    namespace: str
    lan: str

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put before a command to run it there."""
        return ("nsenter", f"--net=/run/netns/{self.namespace}", "--")


@dataclass(frozen=True, kw_only=True)
class SitePlace(Place):
    """A site's namespace with its cable, the only way to the county's address."""

    cable: Cable


class Network(ManagedResources):
    """A county and its sites, each in a namespace; all of it is gone after the ``with`` block."""

    def __init__(self, sites: Sequence[str]) -> None:
        self._names = list(sites)
        super().__init__()
        self.sites: dict[str, SitePlace] = {}

    def _start_all(self) -> None:
        """Make namespaces and cables. Raises NoNamespaces."""
        _sweep()
        self._net = _free_net()
        self.county = Place(namespace=self._namespace(COUNTY, 0), lan=self._lan(0, 2))
        for place, name in enumerate(self._names, start=1):
            self.sites[name] = self._site(name, place)
        carrier = Carrier([site.cable for site in self.sites.values()])
        self._open.callback(carrier.stop)
        carrier.start()

    def _namespace(self, name: str, place: int) -> str:
        """Make a namespace with its interface to the test. ``place`` counts them, for the addresses."""
        namespace = f"jh{os.getpid()}-{self._net}-{name}"
        ip("netns", "add", namespace)
        self._open.callback(ip, "netns", "del", namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
        here = f"jh{self._net}l{place}"
        ip("link", "add", here, "type", "veth", "peer", "name", "lan", "netns", namespace)
        ip("addr", "add", f"{self._lan(place, 1)}/30", "dev", here)
        ip("link", "set", here, "up")
        ip("-n", namespace, "addr", "add", f"{self._lan(place, 2)}/30", "dev", "lan")
        ip("-n", namespace, "link", "set", "lan", "up")
        return namespace

    def _site(self, name: str, place: int) -> SitePlace:
        namespace = self._namespace(name, place)
        ends = (
            self._end(f"jh{self._net}s{place}", namespace, "wan", self._wan(place, 2)),
            self._end(f"jh{self._net}c{place}", self.county.namespace, f"to-{place}", self._wan(place, 1)),
        )
        cable = Cable(name, namespace=namespace, county=self.county.lan, ends=ends)
        cable.plug()
        return SitePlace(namespace=namespace, lan=self._lan(place, 2), cable=cable)

    def _end(self, temporary: str, namespace: str, name: str, address: str) -> int:
        """Make one end of a cable in a namespace, and return the file its packets pass through."""
        end = _tun(temporary)
        self._open.callback(os.close, end)
        ip("link", "set", temporary, "netns", namespace, "name", name)
        ip("-n", namespace, "addr", "add", f"{address}/30", "dev", name)
        ip("-n", namespace, "link", "set", name, "up")
        return end

    def _lan(self, place: int, host: int) -> str:
        return f"198.18.{self._net}.{8 * place + host}"

    def _wan(self, place: int, host: int) -> str:
        return f"198.18.{self._net}.{8 * place + 4 + host}"


class Carrier(threading.Thread):
    """Carries the packets of all cables, as their conditions allow."""

    def __init__(self, cables: Sequence[Cable]) -> None:
        super().__init__(name="cables", daemon=True)
        self._ways: dict[int, tuple[Cable, int]] = {}
        for cable in cables:
            here, there = cable.ends
            self._ways |= {here: (cable, there), there: (cable, here)}
        self._late: list[tuple[float, int, int, bytes]] = []
        """Packets under way: when each is due, its number, where it goes, and it."""
        self._busy_until = dict.fromkeys(self._ways, 0.0)
        self._sent = 0
        self._chance = random.Random(SEED)
        self._stop_reading, self._stop_writing = os.pipe()

    def run(self) -> None:
        """Carry until stopped."""
        poll = select.epoll()
        for end in (*self._ways, self._stop_reading):
            poll.register(end, select.EPOLLIN)
        with poll:
            while True:
                wait = max(0.0, self._late[0][0] - time.monotonic()) if self._late else -1
                for end, _ in poll.poll(wait):
                    if end == self._stop_reading:
                        return
                    self._take(end)
                self._deliver()

    def stop(self) -> None:
        """Stop, and close the pipe."""
        os.write(self._stop_writing, b".")
        self.join()
        os.close(self._stop_reading)
        os.close(self._stop_writing)

    def _take(self, end: int) -> None:
        """Read the packets that a machine has sent."""
        for _ in range(AT_ONCE):
            try:
                packet = os.read(end, LARGEST)
            except BlockingIOError:
                return
            self._send(end, packet)

    def _send(self, end: int, packet: bytes) -> None:
        cable, to = self._ways[end]
        now, like = time.monotonic(), cable.condition
        if like.cut or self._chance.random() < like.loss:
            return
        through = now
        if like.bits_per_s is not None:
            through = max(now, self._busy_until[end]) + 8 * len(packet) / like.bits_per_s
            self._busy_until[end] = through
        self._sent += 1
        heapq.heappush(self._late, (through + like.delay_s, self._sent, to, packet))

    def _deliver(self) -> None:
        """Write the packets that are due. A link that is down takes none."""
        while self._late and self._late[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(self._late)
            if not self._ways[to][0].condition.cut:
                with suppress(OSError):
                    os.write(to, packet)


def ip(*words: str) -> str:
    """Run ip(8) and return its output. Raises NoNamespaces."""
    try:
        ran = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NoNamespaces("the tests of the county need iproute2: sudo apt-get install iproute2") from error
    if ran.returncode:
        raise NoNamespaces(
            "the tests of the county make network namespaces, which this machine does not allow: "
            f"run them as root (ip {' '.join(words)}: {ran.stderr.strip()})"
        )
    return ran.stdout


def _tun(name: str) -> int:
    """Make a TUN device in this namespace and return its file. Raises NoNamespaces."""
    try:
        end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError as error:
        raise NoNamespaces(f"the tests of the county need /dev/net/tun and root: {error}") from error
    return end


def _free_net() -> int:
    """Return a third byte of 198.18.0.0/15 (RFC 2544: for tests of networks) that no interface here uses."""
    used = {a["local"] for link in json.loads(ip("-j", "addr", "show")) for a in link.get("addr_info", [])}
    free = [net for net in range(256) if not any(address.startswith(f"198.18.{net}.") for address in used)]
    return random.choice(free)


def _sweep() -> None:
    """Take down what a test process that was killed has left."""
    for line in ip("netns", "list").splitlines():
        found = OURS.match(line)
        if found and not Path(f"/proc/{found[1]}").exists():
            ip("netns", "del", line.split()[0])
