"""What can happen at a kiosk: what a finger does, and what workers and the clock say. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.answers import Offer, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.vocabulary import PrintOutcome, Text

# ----------------------------------------------------------------------------------------- what a finger does


@dataclass(frozen=True)
class ToggleLanguage:
    """中文 | EN."""


@dataclass(frozen=True)
class ToggleSize:
    """大字: every text one step larger, or back."""


@dataclass(frozen=True)
class OpenHelp:
    """求助."""


@dataclass(frozen=True)
class StillHere:
    """The answer to "are you still there?"."""


@dataclass(frozen=True)
class Start:
    """取号, on the welcome page."""


@dataclass(frozen=True)
class Back:
    """One page back; closes help."""


@dataclass(frozen=True)
class Finish:
    """The visitor has read the number and leaves."""


@dataclass(frozen=True, kw_only=True)
class TurnTo:
    """Another page of tiles, counted from 0."""

    leaf: int


@dataclass(frozen=True)
class OpenLetters:
    """Search by first letter."""


@dataclass(frozen=True, kw_only=True)
class ChooseLetter:
    """Only the tiles whose name begins with this letter."""

    letter: str


@dataclass(frozen=True, kw_only=True)
class ChooseDepartment:
    """A department's tile."""

    department: str


@dataclass(frozen=True, kw_only=True)
class ChooseService:
    """A service's tile."""

    service: str


@dataclass(frozen=True)
class OpenPriorities:
    """The visitor belongs to a protected class."""


@dataclass(frozen=True, kw_only=True)
class ChoosePriority:
    """A protected class, or None for everybody's queue."""

    priority: str | None


@dataclass(frozen=True)
class Confirm:
    """在这里取号."""


@dataclass(frozen=True)
class GoThere:
    """去另一处取号: the offer is accepted."""


@dataclass(frozen=True)
class OpenCheckIn:
    """转来报到: the visitor was sent here by another site."""


@dataclass(frozen=True, kw_only=True)
class TypeKey:
    """A letter or digit of the number to check in with."""

    key: str


@dataclass(frozen=True)
class EraseKey:
    """The last letter or digit was wrong."""


@dataclass(frozen=True)
class CheckIn:
    """The number is complete."""


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A scanner read a code from somebody's paper or phone."""

    code: str


@dataclass(frozen=True)
class AskAgain:
    """Once more with the same request, after the hub did not answer."""


@dataclass(frozen=True)
class PrintAgain:
    """再打印一次."""


@dataclass(frozen=True)
class Anywhere:
    """A finger where there is no button: somebody is there."""


Touch = (
    ToggleLanguage
    | ToggleSize
    | OpenHelp
    | StillHere
    | Start
    | Back
    | Finish
    | TurnTo
    | OpenLetters
    | ChooseLetter
    | ChooseDepartment
    | ChooseService
    | OpenPriorities
    | ChoosePriority
    | Confirm
    | GoThere
    | OpenCheckIn
    | TypeKey
    | EraseKey
    | CheckIn
    | Scanned
    | AskAgain
    | PrintAgain
    | Anywhere
)

# --------------------------------------------------------------------------------- what workers and the clock say


@dataclass(frozen=True, kw_only=True)
class MenuCame:
    """The hub answered: what can be asked for now."""

    menu: ServicesAnswer


@dataclass(frozen=True)
class HubLost:
    """The hub has not answered for a while."""


@dataclass(frozen=True, kw_only=True)
class TicketCame:
    """The hub committed a ticket."""

    request_id: str
    ticket: TicketAnswer


@dataclass(frozen=True, kw_only=True)
class OfferCame:
    """Another site would call this visitor sooner. No news means there is none, or none in time."""

    request_id: str
    offer: Offer


@dataclass(frozen=True, kw_only=True)
class PlaceCame:
    """The other site holds a place."""

    request_id: str
    referral: ReferralAnswer


@dataclass(frozen=True, kw_only=True)
class ArrivalCame:
    """The hub checked a visitor in."""

    request_id: str
    ticket: TicketAnswer


@dataclass(frozen=True, kw_only=True)
class RequestRefused:
    """The hub said no, with its sentence; ``error`` is the reason's name."""

    request_id: str
    message: Text
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestUnanswered:
    """The hub did not answer; nobody knows whether what was asked for exists."""

    request_id: str


@dataclass(frozen=True, kw_only=True)
class PrintEnded:
    """A print job ended. ``advice`` is what the visitor does now, for any outcome but PRINTED.

    ``without_printer``: this kiosk has none, and printing again will not help.
    """

    ticket: str
    outcome: PrintOutcome
    advice: Text | None = None
    without_printer: bool = False


@dataclass(frozen=True, kw_only=True)
class ReprintRefused:
    """There is no second print, with the sentence why; ``later`` when it may be asked for again."""

    ticket: str
    message: Text
    later: bool = False


@dataclass(frozen=True)
class Tick:
    """Time went by."""


News = (
    MenuCame
    | HubLost
    | TicketCame
    | OfferCame
    | PlaceCame
    | ArrivalCame
    | RequestRefused
    | RequestUnanswered
    | PrintEnded
    | ReprintRefused
    | Tick
)
Event = Touch | News
