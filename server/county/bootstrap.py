"""Starts and stops a county server: stores, then services, in the order in which each needs the ones before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from protocol.county import CountyView
from protocol.vocabulary import SiteId, Text, WindowId
from runtime.fault_log import FaultLog
from server.authority.enrolment_answers import CodeTries
from server.county.access import CountyAccess
from server.county.hub_enrolment import HubEnrolment
from server.county.intake.county_view import has_more_news, name_window, view_for
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
from server.county.intake.recovery import JournalRecovery
from server.county.planning.advisor import Advisor
from server.county.planning.county_forecaster import CountyForecaster
from server.county.planning.county_writer import CountyWriter
from server.county.planning.site_states import site_states
from server.county.settings import CountySettings
from server.domain.county import proposal_book
from server.domain.county.plan import SiteState, plan_for
from server.domain.county.proposal_book import COUNTY
from server.domain.county.travel import Travel
from server.domain.model.hall import Hall
from server.runtime.change_notifier import ChangeNotifier
from server.runtime.clock import Clock
from server.runtime.disk_space import DiskSpace
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.faults import StoreFault
from server.store.queries.help_results import HelpResults

log = logging.getLogger(__name__)

REFRESH_SHARED_EVERY_S = 0.25
"""Refresh interval of a process that shares its database, seconds: its maximum lag behind the other processes."""
REFRESH_ALONE_EVERY_S = 2.0
"""Refresh interval of a process with a database of its own, seconds: it makes up for failed refreshes."""


@dataclass(frozen=True, kw_only=True)
class CountyServices:
    """The services that routes and pages use."""

    settings: CountySettings
    travel: Travel
    clock: Clock
    access: CountyAccess
    enrolment: HubEnrolment
    code_tries: CodeTries
    store: CountyStore
    known_sites: KnownSites
    inbox: CountyInbox
    view_changes: ChangeNotifier
    """Notified when the view of some site may have changed."""
    writers: ThreadPoolExecutor
    """The threads that write to the database."""
    writer: CountyWriter
    forecaster: CountyForecaster
    advisor: Advisor
    disk: DiskSpace
    reading: FaultLog
    """Lasts while the database cannot be read."""
    refreshing: asyncio.Task[None]

    def view(self, site: SiteId) -> CountyView:
        """Return the view for a site now."""
        at = self.clock.now()
        book, zone = self.known_sites.book, self.settings.time_zone
        return view_for(
            site,
            self.known_sites.halls,
            plan=plan_for(site, self.site_states(), self.travel, at=at),
            helps=proposal_book.accepted_helps(book, site, at=at, time_zone=zone, named=self._name_window),
            leaves=proposal_book.accepted_leaves(book, site, at=at, time_zone=zone, named=self._name_window),
            at=at.at,
            silent_sites=self.known_sites.silent_sites,
        )

    def _name_window(self, site: SiteId, window: WindowId) -> Text:
        """Return the text for a window; a site that the settings no longer have keeps its id."""
        county_site = self.settings.by_id.get(site)
        name = Text(zh=site, en=site) if county_site is None else county_site.name
        return name_window(name, self.known_sites.halls.get(site), window)

    def site_states(self) -> dict[SiteId, SiteState]:
        """Return the states of all sites that the county ever had contact with, with their newest forecasts."""
        return site_states(self.settings.by_id, self.known_sites.sites, self.forecaster.forecasts)


async def start_county(settings: CountySettings) -> CountyServices:
    """Open the store, fold every journal and start the services. Raises SettingsError, StoreFault, AccessFault."""
    travel = settings.travel_times()
    clock = Clock()
    access = CountyAccess(settings.data)
    access.prepare()
    engines = open_county(settings.database, serving=True)
    store = CountyStore(engines)
    await asyncio.to_thread(store.prepare, [*settings.by_id, COUNTY])
    writers = ThreadPoolExecutor(engines.writers, thread_name_prefix="inbox")

    hall_changes, view_changes = ChangeNotifier(), ChangeNotifier()
    known_sites = KnownSites(
        store, settings.by_id, clock=clock, on_change=_notify_of(hall_changes.notify, view_changes.notify)
    )
    await asyncio.to_thread(known_sites.refresh)

    def states() -> Mapping[SiteId, SiteState]:
        return site_states(settings.by_id, known_sites.sites, {})

    forecaster = CountyForecaster(states, clock=clock, changes=hall_changes, on_forecasts=view_changes.notify)
    writer = CountyWriter(store, known_sites, clock=clock, writers=writers)
    advisor = Advisor(
        states,
        writer,
        HelpResults(store.reader),
        has_all=known_sites.has_all,
        book=lambda: known_sites.book,
        travel=travel,
        clock=clock,
        time_zone=settings.time_zone,
    )
    forecaster.start()
    advisor.start()
    refresh_every_s = REFRESH_SHARED_EVERY_S if engines.shared else REFRESH_ALONE_EVERY_S
    reading = FaultLog(log, Text(zh="数据库读不出来", en="the database cannot be read"), level=logging.ERROR)
    return CountyServices(
        settings=settings,
        travel=travel,
        clock=clock,
        access=access,
        enrolment=HubEnrolment(access),
        code_tries=CodeTries(),
        store=store,
        known_sites=known_sites,
        inbox=CountyInbox(store, known_sites, clock=clock, recovery=JournalRecovery(access)),
        view_changes=view_changes,
        writers=writers,
        writer=writer,
        forecaster=forecaster,
        advisor=advisor,
        disk=DiskSpace(settings.data),
        reading=reading,
        refreshing=asyncio.create_task(
            _keep_fresh(known_sites, reading, every_s=refresh_every_s), name="refresh sites"
        ),
    )


def _notify_of(
    hall_changed: Callable[[], None], view_changed: Callable[[], None]
) -> Callable[[Hall | None, Hall | None], None]:
    """Return the callback of KnownSites: every change may be forecast, only some change another site's view."""

    def on_change(before: Hall | None, after: Hall | None) -> None:
        hall_changed()
        if after is None or has_more_news(before, after):
            view_changed()

    return on_change


async def stop_county(county: CountyServices) -> None:
    """Stop the services, finish what is being written, then close the store."""
    county.refreshing.cancel()
    await asyncio.gather(county.refreshing, return_exceptions=True)
    await county.advisor.stop()
    await county.forecaster.stop()
    await asyncio.to_thread(county.writers.shutdown)
    await asyncio.to_thread(county.store.close)


async def _keep_fresh(known_sites: KnownSites, reading: FaultLog, *, every_s: float) -> None:
    """Read what other processes on the same database have written, what an earlier refresh failed to read, and what the
    database has lost.
    """
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(known_sites.refresh)
            reading.ended()
        except StoreFault as fault:
            reading.began(fault)
        except Exception as error:  # noqa: BLE001 - logged with its traceback
            reading.began(repr(error), defect=error)
