"""Publishes the committed state over MQTT: retained board, signs, queues and notice, and the hub's heartbeat."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

from protocol import topics
from protocol.clients.async_mqtt_client import AsyncMqttClient
from protocol.clients.mqtt_client import Will
from protocol.journal import Moment
from protocol.retained_messages import HubStatus, Notice, RetainedMessage
from protocol.settings import BrokerAddress
from protocol.vocabulary import Presence, Promise, ServiceId, SiteId, Text, WindowId
from runtime.fault_log import FaultLog
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.model.hall import Hall
from server.domain.views import hall_views
from server.domain.views.hall_views import SignContent
from server.hub.access import HUB_USER
from server.runtime.clock import Clock
from server.runtime.version import VERSION

log = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
"""Interval of the hub's heartbeat, seconds; the start and end of opening hours are published with it too."""
BEATS_BETWEEN_REPEATS = 2
"""Number of heartbeats after which every message is published again, whatever became of it on the broker."""
COUNTS_EVERY_S = 0.2
"""Minimum interval between boards, signs and queues that differ only in waiting counts, seconds."""

MessageBuilder = Callable[[], RetainedMessage]
Publication = tuple[str, object, MessageBuilder]
"""A topic, the content its message is made from, and the function that makes it."""
PublicationMaker = Callable[[Hall, Moment], Publication]


