"""The cheapest MQTT 3.1.1 client: enough to publish, and to subscribe as screens do, at QoS 1."""

from __future__ import annotations

import multiprocessing as mp
import selectors
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Self

PUBLISH, PUBACK = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Port of the broker, and a user with a password."""

    port: int
    user: str
    password: str


class RawMqtt:
    """One client on a blocking socket."""

    def __init__(self, login: Login, *, client_id: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", login.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        texts = b"".join(_text(t) for t in (client_id, login.user, login.password))
        self.socket.sendall(_packet(0x10, _text("MQTT") + b"\x04\xc2\x00\x00" + texts))
        kind, content = self.read()
        if (kind, content[1]) != (2, 0):
            raise ConnectionError(f"the broker refused {client_id}: {content!r}")

    def subscribe(self, topic: str) -> None:
        """Subscribe to a topic at QoS 1."""
        self.socket.sendall(_packet(0x82, b"\x00\x01" + _text(topic) + b"\x01"))

    def publish(self, topic: str, payload: bytes, *, mid: int) -> None:
        """Send a retained message at QoS 1; its acknowledgement is left to be read."""
        self.socket.sendall(_packet(0x33, _text(topic) + struct.pack("!H", mid) + payload))

    def await_acknowledgement(self) -> None:
        """Wait until the broker has taken a message."""
        while self.read()[0] != PUBACK:
            pass

    def read(self) -> tuple[int, bytes]:
        """Return the next packet's kind and content."""
        while (packet := self.take()) is None:
            self.receive()
        return packet

    def receive(self) -> None:
        """Read the received bytes from the socket."""
        received = self.socket.recv(1 << 20)
        if not received:
            raise ConnectionError("the broker closed the connection")
        self._received += received

    def take(self) -> tuple[int, bytes] | None:
        """Return the next whole packet, or None when it has not arrived yet."""
        length, shift, at = 0, 0, 1
        while True:
            if at >= len(self._received):
                return None
            byte = self._received[at]
            length |= (byte & 127) << shift
            shift, at = shift + 7, at + 1
            if byte < 128:
                break
        if len(self._received) < at + length:
            return None
        kind, content = self._received[0] >> 4, self._received[at : at + length]
        self._received = self._received[at + length :]
        return kind, content

    def payload(self, content: bytes) -> bytes:
        """Acknowledge a publish at QoS 1, or take one at QoS 0 as it is, and return its payload."""
        topic_end = 2 + struct.unpack("!H", content[:2])[0]
        self.socket.sendall(_packet(0x40, content[topic_end : topic_end + 2]))
        return content[topic_end + 2 :]


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("!H", len(encoded)) + encoded


def _packet(head: int, content: bytes) -> bytes:
    length, digits = len(content), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (128 if length else 0))
        if not length:
            return bytes([head]) + bytes(digits) + content


class Screens:
    """Subscribers to the same topics in a process of their own, which reports when the last has received a message."""

    def __init__(self, login: Login, topics: list[str], *, count: int) -> None:
        self._here, there = mp.Pipe(duplex=False)
        self._process = mp.get_context("spawn").Process(target=_listen, args=(there, login, topics, count), daemon=True)
        self._process.start()
        there.close()
        if not self._here.poll(30) or self._here.recv() != "ready":
            raise ConnectionError("the screens are not connected to the broker")

    def __enter__(self) -> Self:
        """Use them in a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._here.close()

    def next_message(self, *, within_s: float = 10.0) -> tuple[bytes, float]:
        """Return the next message that every screen has received, and when the last did (``time.monotonic``)."""
        if not self._here.poll(within_s):
            raise TimeoutError(f"not every screen received a message within {within_s} s")
        payload, at = self._here.recv()
        return payload, at


def _listen(parent: Connection, login: Login, topics: list[str], count: int) -> None:
    clients = [RawMqtt(login, client_id=f"bench-screen-{n}") for n in range(count)]
    with selectors.DefaultSelector() as ready:
        for client in clients:
            for topic in topics:
                client.subscribe(topic)
            ready.register(client.socket, selectors.EVENT_READ, client)
        parent.send("ready")
        received: Counter[bytes] = Counter()
        while True:
            for key, _ in ready.select():
                for payload in _payloads(key.data):
                    received[payload] += 1
                    if received[payload] == count:
                        parent.send((payload, time.monotonic()))
                        del received[payload]


def _payloads(client: RawMqtt) -> list[bytes]:
    client.receive()
    packets = iter(client.take, None)
    return [client.payload(content) for kind, content in packets if kind == PUBLISH]
