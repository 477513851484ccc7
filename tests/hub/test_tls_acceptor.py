"""Half-done TLS handshakes are bounded in number; a peer with a whole one is served all the same."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from runtime.listener import bound_sockets
from runtime.tls_files import server_context
from server.authority.authority import open_authority
from server.http_server.connections import tls_acceptor
from server.http_server.connections.tls_acceptor import TlsAcceptor


class Greeting(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


def test_the_oldest_handshakes_end_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_acceptor, "HANDSHAKES_MAX", 3)
    monkeypatch.setattr(tls_acceptor, "HANDSHAKE_S", 3600.0)
    open_authority(tmp_path).write_hub_files(tmp_path / "tls", [])
    asyncio.run(exhaust(server_context(tmp_path / "tls", asks_for_certificate=True), tmp_path / "tls" / "ca.pem"))


def test_a_handshake_that_does_not_go_on_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_acceptor, "HANDSHAKE_S", 0.1)
    open_authority(tmp_path).write_hub_files(tmp_path / "tls", [])
    asyncio.run(fall_silent(server_context(tmp_path / "tls", asks_for_certificate=True)))


async def fall_silent(context: ssl.SSLContext) -> None:
    (listening,) = bound_sockets("127.0.0.1", 0)
    acceptor = TlsAcceptor(listening, context, Greeting, backlog=16)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    assert await reader.read() == b""
    acceptor.close()
    await acceptor.wait_closed()
    writer.close()


def test_of_a_crowd_that_comes_at_once_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_acceptor, "HANDSHAKES_MAX", 3)
    monkeypatch.setattr(tls_acceptor, "HANDSHAKE_S", 3600.0)
    open_authority(tmp_path).write_hub_files(tmp_path / "tls", [])
    asyncio.run(crowd(server_context(tmp_path / "tls", asks_for_certificate=True)))


async def crowd(context: ssl.SSLContext) -> None:
    (listening,) = bound_sockets("127.0.0.1", 0)
    listening.listen(200)
    silent = [await asyncio.open_connection(*listening.getsockname()) for _ in range(100)]
    acceptor = TlsAcceptor(listening, context, Greeting, backlog=200)
    closed = [asyncio.create_task(reader.read()) for reader, _ in silent]
    await asyncio.wait(closed[:-3])
    assert [task.done() for task in closed[-3:]] == [False, False, False]
    acceptor.close()
    await acceptor.wait_closed()
    for _, each in silent:
        each.close()


async def exhaust(context: ssl.SSLContext, authority: Path) -> None:
    listening = bound_sockets("127.0.0.1", 0)[0]
    port = listening.getsockname()[1]
    acceptor = TlsAcceptor(listening, context, Greeting, backlog=16)
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
    for reader, _ in silent[:2]:
        assert await reader.read() == b""
    trusting = ssl.create_default_context(cafile=authority)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname="localhost")
    assert await reader.read() == b"hello"
    assert await silent[2][0].read() == b"", "it was the oldest of the three when the whole one came"
    assert not silent[4][0].at_eof()
    acceptor.close()
    await acceptor.wait_closed()
    for _, each in [*silent, (reader, writer)]:
        each.close()
