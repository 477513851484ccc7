"""Subscribes to the hall's retained messages, puts them into the inbox, and publishes this screen's own status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr

from display.feed_inbox import (
    BoardReceived,
    BrokerConnectionChanged,
    FeedEvent,
    FeedInbox,
    HubStatusReceived,
    NoticeReceived,
    SignReceived,
)
from protocol import topics
from protocol.clients.mqtt_client import Will
from protocol.retained_messages import AnnouncedCall, Board, HubStatus, Notice, Sign
from protocol.settings import BrokerAddress
from protocol.vocabulary import DeviceKind, SiteId, Text, WindowId
from runtime.device_presence import DevicePresence
from runtime.hall_connections import broker_client


class Feed:
    """One screen's connection to its hall. A message that cannot be read is logged by the broker client and skipped."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        site: SiteId,
        device: str,
        key: SecretStr,
        inbox: FeedInbox,
        tls: Path | None = None,
    ) -> None:
        self._presence = DevicePresence(site=site, device=device, kind=DeviceKind.DISPLAY, hub_host=address.host)
        self._inbox = inbox
        self._site = site
        self._broker = broker_client(
            address,
            device=device,
            key=key,
            presence=self._presence,
            tls=tls,
            on_presence=lambda connected: inbox.put(BrokerConnectionChanged(connected=connected)),
        )
        self._subscribe(
            topics.hub_status(site),
            lambda payload, replayed: HubStatusReceived(
                status=HubStatus.model_validate_json(payload), replayed=replayed
            ),
        )

    def subscribe_hall(self) -> None:
        """Subscribe to the board and the notice line; before ``start``."""
        self._subscribe(
            topics.board(self._site),
            lambda payload, replayed: BoardReceived(board=Board.model_validate_json(payload), replayed=replayed),
        )
        self._subscribe(
            topics.notice(self._site),
            lambda payload, replayed: NoticeReceived(notice=Notice.model_validate_json(payload), replayed=replayed),
        )

    def subscribe_window(self, window: WindowId) -> None:
        """Subscribe to one window's sign; before ``start``."""
        self._subscribe(
            topics.sign(self._site, window),
            lambda payload, replayed: SignReceived(sign=Sign.model_validate_json(payload), replayed=replayed),
        )

    def _subscribe(self, topic: str, read: Callable[[bytes, bool], FeedEvent]) -> None:
        self._broker.subscribe(topic, lambda _topic, payload, replayed: self._inbox.put(read(payload, replayed)))

    def start(self) -> None:
        """Connect in the background; a broker that is away is no error."""
        self.publish_status(faults=(), announced=())
        self._broker.start()

    def publish_status(self, *, faults: Sequence[Text], announced: Sequence[AnnouncedCall]) -> None:
        """Publish that this screen runs, its faults and what its voice has spoken; also the heartbeat."""
        self._broker.publish_retained(self._presence.topic, self._presence.online(faults=faults, announced=announced))

    @property
    def alive(self) -> bool:
        """Whether the broker client's thread runs; when not, only a new process helps."""
        return self._broker.alive

    def stop(self, *, on_purpose: bool) -> None:
        """Publish the farewell (``offline`` after a requested stop, else ``lost``) and disconnect."""
        last: Will = self._presence.offline() if on_purpose else self._presence.lost()
        self._broker.stop(last=last)
