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
from server.domain.desk import issuance
from server.domain.forecast.forecast import Forecast
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.referrals import reconcile
from server.domain.views import hall_views
from server.hub.access import Access
from server.hub.commands.writer import Commands
from server.hub.publishing.broadcaster import Broadcaster
from server.hub.publishing.device_statuses import DeviceStatuses
from server.hub.publishing.forecast_refresher import ForecastRefresher
from server.hub.replication.county_link import CountyLink
from server.hub.replication.replicator import Replicator
from server.hub.replication.restore import restore_journal
from server.hub.settings import HubSettings
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock
from server.store.database import open_reader, open_writer
from server.store.journal.outbox import Outbox
from server.store.queries.day_figures import DayFiguresQuery
from server.store.queries.ticket_lookup import TicketLookup
from server.store.site_store import Store

log = logging.getLogger(__name__)

PRINT_GIVEN_UP_S = 120.0
"""A print job whose kiosk has not reported for so long has an unknown outcome."""
TICK_S = 10.0


@dataclass(frozen=True, kw_only=True)
class HubServices:
    """Everything a route or page may use."""

    settings: HubSettings
    clock: Clock
    access: Access
    commands: Commands
    broadcaster: Broadcaster
    devices: DeviceStatuses
    lookup: TicketLookup
    statistics: DayFiguresQuery
    predicting: ForecastRefresher
    ticking: asyncio.Task[None]
    change_notifier: ChangeNotifier
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
        return hall_views.is_open(self.hall, at=self.clock.now().at, hours_apply=self.clock.trusted())


async def start_hub(settings: HubSettings) -> HubServices:
    """Open the store, load the hall and begin to tell. Raises SettingsError, StoreFault."""
    catalogue = load_settings(Catalogue, settings.catalogue)
    clock = Clock()
    access = Access(settings.data, site=catalogue.site)
    access.prepare()
    devices = DeviceStatuses(access, site=catalogue.site)
    store = Store(open_writer(settings.database), site=catalogue.site)
    reader = open_reader(settings.database)
    replicator, county_link = None, None
    if settings.county is not None:
        client = CountyClient(settings.county, site=catalogue.site)
        await asyncio.to_thread(restore_journal, store, catalogue, client)
        replicator = Replicator(client, Outbox(reader, site=catalogue.site), clock=clock)
        county_link = CountyLink(client, clock=clock)
    broadcaster = Broadcaster(
        site=catalogue.site,
        address=settings.broker,
        password=access.hub_key(),
        clock=clock,
        on_device=devices.hear,
    )
    predicting = ForecastRefresher(clock=clock, told=broadcaster.forecasted)
    change_notifier = ChangeNotifier()
    told = [
        change_notifier.notify,
        broadcaster.changed,
        predicting.changed,
        *([replicator.changed] if replicator else []),
    ]
    commands = Commands(store, clock=clock, changed=_all(told))
    commands.start(catalogue)
    if replicator is not None:
        replicator.start(lambda: commands.hall)
    away_since = lambda: None if replicator is None else replicator.away_since
    broadcaster.start(commands, forecast=lambda: predicting.forecast, county_away_since=away_since)
    predicting.start(lambda: commands.hall)
    if county_link is not None:
        county_link.start(commands, lambda: predicting.forecast)
    return HubServices(
        settings=settings,
        clock=clock,
        access=access,
        commands=commands,
        broadcaster=broadcaster,
        devices=devices,
        lookup=TicketLookup(reader, site=catalogue.site),
        statistics=DayFiguresQuery(reader, site=catalogue.site),
        predicting=predicting,
        ticking=asyncio.create_task(_tick(commands, broadcaster.changed), name="tick"),
        change_notifier=change_notifier,
        replicator=replicator,
        county_link=county_link,
    )


def _all(told: Iterable[Callable[[], None]]) -> Callable[[], None]:
    """Return what tells them all, in this order."""

    def changed() -> None:
        for one in told:
            one()

    return changed


async def stop_hub(hub: HubServices) -> None:
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
    return [*issuance.expire_prints(hall, at=at, after_s=PRINT_GIVEN_UP_S), *reconcile.expire_referrals(hall, at=at)]


async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("the hub's own work failed and is tried again")
