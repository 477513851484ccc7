"""Messages between hub and county over HTTP. Hubs send requests; the county never does.

A hub pushes its journal and long-polls the county's view; everything else (referrals, proposals) is
a fact in one of the journals, so nothing is lost or done twice when a message is lost, repeated or late. Ages travel
as durations, never as times: the two clocks may differ.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from protocol.answers import ErrorAnswer, OtherSite
from protocol.journal import Moment
from protocol.requests import EnrolmentSecret
from protocol.vocabulary import (
    MAX_INTEGER,
    NO_NUL,
    Identifier,
    Language,
    Promise,
    ReferralId,
    ServiceId,
    SiteId,
    Slug,
    Text,
    TicketId,
    TicketState,
    WindowId,
    Wire,
)

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""

SeqNumber = Annotated[int, Field(ge=0)]
"""Number of a journal's newest entry; 0 before the first."""

PLAN_VALID_S = 60.0
"""Age up to which the state of another site is used for offers, seconds."""
MAX_ENTRIES_PER_PUSH = 500
"""Limit of the entries in one push."""
EARLIEST_CLOCK, LATEST_CLOCK = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Range of a hub's wall clock: a time before the first or from the second on is certainly wrong."""
MAX_UPTIME_S = 1e10
"""Limit of a machine's monotonic clock, seconds."""
MAX_FACT_CHARACTERS = 1_000_000
"""Length limit of a fact, characters: the description of a large site has some hundred thousand."""


CHAIN_START: Digest = "0" * 64
"""Chain value before the first entry."""


def _checked_moment(now: Moment) -> Moment:
    if now.at.tzinfo is None:
        raise ValueError("at has no time zone")
    if not 0 <= now.mono_s <= MAX_UPTIME_S:
        raise ValueError("mono_s is on no machine's clock")
    if len(now.boot) > 64 or not now.boot.isprintable():
        raise ValueError("boot is more than 64 characters, or has some that cannot be printed")
    return now


HubMoment = Annotated[Moment, AfterValidator(_checked_moment)]
"""A moment as a hub's clocks may give it; ``clock_possible`` checks the time itself."""


def clock_possible(at: datetime) -> bool:
    """Whether a hub's wall clock, right or wrong, can have shown this time."""
    return EARLIEST_CLOCK <= at < LATEST_CLOCK


class JournalLine(BaseModel):
    """One line of a journal, byte for byte as the hub wrote it: the input of the hash chain.

    The fact is the text that was written, so that a field which one of the two programs does not know yet survives.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    at: AwareDatetime
    boot: Annotated[str, StringConstraints(max_length=64, pattern=NO_NUL)]
    mono_s: Annotated[float, Field(ge=0, le=MAX_UPTIME_S, allow_inf_nan=False)]
    actor: Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)]
    request_id: Annotated[str, StringConstraints(max_length=64, pattern=NO_NUL)] | None
    fact: Annotated[
        str,
        StringConstraints(max_length=MAX_FACT_CHARACTERS),
        Field(description="the fact as JSON (``protocol.journal``)"),
    ]


class DigestCheck(Wire):
    """Digest of a hub's tables of a business day at a journal number, for comparison with the county's."""

    seq: Annotated[int, Field(ge=0, le=MAX_INTEGER)]
    day: date
    tables: Digest


class JournalPush(BaseModel):
    """The next entries of a site's journal, in order. Empty when there is nothing new: the hub is alive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Annotated[int, Field(ge=0, le=MAX_INTEGER)]
    """Journal number before the first entry."""
    chain: Digest
    """The hub's chain at ``after``: the digest of all it wrote until then."""
    entries: Annotated[list[JournalLine], Field(max_length=MAX_ENTRIES_PER_PUSH)] = Field(default=[])
    check: DigestCheck | None = None
    now: HubMoment | None = None
    """Reading of the hub's own clocks at the push: durations of waits and visits are computed by them."""
    version: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = ""
    clock_trusted: bool = True
    newest: Annotated[int, Field(ge=0, le=MAX_INTEGER)] | None = None
    """Number of the newest entry that the hub has; None from a hub of an older version."""


