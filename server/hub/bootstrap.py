"""Builds a hub from its settings: stores, then the writer, then the services around it; runs its periodic tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from protocol.clients.county_client import CountyClient
from protocol.journal import AnyFact, Moment
from protocol.settings import load_settings
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.auth.throttle import Throttle
from server.authority.enrolment_answers import CodeTries
from server.domain.desk import issuance
from server.domain.forecast.forecast import Forecast
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.referrals import reconcile
from server.domain.views import hall_views
from server.hub.access import Access, unbound_text
from server.hub.commands.county_plan import CountyPlan
from server.hub.commands.hub_commands import HubCommands
from server.hub.commands.writer import CommandWriter
from server.hub.enrolment.device_enrolment import DeviceEnrolment
from server.hub.publishing.announcement_reports import AnnouncementReports
from server.hub.publishing.broadcaster import Broadcaster
from server.hub.publishing.device_statuses import DeviceStatuses
from server.hub.publishing.forecast_refresher import ForecastRefresher
from server.hub.replication.county_link import CountyLink
from server.hub.replication.replicator import Replicator
from server.hub.settings import HubSettings
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock
from server.runtime.disk_space import DiskSpace
from server.store.database import ReadingEngine, open_reader, open_writer
from server.store.journal.outbox import Outbox
from server.store.queries.day_figures import DayFiguresQuery
from server.store.queries.ticket_lookup import TicketLookup
from server.store.site_store import Store

log = logging.getLogger(__name__)

PRINT_TIMEOUT_S = 120.0
"""Time without a report after which a print job ends with an unknown outcome, seconds."""
TICK_S = 10.0
"""Interval of the check for expiries and for a new business day, seconds."""


@dataclass(frozen=True, kw_only=True)
class HubServices:
    """The services that routes and pages use."""

    settings: HubSettings
    clock: Clock
    access: Access
    writer: CommandWriter
    commands: HubCommands
    broadcaster: Broadcaster
    devices: DeviceStatuses
    figures: DayFiguresQuery
    refresher: ForecastRefresher
    disk: DiskSpace
    command_throttle: Throttle
    """Limits the commands of each device's key."""
    enrolment: DeviceEnrolment
    code_tries: CodeTries
    ticking: asyncio.Task[None]
    replicator: Replicator | None
    """None at a hub that belongs to no county, as is ``county_link``."""
    county_link: CountyLink | None
    store: Store
    reader: ReadingEngine
    """Read-only connections to the database of ``store``."""

    @property
    def hall(self) -> Hall:
        """The newest committed state."""
        return self.writer.hall

    @property
    def forecast(self) -> Forecast:
        """The newest forecast; see ``ForecastRefresher`` for its age."""
        return self.refresher.forecast

    @property
    def county_away_since(self) -> datetime | None:
        """Time since which the county has not answered; None while it does, and at a hub that belongs to none."""
        return None if self.replicator is None else self.replicator.away_since

    def is_open(self) -> bool:
        """Whether tickets are issued now."""
        return hall_views.is_open(self.hall, at=self.clock.now().at, hours_apply=self.clock.trusted())


async def start_hub(settings: HubSettings) -> HubServices:
    """Open the store, load the hall and start every service. Raises SettingsError, StoreFault."""
    return await build_hub(settings, load_settings(Catalogue, settings.catalogue), clock=Clock())


async def build_hub(settings: HubSettings, catalogue: Catalogue, *, clock: Clock) -> HubServices:
    """Build and start the hub of the site that ``catalogue`` describes. Raises StoreFault."""
    site = catalogue.site
    access = Access(settings.data, site=site)
    access.prepare()
    for panel in access.unbound_panels():
        log.warning(unbound_text(panel).on_one_line())
    store, reader = Store(open_writer(settings.database), site=site), open_reader(settings.database)
    writer = CommandWriter(store, catalogue=catalogue, clock=clock)
    hall = lambda: writer.hall
    refresher = ForecastRefresher(clock=clock, hall=hall)
    forecast = lambda: refresher.forecast
    replicator, county_link = _join_county(settings, writer, Outbox(reader, site=site), clock=clock, forecast=forecast)
    disk = DiskSpace(settings.data)
    enrolment = DeviceEnrolment(settings, access, site=site)
    devices, changes = DeviceStatuses(access, site=site, certificates=enrolment.certificates), ChangeNotifier()
    broadcaster = Broadcaster(
        site=site,
        address=settings.broker,
        password=access.hub_key(),
        clock=clock,
        hall=hall,
        forecast=forecast,
        county_away_since=lambda: None if replicator is None else replicator.away_since,
        on_device=partial(_accept_status, devices, AnnouncementReports(writer)),
        devices=access.devices,
    )
    commands = HubCommands(
        writer=writer,
        clock=clock,
        lookup=TicketLookup(reader, site=site),
        changes=changes,
        forecast=forecast,
        plan=lambda: _usable_plan(county_link, replicator),
    )
    _start_services(writer, broadcaster, changes, refresher, replicator, county_link)
    return HubServices(
        settings=settings,
        clock=clock,
        access=access,
        writer=writer,
        commands=commands,
        broadcaster=broadcaster,
        devices=devices,
        figures=DayFiguresQuery(reader, site=site),
        refresher=refresher,
        disk=disk,
        command_throttle=Throttle(settings.limits.commands_per_minute),
        enrolment=enrolment,
        code_tries=CodeTries(),
        ticking=asyncio.create_task(_tick(writer, broadcaster, disk, clock), name="tick"),
        replicator=replicator,
        county_link=county_link,
        store=store,
        reader=reader,
    )


