"""What the rules refuse, by name. HTTP codes are chosen in ``server/http_server/errors.py``, not here.

::

    Refusal
    ├── Unknown                 something named does not exist
    │   ├── UnknownService, UnknownWindow, UnknownTicket, UnknownPriority, UnknownPrint, UnknownProposal
    └── NotNow                  it exists, but cannot be done as things stand
        ├── HallClosed, ServiceNotServed
        ├── NobodyWaiting, WindowNotOpen, NoTicketAtWindow, CalledJustNow
        ├── WrongState, TicketElsewhere, NoReturnLeft
        ├── ReprintUsed, PrintEndedAlready, ProposalDecidedAlready
        └── OfferGone, NoAnswer, PlaceRefused, CalledHere, PlaceUnconfirmed, NotReferred
"""

from __future__ import annotations

from typing import ClassVar

from protocol.vocabulary import Text


class Refusal(Exception):
    """A command cannot be carried out; nothing was changed."""

    name: ClassVar[str] = "refused"

    def __init__(self, zh: str, en: str, *, field: str | None = None) -> None:
        super().__init__(en)
        self.message = Text(zh=zh, en=en)
        self.field = field


class Unknown(Refusal):
    """Parent of refusals for what does not exist."""


class NotNow(Refusal):
    """Parent of refusals for what cannot be done as things stand."""


class UnknownService(Unknown):
    """The site does not offer it."""

    name = "unknown_service"


class UnknownWindow(Unknown):
    """The site has no such window."""

    name = "unknown_window"


class UnknownTicket(Unknown):
    """No such ticket today."""

    name = "unknown_ticket"


class UnknownPriority(Unknown):
    """The site has no such priority class."""

    name = "unknown_priority"


class UnknownPrint(Unknown):
    """No such print job today."""

    name = "unknown_print"


class UnknownProposal(Unknown):
    """The county made no such proposal lately."""

    name = "unknown_proposal"


class HallClosed(NotNow):
    """Outside the opening hours."""

    name = "hall_closed"


class ServiceNotServed(NotNow):
    """No window takes this service."""

    name = "service_not_served"


class NobodyWaiting(NotNow):
    """No waiting ticket that this window serves."""

    name = "nobody_waiting"


class WindowNotOpen(NotNow):
    """The window is paused or closed."""

    name = "window_not_open"


class NoTicketAtWindow(NotNow):
    """Nobody was called to this window, or not in the state the command needs."""

    name = "no_ticket_at_window"


class CalledJustNow(NotNow):
    """The window called a moment ago; this is taken for a double press."""

    name = "called_just_now"


class WrongState(NotNow):
    """The ticket's state does not allow it."""

    name = "wrong_state"


class TicketElsewhere(NotNow):
    """The ticket is at another window."""

    name = "ticket_elsewhere"


class NoReturnLeft(NotNow):
    """The ticket came back as often as the site allows."""

    name = "no_return_left"


class ReprintUsed(NotNow):
    """The ticket was already printed a second time."""

    name = "reprint_used"


class PrintEndedAlready(NotNow):
    """The job's outcome is already written down, and is another."""

    name = "print_ended_already"


class ProposalDecidedAlready(NotNow):
    """The proposal was decided otherwise, or expired."""

    name = "proposal_decided_already"


class OfferGone(NotNow):
    """The offer of another site is too old, or was used already."""

    name = "offer_gone"


class NoAnswer(NotNow):
    """The other site did not answer in time; nothing was changed."""

    name = "no_answer"


class PlaceNotGranted(NotNow):
    """The other site has no place for this visitor now."""

    name = "place_refused"


class CalledHere(NotNow):
    """The visitor's number was called here while the other site was asked."""

    name = "called_here"


class PlaceUnconfirmed(NotNow):
    """A place is held for another site's visitor who has not yet taken it, as far as this hall knows."""

    name = "place_unconfirmed"


class NotReferred(NotNow):
    """Only visitors whom another site sent check in; this number was taken here."""

    name = "not_referred"
