"""The MQTT 3.1.1 client: publishes retained messages and subscribes. The only module that knows paho.

The broker need not store anything: the newest message of each topic that this process publishes is kept here, and
published again on every connect. A callback that raises is logged and never stops the client.
"""

from __future__ import annotations

import logging
import secrets
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from protocol.settings import BrokerAddress

log = logging.getLogger(__name__)

MessageCallback = Callable[[str, bytes, bool], None]
"""Receives (topic, payload, replayed); ``replayed`` is True for what was retained before this subscription.

Runs where the connection is read, on the client's own thread or on the loop, and returns at once."""


@dataclass(frozen=True, kw_only=True)
class Will:
    """The last will: the message that the broker publishes for this process when the connection is lost."""

    topic: str
    payload: bytes


RECONNECT_S = 1
"""Pause between attempts to connect, seconds: screens are right 3 s after the broker is."""
FAREWELL_S = 1.0
"""Time limit for delivering the farewell of a process that stops, seconds."""

KEY_REFUSED = (
    "消息服务器 %s 不接受本机的密钥（%s）：请重新登记本设备，或让 mosquitto 重新读取密钥 / "
    "the broker does not accept this device's key: enrol it again, or let mosquitto read its keys again "
    "(systemctl reload mosquitto)"
)


def _new_client_id() -> str:
    """Return an id that nobody can guess: a broker ends the connection of a client whose id another one shows."""
    return secrets.token_hex(11)


class MqttConnection:
    """A connection to the hall's broker that reconnects by itself, without a limit.

    ``publish_retained`` keeps the newest payload per topic and delivers it now or on the next connect; an older payload
    for the same topic that was not delivered is forgotten. What reads and writes the socket is the subclass's.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        username: str | None = None,
        password: str | None = None,
        will: Will | None = None,
        tls: ssl.SSLContext | None = None,
        on_presence: Callable[[bool], None] | None = None,
        on_failure: Callable[[object], None] = lambda cause: None,  # noqa: ARG005
    ) -> None:
        """``tls`` encrypts the connection; left out, it is not.

        ``on_presence`` is called when the broker is there or gone, ``on_failure`` with the cause of each failure.
        """
        self._on_failure = on_failure
        self._address = address
        self._on_presence = on_presence
        self._callbacks: dict[str, MessageCallback] = {}
        self._known_topics: list[Callable[[], Iterable[str]]] = []
        self._published_payloads: dict[str, bytes] = {}
        self._due: dict[str, None] = {}  # topics whose newest payload is not published yet, in order
        self._in_flight: dict[int, str] = {}  # message id -> topic; at most one a topic, so an old one never wins
        self._acknowledged: deque[int] = deque()  # message ids the broker has taken, not yet processed
        self._lock = threading.Lock()
        self._connected = False
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=_new_client_id(), protocol=mqtt.MQTTv311, clean_session=True
        )
        self._client.suppress_exceptions = True
        self._client.enable_logger(_paho_log())
        self._client.max_queued_messages_set(0)
        self._client.reconnect_delay_set(min_delay=RECONNECT_S, max_delay=RECONNECT_S)
        if username is not None:
            self._client.username_pw_set(username, password)
        if tls is not None:
            self._client.tls_set_context(tls)
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_published
        self._client.on_message = self._on_message

    @property
    def connected(self) -> bool:
        """Whether the broker accepted this client and the connection has not been lost since."""
        return self._connected

    def subscribe(
        self, topic_filter: str, callback: MessageCallback, *, known_topics: Callable[[], Iterable[str]] = tuple
    ) -> None:
        """Call ``callback`` for every message on ``topic_filter``; before ``start``.

        ``known_topics`` returns topics that a filter with wildcards matches. On each connect they are subscribed to by
        name as well: some brokers (RabbitMQ) replay retained messages of single topics only.
        """
        self._callbacks[topic_filter] = callback
        self._known_topics.append(known_topics)

    def publish_retained(self, topic: str, payload: bytes) -> None:
        """Make ``payload`` the retained message on ``topic``."""
        with self._lock:
            self._published_payloads[topic] = payload
            self._due[topic] = None
            self._publish_due()
        self._process_acknowledged()

    def _check_farewell(self, last: Will) -> None:
        if self._is_undelivered(last.topic):
            log.warning("the farewell was not delivered within %s s", FAREWELL_S)

    def _release(self) -> None:
        """Part from paho: the two hold each other, and its sockets would be closed when the collector comes by."""
        client = self._client
        client.on_connect = client.on_disconnect = client.on_publish = client.on_message = None
        client.on_socket_close = client.on_connect_fail = None

    def _on_connect(
        self,
        client: mqtt.Client,
        userdata: object,  # noqa: ARG002 - paho's signature
        flags: mqtt.ConnectFlags,  # noqa: ARG002
        reason: ReasonCode,
        properties: object,  # noqa: ARG002
    ) -> None:
        if reason.is_failure:
            self._on_failure(KEY_REFUSED % (self._address.host, reason))
            return
        for topic in [*self._callbacks, *(topic for known_topics in self._known_topics for topic in known_topics())]:
            client.subscribe(topic, qos=1)
        with self._lock:
            self._connected = True
            self._due = dict.fromkeys(self._published_payloads)
            self._publish_due()
        self._process_acknowledged()
        self._notify(present=True)

    def _publish_due(self) -> None:
        """Send the newest payload of each due topic that has none on its way; with the lock held."""
        if not self._connected:
            return
        busy = set(self._in_flight.values())
        for topic in [t for t in self._due if t not in busy]:
            del self._due[topic]
            publishing = self._client.publish(topic, self._published_payloads[topic], qos=1, retain=True)
            self._in_flight[publishing.mid] = topic

    def _is_undelivered(self, topic: str) -> bool:
        """Whether the newest payload of ``topic`` was not yet taken by the broker."""
        with self._lock:
            return topic in self._due or topic in self._in_flight.values()

    def _on_published(self, client: mqtt.Client, userdata: object, mid: int, *_: object) -> None:  # noqa: ARG002
        """Record an acknowledgement. paho holds a lock here that ``publish`` needs, so never wait for ours."""
        self._acknowledged.append(mid)
        self._process_acknowledged()

    def _process_acknowledged(self) -> None:
        """Send what waited for an acknowledgement; the lock's holder does it for other threads after releasing it."""
        while self._acknowledged and self._lock.acquire(blocking=False):
            try:
                while self._acknowledged:
                    self._in_flight.pop(self._acknowledged.popleft(), None)
                self._publish_due()
            finally:
                self._lock.release()

    def _on_disconnect(
        self,
        client: mqtt.Client,  # noqa: ARG002 - paho's signature
        userdata: object,  # noqa: ARG002
        flags: object,  # noqa: ARG002
        reason: ReasonCode,
        properties: object,  # noqa: ARG002
    ) -> None:
        self._connected = False
        if reason.is_failure:  # this client did not part by itself
            self._on_failure("disconnected")
        self._notify(present=False)

    def _notify(self, *, present: bool) -> None:
        if self._on_presence is None:
            return
        try:
            self._on_presence(present)
        except Exception:
            log.exception("the callback for the broker's presence failed")

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:  # noqa: ARG002
        for topic_filter, callback in self._callbacks.items():
            if topic_matches(topic_filter, message.topic):
                try:
                    callback(message.topic, bytes(message.payload), message.retain)
                except ValueError as error:
                    log.warning("a message on %s was not understood: %s", message.topic, str(error).splitlines()[0])
                except Exception:
                    log.exception("a message on %s could not be processed", message.topic)


