"""A running county server: its parts wired together once, and what it does by itself."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from protocol.county import CountyView
from protocol.messages import Text
from server.bell import Bell
from server.clock import Clock
from server.county.access import CountyAccess
from server.county.inbox import Inbox
from server.county.journal import CountyJournal
from server.county.picture import CountyPicture
from server.county.pictures import pictures
from server.county.planner import Planner
from server.county.proposing import Proposing
from server.county.settings import CountySettings
from server.county.view import named, tells_more, view_for
from server.domain import county_facts
from server.domain.county_facts import COUNTY
from server.domain.hall import Hall
from server.domain.planning import Picture, plan_for
from server.domain.travel import Travel
from server.store.all_sites import AllSites
from server.store.database import open_county
from server.store.helped import Helped

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""How far a process may be behind another one on the same database."""
LOOK_ALONE_EVERY_S = 2.0
"""A process that has its database alone sees what it writes; so often it makes up for where it could not."""


@dataclass(frozen=True, kw_only=True)
class RunningCounty:
    """Everything a route or page may use."""

    settings: CountySettings
    travel: Travel
    clock: Clock
    access: CountyAccess
    store: AllSites
    picture: CountyPicture
    inbox: Inbox
    bell: Bell
    """Rung when what sites are told may have changed."""
    writers: ThreadPoolExecutor
    """The threads that take journals in."""
    journal: CountyJournal
    planner: Planner
    proposing: Proposing
    following: asyncio.Task[None]

    def view(self, site: str) -> CountyView:
        """Return all that a site is told now."""
        at = self.clock.now()
        book, zone = self.picture.book, self.settings.time_zone
        return view_for(
            site,
            self.picture.halls,
            plan=plan_for(site, self.pictures(), self.travel, at=at),
            helps=county_facts.helps(book, site, at=at, time_zone=zone, named=self._named),
            leaves=county_facts.leaves(book, site, at=at, time_zone=zone, named=self._named),
            at=at.at,
            unheard=self.picture.unheard,
        )

    def _named(self, site: str, window: str) -> Text:
        """Return a window in words; a site that is no longer the county's keeps its id."""
        described = self.settings.by_id.get(site)
        name = Text(zh=site, en=site) if described is None else described.name
        return named(name, self.picture.halls.get(site), window)

    def pictures(self) -> dict[str, Picture]:
        """Return the pictures of all sites that were ever heard of, with their newest forecasts."""
        return pictures(self.settings.by_id, self.picture.sites, self.planner.made)


async def start(settings: CountySettings) -> RunningCounty:
    """Open the store, fold every journal and begin to look after it. Raises SettingsError, StoreFault, AccessFault."""
    travel = settings.ways()
    clock = Clock()
    access = CountyAccess(settings.data)
    access.prepare()
    engines = open_county(settings.database, serving=True)
    store = AllSites(engines)
    sites = settings.by_id
    await asyncio.to_thread(store.prepare, [*sites, COUNTY])
    bell = Bell()

    def changed(before: Hall | None, after: Hall | None) -> None:
        planner.changed()
        if after is None or tells_more(before, after):
            bell.ring()

    def seen() -> dict[str, Picture]:
        return pictures(sites, picture.sites, planner.made)

    picture = CountyPicture(store, sites, clock=clock, changed=changed)
    planner = Planner(seen, clock=clock, told=bell.ring)
    await asyncio.to_thread(picture.look)
    writers = ThreadPoolExecutor(engines.writers, thread_name_prefix="inbox")
    journal = CountyJournal(store, picture, clock=clock, writers=writers)
    proposing = Proposing(
        seen,
        journal,
        Helped(store.reader),
        has_all=picture.has_all,
        book=lambda: picture.book,
        travel=travel,
        clock=clock,
        time_zone=settings.time_zone,
    )
    planner.start()
    proposing.start()
    return RunningCounty(
        settings=settings,
        travel=travel,
        clock=clock,
        access=access,
        store=store,
        picture=picture,
        inbox=Inbox(store, picture, clock=clock),
        bell=bell,
        writers=writers,
        journal=journal,
        planner=planner,
        proposing=proposing,
        following=asyncio.create_task(
            _follow(picture, every_s=LOOK_EVERY_S if engines.shared else LOOK_ALONE_EVERY_S), name="follow"
        ),
    )


async def stop(county: RunningCounty) -> None:
    """Finish what is being taken in, then close the store."""
    county.following.cancel()
    await asyncio.gather(county.following, return_exceptions=True)
    await county.proposing.stop()
    await county.planner.stop()
    await asyncio.to_thread(county.writers.shutdown)
    await asyncio.to_thread(county.store.close)


async def _follow(picture: CountyPicture, *, every_s: float) -> None:
    """See what other processes on the same database have written, and what could not be seen as it was written."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(picture.look)
        except Exception:
            log.exception("the database could not be looked at; it is tried again")
