"""Floods against a hall: each function makes one kind of it until its time is over, in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import re
import resource
import secrets
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from types import MappingProxyType

ATTACKER = "127.0.0.66"
"""Address from which floods come; every address of 127.0.0.0/8 is this machine."""
HEAD = b"Host: hub\r\n"
PIECE = b"a" * 262_144
HALF_HELLO = bytes.fromhex("1603010200010001fc0303") + b"a" * 100
"""Beginning of the first TLS record of a client, which announces 512 bytes."""
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a flood goes to, and a key that it has."""

    http: int
    mqtt: int
    device: str
    key: str
    status_topic: str


class Flood:
    """Sockets to the target that are dropped when it closes them; ``rest`` yields until the time is over."""

    def __init__(self, target: Target, *, seconds: float) -> None:
        self.target = target
        self._end = time.monotonic() + seconds

    def rest(self) -> Iterator[int]:
        """Count until the time is over."""
        number = 0
        while time.monotonic() < self._end:
            yield number
            number += 1

    def connect(self, port: int | None = None) -> socket.socket:
        """Return a connection from the attacker's address; None of its errors counts."""
        peer = socket.socket()
        peer.settimeout(2)
        peer.bind((ATTACKER, 0))
        peer.connect(("127.0.0.1", port or self.target.http))
        return peer

    def hold(self, count: int, first: bytes, then: bytes = b"") -> None:
        """Keep this many connections open that have sent ``first``; each sends ``then`` again and again."""
        held: list[socket.socket] = []
        for number in self.rest():
            with suppress(OSError):
                if len(held) < count:
                    peer = self.connect()
                    held.append(peer)
                    peer.sendall(first)
                else:
                    peer = held[number % count]
                    peer.setblocking(False)  # noqa: FBT003 - socket's own
                    peer.send(then)
                continue
            if len(held) == count:
                held.pop(number % count).close()
        for peer in held:
            peer.close()

    def request(self, make: Callable[[], tuple[str, bytes, dict[str, str]]]) -> None:
        """Send requests (method and path, body, header fields) over 150 connections, each when it has its answer."""
        peers: dict[int, socket.socket] = {}
        with selectors.DefaultSelector() as selector:
            for _ in self.rest():
                with suppress(OSError):
                    while len(peers) < 150:
                        peer = self.connect()
                        peers[peer.fileno()] = peer
                        selector.register(peer, selectors.EVENT_READ)
                        peer.sendall(_request(*make()))
                for ready, _ in selector.select(0.1):
                    try:
                        if _is_answered(peers[ready.fd]):
                            peers[ready.fd].sendall(_request(*make()))
                    except OSError:
                        selector.unregister(ready.fileobj)
                        peers.pop(ready.fd).close()


def _request(target: str, body: bytes, fields: dict[str, str]) -> bytes:
    lines = [f"{target} HTTP/1.1", f"Content-Length: {len(body)}", *(f"{n}: {v}" for n, v in fields.items()), ""]
    return "\r\n".join(lines).encode() + HEAD + b"\r\n" + body