class MqttClient(MqttConnection):
    """A connection with a thread of its own; its callbacks are called there."""

    @property
    def alive(self) -> bool:
        """Whether the client's thread runs; without it nothing is received or published after ``start``."""
        thread = self._client._thread  # paho has no public way to see its thread
        return thread is not None and thread.is_alive()

    def start(self) -> None:
        """Connect in the background, now and whenever the connection is lost; never fails."""
        self._client.on_connect_fail = lambda *_: self._on_failure(sys.exception() or "no connection")
        self._client.connect_async(self._address.host, self._address.port, keepalive=self._address.keepalive_s)
        self._client.loop_start()

    def stop(self, *, last: Will | None = None) -> None:
        """Publish ``last`` (a farewell, delivered after all that was published before), then disconnect."""
        if last is not None and self._connected:
            self.publish_retained(last.topic, last.payload)
            deadline = time.monotonic() + FAREWELL_S
            while self._is_undelivered(last.topic) and time.monotonic() < deadline:
                time.sleep(0.01)
                self._process_acknowledged()
            self._check_farewell(last)
        self._client.disconnect()
        self._client.loop_stop()
        self._release()


def topic_matches(topic_filter: str, topic: str) -> bool:
    """Whether a filter with MQTT's wildcards matches a topic."""
    return mqtt.topic_matches_sub(topic_filter, topic)


def _paho_log() -> logging.Logger:
    """Return paho's log without what ``on_failure`` reports: each attempt to connect that fails would be a line."""
    paho_log = log.getChild("paho")
    if not paho_log.filters:
        paho_log.addFilter(_is_no_outage)
    return paho_log


def _is_no_outage(record: logging.LogRecord) -> bool:
    return record.levelno < logging.WARNING or "exception" in record.getMessage()
