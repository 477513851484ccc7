"""Rounds of advice: every few minutes a search, for each site, of a change that would save waiting there.

A change is a window that helps with other services, a window that opens, or a clerk of another window or site whose
move saves more waiting than it costs.
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
from protocol.vocabulary import SiteId, Text
from runtime.fault_log import FaultLog
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
from server.store.faults import StoreFault
from server.store.queries.help_results import HelpResults

log = logging.getLogger(__name__)

ROUND_S = 180.0
"""Interval between two searches of one site, seconds."""
TICK_S = 5.0
"""Interval of the check for due work, seconds."""
DECISION_PAUSE_S = 15 * 60.0
"""Pause of a site's advice after a decision about it, seconds: the effect has to show in the hall first."""
PROPOSALS_PER_DAY_MAX = 40
"""Maximum number of proposals a day in the county: managers cannot follow more."""


class HasAll(Protocol):
    """Whether a site's journal is complete at the county up to a moment."""

    def __call__(self, site: SiteId, *, until: datetime) -> bool:
        """Return it for one site."""


class Advisor:
    """Proposes changes, expires proposals that nobody decided, and measures the effect of accepted ones.

    ``states`` returns every site's state, ``book`` the newest proposal book.
    """

    def __init__(
        self,
        states: Callable[[], Mapping[SiteId, SiteState]],
        writer: CountyWriter,
        help_results: HelpResults,
        *,
        has_all: HasAll,
        book: Callable[[], ProposalBook],
        travel: Travel,
        clock: Clock,
        time_zone: str,
    ) -> None:
        self._states = states
        self._writer = writer
        self._help_results = help_results
        self._has_all = has_all
        self._book = book
        self._travel = travel
        self._clock = clock
        self._time_zone = time_zone
        self._searched_s: dict[SiteId, float] = {}
        """Site -> when it was last searched, monotonic seconds."""
        self._task: asyncio.Task[None] | None = None
        self._fault = FaultLog(log, Text(zh="没有新的建议", en="no advice is made"))

    def start(self) -> None:
        """Start the rounds on the running loop."""
        self._task = asyncio.create_task(self._keep_advising(), name="advise")

    async def stop(self) -> None:
        """Stop the rounds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_advising(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except StoreFault as fault:
                self._fault.began(fault)
            except Exception as error:  # noqa: BLE001 - logged with its traceback
                self._fault.began(repr(error), defect=error)
            else:
                self._fault.ended()

    async def tick(self) -> None:
        """Do the work that is due now. Raises StoreFault."""
        now = self._clock.now()
        if proposal_book.expire_proposals(self._book(), at=now):
            await self._write(lambda book, at: proposal_book.expire_proposals(book, at=at))
        for proposed in proposal_book.unmeasured_proposals(self._book(), at=now, time_zone=self._time_zone):
            if self._has_all(proposed.fact.site, until=self._measurement_end(proposed)):
                await self._record_measurement(proposed)
        for site, state in self._states().items():
            if self._is_due(site, state, now):
                self._searched_s[site] = now.mono_s
                await self._propose(site, state, now)

    def _is_due(self, site: SiteId, state: SiteState, now: j.Moment) -> bool:
        searched_s = self._searched_s.get(site)
        return (searched_s is None or now.mono_s - searched_s >= ROUND_S) and self._may_change(site, state, now)

    def _may_change(self, site: SiteId, state: SiteState, now: j.Moment) -> bool:
        """Whether a site is in contact and open, and may be given advice."""
        in_contact = now.since(state.last_contact) <= PLAN_VALID_S
        is_open = opening_hours.is_open(state.hall.site.catalogue, state.now(now).at)
        return in_contact and is_open and may_propose(self._book(), site, at=now, time_zone=self._time_zone)

    async def _propose(self, site: SiteId, state: SiteState, now: j.Moment) -> None:
        """Write the best proposal for a site that nobody has declined today, if there is one."""
        releasing = list(self._releasing_sites(site, state, now))
        found = await asyncio.to_thread(_search, state.hall, releasing, at=state.now(now))

        def rule(book: ProposalBook, moment: j.Moment) -> Iterable[j.ProposalMade]:
            zone = self._time_zone
            declined = declined_today(book, site, at=moment, time_zone=zone)
            allowed = [
                p
                for p in found
                if _identity(p.change) not in declined
                and all(may_propose(book, s, at=moment, time_zone=zone) for s in {site, p.change.from_site or site})
            ]
            return [proposal_made(site, allowed[0], name=secrets.token_urlsafe(9))] if allowed else ()

        if found:
            await self._write(rule)

    def _releasing_sites(self, site: SiteId, state: SiteState, now: j.Moment) -> Iterable[ReleasingSite]:
        """Yield the halls that may release a clerk to a site, its own first."""
        for name, other in {site: state, **self._states()}.items():
            travel_min = self._travel.between(name, site)
            if travel_min is not None and (name == site or self._may_change(name, other, now)):
                kept = proposal_book.kept_windows(self._book(), name, at=now, time_zone=self._time_zone)
                hall = state.hall if name == site else other.hall
                yield ReleasingSite(site=name, hall=hall, at=other.now(now), travel_min=travel_min, kept=kept)

    def _measurement_end(self, proposed: ProposalRecord) -> datetime:
        return proposal_book.measurement_end(proposed, time_zone=self._time_zone)

    async def _record_measurement(self, proposed: ProposalRecord) -> None:
        name = proposed.fact.proposal
        measured = await asyncio.to_thread(self._measure, proposed)

        def rule(book: ProposalBook, _: j.Moment) -> Iterable[j.ProposalMeasured]:
            record = book.proposals.get(name)
            return [measured] if record is not None and record.measured is None else ()

        await self._write(rule)

    def _measure(self, proposed: ProposalRecord) -> j.ProposalMeasured:
        """Return the fact with the visitors that the window served after the decision, and their P90 wait."""
        fact, since, until = proposed.fact, (proposed.decided or proposed.made).at, self._measurement_end(proposed)
        served, p90_s = self._help_results.between(
            since, until, site=fact.site, window=fact.window, services=fact.services
        )
        p90_min = None if p90_s is None else round(p90_s / 60, 1)
        return j.ProposalMeasured(proposal=fact.proposal, served=served, p90_min=p90_min)

    async def _write(self, rule: CountyRule) -> None:
        await self._writer.write(rule, actor="county")


def _search(hall: Hall, releasing: Sequence[ReleasingSite], *, at: j.Moment) -> list[Proposal]:
    """Return the changes that would save waiting in a hall, best first, with relocations that open its windows."""
    found = advice.propose_changes(hall, at=at, seed=hall.seq)
    return advice.best_proposals(
        [*found, *clerk_relocation.propose_relocations(hall, found, releasing, at=at, seed=hall.seq)]
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
    """Whether a site may be given advice now: none is undecided, none was just decided, few were made today.

    A proposal that takes a clerk from a site is one of that site too.
    """
    own = [p for p in book.proposals.values() if site in p.sites]
    undecided = any(p.decision is None for p in own)
    just_decided = any(p.decided is not None and at.since(p.decided) < DECISION_PAUSE_S for p in own)
    today = proposal_book.made_today(book, at=at, time_zone=time_zone)
    return not undecided and not just_decided and len(today) < PROPOSALS_PER_DAY_MAX


def declined_today(book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str) -> set[ChangeIdentity]:
    """Return the changes of a site that a manager declined today."""
    today = proposal_book.made_today(book, at=at, time_zone=time_zone)
    return {_identity(p.fact) for p in today if p.fact.site == site and p.decision == "declined"}


ChangeIdentity = tuple[str, tuple[str, ...], str | None, str | None]
"""What makes two changes the same: the window, its services, and the site and window that the clerk comes from."""


def _identity(change: WindowChange | j.ProposalMade) -> ChangeIdentity:
    return (change.window, change.services, change.from_site, change.from_window)
