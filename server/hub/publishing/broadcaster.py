"""Tells the hall: after each commit the retained board, signs and queues, and a heartbeat; newest wins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from protocol import topics
from protocol.mqtt_client import MqttClient, Will
from protocol.retained_messages import HubStatus, Notice, RetainedMessage
from protocol.settings import BrokerAddress
from protocol.vocabulary import Presence, SiteId
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import Forecast
from server.domain.model.hall import Hall
from server.domain.views import hall_views
from server.hub.access import HUB_USER
from server.hub.commands.writer import Commands
from server.runtime.clock import Clock
from server.runtime.version import VERSION

log = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
COUNTS_EVERY_S = 0.2


class Broadcaster:
    """Publishes the committed state. ``changed`` may be called from any thread and costs the caller nothing."""

    def __init__(
        self,
        *,
        site: SiteId,
        address: BrokerAddress,
        password: str,
        clock: Clock,
        on_device: Callable[[str, bytes], None],
    ) -> None:
        self._site = site
        self._clock = clock
        self._told: dict[str, object] = {}  # topic -> what its message was made from
        self._dirty = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self._commands: Commands
        self._forecast: Callable[[], Forecast]
        self._county_away_since: Callable[[], datetime | None]
        self._shown: Hall | None = None
        self._later: asyncio.TimerHandle | None = None
        lost = self._status(Presence.LOST, seq=0)
        self._broker = MqttClient(
            address,
            client_id=f"{site}-hub",
            username=HUB_USER,
            password=password,
            will=Will(topic=topics.hub_status(site), payload=lost),
        )
        self._on_device = on_device
        self._broker.subscribe(topics.device_statuses(site), self._hear_device)

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._broker.connected

    def changed(self) -> None:
        """Note that there is a newer state."""
        self._loop.call_soon_threadsafe(self._mark)

    def forecasted(self) -> None:
        """Note on the loop that there is a newer forecast."""
        self._dirty.set()

    def start(
        self,
        commands: Commands,
        *,
        forecast: Callable[[], Forecast],
        county_away_since: Callable[[], datetime | None],
    ) -> None:
        """Begin to tell; ``forecast`` returns the newest one."""
        self._commands = commands
        self._forecast = forecast
        self._county_away_since = county_away_since
        self._mark()
        self._broker.start()
        self._tasks = [
            asyncio.create_task(self._tell_changes(), name="tell changes"),
            asyncio.create_task(self._beat(), name="heartbeat"),
        ]

    async def stop(self) -> None:
        """Say goodbye and leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        farewell = self._status(Presence.OFFLINE, seq=self._commands.hall.seq)
        last = Will(topic=topics.hub_status(self._site), payload=farewell)
        await asyncio.to_thread(self._broker.stop, last=last)

    def _hear_device(self, topic: str, payload: bytes, replayed: bool) -> None:  # noqa: ARG002, FBT001 - a Handler
        self._loop.call_soon_threadsafe(self._on_device, topic, payload)

    def _mark(self) -> None:
        """Have a call or a window's change told at once, and how many wait a few times a second."""
        hall = self._commands.hall
        if self._shown is None or hall.calls is not self._shown.calls or hall.windows is not self._shown.windows:
            self._dirty.set()
        elif self._later is None:
            self._later = self._loop.call_later(COUNTS_EVERY_S, self._dirty.set)

    async def _tell_changes(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._later = None
            self._shown = self._commands.hall
            try:
                self._tell_all(self._shown)
            except Exception:
                log.exception("the board could not be told")

    def _tell_all(self, hall: Hall) -> None:
        """Tell what differs from what was told, the board first: a called visitor is looking at it."""
        at, promises, away = self._now(), wait_times.published_ranges(self._forecast()), self._county_away_since()
        is_open = hall_views.is_open(hall, at=at, hours_apply=self._clock.trusted())
        counts = {s: len(q) for s, q in hall.queues.items() if q}
        self._tell(
            topics.board(self._site),
            (hall.site, hall.calls, counts, promises, is_open, away),
            partial(hall_views.board, hall, promises, at=at, is_open=is_open, county_away_since=away),
        )
        for window in hall.site.windows:
            sign = partial(hall_views.sign, hall, window, at=at)
            self._tell(topics.sign(self._site, window), hall_views.sign_content(hall, window), sign)
        for service in hall.site.services:
            content = (hall.site, counts.get(service, 0), promises.get(service))
            queue = partial(hall_views.queue, hall, service, promises, at=at)
            self._tell(topics.queue(self._site, service), content, queue)
        notice = partial(Notice, seq=hall.seq, as_of=at, text=hall.notice)
        self._tell(topics.notice(self._site), hall.notice, notice)

    def _tell(self, topic: str, content: object, message: Callable[[], RetainedMessage]) -> None:
        """Publish a message unless what is told already came from the same content."""
        if topic in self._told and self._told[topic] == content:
            return
        self._told[topic] = content
        self._broker.publish_retained(topic, message().model_dump_json().encode())

    async def _beat(self) -> None:
        while True:
            status = self._status(Presence.ONLINE, seq=self._commands.hall.seq)
            self._broker.publish_retained(topics.hub_status(self._site), status)
            self._dirty.set()  # opening hours begin and end without a commit
            await asyncio.sleep(HEARTBEAT_S)

    def _status(self, presence: Presence, *, seq: int) -> bytes:
        status = HubStatus(
            seq=seq,
            as_of=self._now(),
            presence=presence,
            boot=self._clock.boot,
            version=VERSION,
            clock_trusted=self._clock.trusted(),
        )
        return status.model_dump_json().encode()

    def _now(self) -> datetime:
        return self._clock.now().at