def _is_answered(peer: socket.socket) -> bool:
    """Read one answer. Raises OSError: there is none."""
    head, _, body = peer.recv(65536).partition(b"\r\n\r\n")
    if not head:
        raise ConnectionResetError
    length = re.search(rb"content-length: (\d+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(peer.recv(missing) or b"x" * missing)
    return True


def endless_heads(flood: Flood) -> None:
    """Header fields without end."""
    for _ in flood.rest():
        with suppress(OSError), flood.connect() as peer:
            peer.sendall(b"GET /healthz HTTP/1.1\r\n" + HEAD + b"Cookie: ")
            for _ in flood.rest():
                peer.sendall(PIECE)


def half_requests(flood: Flood) -> None:
    """1,500 requests whose heads do not end."""
    flood.hold(1500, b"GET /healthz HTTP/1.1\r\n" + HEAD + b"Cookie: " + b"a" * 8000, b"a")


def slow_bodies(flood: Flood) -> None:
    """500 requests whose bodies come piece by piece and end never."""
    flood.hold(500, b"POST /v1/tickets HTTP/1.1\r\n" + HEAD + b"Content-Length: 60000\r\n\r\n" + b"a" * 30_000, b"a")


def large_bodies(flood: Flood) -> None:
    """Bodies of 8 MB without a key, as large as a county takes them from a hub."""
    head = b"POST /v1/sites/tax/journal HTTP/1.1\r\n" + HEAD + b"Content-Length: 8000000\r\n\r\n"
    held: list[socket.socket] = []
    for number in flood.rest():
        with suppress(OSError):
            held.append(flood.connect())
            held[-1].sendall(head)
            for _ in range(30):
                held[-1].sendall(PIECE)
        if len(held) > 100:
            held.pop(number % 100).close()


def slow_readers(flood: Flood) -> None:
    """500 connections that request pages and read nothing."""
    flood.hold(500, (b"GET /login HTTP/1.1\r\n" + HEAD + b"\r\n") * 8, b"GET /login HTTP/1.1\r\n" + HEAD + b"\r\n")


def connections(flood: Flood) -> None:
    """Connections that are opened as fast as possible and say nothing."""
    held: list[socket.socket] = []
    for number in flood.rest():
        with suppress(OSError):
            held.append(flood.connect())
        if len(held) > 1500:
            held.pop(number % 1500).close()


def half_handshakes(flood: Flood) -> None:
    """TLS handshakes that begin as fast as possible and do not go on."""
    held: list[socket.socket] = []
    for number in flood.rest():
        with suppress(OSError):
            held.append(flood.connect())
            held[-1].sendall(HALF_HELLO)
        if len(held) > 1500:
            held.pop(number % 1500).close()


def whole_requests(flood: Flood) -> None:
    """Whole requests of pages and health, as fast as they are answered."""
    paths = ("/healthz", "/t/nobody-has-this-ticket", "/clerk", "/v1/board", "/nothing", "/login")
    flood.request(lambda: (f"GET {paths[secrets.randbelow(6)]}", b"", {}))


def pipelines(flood: Flood) -> None:
    """Hundreds of requests at once on each connection."""
    for _ in flood.rest():
        with suppress(OSError), flood.connect() as peer:
            peer.sendall((b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n") * 500)
            peer.recv(65536)


def websockets(flood: Flood) -> None:
    """Handshakes of WebSockets, and long polling."""
    path = b"GET /_nicegui_ws/socket.io/?EIO=4&transport="
    ways = (b"websocket HTTP/1.1\r\n" + HEAD + UPGRADE, b"polling HTTP/1.1\r\n" + HEAD + b"\r\n")
    for number in flood.rest():
        with suppress(OSError), flood.connect() as peer:
            peer.sendall(path + ways[number % 2])
            peer.recv(65536)


def logins(flood: Flood) -> None:
    """Wrong passcodes."""
    form, typed = b"role=clerk&passcode=00000000", {"Content-Type": "application/x-www-form-urlencoded"}
    flood.request(lambda: ("POST /login", form, typed))


def refused_commands(flood: Flood) -> None:
    """Commands with a device's key that are refused, each with a new id."""
    path = f"POST /v1/windows/{flood.target.device}/recall"
    fields = {"Authorization": f"Bearer {flood.target.key}", "Content-Type": "application/json"}
    flood.request(lambda: (path, json.dumps({"request_id": secrets.token_hex(12)}).encode(), fields))


def broker_connections(flood: Flood) -> None:
    """Connections to the broker: with the key, without one, and such that send nothing."""
    good = _connect_packet(flood.target.device, flood.target.key)
    bad = _connect_packet("hub", "guess")
    silent: list[socket.socket] = []
    for number in flood.rest():
        with suppress(OSError):
            peer = flood.connect(flood.target.mqtt)
            if number % 3 == 0 and len(silent) < 300:
                silent.append(peer)
                continue
            with peer:
                peer.sendall(good if number % 3 == 1 else bad)
                peer.recv(4)


def broker_messages(flood: Flood) -> None:
    """A device's status as fast as the broker takes it: nonsense, and messages as large as it allows."""
    nonsense = _publish_packet(flood.target.status_topic, b"{}") * 50
    large = _publish_packet(flood.target.status_topic, b"a" * 200_000)
    for _ in flood.rest():
        with suppress(OSError), flood.connect(flood.target.mqtt) as peer:
            peer.sendall(_connect_packet(flood.target.device, flood.target.key))
            peer.recv(4)
            for number in flood.rest():
                peer.sendall(large if number % 20 == 0 else nonsense)


FLOODS: Mapping[str, Callable[[Flood], None]] = MappingProxyType(
    {
        flood.__name__: flood
        for flood in (
            endless_heads,
            half_requests,
            slow_bodies,
            large_bodies,
            slow_readers,
            connections,
            half_handshakes,
            whole_requests,
            pipelines,
            websockets,
            logins,
            refused_commands,
            broker_connections,
            broker_messages,
        )
    }
)


@contextmanager
def flooding(name: str, target: Target, *, seconds: float) -> Iterator[BaseProcess]:
    """Run a flood in another process; leaving the block ends it."""
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(name, target, seconds), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _run(name: str, target: Target, seconds: float) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    FLOODS[name](Flood(target, seconds=seconds))


def _connect_packet(user: str, password: str) -> bytes:
    texts = b"".join(struct.pack("!H", len(t)) + t for t in (user.encode(), user.encode(), password.encode()))
    return _packet(0x10, b"\x00\x04MQTT\x04\xc2\x00\x0a" + texts)


def _publish_packet(topic: str, payload: bytes) -> bytes:
    return _packet(0x30, struct.pack("!H", len(topic)) + topic.encode() + payload)


def _packet(first: int, content: bytes) -> bytes:
    length, left = b"", len(content)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([first]) + length + content
