"""Tickets: issue, query, cancel, return to queue, and their print jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from protocol.answers import PrintJob, TicketAnswer
from protocol.requests import CancelTicket, EndPrint, IssueTicket, ReturnToQueue, StartPrint
from protocol.vocabulary import DeviceKind, TicketId
from server.domain.model.refusals import (
    HallClosed,
    NoReturnLeft,
    PlaceUnconfirmed,
    PrintEndedAlready,
    ReprintUsed,
    ServiceNotServed,
    UnknownPrint,
    UnknownPriority,
    UnknownService,
    UnknownTicket,
    WrongState,
)
from server.http_server.command_route import CommandRoute
from server.hub.commands.ticket_commands import Cancel, ReportPrint, Reprint, Return
from server.hub.routes.guards import AnyDevice, Hub, Kiosk, KioskOrPanel
from server.hub.routes.route_responses import command_errors, errors, respond_json

router = APIRouter(prefix="/v1", tags=["tickets"], route_class=CommandRoute)
TicketInPath = Annotated[TicketId, Path(max_length=40, description="a ticket's id", examples=["b3T5xY0q9LmZ2w1k"])]
Job = Annotated[str, Path(max_length=44, description="a print job", examples=["b3T5xY0q9LmZ2w1k.1"])]


@router.post(
    "/tickets",
    response_model=TicketAnswer,
    responses=command_errors(UnknownService, UnknownPriority, HallClosed, ServiceNotServed),
    operation_id="issue_ticket",
)
async def issue(command: IssueTicket, hub: Hub, device: Kiosk) -> Response:
    """Issue a ticket: the next number of a service. It is durable when this answers."""
    return respond_json(await hub.commands.issue(command, actor=device.id, prints=True))


@router.get(
    "/tickets/{ticket}",
    response_model=TicketAnswer,
    responses=errors(UnknownTicket, "invalid_field", "unreadable"),
    operation_id="ticket",
)
async def show(ticket: TicketInPath, hub: Hub, device: AnyDevice) -> TicketAnswer:
    """Return the current state of a ticket, ended ones included, to its kiosk, to its window, and to a monitor."""
    return await hub.commands.ticket(ticket, device=None if device.kind is DeviceKind.MONITOR else device)


@router.post(
    "/tickets/{ticket}/cancel",
    response_model=TicketAnswer,
    responses=command_errors(UnknownTicket, PlaceUnconfirmed),
    operation_id="cancel_ticket",
)
async def cancel(ticket: TicketInPath, command: CancelTicket, hub: Hub, device: KioskOrPanel) -> Response:
    """Cancel a ticket that this kiosk issued, or that is at this panel's window."""
    return respond_json(await hub.commands.run(Cancel(request=command, actor=device.id, ticket=ticket, device=device)))


@router.post(
    "/tickets/{ticket}/return-to-queue",
    response_model=TicketAnswer,
    responses=command_errors(UnknownTicket, WrongState, NoReturnLeft),
    operation_id="return_to_queue",
)
async def return_to_queue(ticket: TicketInPath, command: ReturnToQueue, hub: Hub, device: KioskOrPanel) -> Response:
    """Return to the queue, after a no-show, a ticket of this kiosk or this panel's window, by the site's rule."""
    return respond_json(await hub.commands.run(Return(request=command, actor=device.id, ticket=ticket, device=device)))


@router.post(
    "/tickets/{ticket}/prints",
    response_model=PrintJob,
    responses=command_errors(UnknownTicket, ReprintUsed),
    operation_id="start_print",
)
async def start_print(ticket: TicketInPath, command: StartPrint, hub: Hub, device: Kiosk) -> Response:
    """Start the one reprint, marked 补打, of this kiosk's paper: a ticket's, or a referral's, named by the referral."""
    return respond_json(await hub.commands.run(Reprint(request=command, actor=device.id, ticket=ticket, device=device)))


@router.post(
    "/prints/{job}/outcome",
    response_model=PrintJob,
    responses=command_errors(UnknownPrint, PrintEndedAlready),
    operation_id="end_print",
)
async def end_print(job: Job, command: EndPrint, hub: Hub, device: Kiosk) -> Response:
    """Report the outcome of a print job of this kiosk."""
    return respond_json(await hub.commands.run(ReportPrint(request=command, actor=device.id, job=job)))