class Broadcaster:
    """Publishes what differs from the last published state; the newest state wins. Runs on the event loop."""

    def __init__(
        self,
        *,
        site: SiteId,
        address: BrokerAddress,
        password: str,
        clock: Clock,
        hall: Callable[[], Hall],
        forecast: Callable[[], Forecast],
        county_away_since: Callable[[], datetime | None],
        on_device: Callable[[str, bytes], None],
        devices: Callable[[], Iterable[str]],
    ) -> None:
        """``hall`` and ``forecast`` return the newest, ``devices`` the enrolled devices.

        ``on_device`` gets topic and payload of each device status.
        """
        self._site = site
        self._clock = clock
        self._hall = hall
        self._forecast = forecast
        self._county_away_since = county_away_since
        self._on_device = on_device
        self._loop = asyncio.get_running_loop()
        self._published: dict[str, object] = {}  # topic -> what its message was made from
        self._shown: Hall | None = None
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._ranges_of: tuple[Forecast | None, Mapping[ServiceId, Promise | None]] = (None, {})
        self.fault = FaultLog(log, Text(zh="消息服务器离线", en="the broker is away"))
        """Lasts while the broker is not connected."""
        self._making = FaultLog(log, Text(zh="大厅的情况没有发布", en="the hall's state is not published"))
        self._broker = AsyncMqttClient(
            address,
            username=HUB_USER,
            password=password,
            will=Will(topic=topics.hub_status(site), payload=self._status(Presence.LOST, seq=0)),
            on_presence=self._on_presence,
            on_failure=self.fault.began,
        )
        self._broker.subscribe(
            topics.device_statuses(site),
            self._on_device_status,
            known_topics=lambda: [topics.device_status(site, device) for device in devices()],
        )

    @property
    def connected(self) -> bool:
        """Whether the broker is connected."""
        return self._broker.connected

    def _on_presence(self, present: bool) -> None:  # noqa: FBT001 - a callback
        if present:
            self.fault.ended()

    def start(self) -> None:
        """Connect, publish everything, and keep the heartbeat."""
        self._broker.start()
        self._tasks = [
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._publish_changes(), name="publishing"),
        ]

    async def stop(self) -> None:
        """Publish the hub's farewell, then disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        offline = self._status(Presence.OFFLINE, seq=self._hall().seq)
        last = Will(topic=topics.hub_status(self._site), payload=offline)
        await self._broker.stop(last=last)

    def on_commit(self, hall: Hall) -> None:
        """Publish a call or a change of a window at once, and waiting counts a few times a second.

        The board comes first; the signs of that visitor follow when the answers to the commands have left.
        """
        shown = self._shown
        # The fold keeps these two mappings when a fact does not concern them, so identity shows whether they changed.
        if shown is None or hall.calls is not shown.calls or hall.windows is not shown.windows:
            self._shown = hall
            self._publish(*self._board(hall, self._clock.now()))
            # What sends the answers is called on the loop's next turn, and this on the one after it.
            self._loop.call_soon(self._loop.call_soon, self._publish_visits)
        self._changed.set()

    def publish(self) -> None:
        """Publish what has changed in anything, within ``COUNTS_EVERY_S``."""
        self._changed.set()

    async def _publish_changes(self) -> None:
        """Publish what has changed, the board first, one message in each turn of the loop: no command waits for all."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(COUNTS_EVERY_S)
            self._changed.clear()
            for make in self._makers():
                self._publish_newest(make)
                await asyncio.sleep(0)

    def _publish_visits(self) -> None:
        """Publish the signs of windows with another state or visitor; of the others only the counts may differ."""
        hall, at = self._hall(), self._clock.now()
        for window in hall.site.windows:
            topic, content, _ = self._sign(hall, at, window=window)
            before = self._published.get(topic)
            if not isinstance(before, SignContent) or before.visit != content.visit:
                self._publish_newest(partial(self._sign, window=window))

    def _publish_newest(self, make: PublicationMaker) -> None:
        """Publish one message of the newest state, if it differs."""
        try:
            self._publish(*make(self._hall(), self._clock.now()))
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            self._making.began(repr(error), defect=error)

    def _makers(self) -> Iterator[PublicationMaker]:
        """Yield the makers of all retained messages but the hub's status, the board's first."""
        yield self._board
        site = self._hall().site
        for window in site.windows:
            yield partial(self._sign, window=window)
        for service in site.services:
            yield partial(self._queue, service=service)
        yield self._notice

    def _sign(self, hall: Hall, at: Moment, *, window: WindowId) -> tuple[str, SignContent, MessageBuilder]:
        content = hall_views.sign_content(hall, window, at=at)
        return topics.sign(self._site, window), content, partial(hall_views.sign_view, hall, window, at=at)

    def _queue(self, hall: Hall, at: Moment, *, service: ServiceId) -> Publication:
        promises = self._ranges()
        content = (hall.site, len(hall.queues.get(service, ())), promises.get(service))
        message = partial(hall_views.queue_view, hall, service, promises, at=at.at)
        return topics.queue(self._site, service), content, message

    def _notice(self, hall: Hall, at: Moment) -> Publication:
        return topics.notice(self._site), hall.notice, partial(Notice, seq=hall.seq, as_of=at.at, text=hall.notice)

    def _board(self, hall: Hall, at: Moment) -> Publication:
        promises, away = self._ranges(), self._county_away_since()
        is_open = hall_views.is_open(hall, at=at.at, hours_apply=self._clock.trusted())
        counts = {s: len(q) for s, q in hall.queues.items() if q}
        return (
            topics.board(self._site),
            (hall.site, hall.calls, counts, promises, is_open, away),
            partial(hall_views.board_view, hall, promises, at=at.at, is_open=is_open, county_away_since=away),
        )

    def _ranges(self) -> Mapping[ServiceId, Promise | None]:
        """Return the waits to publish; they are made once for each forecast."""
        forecast = self._forecast()
        if forecast is not self._ranges_of[0]:
            self._ranges_of = (forecast, wait_times.published_ranges(forecast))
        return self._ranges_of[1]

    def _publish(self, topic: str, content: object, message: MessageBuilder) -> None:
        """Publish a message unless the last one of its topic was made from the same content."""
        if topic in self._published and self._published[topic] == content:
            return
        self._published[topic] = content
        self._broker.publish_retained(topic, message().model_dump_json().encode())

    async def _beat(self) -> None:
        for beat in itertools.count():
            if beat % BEATS_BETWEEN_REPEATS == 0:
                self._published.clear()  # what somebody deleted or forged on the broker is right again
            status = self._status(Presence.ONLINE, seq=self._hall().seq)
            self._broker.publish_retained(topics.hub_status(self._site), status)
            self.publish()
            await asyncio.sleep(HEARTBEAT_S)

    def _on_device_status(self, topic: str, payload: bytes, replayed: bool) -> None:  # noqa: ARG002, FBT001
        self._on_device(topic, payload)

    def _status(self, presence: Presence, *, seq: int) -> bytes:
        status = HubStatus(
            seq=seq,
            as_of=self._clock.now().at,
            presence=presence,
            boot=self._clock.boot,
            version=VERSION,
            clock_trusted=self._clock.trusted(),
            time_zone=self._hall().site.catalogue.time_zone,
        )
        return status.model_dump_json().encode()
