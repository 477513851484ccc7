"""A number that exists, here or at another site, and how its paper stands; a visitor who checked in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocol.answers import ReferralAnswer, ServiceAnswer, TicketAnswer
from protocol.vocabulary import Language, Text


class Paper(StrEnum):
    """How the paper of the shown number stands; UNSURE when no printer will ever tell, NONE without a printer."""

    PRINTING = "printing"
    PRINTED = "printed"
    UNSURE = "unsure"
    TROUBLE = "trouble"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """How the paper of a shown number stands."""

    paper: Paper = Paper.PRINTING
    advice: Text | None = None
    """What the visitor does about it."""
    again_used: bool = False

    @property
    def may_print_again(self) -> bool:
        """Whether the one reprint is offered: the paper may be missing and it was not asked for yet."""
        return self.paper in {Paper.UNSURE, Paper.TROUBLE} and not self.again_used


@dataclass(frozen=True, kw_only=True)
class Issued(OnPaper):
    """A number of this site, and its paper."""

    ticket: TicketAnswer
    service: ServiceAnswer

    @property
    def ticket_id(self) -> str:
        """What its paper is told by, and what its page's address ends with."""
        return self.ticket.id

    @property
    def number(self) -> str:
        """What is printed and called."""
        return self.ticket.number


@dataclass(frozen=True, kw_only=True)
class Sent(OnPaper):
    """A place held at another site, and its paper."""

    referral: ReferralAnswer
    service: ServiceAnswer
    language: Language
    """What the visitor read when choosing to go; the paper's."""

    @property
    def ticket_id(self) -> str:
        """The ticket's id at the other site."""
        return self.referral.ticket

    @property
    def number(self) -> str:
        """The other site's number."""
        return self.referral.number


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A visitor another site sent, checked in here."""

    ticket: TicketAnswer
    code: str
    """What was scanned or typed: the same again is the scanner's second look."""