class PushAccepted(Wire):
    """The county's durable head of a site's journal."""

    seq: SeqNumber
    chain: Digest
    tables_equal: bool | None = Field(default=None, description="the answer to the push's check; null without one")


class JournalRefused(ErrorAnswer):
    """The refusal of a push, none of which was applied."""

    seq: SeqNumber | None = Field(
        default=None, description="gap: how far the county is; otherwise the entry that was refused, when it is one"
    )


class JournalStretch(Wire):
    """A stretch of a site's own journal, for a hub restored from an old copy."""

    after: SeqNumber
    chain: Digest = Field(description="the chain at ``after``")
    entries: list[JournalLine]
    seq: SeqNumber = Field(description="the newest entry the county has")


class OriginState(StrEnum):
    """The referral's state at the origin: the site that the visitor came to."""

    ASKED = "asked"
    TAKEN = "taken"
    GIVEN_UP = "given_up"


class DestinationState(StrEnum):
    """The referral's state at the destination: the other site."""

    NOTHING = "nothing"
    HELD = "held"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Referral(Wire):
    """The whole state of one referral, derived from both journals; published again until both sides are done."""

    referral: ReferralId
    from_site: Slug[SiteId]
    to_site: Slug[SiteId]
    service: Slug[ServiceId]
    language: Language
    priority: Identifier | None
    from_ticket: TicketId | None = Field(default=None, description="the waiting ticket that would go")
    waited_s: float
    travel_min: float
    asked: OriginState
    held: DestinationState = DestinationState.NOTHING
    ticket: TicketId | None = Field(default=None, description="the ticket's id at the other site")
    number: str | None = None
    people_ahead: int | None = None
    promise: Promise | None = None
    area: Text | None = None
    kept_min: float | None = Field(default=None, description="how long the place is kept from when it was held")
    reason: str = Field(default="", description="why the other site refused")


class VisitElsewhere(Wire):
    """What became of a visitor whom a site referred, once checked in at the other site."""

    ticket: TicketId = Field(description="the ticket's id at the other site")
    state: TicketState | None = Field(default=None, description="its state there; null once the visit has ended")
    window_label: str | None = Field(default=None, description="the window that has called it, when one has")


class PlannedService(Wire):
    """Wait of a ticket issued now at another site, by the county's forecast; minutes."""

    service: Slug[ServiceId]
    p50_min: float
    p80_min: float
    p90_min: float
    each_min: float = Field(default=0.0, description="what each further visitor of this service adds to these waits")


class PlannedSite(Wire):
    """Another site in the plan, with its waits."""

    where: OtherSite
    open: bool
    age_s: float = Field(description="age of the site's state when the view was made")
    services: list[PlannedService]


class Help(Wire):
    """An accepted proposal: a window of this site helps with these services."""

    proposal: str
    day: date = Field(description="the local day on which it was accepted; it holds until that day ends")
    window: Slug[WindowId]
    services: tuple[Slug[ServiceId], ...]
    opens: bool = False
    elsewhere: Text | None = Field(default=None, description="site and window its clerk comes from, if another's does")


class Leave(Wire):
    """An accepted proposal: the clerk of a window of this site moves to another one, here or at another site."""

    proposal: str
    day: date = Field(description="as in Help")
    window: Slug[WindowId]
    services: tuple[Slug[ServiceId], ...] = Field(description="what is to be done there")
    elsewhere: Text = Field(description="site and window where the clerk is to go")


class CountyView(Wire):
    """The county's view for one site; each replaces the one before."""

    mark: str = Field(description="changes when the view does; a long poll with it is answered once it differs")
    as_of: datetime
    seq: SeqNumber = Field(description="how far the county has this site's journal")
    plan: list[PlannedSite] = Field(default=[])
    referrals: list[Referral] = Field(default=[])
    helps: list[Help] = Field(default=[])
    leaves: list[Leave] = Field(default=[])
    visits: list[VisitElsewhere] = Field(default=[], description="visitors of today who went from here and checked in")


class JoinCounty(BaseModel):
    """Join this site, for which a one-time code of the county was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: EnrolmentSecret = Field(description="the first ten characters of the code", examples=["K7M2QX09FG"])
    site: Slug[SiteId]


class CountyJoined(Wire):
    """The key of a site that has joined; its former one has ended."""

    key: str
