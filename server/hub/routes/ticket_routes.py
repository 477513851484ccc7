"""Taking, finding, withdrawing and returning numbers, and their print jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from protocol import journal as j
from protocol.answers import PrintJob, TicketAnswer
from protocol.requests import CancelTicket, EndPrint, IssueTicket, ReturnToQueue, StartPrint
from protocol.vocabulary import TicketId
from server.domain.desk import issuance
from server.domain.model.hall import Hall
from server.domain.views import hall_views
from server.hub.commands.ticket_commands import TicketCommands, found_ticket
from server.hub.commands.writer import Reply
from server.hub.routes import command_errors, errors
from server.hub.routes.guards import AnyDevice, Hub, Kiosk, KioskOrPanel

router = APIRouter(prefix="/v1", tags=["tickets"])
Ticket = Annotated[TicketId, Path(max_length=40, description="a ticket's id", examples=["b3T5xY0q9LmZ2w1k"])]
JobId = Annotated[str, Path(max_length=44, description="a print job", examples=["b3T5xY0q9LmZ2w1k.1"])]


def json(reply: Reply) -> Response:
    """Return a reply as HTTP."""
    return Response(content=reply.body, status_code=reply.status, media_type="application/json")


@router.post(
    "/tickets",
    response_model=TicketAnswer,
    responses=command_errors("unknown_service", "unknown_priority", "hall_closed", "service_not_served"),
    operation_id="issue_ticket",
)
async def issue(command: IssueTicket, hub: Hub, device: Kiosk) -> Response:
    """Give a visitor the next number of a service; the ticket is durable when this answers."""
    return json(await TicketCommands(hub, device.id).take_number(command, prints=True))


@router.get(
    "/tickets/{ticket}",
    response_model=TicketAnswer,
    responses=errors("unknown_ticket", "invalid_field", "unreadable"),
    operation_id="ticket",
)
async def show(ticket: Ticket, hub: Hub, device: AnyDevice) -> TicketAnswer:  # noqa: ARG001 - the guard
    """Return a ticket as it stands, also one that has ended."""
    return await found_ticket(hub, ticket)


@router.post(
    "/tickets/{ticket}/cancel",
    response_model=TicketAnswer,
    responses=command_errors("unknown_ticket", "place_unconfirmed"),
    operation_id="cancel_ticket",
)
async def cancel(ticket: Ticket, command: CancelTicket, hub: Hub, device: KioskOrPanel) -> Response:
    """Withdraw a ticket."""
    return json(await TicketCommands(hub, device.id).cancel(ticket, command))


@router.post(
    "/tickets/{ticket}/return-to-queue",
    response_model=TicketAnswer,
    responses=command_errors("unknown_ticket", "wrong_state", "no_return_left"),
    operation_id="return_ticket",
)
async def come_back(ticket: Ticket, command: ReturnToQueue, hub: Hub, device: KioskOrPanel) -> Response:
    """Put a visitor who missed the call back into the queue, by the site's rule."""
    return json(await TicketCommands(hub, device.id).come_back(ticket, command))


@router.post(
    "/tickets/{ticket}/prints",
    response_model=PrintJob,
    responses=command_errors("unknown_ticket", "reprint_used"),
    operation_id="start_print",
)
async def start_print(ticket: Ticket, command: StartPrint, hub: Hub, device: Kiosk) -> Response:
    """Allow the one reprint of a ticket, or of a place at another site (by its referral), marked 补打."""

    def rule(hall: Hall, at: j.Moment) -> list[j.AnyFact]:  # noqa: ARG001 - a Rule
        return [issuance.reprint(hall, ticket=ticket, device=device.id)]

    def view(hall: Hall) -> PrintJob:
        return hall_views.print_job(hall.prints[ticket][-1])

    return json(await hub.commands.carry_out(f"print {ticket}", command, rule, view, actor=device.id))


@router.post(
    "/prints/{job}/outcome",
    response_model=PrintJob,
    responses=command_errors("unknown_print", "print_ended_already"),
    operation_id="end_print",
)
async def end_print(job: JobId, command: EndPrint, hub: Hub, device: Kiosk) -> Response:
    """Write down how a print job ended."""

    known: list[PrintJob] = []

    def rule(hall: Hall, at: j.Moment) -> tuple[j.AnyFact, ...]:  # noqa: ARG001 - a Rule
        facts = issuance.end_print(hall, job=job, outcome=command.outcome, reason=command.reason)
        known[:] = [hall_views.print_job(issuance.print_job(hall, job))]
        return facts

    def view(hall: Hall) -> PrintJob:  # noqa: ARG001 - a View; the hall forgets jobs of ended tickets at once
        return known[0].model_copy(update={"outcome": command.outcome, "reason": command.reason})

    return json(await hub.commands.carry_out(f"end print {job}", command, rule, view, actor=device.id))
