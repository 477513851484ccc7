"""The journal: a site's numbered facts, in order. Every table and statistic can be made from it again.

A fact records what happened, in the past tense, with all that later readers need: applying it queries nothing else.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from protocol.answers import OtherSite
from protocol.vocabulary import (
    MAX_INTEGER,
    NO_NUL,
    AnyId,
    ExactMinutes,
    Identifier,
    Language,
    PrintOutcome,
    Promise,
    ReferralId,
    ServiceId,
    SiteId,
    Slug,
    Text,
    TicketId,
    WindowId,
    WindowState,
)

Opaque = Annotated[AnyId, StringConstraints(max_length=40, pattern=NO_NUL)]
"""Validated form of an id whose characters mean nothing: ``Opaque[TicketId]`` is a ``TicketId`` in a fact."""
Id = Opaque[str]
"""Id of an offer, proposal, print job or device, or the name of a rule."""
TicketNumber = Annotated[str, StringConstraints(max_length=12, pattern=r"^[A-Z]{1,2}[0-9]{3,10}$")]
"""Number as printed on a ticket and called: ``A017``."""
Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
Reason = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
DurationSeconds = Annotated[float, Field(ge=0, le=1e10)]


class Fact(BaseModel):
    """Parent of all facts. The bounds of their fields are wide: only what no hall can have written is outside."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class CatalogueChanged(Fact):
    """The site's description was replaced by this one (``server.domain.model.catalogue.Catalogue`` as JSON)."""

    kind: Literal["catalogue_changed"] = "catalogue_changed"
    catalogue: dict[str, Any]


LetterCounts = dict[Letter, Count]


class DayStarted(Fact):
    """A business day began: nobody waits, numbers start at one again, windows are closed."""

    kind: Literal["day_started"] = "day_started"
    day: date
    notice: Text = Text(zh="", en="")
    """Notice at the foot of the hall screens, which stays overnight."""
    counts: LetterCounts = Field(default={}, exclude_if=lambda counts: not counts)
    """Letter -> count of the numbers that this date had before: a clock was wrong, and the date comes again."""
    windows_stay: bool = Field(default=False, exclude_if=lambda stay: not stay)
    """Whether windows keep their states, because clerks are at work."""


class DayMoved(Fact):
    """The tickets that a business day issued from an entry on belong to another date. Numbers go on, nobody leaves.

    When ``was`` is the business day of the hall, that becomes ``day`` too.
    """

    kind: Literal["day_moved"] = "day_moved"
    was: date
    day: date
    since: Count
    """Number of the first entry that belongs to ``day``, among those of ``was``."""
    counts: LetterCounts = Field(default={}, exclude_if=lambda counts: not counts)
    """Letter -> count from which numbers go on, where ``day`` had more of them before."""


class ClockConfirmed(Fact):
    """A person confirmed that the time of this entry is right."""

    kind: Literal["clock_confirmed"] = "clock_confirmed"


class TicketFact(Fact):
    """Parent of what happens to a ticket."""

    ticket: Opaque[TicketId]


class TicketIssued(TicketFact):
    """A ticket was issued to a visitor."""

    kind: Literal["ticket_issued"] = "ticket_issued"
    number: TicketNumber
    letter: Letter
    count: Count
    """Ordinal of the ticket among the letter's tickets of the day, from 1."""
    service: Slug[ServiceId]
    language: Language
    priority: Identifier | None
    people_ahead: Count
    promise: Promise | None
    print_device: Identifier | None
    """The kiosk that is about to print it: the ticket's first print job begins with its issue."""
    offer: Id | None = None
    """The offer of another site that the visitor turned down for this number."""


class TicketCalled(TicketFact):
    """A window called a ticket."""

    kind: Literal["ticket_called"] = "ticket_called"
    window: Slug[WindowId]
    reason: Id
    """The rule: ``next``, ``urgent``, ``own_service``, ``priority``, ``longest_wait``, ``passed_often`` or
    ``by_number``."""
    passed: tuple[Opaque[TicketId], ...] = ()
    """Older tickets this window could have called instead, of each class and service at least the oldest: with them,
    all there who are older than the one called were passed once more."""


