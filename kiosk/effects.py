"""What a kiosk asks its workers to do after something has happened: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.issued import Sent
from protocol.answers import PrintJob, ServiceAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Text


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Take a visitor's request to the hub: for a number, a place elsewhere, a check-in."""

    command: IssueTicket | AcceptOffer | CheckInByCode


@dataclass(frozen=True, kw_only=True)
class AskForOffer:
    """Ask the hub whether it is sooner elsewhere, while the visitor reads what it is here."""

    command: RequestOffer


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """Nobody waits for this request any more, and it may have made a ticket: see that none stays in the queue."""

    command: IssueTicket


@dataclass(frozen=True, kw_only=True)
class PrintTicket:
    """Put a committed ticket on paper, for the first time or once more."""

    ticket: TicketAnswer
    service: ServiceAnswer
    hall: Text
    again: bool

    @property
    def ticket_id(self) -> str:
        """What it is told by how the paper came out."""
        return self.ticket.id

    @property
    def number(self) -> str:
        """What is printed largest."""
        return self.ticket.number

    @property
    def job_of(self) -> str:
        """What its print jobs belong to."""
        return self.ticket.id

    @property
    def first_job(self) -> PrintJob | None:
        """The job that came with the number; None when the hub keeps none."""
        return self.ticket.print_job


@dataclass(frozen=True, kw_only=True)
class PrintReferral:
    """Put the place held at another site on paper, for the first time or once more."""

    sent: Sent
    again: bool

    @property
    def ticket_id(self) -> str:
        """What it is told by how the paper came out: the ticket at the other site."""
        return self.sent.ticket_id

    @property
    def number(self) -> str:
        """What is printed largest: the number there."""
        return self.sent.number

    @property
    def job_of(self) -> str:
        """What its print jobs belong to: the referral, for the ticket is not of this site."""
        return self.sent.referral.referral

    @property
    def first_job(self) -> PrintJob | None:
        """The job that came with the place; None when the hub keeps none."""
        return self.sent.referral.print_job


Effect = Ask | AskForOffer | Withdraw | PrintTicket | PrintReferral
