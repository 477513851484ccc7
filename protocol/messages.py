"""Every message that travels between processes: frozen, validated once at the edge, the same on HTTP and MQTT.

Times are RFC 3339 UTC, durations end in ``_s`` (seconds) or ``_min`` (minutes). Readers ignore fields they do
not know, so that a hall can be updated one device at a time; requests forbid them, so that a typing error is told.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""Names a site, service, window or device in topics, addresses and settings: ``tax-filing``, ``window-3``."""

RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{8,64}$")]
"""Chosen by whoever asks; the same id again gets the same answer and changes nothing."""


NO_NUL = r"^[^\x00]*$"
"""A text that every database keeps."""
MOST = 2**31 - 1
"""The largest whole number that every database keeps."""
WholeMinutes = Annotated[int, Field(ge=0, le=MOST)]
Minutes = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
OfferId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The secret that stands for an offer."""

NoticeLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[^\r\n]*$")]
"""One line that a hall screen can show."""


class Wire(BaseModel):
    """What is read: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(Wire):
    """One sentence or name in both languages of the hall, Chinese first."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the words of one language."""
        return self.zh if language is Language.ZH else self.en


class Language(StrEnum):
    """The language a visitor chose."""

    ZH = "zh"
    EN = "en"


class TicketState(StrEnum):
    """Where a ticket stands between issue and its end (``docs/glossary.md``)."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    REFERRED = "referred"
    TRAVELLING = "travelling"


class WindowState(StrEnum):
    """Whether a clerk is there and takes visitors."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class PrintOutcome(StrEnum):
    """How a print job ended; ``pending`` while the kiosk has not reported and the hub has not given up."""

    PENDING = "pending"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class DeviceKind(StrEnum):
    """What a device is, and with that what it may ask of the hub."""

    KIOSK = "kiosk"
    DISPLAY = "display"
    WINDOW = "window"
    MONITOR = "monitor"


class Presence(StrEnum):
    """Whether a process is there: ``offline`` said goodbye, ``lost`` did not (the broker tells its will)."""

    ONLINE = "online"
    OFFLINE = "offline"
    LOST = "lost"


class Paper(StrEnum):
    """What the printer says about its paper."""

    OK = "ok"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


# ---------------------------------------------------------------------------------------------------- requests


class Request(BaseModel):
    """A command with an answer, over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: RequestId = Field(examples=["kiosk-1:5f0c2a9e"])


class IssueTicket(Request):
    """A visitor asks for a number."""

    service: Identifier = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, description="a priority class of the site", examples=[None])
    offer: OfferId | None = Field(default=None, description="the offer the visitor turned down for it", examples=[None])


class WindowCommand(Request):
    """A clerk's press that needs nothing more than the window it came from."""


class TransferTicket(Request):
    """The visitor at this window is sent to another service of the site; the seniority is kept."""

    service: Identifier = Field(examples=["invoice"])


class CancelTicket(Request):
    """A ticket is withdrawn by the visitor or by staff."""


class ReturnTicket(Request):
    """A visitor who was called and absent comes back: once, a few places behind the front."""


class AskOffer(Request):
    """Before a number is taken: is there another site where this visitor would be called sooner?"""

    service: Identifier = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, examples=[None])


class AcceptOffer(Request):
    """The visitor chose to go to the other site; a place there is asked for."""

    offer: OfferId = Field(examples=["q7Lw2nZsX0aB4cDe"])
    language: Language | None = Field(default=None, description="of the visitor now; the offer's when not said")


