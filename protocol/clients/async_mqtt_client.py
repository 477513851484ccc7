"""The MQTT client of a program with an event loop: its connection is read and written on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from protocol.clients.mqtt_client import FAREWELL_S, RECONNECT_S, MqttConnection, Will
from protocol.settings import BrokerAddress

TICK_S = 1.0
"""Interval at which paho looks after the keep-alive, seconds."""


class AsyncMqttClient(MqttConnection):
    """A connection on an event loop: everything is called there, and so are the callbacks.

    What is published has been written when ``publish_retained`` returns. A thread of its own would first have to get
    the interpreter, which a busy loop gives up only after a time slice: every board came half a millisecond later.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        username: str,
        password: str,
        will: Will,
        on_presence: Callable[[bool], None] | None = None,
        on_failure: Callable[[object], None] = lambda cause: None,  # noqa: ARG005
    ) -> None:
        super().__init__(
            address,
            username=username,
            password=password,
            will=will,
            on_presence=on_presence,
            on_failure=on_failure,
        )
        self._loop = asyncio.get_running_loop()
        self._received = asyncio.Event()
        self._lost = asyncio.Event()
        self._stopping = asyncio.Event()
        self._connecting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect in the background, now and whenever the connection is lost; never fails."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=self._address.keepalive_s)
        self._connecting = asyncio.create_task(self._keep_connected(), name="broker")

    def publish_retained(self, topic: str, payload: bytes) -> None:
        """Make ``payload`` the retained message on ``topic``."""
        super().publish_retained(topic, payload)
        self._write()

    async def stop(self, *, last: Will) -> None:
        """Publish ``last`` (a farewell, delivered after all that was published before), then disconnect."""
        if self._connected:
            self.publish_retained(last.topic, last.payload)
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    while self._is_undelivered(last.topic):
                        self._received.clear()
                        await self._received.wait()
            self._check_farewell(last)
        self._stopping.set()
        self._lost.set()
        if self._connecting is not None:
            await self._connecting
        self._release()

    async def _keep_connected(self) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._client.reconnect)
            except OSError as error:
                self._on_failure(error)
            else:
                await self._serve()
            await _wait(self._stopping, within_s=RECONNECT_S)

    async def _serve(self) -> None:
        """Read and write until the connection is lost, or this client stops and disconnects."""
        socket = self._client.socket()
        if socket is None:
            return
        self._lost.clear()
        self._client.on_socket_close = lambda *_: self._forget(socket.fileno())
        self._loop.add_reader(socket.fileno(), self._read)
        while self._client.loop_misc() == 0 and not self._stopping.is_set():
            await _wait(self._lost, within_s=TICK_S)
        self._client.disconnect()

    def _read(self) -> None:
        self._client.loop_read()
        self._received.set()
        self._write()

    def _write(self) -> None:
        """Write what waits; what the socket does not take now is written when it can."""
        if self._client.want_write():
            self._client.loop_write()
        socket = self._client.socket()
        if socket is None:
            return
        if self._client.want_write():
            self._loop.add_writer(socket.fileno(), self._write)
        else:
            self._loop.remove_writer(socket.fileno())

    def _forget(self, descriptor: int) -> None:
        """Take a socket that is about to be closed off the loop."""
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        self._lost.set()


async def _wait(event: asyncio.Event, *, within_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await event.wait()