class TicketRecalled(TicketFact):
    """A window called its ticket again."""

    kind: Literal["ticket_recalled"] = "ticket_recalled"
    window: Slug[WindowId]


class TicketAnnounced(TicketFact):
    """A screen's voice has spoken a ticket's latest call or recall."""

    kind: Literal["ticket_announced"] = "ticket_announced"
    device: Id
    """The screen."""
    ago_s: DurationSeconds = 0.0
    """Time from the announcement to this entry, seconds."""


class TicketStarted(TicketFact):
    """The visitor came to the window. ``assumed`` when it was not pressed but follows from the next press."""

    kind: Literal["ticket_started"] = "ticket_started"
    window: Slug[WindowId]
    assumed: bool = False


class TicketFinished(TicketFact):
    """The visitor left served."""

    kind: Literal["ticket_finished"] = "ticket_finished"
    window: Slug[WindowId]


class TicketNoShow(TicketFact):
    """The visitor was called and absent. ``assumed`` when it was not pressed but follows from a next press that came
    sooner than anybody can have been served."""

    kind: Literal["ticket_no_show"] = "ticket_no_show"
    window: Slug[WindowId]
    assumed: bool = Field(default=False, exclude_if=lambda assumed: not assumed)


class TicketReturned(TicketFact):
    """A visitor who had missed the call is back in the queue.

    The place is the later of two: the old one, and the one behind ``behind`` and those who returned there before. A
    visitor whose absence was only assumed gets the old one (``behind`` is None).
    """

    kind: Literal["ticket_returned"] = "ticket_returned"
    behind: Opaque[TicketId] | None


class TicketTransferred(TicketFact):
    """The ticket was transferred to another service of the site; the seniority is kept."""

    kind: Literal["ticket_transferred"] = "ticket_transferred"
    window: Slug[WindowId]
    service: Slug[ServiceId]


class TicketCancelled(TicketFact):
    """A ticket was cancelled. ``reason``: ``asked``, ``day_ended``, ``service_removed`` or ``referral_given_up``."""

    kind: Literal["ticket_cancelled"] = "ticket_cancelled"
    reason: Reason


class WindowChanged(Fact):
    """A clerk opened, paused or closed a window."""

    kind: Literal["window_changed"] = "window_changed"
    window: Slug[WindowId]
    state: WindowState


class NoticeChanged(Fact):
    """The notice at the foot of the hall screens was replaced; empty texts remove it."""

    kind: Literal["notice_changed"] = "notice_changed"
    text: Text


class PrintStarted(Fact):
    """A device prints a ticket once more, or a referral's paper: ``ticket`` is then the referral."""

    kind: Literal["print_started"] = "print_started"
    job: Id
    ticket: Id
    device: Id


class PrintEnded(Fact):
    """The outcome of a print job; the hub itself records ``unknown`` for a kiosk that never reported."""

    kind: Literal["print_ended"] = "print_ended"
    job: Id
    outcome: PrintOutcome
    reason: Reason


class OfferMade(Fact):
    """A visitor was shown another site beside this one. ``here`` and ``there`` are waits from then on, in minutes."""

    kind: Literal["offer_made"] = "offer_made"
    offer: Id
    service: Slug[ServiceId]
    language: Language
    priority: Identifier | None
    ticket: Opaque[TicketId] | None
    """The waiting ticket it was made for; None before a ticket is issued."""
    to_site: Slug[SiteId]
    where: OtherSite
    here: Promise
    there: Promise
    travel_min: ExactMinutes
    saving_min: ExactMinutes


class ReferralAsked(Fact):
    """A visitor accepted an offer: a place is requested at the other site. This site still owns the ticket, if any."""

    kind: Literal["referral_asked"] = "referral_asked"
    referral: Opaque[ReferralId]
    offer: Id
    to_site: Slug[SiteId]
    service: Slug[ServiceId]
    language: Language
    priority: Identifier | None
    ticket: Opaque[TicketId] | None
    """The waiting ticket of the visitor; None when no ticket was issued here."""
    waited_s: DurationSeconds
    """Time that ticket has waited here, seconds: it is credited there."""
    travel_min: ExactMinutes
    print_device: Identifier | None = None
    """The kiosk at which the visitor stands and waits for the paper."""


