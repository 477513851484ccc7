"""A ticket and its paper: a number issued here, or a place held at another site."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocol.answers import PrintJob, ReferralAnswer, ServiceAnswer, TicketAnswer
from protocol.vocabulary import Language, ReferralId, Text, TicketId


class PrintProgress(StrEnum):
    """What is known of the paper: UNSURE when the printer never reports, NONE at a kiosk without a printer."""

    PRINTING = "printing"
    PRINTED = "printed"
    UNSURE = "unsure"
    TROUBLE = "trouble"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Printout:
    """A ticket of this site (TicketAnswer) or of another one (ReferralAnswer) with all that its paper needs."""

    answer: TicketAnswer | ReferralAnswer
    service: ServiceAnswer
    hall: Text
    """The name of the hall that prints."""
    language: Language
    """The language of the paper: what the visitor read when the ticket was requested."""
    progress: PrintProgress = PrintProgress.PRINTING
    advice: Text | None = None
    """What the visitor does when the paper is missing."""
    reprint: bool = False
    """Whether this is the second print; there is no third."""

    @property
    def ticket_id(self) -> str:
        """The id of the ticket, here or at the other site; print results refer to it."""
        return self.answer.id if isinstance(self.answer, TicketAnswer) else self.answer.ticket

    @property
    def number(self) -> str:
        """The number that is printed and called, such as ``A017``."""
        return self.answer.number

    @property
    def job_owner(self) -> TicketId | ReferralId:
        """The id under which the hub keeps the print jobs: the ticket's, or the referral's for a foreign ticket."""
        return self.answer.id if isinstance(self.answer, TicketAnswer) else self.answer.referral

    @property
    def first_job(self) -> PrintJob | None:
        """The print job that was created together with the ticket; None when the hub keeps none."""
        return self.answer.print_job

    @property
    def may_reprint(self) -> bool:
        """Whether the one reprint is offered: the paper may be missing, and none was requested so far."""
        return self.progress in {PrintProgress.UNSURE, PrintProgress.TROUBLE} and not self.reprint