class ArriveTicket(Request):
    """A referred visitor checks in at the site of the place."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="what was scanned from the ticket, or its number", examples=["A017"]
    )


class CheckIn(Request):
    """Staff has seen the paper of a referred visitor who stands here."""


class SetNotice(Request):
    """A manager puts a line at the foot of the hall screens; both empty takes it away."""

    zh: NoticeLine = ""
    en: NoticeLine = ""


class StartPrint(Request):
    """A kiosk is about to print a ticket once more, marked 补打."""


def _an_end(outcome: PrintOutcome) -> PrintOutcome:
    if outcome is PrintOutcome.PENDING:
        raise ValueError("must be printed, failed or unknown")
    return outcome


class EndPrint(Request):
    """A kiosk says how a print job ended."""

    outcome: Annotated[
        PrintOutcome, AfterValidator(_an_end), Field(json_schema_extra={"enum": ["printed", "failed", "unknown"]})
    ]
    reason: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = Field(
        default="", examples=["paper out"]
    )


# ----------------------------------------------------------------------------------------------------- answers


class Promise(Wire):
    """The wait told to a visitor, as a range in whole minutes; absent means "unknown".

    The range is what is printed; the quantiles it was rounded from are kept so that it can be judged by its outcome.
    """

    low_min: WholeMinutes
    high_min: WholeMinutes
    p50_min: Minutes | None = None
    p80_min: Minutes | None = None
    p90_min: Minutes | None = None


class PrintJob(Wire):
    """One attempt to put a ticket on paper."""

    job: str
    ticket: str
    device: str
    reprint: bool
    outcome: PrintOutcome
    reason: str = ""


class TicketAnswer(Wire):
    """A ticket as the hall may see it."""

    id: str = Field(examples=["01JD5Z3V9E"])
    number: str = Field(description="what is printed and called", examples=["A017"])
    service: Identifier
    state: TicketState
    business_day: date
    language: Language
    priority: Identifier | None = None
    issued_at: datetime
    called_at: datetime | None = None
    window: Identifier | None = None
    window_label: str | None = Field(default=None, description="what is written over the window", examples=["3"])
    people_ahead: int | None = Field(default=None, description="waiting visitors who will be called before, or null")
    promise: Promise | None = None
    page: str = Field(description="address of the ticket's page, unguessable", examples=["/t/3q2-7wXf0Jk1Zb9p"])
    referred: ReferralAnswer | None = Field(default=None, description="where a referred ticket went")
    print_job: PrintJob | None = Field(default=None, description="the last print job, for kiosks")
    seq: int = Field(description="journal number the answer is true at")


class OtherSite(Wire):
    """Where another site is, as a visitor needs it."""

    site: Identifier
    name: Text
    address: Text
    directions: Text = Text(zh="", en="")
    travel_min: int = Field(description="minutes of travel from here")


class Offer(Wire):
    """Another site where this visitor would be called sooner. Both ranges are waits from now on, in minutes."""

    id: str = Field(examples=["q7Lw2nZsX0aB4cDe"])
    service: Identifier
    here: Promise
    there: Promise = Field(description="from now to the call there, the travel included")
    saving_min: int = Field(description="what the conservative rule promises to save")
    site: OtherSite


class OfferAnswer(Wire):
    """The best offer for this visitor, or none."""

    offer: Offer | None = None


class ReferralAnswer(Wire):
    """A place held at another site: all that the paper says."""

    referral: str
    site: OtherSite
    area: Text = Field(description="where to wait there")
    ticket: str = Field(description="the ticket's id at the other site; what the QR carries")
    number: str = Field(description="the other site's number", examples=["B031"])
    service: Identifier
    language: Language
    issued_at: datetime
    people_ahead: int
    promise: Promise | None = Field(
        default=None,
        description="from issued_at to the call there, the travel included: as accepted, or the newer one if worse",
    )
    kept_until: datetime = Field(description="check in by then, or the place is given up")
    page: str = Field(description="address of the ticket's page at the other site")
    print_job: PrintJob | None = None


class WindowAnswer(Wire):
    """A window as it stands."""

    id: Identifier
    label: str
    name: Text
    services: list[Identifier]
    state: WindowState
    ticket: str | None = Field(default=None, description="number of the ticket called to or served at this window")
    ticket_state: TicketState | None = None
    waiting: int = Field(description="waiting tickets this window may call")


class WindowsAnswer(Wire):
    """All windows of a site."""

    seq: int
    as_of: datetime
    windows: list[WindowAnswer]


class Department(Wire):
    """Whose business a service is."""

    id: Identifier
    name: Text


class ServiceAnswer(Wire):
    """A service a visitor can take a number for, with how it stands now."""

    id: Identifier
    letter: str
    name: Text
    department: Identifier
    materials: list[Text]
    area: Text = Field(description="where to wait, with the floor")
    waiting: int
    people_ahead: int = Field(description="for a ticket issued now without priority")
    promise: Promise | None = None
    offered: bool = Field(description="an open window serves it now, or one will today")


class PriorityClass(Wire):
    """A protected class with its stated reason."""

    id: Identifier
    name: Text


class ServicesAnswer(Wire):
    """The kiosk's menu: departments in order, services most used first."""

    seq: int
    as_of: datetime
    site: Identifier
    name: Text
    open: bool = Field(description="tickets are issued now")
    opens_at: str | None = Field(
        default=None, description="next opening while closed: local time HH:MM, MM-DD HH:MM when it is not today"
    )
    hours: Text
    departments: list[Department]
    services: list[ServiceAnswer]
    priorities: list[PriorityClass]
    county: bool = Field(default=False, description="the site belongs to a county: offers are made, visitors sent here")