class ReferralTaken(Fact):
    """The other site holds a place and the visitor goes: from this entry on the other site owns the ticket."""

    kind: Literal["referral_taken"] = "referral_taken"
    referral: Opaque[ReferralId]
    there: Opaque[TicketId]
    """The ticket's id at the other site."""
    number: TicketNumber
    people_ahead: Count
    promise: Promise | None
    area: Text
    """Where to wait there."""
    kept_min: ExactMinutes
    """Time from now on for which the place is kept, minutes."""
    print_device: Identifier | None
    """The kiosk that is about to print it; the job is ``<referral>.1``."""


class ReferralGivenUp(Fact):
    """The visitor does not go; whatever place the other site holds is to be released.

    ``reason``: ``no_answer``, ``refused``, ``changed_mind``, ``called_here`` or ``day_ended``.
    """

    kind: Literal["referral_given_up"] = "referral_given_up"
    referral: Opaque[ReferralId]
    reason: Reason


class PlaceHeld(TicketFact):
    """A place is held for another site's visitor: numbered here, not called before the other site reports ``taken``."""

    kind: Literal["place_held"] = "place_held"
    referral: Opaque[ReferralId]
    from_site: Slug[SiteId]
    number: TicketNumber
    letter: Letter
    count: Count
    service: Slug[ServiceId]
    language: Language
    priority: Identifier | None
    travel_min: ExactMinutes
    waited_s: DurationSeconds
    people_ahead: Count
    promise: Promise | None
    from_ticket: Opaque[TicketId] | None = None
    """The visitor's ticket at the other site, whose paper may be all there is."""


class PlaceRefused(Fact):
    """No place for another site's visitor. ``reason``: ``hall_closed``, ``unknown_service``, ``service_not_served``."""

    kind: Literal["place_refused"] = "place_refused"
    referral: Opaque[ReferralId]
    from_site: Slug[SiteId]
    reason: Reason


class PlaceConfirmed(TicketFact):
    """The other site reported ``taken``, or the visitor stands here with the paper: this site owns the ticket."""

    kind: Literal["place_confirmed"] = "place_confirmed"
    referral: Opaque[ReferralId]


class TicketArrived(TicketFact):
    """A referred visitor checked in, and waits with the seniority of the moment the place was held."""

    kind: Literal["ticket_arrived"] = "ticket_arrived"


class TicketNotArrived(TicketFact):
    """A referred visitor did not check in within the time the place was kept."""

    kind: Literal["ticket_not_arrived"] = "ticket_not_arrived"


class WindowHelps(Fact):
    """A window takes these services in addition to its own, until the business day ends or the next such fact."""

    kind: Literal["window_helps"] = "window_helps"
    window: Slug[WindowId]
    services: tuple[Slug[ServiceId], ...]
    proposal: Id | None = None
    """The county's proposal that a manager accepted."""


class WindowAgreed(Fact):
    """A manager accepted that this window opens, or that its clerk moves to another one. Only the clerk does either."""

    kind: Literal["window_agreed"] = "window_agreed"
    window: Slug[WindowId]
    proposal: Id
    opens: bool
    """Whether the window is to open; otherwise its clerk is to go."""
    services: tuple[Slug[ServiceId], ...]
    """Services it is for: here, or where the clerk goes."""
    elsewhere: Text | None
    """Site and window where the clerk comes from, or goes; None for a clerk who has to be found."""


class ProposalMade(Fact):
    """The county proposed a change that would save waiting at a site."""

    kind: Literal["proposal_made"] = "proposal_made"
    proposal: str
    site: Slug[SiteId]
    window: Slug[WindowId]
    services: tuple[Slug[ServiceId], ...]
    """Services the window should help with."""
    opens: bool = False
    """Whether the window, now closed, should open for it."""
    from_site: Slug[SiteId] | None = None
    """Where the clerk comes from who opens it; None when somebody has to be found."""
    from_window: Slug[WindowId] | None = None
    travel_min: float | None = None
    """Travel time of the clerk that the estimate assumes, minutes."""
    before_p90_min: float
    """Expected P90 wait for the services without the change, minutes: of all who wait now or come within two hours."""
    after_p90_min: float
    """Expected P90 wait of the same visitors with the change, minutes."""
    saving_min: float
    """Expected visitor minutes saved of everybody who waits now or comes within two hours, net of those lost where a
    clerk leaves."""
    confidence: float
    """Share of the samples in which the change saves waiting."""


