"""Rounds of advice: every few minutes each site is looked at for a change that would save waiting there, or for a
clerk of another site who would save more than she is missed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from protocol import journal as j
from protocol.county import PLAN_VALID_S
from protocol.vocabulary import SiteId
from server.county.planning.county_writer import CountyRule, CountyWriter
from server.domain.county import advice, clerk_relocation, proposal_book
from server.domain.county.advice import Proposal
from server.domain.county.clerk_relocation import ReleasingSite
from server.domain.county.plan import SiteState
from server.domain.county.proposal_book import ProposalBook, ProposalRecord
from server.domain.county.travel import Travel
from server.domain.county.what_if import WindowChange
from server.domain.model import opening_hours
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.store.queries.help_results import HelpResults

log = logging.getLogger(__name__)

ROUND_S = 180.0
"""Every site is looked at so often."""
TICK_S = 5.0
QUIET_S = 15 * 60.0
"""A site is left alone for so long after a proposal of its was decided: the hall must show what it does first."""
MOST_A_DAY = 40
"""More than this nobody follows."""


class HasAll(Protocol):
    """Whether a site's journal is at the county up to a moment."""

    def __call__(self, site: SiteId, *, until: datetime) -> bool:
        """Answer for a site."""


class Advisor:
    """Proposes, withdraws what nobody decided, and measures what was accepted."""

    def __init__(
        self,
        pictures: Callable[[], Mapping[SiteId, SiteState]],
        journal: CountyWriter,
        helped: HelpResults,
        *,
        has_all: HasAll,
        book: Callable[[], ProposalBook],
        travel: Travel,
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._pictures = pictures
        self._journal = journal
        self._helped = helped
        self._has_all = has_all
        self._book = book
        self._travel = travel
        self._clock = clock
        self._time_zone = time_zone
        self._looked: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin the rounds."""
        self._task = asyncio.create_task(self._keep(), name="propose")

    async def stop(self) -> None:
        """End them."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except Exception:
                log.exception("advice failed and is tried again")

    async def tick(self) -> None:
        """Do what is due now. Raises StoreFault."""
        now = self._clock.now()
        if proposal_book.expire_proposals(self._book(), at=now):
            await self._write(lambda book, at: proposal_book.expire_proposals(book, at=at))
        for proposed in proposal_book.unmeasured_proposals(self._book(), at=now, time_zone=self._time_zone):
            if self._has_all(proposed.fact.site, until=self._measured_until(proposed)):
                await self._measure(proposed)
        for site, picture in self._pictures().items():
            if self._due(site, picture, now):
                self._looked[site] = now.mono_s
                await self._look_at(site, picture, now)

    def _due(self, site: SiteId, picture: SiteState, now: j.Moment) -> bool:
        looked = self._looked.get(site)
        return (looked is None or now.mono_s - looked >= ROUND_S) and self._may_change(site, picture, now)

    def _may_change(self, site: SiteId, picture: SiteState, now: j.Moment) -> bool:
        """Whether a site is heard and open, and may be given advice."""
        fresh = now.since(picture.last_contact) <= PLAN_VALID_S
        is_open = opening_hours.is_open(picture.hall.site.catalogue, picture.now(now).at)
        return fresh and is_open and may_propose(self._book(), site, at=now, time_zone=self._time_zone)

    async def _look_at(self, site: SiteId, picture: SiteState, now: j.Moment) -> None:
        """Write down the best change of a site that nobody has declined today, if there is one."""
        givers = list(self._givers(site, picture, now))
        found = await asyncio.to_thread(_found, picture.hall, givers, at=picture.now(now))

        def rule(book: ProposalBook, moment: j.Moment) -> Iterable[j.ProposalMade]:
            zone = self._time_zone
            declined = declined_today(book, site, at=moment, time_zone=zone)
            may = [
                p
                for p in found
                if _key(p.change) not in declined
                and all(may_propose(book, s, at=moment, time_zone=zone) for s in {site, p.change.from_site or site})
            ]
            return [proposal_made(site, may[0], name=secrets.token_urlsafe(9))] if may else ()

        if found:
            await self._write(rule)

    def _givers(self, site: SiteId, picture: SiteState, now: j.Moment) -> Iterable[ReleasingSite]:
        """Yield the halls that may give a site a clerk, its own first."""
        for name, other in {site: picture, **self._pictures()}.items():
            travel_min = self._travel.between(name, site)
            if travel_min is not None and (name == site or self._may_change(name, other, now)):
                kept = proposal_book.kept_windows(self._book(), name, at=now, time_zone=self._time_zone)
                hall = picture.hall if name == site else other.hall
                yield ReleasingSite(site=name, hall=hall, at=other.now(now), travel_min=travel_min, kept=kept)

    def _measured_until(self, proposed: ProposalRecord) -> datetime:
        return proposal_book.measurement_end(proposed, time_zone=self._time_zone)

    async def _measure(self, proposed: ProposalRecord) -> None:
        name = proposed.fact.proposal
        came = await asyncio.to_thread(self._came_of, proposed)

        def rule(book: ProposalBook, _: j.Moment) -> Iterable[j.ProposalMeasured]:
            known = book.proposals.get(name)
            return [came] if known is not None and known.measured is None else ()

        await self._write(rule)

    def _came_of(self, proposed: ProposalRecord) -> j.ProposalMeasured:
        """Return what the window served in the hours after the decision, and how long people waited."""
        fact, since, until = proposed.fact, (proposed.decided or proposed.made).at, self._measured_until(proposed)
        served, p90_s = self._helped.between(since, until, site=fact.site, window=fact.window, services=fact.services)
        p90_min = None if p90_s is None else round(p90_s / 60, 1)
        return j.ProposalMeasured(proposal=fact.proposal, served=served, p90_min=p90_min)

    async def _write(self, rule: CountyRule) -> None:
        await self._journal.write(rule, actor="county")


def _found(hall: Hall, givers: Sequence[ReleasingSite], *, at: j.Moment) -> list[Proposal]:
    """Return the changes that would save a hall waiting, best first, with the moves that open one of its windows."""
    found = advice.propose_changes(hall, at=at, seed=hall.seq)
    return advice.best_proposals(
        [*found, *clerk_relocation.propose_relocations(hall, found, givers, at=at, seed=hall.seq)]
    )


def proposal_made(site: SiteId, proposal: Proposal, *, name: str) -> j.ProposalMade:
    """Return the fact of a proposal."""
    return j.ProposalMade(
        proposal=name,
        site=site,
        window=proposal.change.window,
        services=proposal.change.services,
        opens=proposal.change.opens,
        from_site=proposal.change.from_site,
        from_window=proposal.change.from_window,
        travel_min=proposal.change.travel_min,
        before_p90_min=round(proposal.before_p90_min, 1),
        after_p90_min=round(proposal.after_p90_min, 1),
        saving_min=round(proposal.saving_min, 1),
        confidence=proposal.confidence,
    )


def may_propose(book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str) -> bool:
    """Whether a site may be given advice now: none waits for a decision, none was just decided, few were made today.

    A proposal that takes a clerk from a site is one of that site too.
    """
    own = [p for p in book.proposals.values() if site in p.sites]
    waits = any(p.decision is None for p in own)
    just = any(p.decided is not None and at.since(p.decided) < QUIET_S for p in own)
    today = proposal_book.made_today(book, at=at, time_zone=time_zone)
    return not waits and not just and len(today) < MOST_A_DAY


def declined_today(book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str) -> set[ProposalKey]:
    """Return the changes of a site that a manager did not want today."""
    today = proposal_book.made_today(book, at=at, time_zone=time_zone)
    return {_key(p.fact) for p in today if p.fact.site == site and p.decision == "declined"}


ProposalKey = tuple[str, tuple[str, ...], str | None, str | None]
"""What makes two changes the same: the window, the services, and whose clerk comes."""


def _key(change: WindowChange | j.ProposalMade) -> ProposalKey:
    return (change.window, change.services, change.from_site, change.from_window)