class DeviceAnswer(Wire):
    """A device of the hall and what it last said about itself."""

    id: str
    kind: DeviceKind
    presence: Presence
    paper: Paper = Paper.UNKNOWN
    faults: list[Text] = []
    version: str = ""
    as_of: datetime | None = None


class DevicesAnswer(Wire):
    """All devices a site has a key for."""

    devices: list[DeviceAnswer]


class ErrorAnswer(Wire):
    """Why a request was refused: a name for programs, a sentence for people."""

    error: str = Field(examples=["nobody_waiting"])
    message: Text
    field: str | None = Field(default=None, description="the field that is wrong, when one is", examples=[None])


class CountyState(StrEnum):
    """How a site that belongs to a county stands with it."""

    JOINED = "joined"
    AWAY = "away"
    STOPPED = "stopped"


class CountyStanding(Wire):
    """How far the county has the site's journal, and why not farther."""

    state: CountyState
    seq: int = Field(description="the newest entry the county is known to have")
    away_since: datetime | None = Field(default=None, description="since when the county has not answered")
    refused: ErrorAnswer | None = Field(default=None, description="why nothing is pushed any more: people must act")
    tables_equal: bool | None = Field(default=None, description="whether its tables of this site were the hub's")


class HealthAnswer(Wire):
    """Whether the hub can do its work."""

    status: str = Field(examples=["ok"])
    version: str
    seq: int
    business_day: date
    clock_trusted: bool
    broker_connected: bool
    county: CountyStanding | None = Field(default=None, description="null at a hub that belongs to no county")


# ---------------------------------------------------------------------------------------------- told over MQTT


class Told(Wire):
    """A retained truth: replaces the one before it. Older ``seq`` than the one shown means: drop it."""

    seq: int
    as_of: datetime


class Call(Wire):
    """One called ticket on the hall's board. ``call_seq`` grows with every call and recall."""

    number: str
    window: Identifier
    window_label: str
    area: Text
    call_seq: int
    called_at: datetime
    recall: bool = False
    language: Language = Language.ZH


class Waiting(Wire):
    """How one service's queue stands."""

    service: Identifier
    letter: str
    name: Text
    waiting: int
    promise: Promise | None = None


class Board(Told):
    """All that a hall screen shows. ``calls`` newest first, long enough that a reader misses none."""

    site: Identifier
    name: Text
    calls: list[Call]
    waiting: list[Waiting]
    open: bool
    county_away_since: datetime | None = None
    """Since when the county has not answered a site that belongs to one; None while it does."""


class Sign(Told):
    """What the screen and the lamp at one window show."""

    window: Identifier
    label: str
    name: Text
    state: WindowState
    ticket: str | None = None
    ticket_state: TicketState | None = None
    call_seq: int = 0
    waiting: int = 0


class Queue(Told, Waiting):
    """One service's queue: how many wait and what a new ticket would be promised."""


class Notice(Told):
    """The line at the foot of the hall screen; empty when there is nothing to say."""

    text: Text


class HubStatus(Told):
    """The hub's own presence; republished as a heartbeat."""

    presence: Presence
    boot: str
    version: str
    clock_trusted: bool = True


class DeviceStatus(Wire):
    """What a device says about itself; its will says ``lost`` with the same ``boot``."""

    device: Identifier
    kind: DeviceKind
    presence: Presence
    boot: str
    version: str
    as_of: datetime
    paper: Paper = Paper.UNKNOWN
    faults: list[Text] = Field(default=[], max_length=20)
