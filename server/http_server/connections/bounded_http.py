"""uvicorn's protocols, with the bounds that they lack: bytes, time and number of whatever a peer makes them keep."""

from __future__ import annotations

from asyncio import BaseTransport, Transport
from functools import lru_cache, partial
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from protocol.answers import ErrorAnswer
from protocol.vocabulary import Text
from server.http_server.connections.connection_limits import (
    FRAMING_FACTOR,
    LARGEST_HEAD,
    LINGER_S,
    LONGEST_TARGET,
    PIPELINED_MAX,
)
from server.http_server.connections.connection_table import ConnectionTable, PeerTrust
from server.http_server.connections.listeners import Listener, subject_name
from server.http_server.errors import too_large_text


class _StopParsing(Exception):
    """Raised in a callback of the parser."""


class _Refused:
    """The whole response to a request that is not read on."""

    def __init__(self, status: int, error: str, message: Text) -> None:
        body = ErrorAnswer(error=error, message=message).model_dump_json().encode()
        head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
        retry = "retry-after: 5\r\n" if status == 503 else ""
        self.response = STATUS_LINE[status] + (head + retry + "\r\n").encode() + body


_NO_HTTP = _Refused(400, "not_http", Text(zh="不是正确的 HTTP 请求", en="this is no HTTP request"))
_NOT_WHOLE = _Refused(408, "request_timeout", Text(zh="请求太久没有发完", en="the request took too long to arrive"))
_TARGET_TOO_LONG = _Refused(
    414, "target_too_long", Text(zh="网址太长", en=f"the address is longer than {LONGEST_TARGET} bytes")
)
_HEAD_TOO_LARGE = _Refused(
    431, "head_too_large", Text(zh="请求头太大", en=f"the request's head is larger than {LARGEST_HEAD} bytes")
)
_CROWDED = _Refused(
    503, "too_many_connections", Text(zh="连接太多，请稍后再试", en="too many connections, please try again later")
)


@lru_cache
def _too_large(largest_body: int) -> _Refused:
    return _Refused(413, "body_too_large", too_large_text(largest_body))


def _nothing() -> None:
    """Do nothing."""


class _Reading:
    """Watches how long a peer takes to read what waits for it."""

    def __init__(self) -> None:
        self._since: float | None = None

    def is_late(self, transport: Transport, now: float, *, within_s: float) -> bool:
        """Whether something has waited for so long; to be asked again and again."""
        if transport.get_write_buffer_size() == 0:
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is not None and now - self._since > within_s


