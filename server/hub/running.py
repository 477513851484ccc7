"""A running hub: its parts wired together once, and what the hub does by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from protocol.county_client import CountyClient
from protocol.journal import AnyFact, Moment
from protocol.settings import load_settings
from server.bell import Bell
from server.clock import Clock
from server.domain import issuing, letters, views
from server.domain.catalogue import Catalogue
from server.domain.forecast import Forecast
from server.domain.hall import Hall
from server.hub.access import Access
from server.hub.broadcaster import Broadcaster
from server.hub.commands import Commands
from server.hub.county_link import CountyLink
from server.hub.devices import Devices
from server.hub.predicting import Predicting
from server.hub.replicator import Replicator
from server.hub.restoring import catch_up
from server.hub.settings import HubSettings
from server.store.database import open_reader, open_writer
from server.store.figures import Statistics
from server.store.journal import Store
from server.store.lookup import Lookup
from server.store.outbox import Outbox

log = logging.getLogger(__name__)

PRINT_GIVEN_UP_S = 120.0
"""A print job whose kiosk has not reported for so long has an unknown outcome."""
TICK_S = 10.0


@dataclass(frozen=True, kw_only=True)
class RunningHub:
    """Everything a route or page may use."""

    settings: HubSettings
    clock: Clock
    access: Access
    commands: Commands
    broadcaster: Broadcaster
    devices: Devices
    lookup: Lookup
    statistics: Statistics
    predicting: Predicting
    ticking: asyncio.Task[None]
    bell: Bell
    """Rung after every commit."""
    replicator: Replicator | None
    """None at a hub that belongs to no county, and so is the link."""
    county_link: CountyLink | None

    @property
    def hall(self) -> Hall:
        """The newest committed state."""
        return self.commands.hall

    @property
    def forecasts(self) -> Forecast:
        """The newest forecast; after a change the next is made within about a second, where one is made quickly."""
        return self.predicting.forecast

    @property
    def county_away_since(self) -> datetime | None:
        """Since when the site goes on without the county; None while it answers, and at a hub that belongs to none."""
        return None if self.replicator is None else self.replicator.away_since

    def is_open(self) -> bool:
        """Whether tickets are issued now."""
        return views.is_open(self.hall, at=self.clock.now().at, hours_apply=self.clock.trusted())


async def start(settings: HubSettings) -> RunningHub:
    """Open the store, load the hall and begin to tell. Raises SettingsError, StoreFault."""
    catalogue = load_settings(Catalogue, settings.catalogue)
    clock = Clock()
    access = Access(settings.data, site=catalogue.site)
    access.prepare()
    devices = Devices(access, site=catalogue.site)
    store = Store(open_writer(settings.database), site=catalogue.site)
    reader = open_reader(settings.database)
    replicator, county_link = None, None
    if settings.county is not None:
        client = CountyClient(settings.county, site=catalogue.site)
        await asyncio.to_thread(catch_up, store, catalogue, client)
        replicator = Replicator(client, Outbox(reader, site=catalogue.site), clock=clock)
        county_link = CountyLink(client, clock=clock)
    broadcaster = Broadcaster(
        site=catalogue.site,
        address=settings.broker,
        password=access.hub_key(),
        clock=clock,
        on_device=devices.hear,
    )
    predicting = Predicting(clock=clock, told=broadcaster.forecasted)
    bell = Bell()
    told = [bell.ring, broadcaster.changed, predicting.changed, *([replicator.changed] if replicator else [])]
    commands = Commands(store, clock=clock, changed=_all(told))
    commands.start(catalogue)
    if replicator is not None:
        replicator.start(lambda: commands.hall)
    away_since = lambda: None if replicator is None else replicator.away_since
    broadcaster.start(commands, forecast=lambda: predicting.forecast, county_away_since=away_since)
    predicting.start(lambda: commands.hall)
    if county_link is not None:
        county_link.start(commands, lambda: predicting.forecast)
    return RunningHub(
        settings=settings,
        clock=clock,
        access=access,
        commands=commands,
        broadcaster=broadcaster,
        devices=devices,
        lookup=Lookup(reader, site=catalogue.site),
        statistics=Statistics(reader, site=catalogue.site),
        predicting=predicting,
        ticking=asyncio.create_task(_tick(commands, broadcaster.changed), name="tick"),
        bell=bell,
        replicator=replicator,
        county_link=county_link,
    )


def _all(told: Iterable[Callable[[], None]]) -> Callable[[], None]:
    """Return what tells them all, in this order."""

    def changed() -> None:
        for one in told:
            one()

    return changed


async def stop(hub: RunningHub) -> None:
    """Say goodbye, finish the command under way, close the store."""
    if hub.county_link is not None:
        hub.county_link.stop()
    hub.ticking.cancel()
    await asyncio.gather(hub.ticking, return_exceptions=True)
    await hub.predicting.stop()
    await hub.broadcaster.stop()
    await asyncio.to_thread(hub.commands.stop)
    if hub.replicator is not None:
        await asyncio.to_thread(hub.replicator.stop)


async def _tick(commands: Commands, changed: Callable[[], None]) -> None:
    """Turn the business day and write what time alone ends, also while nobody asks for anything."""
    while True:
        await asyncio.sleep(TICK_S)
        await _guarded(lambda: commands.note(_ended_by_time))
        changed()


def _ended_by_time(hall: Hall, at: Moment) -> list[AnyFact]:
    """Return the print jobs nobody reported on, the referrals without answer, and the visitors who did not arrive."""
    return [*issuing.forgotten_prints(hall, at=at, after_s=PRINT_GIVEN_UP_S), *letters.overdue(hall, at=at)]


async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("the hub's own work failed and is tried again")