def _join_county(
    settings: HubSettings, writer: CommandWriter, outbox: Outbox, *, clock: Clock, forecast: Callable[[], Forecast]
) -> tuple[Replicator | None, CountyLink | None]:
    """Return what pushes the journal to the county and what follows the county's view; None of a hub without one."""
    if settings.county is None:
        return None, None
    client = CountyClient(settings.county, site=writer.hall.site.catalogue.site)
    client.on_time(clock.compare_with_county)
    replicator = Replicator(client, outbox, clock=clock)
    return replicator, CountyLink(client, writer, replicator, clock=clock, forecast=forecast)


def _start_services(
    writer: CommandWriter,
    broadcaster: Broadcaster,
    changes: ChangeNotifier,
    refresher: ForecastRefresher,
    replicator: Replicator | None,
    county_link: CountyLink | None,
) -> None:
    """Have every service follow the commits, in the order in which they are notified, and start it."""
    writer.add_listener(broadcaster.on_commit)  # first: the called visitor waits for the board
    writer.add_listener(lambda _: changes.notify_on_loop())
    writer.add_listener(refresher.on_commit)
    refresher.add_listener(broadcaster.publish)
    broadcaster.start()
    refresher.start()
    if replicator is not None and county_link is not None:
        writer.add_listener(replicator.on_commit)
        replicator.start()
        county_link.start()


def _accept_status(devices: DeviceStatuses, reports: AnnouncementReports, topic: str, payload: bytes) -> None:
    """Keep a device's status, and journal the announcements that it reports."""
    status = devices.accept(topic, payload)
    if status is not None:
        reports.accept(status)


async def stop_hub(hub: HubServices) -> None:
    """Publish the hub's farewell, commit the waiting commands, close the store; its file is then whole by itself."""
    if hub.county_link is not None:
        hub.county_link.stop()
    hub.ticking.cancel()
    await asyncio.gather(hub.ticking, return_exceptions=True)
    await hub.refresher.stop()
    await hub.broadcaster.stop()
    await asyncio.to_thread(hub.writer.stop)
    if hub.replicator is not None:
        await asyncio.to_thread(hub.replicator.stop)
    hub.reader.dispose()
    await asyncio.to_thread(hub.store.file.merge_log)


def _usable_plan(link: CountyLink | None, replicator: Replicator | None) -> CountyPlan | None:
    """Return the county's newest plan; None while the county accepts no entries here: no place can be reserved."""
    if link is None or replicator is None or replicator.away_since is not None:
        return None
    return link.plan


async def _tick(writer: CommandWriter, broadcaster: Broadcaster, disk: DiskSpace, clock: Clock) -> None:
    """Start the business day and write expiries, also while no command comes."""
    fault = FaultLog(log, Text(zh="到时的事项没有写下", en="expiries are not written"), level=logging.ERROR)
    while True:
        await asyncio.sleep(TICK_S)
        try:
            clock.check()
            disk.check()
            await writer.run_rule(_ended_by_time)
        except OSError as error:  # a StoreFault is noted by the writer
            log.debug("expiries could not be written; retried in %g s: %s", TICK_S, error)
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            fault.began(repr(error), defect=error)
        else:
            fault.ended()
        broadcaster.publish()


def _ended_by_time(hall: Hall, at: Moment) -> list[AnyFact]:
    """Return the facts that end unreported print jobs, unanswered referrals, and places without a check-in."""
    return [*issuance.expire_prints(hall, at=at, after_s=PRINT_TIMEOUT_S), *reconcile.expire_referrals(hall, at=at)]
