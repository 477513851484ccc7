"""What happens at a kiosk (touches, news) and what its workers do then (effects): plain frozen values.

A new touch is a class here, with the pages on which it counts, and a member of one of the unions below; the type
checker then demands its rule in ``kiosk.state.on_touch``. A page offers it with a button.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.state.kiosk_state import AWAITING_HUB, EVERY_PAGE, Overlay, Page, Printout, Step, VisitorRequest
from protocol.answers import Offer, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import IssueTicket, RequestOffer
from protocol.vocabulary import PrintOutcome, ServiceId, Text

_TILE_PAGES = frozenset[Page]({Step.DEPARTMENT, Step.SERVICE})

# --------------------------------------------------------------------------------------------------------- touches


class _Touch:
    """A touch counts on its ``pages``; on any other page it was meant for one already gone and is ignored."""

    pages: ClassVar[frozenset[Page]] = EVERY_PAGE


@dataclass(frozen=True)
class ToggleLanguage(_Touch):
    """Switch between Chinese and English, on any page."""


@dataclass(frozen=True)
class ToggleTextSize(_Touch):
    """Switch between normal text and large text, in which every text is one size larger."""


@dataclass(frozen=True)
class OpenHelp(_Touch):
    """Open the help page, except while the hub is awaited: the answer must not come in behind it."""

    pages = EVERY_PAGE - {Overlay.HELP} - AWAITING_HUB


@dataclass(frozen=True)
class StillHere(_Touch):
    """Answer "are you still there?"."""


@dataclass(frozen=True)
class Anywhere(_Touch):
    """Touch a place without a button: it proves that somebody is there."""


@dataclass(frozen=True)
class Back(_Touch):
    """Go one page back, or close help or the list of what to bring."""

    pages = (
        _TILE_PAGES
        | {Step.CONFIRM, Step.PRIORITY, Step.REFUSED, Step.NO_PLACE, Step.CHECK_IN, Step.NOT_FOUND}
        | {Overlay.OFFER, Overlay.MATERIALS, Overlay.LETTERS, Overlay.HELP}
    )


@dataclass(frozen=True)
class Done(_Touch):
    """Leave the kiosk after the number was read: the next visitor finds the welcome page."""

    pages = frozenset[Page]({Step.NUMBER, Step.REFERRED, Step.CHECKED_IN})


@dataclass(frozen=True, kw_only=True)
class TurnTo(_Touch):
    """Turn to another page of tiles, counted from 0."""

    index: int
    pages = _TILE_PAGES


@dataclass(frozen=True, kw_only=True)
class ShowMaterials(_Touch):
    """Open the whole list of what to bring at a page, counted from 0."""

    index: int
    pages = frozenset[Page]({Step.CONFIRM, Overlay.OFFER, Overlay.MATERIALS})


@dataclass(frozen=True)
class OpenLetters(_Touch):
    """Open the search by first letter."""

    pages = _TILE_PAGES


@dataclass(frozen=True, kw_only=True)
class ChooseLetter(_Touch):
    """Show only the tiles whose name begins with this letter."""

    letter: str
    pages = frozenset[Page]({Overlay.LETTERS})


@dataclass(frozen=True)
class Start(_Touch):
    """Begin to take a number, on the welcome page."""

    pages = frozenset[Page]({Step.WELCOME})


@dataclass(frozen=True, kw_only=True)
class ChooseDepartment(_Touch):
    """Choose a department's tile."""

    department: str
    pages = frozenset[Page]({Step.DEPARTMENT})


@dataclass(frozen=True, kw_only=True)
class ChooseService(_Touch):
    """Choose a service's tile."""

    service: ServiceId
    pages = frozenset[Page]({Step.SERVICE})


@dataclass(frozen=True)
class OpenPriorities(_Touch):
    """Open the list of protected classes."""

    pages = frozenset[Page]({Step.CONFIRM, Overlay.OFFER})


@dataclass(frozen=True, kw_only=True)
class ChoosePriority(_Touch):
    """Choose a protected class, or None for everybody's queue."""

    priority: str | None
    pages = frozenset[Page]({Step.PRIORITY})


@dataclass(frozen=True)
class OpenCheckIn(_Touch):
    """Open the check-in for visitors referred by another site."""

    pages = frozenset[Page]({Step.WELCOME, Step.NOT_FOUND, Overlay.CLOSED})


@dataclass(frozen=True, kw_only=True)
class TypeKey(_Touch):
    """Type a letter or digit of the number to check in with."""

    key: str
    pages = frozenset[Page]({Step.CHECK_IN})


@dataclass(frozen=True)
class EraseKey(_Touch):
    """Erase the last letter or digit."""

    pages = frozenset[Page]({Step.CHECK_IN})


