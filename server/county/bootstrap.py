"""A running county server: its parts wired together once, and what it does by itself."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from protocol.county import CountyView
from protocol.vocabulary import SiteId, Text, WindowId
from server.county.access import CountyAccess
from server.county.intake.county_view import has_more_news, named, view_for
from server.county.intake.inbox import CountyInbox
from server.county.intake.known_sites import KnownSites
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
from server.store.county_database import open_county
from server.store.county_store import CountyStore
from server.store.queries.help_results import HelpResults

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""How far a process may be behind another one on the same database."""
LOOK_ALONE_EVERY_S = 2.0
"""A process that has its database alone sees what it writes; so often it makes up for where it could not."""


@dataclass(frozen=True, kw_only=True)
class CountyServices:
    """Everything a route or page may use."""

    settings: CountySettings
    travel: Travel
    clock: Clock
    access: CountyAccess
    store: CountyStore
    picture: KnownSites
    inbox: CountyInbox
    change_notifier: ChangeNotifier
    """Rung when what sites are told may have changed."""
    writers: ThreadPoolExecutor
    """The threads that take journals in."""
    journal: CountyWriter
    planner: CountyForecaster
    proposing: Advisor
    following: asyncio.Task[None]

    def view(self, site: SiteId) -> CountyView:
        """Return all that a site is told now."""
        at = self.clock.now()
        book, zone = self.picture.book, self.settings.time_zone
        return view_for(
            site,
            self.picture.halls,
            plan=plan_for(site, self.pictures(), self.travel, at=at),
            helps=proposal_book.accepted_helps(book, site, at=at, time_zone=zone, named=self._named),
            leaves=proposal_book.accepted_leaves(book, site, at=at, time_zone=zone, named=self._named),
            at=at.at,
            unheard=self.picture.unheard,
        )

    def _named(self, site: SiteId, window: WindowId) -> Text:
        """Return a window in words; a site that is no longer the county's keeps its id."""
        described = self.settings.by_id.get(site)
        name = Text(zh=site, en=site) if described is None else described.name
        return named(name, self.picture.halls.get(site), window)

    def pictures(self) -> dict[SiteId, SiteState]:
        """Return the pictures of all sites that were ever heard of, with their newest forecasts."""
        return site_states(self.settings.by_id, self.picture.sites, self.planner.made)


async def start_county(settings: CountySettings) -> CountyServices:
    """Open the store, fold every journal and begin to look after it. Raises SettingsError, StoreFault, AccessFault."""
    travel = settings.ways()
    clock = Clock()
    access = CountyAccess(settings.data)
    access.prepare()
    engines = open_county(settings.database, serving=True)
    store = CountyStore(engines)
    sites = settings.by_id
    await asyncio.to_thread(store.prepare, [*sites, COUNTY])
    change_notifier = ChangeNotifier()

    def changed(before: Hall | None, after: Hall | None) -> None:
        planner.changed()
        if after is None or has_more_news(before, after):
            change_notifier.notify()

    def seen() -> dict[SiteId, SiteState]:
        return site_states(sites, picture.sites, planner.made)

    picture = KnownSites(store, sites, clock=clock, changed=changed)
    planner = CountyForecaster(seen, clock=clock, told=change_notifier.notify)
    await asyncio.to_thread(picture.refresh)
    writers = ThreadPoolExecutor(engines.writers, thread_name_prefix="inbox")
    journal = CountyWriter(store, picture, clock=clock, writers=writers)
    proposing = Advisor(
        seen,
        journal,
        HelpResults(store.reader),
        has_all=picture.has_all,
        book=lambda: picture.book,
        travel=travel,
        clock=clock,
        time_zone=settings.time_zone,
    )
    planner.start()
    proposing.start()
    return CountyServices(
        settings=settings,
        travel=travel,
        clock=clock,
        access=access,
        store=store,
        picture=picture,
        inbox=CountyInbox(store, picture, clock=clock),
        change_notifier=change_notifier,
        writers=writers,
        journal=journal,
        planner=planner,
        proposing=proposing,
        following=asyncio.create_task(
            _follow(picture, every_s=LOOK_EVERY_S if engines.shared else LOOK_ALONE_EVERY_S), name="follow"
        ),
    )


async def stop_county(county: CountyServices) -> None:
    """Finish what is being taken in, then close the store."""
    county.following.cancel()
    await asyncio.gather(county.following, return_exceptions=True)
    await county.proposing.stop()
    await county.planner.stop()
    await asyncio.to_thread(county.writers.shutdown)
    await asyncio.to_thread(county.store.close)


async def _follow(picture: KnownSites, *, every_s: float) -> None:
    """See what other processes on the same database have written, and what could not be seen as it was written."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(picture.refresh)
        except Exception:
            log.exception("the database could not be looked at; it is tried again")