class BoundedHttp(HttpToolsProtocol):
    """An HTTP connection. A peer that goes too far has an answer that says so, and its connection is closed.

    httptools keeps any number of header fields, trailers and bytes of one field, and uvicorn waits for ever for the
    rest of a request once its first byte has come.
    """

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - uvicorn's
        table: ConnectionTable,
        listener: Listener,
        largest_body: int,
        **named: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **named)
        self.trust = PeerTrust(on_known=lambda: table.end_turn(self))
        self.address = ""
        self._certificate: str | None = None
        """Whom the peer's certificate names, empty without one; None where none is asked for."""
        self._table = table
        self._listener = listener
        self._largest_body = largest_body
        self._unread = _Reading()
        self._received = 0
        """Bytes of the request that is not whole yet."""
        self._in_head = True
        self._incomplete_since: float | None = None
        self._refusal: _Refused | None = None
        self._refused_at: float | None = None
        self._running: RequestResponseCycle | None = None
        """The request that is being answered, which later ones of the connection wait for."""
        self._in_body = False
        self._app_to_start: Any = None
        """The application, while it waits for the body of ``_running``."""

    # ------------------------------------------------------------------------------------------- asyncio's callbacks

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the connection if there is room for it."""
        super().connection_made(cast("Transport", transport))
        self.address = self.client[0] if self.client else ""
        if self._listener.asks_for_certificate:
            self._certificate = subject_name(transport.get_extra_info("peercert"))
        self._incomplete_since = self.loop.time()
        if not self._table.admit(self):
            self._refused_at = self._incomplete_since
            self.transport.write(_CROWDED.response)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and at once what was received: as garbage in a cycle it would wait for long."""
        self._table.release(self)
        self._give_up()
        super().connection_lost(exc)
        self.trust.on_known = _nothing
        self.cycle = self._running = self.scope = self.headers = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Parse what has come, and refuse what is too much."""
        if self._refused_at is not None:
            return
        if self._incomplete_since is None:
            self._received, self._incomplete_since = 0, self.loop.time()
        self._received += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(self._refusal or _NO_HTTP)
        else:
            self._check_size()

    def handle_websocket_upgrade(self) -> None:
        """Let the WebSocket take the place of this connection."""
        self._table.release(self)
        super().handle_websocket_upgrade()

    # ------------------------------------------------------------------------------------------ httptools' callbacks

    def on_message_begin(self) -> None:
        """Begin to count a request's time and bytes."""
        super().on_message_begin()
        self.scope["state"].update(peer_trust=self.trust, certificate=self._certificate)
        self._in_head = True
        if self._incomplete_since is None:
            self._incomplete_since = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header field; no application of ours reads trailers."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request on if its head is small enough."""
        self._in_head, self._in_body = False, True
        if self._received > LONGEST_TARGET:
            self._check_head()
        super().on_headers_complete()
        if len(self.pipeline) > PIPELINED_MAX:
            self._stop_parsing(_CROWDED)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of a body; the application reads a large one while it comes."""
        super().on_body(body)
        if self._app_to_start is not None and self.flow.read_paused:
            self._start_waiting()

    def on_message_complete(self) -> None:
        """Hand a request to the application that has come whole."""
        super().on_message_complete()
        self._incomplete_since = None
        self._in_body = False
        if self._app_to_start is not None:
            self._start_waiting()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's
        self._running = cycle
        if self._in_body and cycle is self.cycle and not self.expect_100_continue:
            self._app_to_start = app
        else:
            self._take_turn(cycle, app)

    def _start_waiting(self) -> None:
        """Start the application, which waited for the body: half-sent requests cost no task."""
        app, self._app_to_start = self._app_to_start, None
        self._take_turn(self.cycle, app)

    def _take_turn(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's
        if self.trust.known:
            super()._start_asgi_task(cycle, app)
        else:
            self._table.take_turn(self, partial(super()._start_asgi_task, cycle, app))

    def on_response_complete(self) -> None:
        """Let others have their turn, then go on with what waits on this connection."""
        if not self.trust.known:
            self._table.end_turn(self)
        super().on_response_complete()

    # -------------------------------------------------------------------------------------- of the connection table

    @property
    def idle(self) -> bool:
        """Whether no request is being answered, or its answer waits to be read."""
        running = self._running is not None and not self._running.response_complete and self._app_to_start is None
        return not running or self._refused_at is not None or self.transport.get_write_buffer_size() > 0

    def evict(self) -> None:
        """Close the connection at once; a half-sent request is answered."""
        if self.transport.get_write_buffer_size() > 0 or self._refused_at is not None:
            self.transport.abort()
            return
        if self._received > 0 and self._incomplete_since is not None:
            self.transport.write(_CROWDED.response)
        self._give_up()
        self.transport.close()

    def check(self, now: float) -> None:
        """Close the connection when its peer is too slow."""
        limits = self._table.limits
        if self._refused_at is not None:
            if now - self._refused_at > LINGER_S:
                self.transport.abort()
        elif self._unread.is_late(self.transport, now, within_s=limits.answer_s):
            self.transport.abort()
        elif self._incomplete_since is not None and now - self._incomplete_since > limits.request_s:
            if self._received > 0:
                self._refuse(_NOT_WHOLE)
            else:
                self.transport.close()

    # ----------------------------------------------------------------------------------------------------- refusing

    def _check_head(self) -> None:
        if len(self.url) > LONGEST_TARGET:
            self._stop_parsing(_TARGET_TOO_LONG)
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            self._stop_parsing(_HEAD_TOO_LARGE)

    def _check_size(self) -> None:
        """Refuse a request that is not whole and has too many bytes already."""
        if self._incomplete_since is None or self._received <= LONGEST_TARGET:
            return
        if self._in_head:
            if self._received > LARGEST_HEAD:
                self._refuse(_HEAD_TOO_LARGE if self.headers else _TARGET_TOO_LONG)
        elif self._received > LARGEST_HEAD + FRAMING_FACTOR * self._largest_body:
            self._refuse(_too_large(self._largest_body))

    def _stop_parsing(self, refusal: _Refused) -> None:
        """Leave the parser, which raises an error of its own for this one."""
        self._refusal = refusal
        raise _StopParsing

    def _refuse(self, refusal: _Refused) -> None:
        """Answer, and read without keeping anything for a while: a peer that still sends would not get the answer.

        While an earlier request is being answered the peer would take this for its answer; then there is none.
        """
        self._refused_at = self.loop.time()
        running = self._running
        earlier = running is not self.cycle or self._in_head
        if running is not None and not running.response_complete and (earlier or running.response_started):
            self.transport.abort()
            return
        self.transport.write(refusal.response)
        self._give_up()
        self.transport.write_eof()

    def _give_up(self) -> None:
        """End what the application still does with the request; it can send nothing any more."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
            self._table.end_turn(self)
        self.pipeline.clear()
        self._app_to_start = None


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket. Its messages are bounded by uvicorn's settings, its pings notice a peer that is gone."""

    def __init__(self, *arguments: Any, table: ConnectionTable, **named: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*arguments, **named)
        self.trust = PeerTrust(on_known=_nothing)
        self.address = ""
        self._table = table
        self._unread = _Reading()

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the place of the HTTP connection."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._table.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._table.release(self)
        super().connection_lost(exc)

    def handle_connect(self, event: Any) -> None:  # noqa: ANN401 - websockets' request
        """Give the application the trust of the connection."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"]["peer_trust"] = self.trust

    @property
    def idle(self) -> bool:
        """Whether nobody who is known uses it."""
        return not self.trust.known

    def evict(self) -> None:
        """Close it at once."""
        self.transport.abort()

    def check(self, now: float) -> None:
        """Close the connection when its peer does not read."""
        if self._unread.is_late(self.transport, now, within_s=self._table.limits.answer_s):
            self.transport.abort()
