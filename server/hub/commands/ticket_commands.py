"""Commands on a ticket: issue, cancel, return to queue, reprint, report a print job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from typing_extensions import override

from protocol import journal as j
from protocol.answers import PrintJob, TicketAnswer
from protocol.requests import CancelTicket, EndPrint, IssueTicket, ReturnToQueue, StartPrint
from protocol.vocabulary import ReferralId, TicketId
from server.domain.desk import issuance
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import NO_FORECAST, Forecast
from server.domain.model.hall import Hall
from server.domain.model.refusals import UnknownPrint, UnknownTicket
from server.domain.referrals import offers, referral_destination
from server.domain.views import hall_views
from server.hub.commands.ownership import require_own
from server.hub.commands.typed_command import Command, Decision
from server.hub.device import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCommand(Command[TicketAnswer]):
    """A command that is answered with a ticket."""

    @override
    def parse(self, answer: str) -> TicketAnswer:
        return TicketAnswer.model_validate_json(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(TicketCommand):
    """Issue a ticket: the next number of a service."""

    request: IssueTicket
    ticket: TicketId
    """Id of the new ticket, a secret."""
    prints: bool
    """Whether the actor prints the ticket."""
    forecast: Forecast
    """The newest forecast."""
    hours_apply: bool
    """Whether the opening hours apply; not while the clock is not trusted."""

    @property
    @override
    def name(self) -> str:
        return "issue"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
        """Raises UnknownService, UnknownPriority, HallClosed, ServiceNotServed."""
        service, priority = self.request.service, self.request.priority
        wait = wait_times.figures_of_new(hall, self.forecast, service=service, priority=priority)
        issued = issuance.issue(
            hall,
            service=service,
            language=self.request.language,
            priority=priority,
            ticket=self.ticket,
            print_device=self.actor if self.prints else None,
            promise=wait.promise,
            people_ahead=wait.people_ahead,
            now=at.at if self.hours_apply else None,
            offer=self.request.offer if offers.is_made_for(hall, self.request.offer, actor=self.actor) else None,
        )
        return Decision([issued], lambda after: hall_views.ticket_view(after, after.tickets[self.ticket], wait=wait))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(TicketCommand):
    """Cancel a ticket."""

    request: CancelTicket
    ticket: TicketId
    device: Device | None = None
    """Device that must own the ticket; None for people."""

    @property
    @override
    def name(self) -> str:
        return f"cancel {self.ticket}"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:  # noqa: ARG002 - a Command
        """Raises UnknownTicket, PlaceUnconfirmed."""
        require_own(hall, self.ticket, device=self.device)
        return Decision([issuance.cancel(hall, ticket=self.ticket)], answer_ticket(self.ticket))


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(TicketCommand):
    """Return a ticket to the queue after a no-show, by the site's rule."""

    request: ReturnToQueue
    ticket: TicketId
    device: Device | None = None
    """As in Cancel."""

    @property
    @override
    def name(self) -> str:
        return f"return {self.ticket}"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:  # noqa: ARG002
        """Raises UnknownTicket, WrongState, NoReturnLeft."""
        require_own(hall, self.ticket, device=self.device)
        return Decision(referral_destination.return_to_queue(hall, ticket=self.ticket), answer_ticket(self.ticket))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint(Command[PrintJob]):
    """Start the one reprint of a ticket's paper, or of a referral's."""

    request: StartPrint
    ticket: TicketId | ReferralId
    device: Device

    @property
    @override
    def name(self) -> str:
        return f"print {self.ticket}"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[PrintJob]:  # noqa: ARG002
        """Raises UnknownTicket, ReprintUsed."""
        require_own(hall, self.ticket, device=self.device)
        started = issuance.reprint(hall, ticket=self.ticket, device=self.actor)
        return Decision([started], self._answer)

    def _answer(self, hall: Hall) -> PrintJob:
        return hall_views.print_job_view(hall.prints[self.ticket][-1])

    @override
    def parse(self, answer: str) -> PrintJob:
        return PrintJob.model_validate_json(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPrint(Command[PrintJob]):
    """Record the outcome of a print job."""

    request: EndPrint
    job: str

    @property
    @override
    def name(self) -> str:
        return f"end print {self.job}"

    def decide(self, hall: Hall, at: j.Moment) -> Decision[PrintJob]:  # noqa: ARG002
        """Raises UnknownPrint, also for another device's job; PrintEndedAlready."""
        outcome, reason = self.request.outcome, self.request.reason
        # Read before the facts apply: an ended ticket's job is dropped from the hall with its outcome.
        known = issuance.print_job(hall, self.job)
        if known.device != self.actor:
            raise UnknownPrint
        facts = issuance.end_print(hall, job=self.job, outcome=outcome, reason=reason)
        ended = hall_views.print_job_view(known).model_copy(update={"outcome": outcome, "reason": reason})
        return Decision(facts, lambda _: ended)

    @override
    def parse(self, answer: str) -> PrintJob:
        return PrintJob.model_validate_json(answer)


def answer_ticket(ticket: TicketId, *, forecast: Forecast = NO_FORECAST) -> Callable[[Hall], TicketAnswer]:
    """Return the function that shows a ticket in the hall after a command, also when the command ended the ticket."""
    return partial(_ticket_in, ticket=ticket, forecast=forecast)


def _ticket_in(hall: Hall, *, ticket: TicketId, forecast: Forecast) -> TicketAnswer:
    found = hall.ticket(ticket)
    if found is None:
        raise UnknownTicket.never_issued()
    return hall_views.ticket_view(hall, found, wait=wait_times.figures_of_ticket(hall, forecast, found))
