"""Hears the hall's truths from the broker, puts them into the inbox, and tells how this screen is."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from display.feed_inbox import BoardHeard, BrokerPresence, FeedEvent, FeedInbox, HubHeard, NoticeHeard, SignHeard
from protocol import topics
from protocol.mqtt_client import MqttClient, Will
from protocol.retained_messages import Board, HubStatus, Notice, Sign
from protocol.settings import BrokerAddress
from protocol.vocabulary import DeviceKind, SiteId, Text, WindowId
from runtime.device_presence import DevicePresence


class Feed:
    """One screen's connection to its hall. A message that cannot be read is logged by the broker client and skipped."""

    def __init__(self, address: BrokerAddress, *, site: SiteId, device: str, key: SecretStr, inbox: FeedInbox) -> None:
        self._presence = DevicePresence(site=site, device=device, kind=DeviceKind.DISPLAY)
        self._inbox = inbox
        self._site = site
        self._broker = MqttClient(
            address,
            client_id=f"{site}-{device}",
            username=device,
            password=key.get_secret_value(),
            will=self._presence.lost(),
            on_presence=lambda connected: inbox.put(BrokerPresence(connected=connected)),
        )
        self._hear(
            topics.hub_status(site),
            lambda payload, replayed: HubHeard(status=HubStatus.model_validate_json(payload), replayed=replayed),
        )

    def hear_hall(self) -> None:
        """Hear the board and the notice line; before ``start``."""
        self._hear(
            topics.board(self._site),
            lambda payload, replayed: BoardHeard(board=Board.model_validate_json(payload), replayed=replayed),
        )
        self._hear(
            topics.notice(self._site), lambda payload, _: NoticeHeard(notice=Notice.model_validate_json(payload))
        )

    def hear_window(self, window: WindowId) -> None:
        """Hear one window's sign; before ``start``."""
        self._hear(
            topics.sign(self._site, window), lambda payload, _: SignHeard(sign=Sign.model_validate_json(payload))
        )

    def _hear(self, topic: str, read: Callable[[bytes, bool], FeedEvent]) -> None:
        self._broker.subscribe(topic, lambda _topic, payload, replayed: self._inbox.put(read(payload, replayed)))

    def start(self) -> None:
        """Connect in the background; a broker that is away is no error."""
        self.tell(faults=())
        self._broker.start()

    def tell(self, *, faults: tuple[Text, ...]) -> None:
        """Tell the hall that this screen works, and what does not; also the heartbeat."""
        self._broker.publish_retained(self._presence.topic, self._presence.online(faults=faults))

    @property
    def alive(self) -> bool:
        """Whether the broker client can still hear; when not, only a new process helps."""
        return self._broker.alive

    def stop(self, *, on_purpose: bool) -> None:
        """Leave the hall: ``offline`` when somebody wanted it, else ``lost``."""
        last: Will = self._presence.offline() if on_purpose else self._presence.lost()
        self._broker.stop(last=last)