class ProposalDecided(Fact):
    """A manager accepted or declined a proposal of the county, or it expired."""

    kind: Literal["proposal_decided"] = "proposal_decided"
    proposal: str
    decision: Literal["accepted", "declined", "expired"]


class ProposalMeasured(Fact):
    """The county measured the effect of an accepted proposal."""

    kind: Literal["proposal_measured"] = "proposal_measured"
    proposal: str
    served: int
    """Number of tickets of the helped services that this window called and served in the three hours after the
    acceptance, of that day; measured once."""
    p90_min: float | None
    """P90 wait at the site of those called for the helped services in that time, minutes; None where nobody was called.
    ``before_p90_min`` is of other visitors."""


HubFact = (
    CatalogueChanged
    | DayStarted
    | DayMoved
    | ClockConfirmed
    | TicketIssued
    | TicketCalled
    | TicketRecalled
    | TicketAnnounced
    | TicketStarted
    | TicketFinished
    | TicketNoShow
    | TicketReturned
    | TicketTransferred
    | TicketCancelled
    | WindowChanged
    | NoticeChanged
    | PrintStarted
    | PrintEnded
    | OfferMade
    | ReferralAsked
    | ReferralTaken
    | ReferralGivenUp
    | PlaceHeld
    | PlaceRefused
    | PlaceConfirmed
    | TicketArrived
    | TicketNotArrived
    | WindowHelps
    | WindowAgreed
)
"""Facts of a site's journal."""

VisitFact = (
    TicketIssued
    | TicketCalled
    | TicketRecalled
    | TicketStarted
    | TicketFinished
    | TicketNoShow
    | TicketReturned
    | TicketTransferred
    | TicketCancelled
)
"""The facts of a visit to one hall, from the ticket's issue to its end."""

DayFact = DayStarted | DayMoved | ClockConfirmed
"""The facts about the business day and the clock."""

PrintFact = PrintStarted | PrintEnded
"""The facts about paper."""

WindowFact = WindowChanged | WindowHelps | WindowAgreed
"""The facts of a site about its windows alone."""

ReferralFact = (
    OfferMade
    | ReferralAsked
    | ReferralTaken
    | ReferralGivenUp
    | PlaceHeld
    | PlaceRefused
    | PlaceConfirmed
    | TicketArrived
    | TicketNotArrived
)
"""The facts of a site about visitors it refers, or that another site refers to it."""

CountyFact = ProposalMade | ProposalDecided | ProposalMeasured
"""Facts of the county's own journal."""

AnyFact = Annotated[HubFact | CountyFact, Field(discriminator="kind")]

FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


class Moment(BaseModel):
    """When something happened, by a clock that may be wrong and one that never is while the machine runs."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    """Wall clock, UTC. May jump: never used for order, and for durations only across a restart of the machine."""
    boot: str
    """Id of the run of the machine in which ``mono_s`` counts."""
    mono_s: float
    """Seconds on the monotonic clock."""

    def since(self, earlier: Moment) -> float:
        """Return the seconds from ``earlier`` to this moment, never negative."""
        if self.boot == earlier.boot:
            return max(0.0, self.mono_s - earlier.mono_s)
        return max(0.0, (self.at - earlier.at).total_seconds())

    def before(self, seconds: float) -> Moment:
        """Return the moment ``seconds`` earlier in the same run of the machine."""
        return Moment(at=self.at - timedelta(seconds=seconds), boot=self.boot, mono_s=self.mono_s - seconds)


class Entry(BaseModel):
    """One line of the journal."""

    model_config = ConfigDict(frozen=True)

    seq: int
    moment: Moment
    actor: str
    """Requester: a device's id, ``clerk``, ``manager``, ``visitor``, ``hub`` or ``county``."""
    request_id: str | None
    fact: AnyFact
