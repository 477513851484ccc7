"""The vocabulary of all messages: identifiers, enumerations, bilingual text, the promise of a wait.

Messages are frozen and validated once, at the edge, the same on HTTP and MQTT. Times are RFC 3339 UTC, durations end in
``_s`` (seconds) or ``_min`` (minutes). Readers ignore fields they do not know, so that a hall can be updated one device
at a time; requests forbid them, so that a typing error is reported.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NewType, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SiteId = NewType("SiteId", str)
"""Id of a site within its county: ``tax``."""
WindowId = NewType("WindowId", str)
"""Id of a window within its site: ``window-3``."""
ServiceId = NewType("ServiceId", str)
"""Id of a service, the same at every site of a county: ``tax-filing``."""
TicketId = NewType("TicketId", str)
"""Secret id of a ticket, not its printed number; 96 random bits in URL-safe Base64."""
ReferralId = NewType("ReferralId", str)
"""Id of one visitor's referral from site to site, the same in both journals."""

AnyId = TypeVar("AnyId", bound=str)

Slug = Annotated[AnyId, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""Validated form of an id in topics, addresses and settings: ``Slug[WindowId]`` is a ``WindowId`` in a message."""

Identifier = Slug[str]
"""Slug of anything that has no id type of its own: a device, department, area or priority class."""

RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{8,64}$")]
"""Idempotency key, chosen by the requester: the same id again gets the same answer and changes nothing."""

NO_NUL = r"^[^\x00]*$"
"""Pattern of a text without NUL, which every database stores."""

USUAL_TIME_ZONE = "Asia/Shanghai"
"""Zone of a site that names none."""

ZoneName = Annotated[str, Field(exclude_if=lambda zone: zone == USUAL_TIME_ZONE)]
"""IANA name of a site's zone; the usual one is left out of messages."""

MAX_INTEGER = 2**31 - 1
"""Largest integer that every database stores."""

WholeMinutes = Annotated[int, Field(ge=0, le=MAX_INTEGER)]

ExactMinutes = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]

OfferId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""Secret id of an offer."""

NOTICE_LENGTH = 120
"""Length of the longest notice, characters."""

NoticeLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTICE_LENGTH, pattern=r"^[^\r\n]*$")]
"""Text of one line that a hall screen can show."""


class Wire(BaseModel):
    """Parent of messages that are read: frozen, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(Wire):
    """One sentence or name in both languages of the hall, Chinese first."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        return self.zh if language is Language.ZH else self.en

    def on_one_line(self) -> str:
        """Return both languages on one line, for logs and terminals."""
        return f"{self.zh} / {self.en}"


class Language(StrEnum):
    """The language a visitor chose."""

    ZH = "zh"
    EN = "en"


class TicketState(StrEnum):
    """State of a ticket between its issue and its end (``docs/glossary.md``)."""

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


class WindowAction(StrEnum):
    """What one key of a clerk does at a window; the last part of its URL."""

    CALL_NEXT = "call-next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    CONFIRM_SERVED = "confirm-served"
    CONFIRM_ABSENT = "confirm-absent"
    TRANSFER = "transfer"
    OPEN = "open"
    PAUSE = "pause"
    CLOSE = "close"


class PrintOutcome(StrEnum):
    """How a print job ended; ``pending`` while the kiosk has not reported and the hub has not given up."""

    PENDING = "pending"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class DeviceKind(StrEnum):
    """Kind of a device, which decides the requests that the hub allows it."""

    KIOSK = "kiosk"
    DISPLAY = "display"
    WINDOW = "window"
    MONITOR = "monitor"


class Presence(StrEnum):
    """Presence of a process: ``offline`` after a normal stop, ``lost`` without one (the broker publishes its will)."""

    ONLINE = "online"
    OFFLINE = "offline"
    LOST = "lost"


class PaperState(StrEnum):
    """State of the paper, as the printer reports it."""

    OK = "ok"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


class Promise(Wire):
    """The wait promised to a visitor, as a range in whole minutes; absent means "unknown".

    The range is what is printed; the quantiles it was rounded from are kept so that it can be judged by its outcome.
    """

    low_min: WholeMinutes
    high_min: WholeMinutes
    p50_min: ExactMinutes | None = None
    p80_min: ExactMinutes | None = None
    p90_min: ExactMinutes | None = None
    past_closing: bool = Field(
        default=False,
        description="one in five such visitors is not reached before the site closes; absent when false",
        exclude_if=lambda past: not past,
    )