@dataclass(frozen=True)
class Confirm(_Touch):
    """Have a ticket issued in this hall."""

    pages = frozenset[Page]({Step.CONFIRM, Step.NO_PLACE, Overlay.OFFER})


@dataclass(frozen=True)
class ChooseOffer(_Touch):
    """Accept the offer of another site."""

    pages = frozenset[Page]({Overlay.OFFER})


@dataclass(frozen=True)
class CheckInByNumber(_Touch):
    """Check in with the typed number."""

    pages = frozenset[Page]({Step.CHECK_IN})


@dataclass(frozen=True)
class Retry(_Touch):
    """Repeat the request that the hub did not answer, with the same id."""

    pages = frozenset[Page]({Overlay.STAFF})


@dataclass(frozen=True)
class PrintAgain(_Touch):
    """Print the ticket once more."""

    pages = frozenset[Page]({Step.NUMBER, Step.REFERRED})


@dataclass(frozen=True, kw_only=True)
class CodeScanned(_Touch):
    """The scanner read a code from paper or a phone; elsewhere than on these pages it is no check-in."""

    code: str
    pages = frozenset[Page]({Step.WELCOME, Step.CHECK_IN, Step.NOT_FOUND, Step.CHECKED_IN, Overlay.CLOSED})


ViewTouch = ToggleLanguage | ToggleTextSize | OpenHelp | StillHere | Anywhere | Back | Done
ListTouch = TurnTo | ShowMaterials | OpenLetters | ChooseLetter
SelectTouch = Start | ChooseDepartment | ChooseService | OpenPriorities | ChoosePriority | OpenCheckIn
KeyTouch = TypeKey | EraseKey
RequestTouch = Confirm | ChooseOffer | CheckInByNumber | Retry | PrintAgain
ButtonTouch = ViewTouch | ListTouch | SelectTouch | RequestTouch
Touch = ButtonTouch | KeyTouch | CodeScanned

# ----------------------------------------------------------------------------------------- news of workers and clock


@dataclass(frozen=True, kw_only=True)
class MenuReceived:
    """The hub answered with its present menu."""

    menu: ServicesAnswer


@dataclass(frozen=True)
class MenuMissed:
    """The hub did not answer a request for its menu."""


@dataclass(frozen=True, kw_only=True)
class TicketReceived:
    """The hub issued a ticket."""

    request_id: str
    ticket: TicketAnswer


@dataclass(frozen=True, kw_only=True)
class OfferReceived:
    """Another site would call this visitor sooner. Without this news there is no offer, or none in time."""

    request_id: str
    offer: Offer


@dataclass(frozen=True, kw_only=True)
class ReferralReceived:
    """The other site holds a place."""

    request_id: str
    referral: ReferralAnswer


@dataclass(frozen=True, kw_only=True)
class CheckInReceived:
    """The hub checked a visitor in."""

    request_id: str
    ticket: TicketAnswer


@dataclass(frozen=True, kw_only=True)
class RequestRefused:
    """The hub refused a request; ``error`` is the reason's name."""

    request_id: str
    message: Text
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestUnanswered:
    """The hub did not answer in time: nobody knows whether it executed the request."""

    request_id: str


@dataclass(frozen=True, kw_only=True)
class PrintReported:
    """A print job ended; ``advice`` is what the visitor does now, for any outcome but PRINTED.

    ``without_printer``: this kiosk has none, so a reprint cannot help.
    """

    ticket: str
    outcome: PrintOutcome
    advice: Text | None = None
    without_printer: bool = False


@dataclass(frozen=True, kw_only=True)
class ReprintRefused:
    """The reprint was refused; ``later``: it may be requested again."""

    ticket: str
    message: Text
    later: bool = False


@dataclass(frozen=True)
class Tick:
    """Time went by."""


RequestAnswer = TicketReceived | ReferralReceived | CheckInReceived | RequestRefused | RequestUnanswered
PrintNews = PrintReported | ReprintRefused
News = RequestAnswer | PrintNews | MenuReceived | MenuMissed | OfferReceived | Tick
KioskEvent = Touch | News

# --------------------------------------------------------------------------------------------------------- effects


@dataclass(frozen=True, kw_only=True)
class SubmitRequest:
    """Submit a visitor's request to the hub: for a number, a place at another site, a check-in."""

    request: VisitorRequest


@dataclass(frozen=True, kw_only=True)
class FindOffer:
    """Find out whether another site is sooner, while the visitor reads how long it takes here."""

    request: RequestOffer


@dataclass(frozen=True, kw_only=True)
class CancelUnclaimed:
    """Cancel the ticket that an abandoned request may have made, so that nobody is called who has gone."""

    request: IssueTicket


@dataclass(frozen=True, kw_only=True)
class Print:
    """Print a ticket, for the first time or with ``printout.reprint`` once more."""

    printout: Printout


Effect = SubmitRequest | FindOffer | CancelUnclaimed | Print
