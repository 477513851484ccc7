"""Rounds of advice: every few minutes each site is looked at for a change that would save waiting."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from protocol import journal as j
from protocol.county import PLAN_VALID_S
from server.clock import Clock
from server.county.journal import CountyJournal, Rule
from server.domain import advising, county_facts, opening
from server.domain.advising import Proposal
from server.domain.county_facts import Book, Proposed
from server.domain.planning import Picture
from server.store.helped import Helped

log = logging.getLogger(__name__)

ROUND_S = 180.0
"""Every site is looked at so often."""
TICK_S = 5.0
QUIET_S = 15 * 60.0
"""A site is left alone for so long after a proposal of its was decided: the hall must show what it does first."""
MOST_A_DAY = 40
"""More than this nobody follows."""


class Proposing:
    """Proposes, withdraws what nobody decided, and measures what was accepted."""

    def __init__(
        self,
        pictures: Callable[[], Mapping[str, Picture]],
        journal: CountyJournal,
        helped: Helped,
        *,
        book: Callable[[], Book],
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._pictures = pictures
        self._journal = journal
        self._helped = helped
        self._book = book
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
        if county_facts.expired(self._book(), at=now):
            await self._write(lambda book, at: county_facts.expired(book, at=at))
        for proposed in county_facts.unmeasured(self._book(), at=now, time_zone=self._time_zone):
            await self._measure(proposed)
        for site, picture in self._pictures().items():
            if self._due(site, picture, now):
                self._looked[site] = now.mono_s
                await self._look_at(site, picture, now)

    def _due(self, site: str, picture: Picture, now: j.Moment) -> bool:
        looked = self._looked.get(site)
        fresh = now.since(picture.heard) <= PLAN_VALID_S
        is_open = opening.is_open(picture.hall.offer.catalogue, picture.now(now).at)
        return (
            fresh
            and is_open
            and (looked is None or now.mono_s - looked >= ROUND_S)
            and may_propose(self._book(), site, at=now, time_zone=self._time_zone)
        )

    async def _look_at(self, site: str, picture: Picture, now: j.Moment) -> None:
        """Write down the best change of a site that nobody has declined today, if there is one."""
        at = picture.now(now)
        found = await asyncio.to_thread(advising.proposals, picture.hall, at=at, seed=picture.hall.seq)

        def rule(book: Book, moment: j.Moment) -> Iterable[j.ProposalMade]:
            if not may_propose(book, site, at=moment, time_zone=self._time_zone):
                return ()
            declined = declined_today(book, site, at=moment, time_zone=self._time_zone)
            fresh = [p for p in found if (p.change.window, p.change.services) not in declined]
            return [made(site, fresh[0], name=secrets.token_urlsafe(9))] if fresh else ()

        if found:
            await self._write(rule)

    async def _measure(self, proposed: Proposed) -> None:
        name = proposed.fact.proposal
        came = await asyncio.to_thread(self._came_of, proposed)

        def rule(book: Book, _: j.Moment) -> Iterable[j.ProposalMeasured]:
            known = book.proposals.get(name)
            return [came] if known is not None and known.measured is None else ()

        await self._write(rule)

    def _came_of(self, proposed: Proposed) -> j.ProposalMeasured:
        """Return what the window served until the end of the day of the decision, and how long people waited."""
        fact, since = proposed.fact, (proposed.decided or proposed.made).at
        midnight = since.astimezone(ZoneInfo(self._time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        served, p90_s = self._helped.between(
            since, midnight + timedelta(days=1), site=fact.site, window=fact.window, services=fact.services
        )
        p90_min = None if p90_s is None else round(p90_s / 60, 1)
        return j.ProposalMeasured(proposal=fact.proposal, served=served, p90_min=p90_min)

    async def _write(self, rule: Rule) -> None:
        await self._journal.write(rule, actor="county")


def made(site: str, proposal: Proposal, *, name: str) -> j.ProposalMade:
    """Return the fact of a proposal."""
    return j.ProposalMade(
        proposal=name,
        site=site,
        window=proposal.change.window,
        services=proposal.change.services,
        opens=proposal.change.opens,
        before_p90_min=round(proposal.before_p90_min, 1),
        after_p90_min=round(proposal.after_p90_min, 1),
        saving_min=round(proposal.saving_min, 1),
        confidence=proposal.confidence,
    )


def may_propose(book: Book, site: str, *, at: j.Moment, time_zone: str) -> bool:
    """Whether a site may be given advice now: none waits for a decision, none was just decided, few were made today."""
    own = [p for p in book.proposals.values() if p.fact.site == site]
    waits = any(p.decision is None for p in own)
    just = any(p.decided is not None and at.since(p.decided) < QUIET_S for p in own)
    today = county_facts.made_today(book, at=at, time_zone=time_zone)
    return not waits and not just and len(today) < MOST_A_DAY


def declined_today(book: Book, site: str, *, at: j.Moment, time_zone: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return the changes of a site, as (window, services), that a manager did not want today."""
    today = county_facts.made_today(book, at=at, time_zone=time_zone)
    own = [p.fact for p in today if p.fact.site == site and p.decision == "declined"]
    return {(f.window, f.services) for f in own}
