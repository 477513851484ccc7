"""The fold of the county's own journal: proposals, managers' decisions and measured effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from protocol import journal as j
from protocol.county import Help, Leave
from protocol.vocabulary import SiteId, Text, WindowId
from server.domain.model.refusals import ProposalDecidedAlready, UnknownProposal

COUNTY = SiteId("county")
"""Name of the county's own journal among those of the sites."""
EXPIRES_S = 20 * 60.0
"""Age at which an undecided proposal expires, seconds: the hall has changed by then."""
MEASURED_AFTER_S = 3 * 3600.0
"""Time from acceptance to the measurement of a proposal's effect, seconds; the end of the day cuts it short."""
KEPT = timedelta(days=8)
"""Time for which proposals stay in the book."""

ProposalDecision = Literal["accepted", "declined", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """A proposal with its decision and its measured effect."""

    fact: j.ProposalMade
    made: j.Moment
    decision: ProposalDecision | None = None
    decided: j.Moment | None = None
    measured: j.ProposalMeasured | None = None

    @property
    def windows(self) -> set[tuple[SiteId, WindowId]]:
        """The windows concerned, as (site, window): that which helps or opens, and that which releases its clerk."""
        fact = self.fact
        released = [] if fact.from_site is None or fact.from_window is None else [(fact.from_site, fact.from_window)]
        return {(fact.site, fact.window), *released}

    @property
    def sites(self) -> set[SiteId]:
        """The sites concerned."""
        return {site for site, _ in self.windows}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalBook:
    """The state folded from the county's own journal. ``apply_to_book`` makes the next one."""

    seq: int = 0
    proposals: Mapping[str, ProposalRecord] = field(default_factory=dict)
    """Proposals by id, oldest first."""

    @property
    def open(self) -> tuple[ProposalRecord, ...]:
        """Proposals without a decision."""
        return tuple(p for p in self.proposals.values() if p.decision is None)


def apply_to_book(book: ProposalBook, entry: j.Entry) -> ProposalBook:
    """Return the book after one more entry of the county's journal."""
    fact = entry.fact
    proposals = _after(book.proposals, entry, fact) if isinstance(fact, j.CountyFact) else book.proposals
    return ProposalBook(seq=entry.seq, proposals=proposals)


def _after(proposals: Mapping[str, ProposalRecord], entry: j.Entry, fact: j.CountyFact) -> Mapping[str, ProposalRecord]:
    if fact.kind == "proposal_made":
        kept = {n: p for n, p in proposals.items() if entry.moment.at - p.made.at < KEPT}
        return {**kept, fact.proposal: ProposalRecord(fact=fact, made=entry.moment)}
    known = proposals.get(fact.proposal)
    if known is None:  # dropped after ``KEPT``
        return proposals
    match fact.kind:
        case "proposal_decided":
            return {**proposals, fact.proposal: replace(known, decision=fact.decision, decided=entry.moment)}
        case "proposal_measured":
            return {**proposals, fact.proposal: replace(known, measured=fact)}
        case _:
            assert_never(fact)


def decide(
    book: ProposalBook, *, proposal: str, decision: Literal["accepted", "declined"]
) -> tuple[j.ProposalDecided, ...]:
    """Return the fact of a manager's decision; none when the same decision was made already (idempotent).

    Raises UnknownProposal, ProposalDecidedAlready.
    """
    known = book.proposals.get(proposal)
    if known is None:
        raise UnknownProposal
    if known.decision == decision:
        return ()
    if known.decision is not None:
        zh, en = _DECIDED[known.decision]
        raise ProposalDecidedAlready(Text(zh=zh, en=en))
    return (j.ProposalDecided(proposal=proposal, decision=decision),)


_DECIDED: Mapping[ProposalDecision, tuple[str, str]] = {
    "accepted": ("已经采纳", "was accepted already"),
    "declined": ("已经不采纳", "was declined already"),
    "expired": ("已经过期", "has expired"),
}


def expire_proposals(book: ProposalBook, *, at: j.Moment) -> list[j.ProposalDecided]:
    """Return the facts that expire the proposals which nobody decided in time."""
    late = [p for p in book.open if at.since(p.made) > EXPIRES_S]
    return [j.ProposalDecided(proposal=p.fact.proposal, decision="expired") for p in late]


WindowNaming = Callable[[SiteId, WindowId], Text]
"""Returns the name of (site, window) for people."""


def accepted_helps(
    book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str, named: WindowNaming
) -> list[Help]:
    """Return what a site's windows help with until its day ends, from the proposals accepted today."""
    accepted = (p.fact for p in accepted_today(book, at=at, time_zone=time_zone) if p.fact.site == site)
    return [
        Help(
            proposal=fact.proposal,
            day=_day(at, time_zone),
            window=fact.window,
            services=fact.services,
            opens=fact.opens,
            elsewhere=named(fact.from_site, fact.from_window) if fact.from_site and fact.from_window else None,
        )
        for fact in accepted
    ]


def accepted_leaves(
    book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str, named: WindowNaming
) -> list[Leave]:
    """Return which clerks of a site move to another window until its day ends, from the proposals accepted today."""
    accepted = (p.fact for p in accepted_today(book, at=at, time_zone=time_zone) if p.fact.from_site == site)
    return [
        Leave(
            proposal=fact.proposal,
            day=_day(at, time_zone),
            window=fact.from_window,
            services=fact.services,
            elsewhere=named(fact.site, fact.window),
        )
        for fact in accepted
        if fact.from_window is not None
    ]


def kept_windows(book: ProposalBook, site: SiteId, *, at: j.Moment, time_zone: str) -> frozenset[WindowId]:
    """Return the windows of a site that keep their clerk: in an open proposal, or in one accepted today."""
    active = [*book.open, *accepted_today(book, at=at, time_zone=time_zone)]
    return frozenset(window for p in active for of, window in p.windows if of == site)


def unmeasured_proposals(book: ProposalBook, *, at: j.Moment, time_zone: str) -> list[ProposalRecord]:
    """Return the accepted proposals whose effect is due to be measured."""
    today = {p.fact.proposal for p in accepted_today(book, at=at, time_zone=time_zone)}
    accepted = [p for p in book.proposals.values() if p.decided is not None and p.decision == "accepted"]
    return [
        p
        for p in accepted
        if p.measured is None
        and p.decided is not None
        and (p.fact.proposal not in today or at.since(p.decided) > MEASURED_AFTER_S)
    ]


def measurement_end(proposed: ProposalRecord, *, time_zone: str) -> datetime:
    """Return the end of the interval in which an accepted proposal's effect is measured, at the latest the day's end.

    The interval begins with the decision.
    """
    since = (proposed.decided or proposed.made).at.astimezone(ZoneInfo(time_zone))
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return min(since.astimezone(UTC) + timedelta(seconds=MEASURED_AFTER_S), midnight.astimezone(UTC))


def accepted_today(book: ProposalBook, *, at: j.Moment, time_zone: str) -> list[ProposalRecord]:
    """Return the proposals that were accepted on the local day of ``at``."""
    accepted = [p for p in book.proposals.values() if p.decision == "accepted"]
    today = _day(at, time_zone)
    return [p for p in accepted if p.decided is not None and _day(p.decided, time_zone) == today]


def made_today(book: ProposalBook, *, at: j.Moment, time_zone: str) -> list[ProposalRecord]:
    """Return the proposals that were made on the local day of ``at``."""
    today = _day(at, time_zone)
    return [p for p in book.proposals.values() if _day(p.made, time_zone) == today]


def _day(moment: j.Moment, time_zone: str) -> date:
    return moment.at.astimezone(ZoneInfo(time_zone)).date()
