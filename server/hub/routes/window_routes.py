"""What a clerk's keys ask for."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from protocol.answers import TicketAnswer, WindowAnswer, WindowsAnswer
from protocol.requests import TransferTicket, WindowCommand
from protocol.vocabulary import WindowId, WindowState
from server.domain.views import hall_views
from server.http_server.errors import Denied
from server.hub.commands.ticket_commands import TicketCommands
from server.hub.routes import command_errors, errors
from server.hub.routes.guards import AnyDevice, Hub, WindowPanel
from server.hub.routes.ticket_routes import json
from server.web.site_service import ClerkCommand

router = APIRouter(prefix="/v1", tags=["windows"])
Window = Annotated[WindowId, Path(max_length=40, description="a window of the site", examples=["window-3"])]
Number = Annotated[str, Path(pattern=r"^[A-Z]{1,2}[0-9]{3,6}$", description="a number", examples=["A017"])]


@router.get("/windows", response_model=WindowsAnswer, responses=errors(), operation_id="windows")
async def show(hub: Hub, device: AnyDevice) -> WindowsAnswer:  # noqa: ARG001 - the guard
    """Return all windows with who is there."""
    return hall_views.windows(hub.hall, at=hub.clock.now().at)


async def panel(request: Request, hub: Hub, device: WindowPanel) -> TicketCommands:
    """Refuse a press whose sender has given up waiting, such as one that lay in a stopped hub's socket.

    A panel that heard nothing in time told its clerk "not taken"; the press must not fire after that.
    """
    for _ in range(2):
        await asyncio.sleep(0)
    if await request.is_disconnected():
        raise Denied(
            status=409, error="too_late", zh="请求已过期，没有执行", en="whoever asked has given up; nothing was done"
        )
    return TicketCommands(hub, actor=device.id)


By = Annotated[TicketCommands, Depends(panel)]


@router.post(
    "/windows/{window}/call-next",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "window_not_open", "called_just_now", "nobody_waiting"),
    operation_id="call_next",
)
async def call_next(window: Window, command: WindowCommand, by: By) -> Response:
    """Call whom the discipline chooses; whoever is still at the window is finished by it."""
    return json(await by.press(ClerkCommand.CALL_NEXT, window, command))


@router.post(
    "/windows/{window}/call/{number}",
    response_model=TicketAnswer,
    responses=command_errors(
        "unknown_window",
        "unknown_ticket",
        "window_not_open",
        "ticket_elsewhere",
        "service_not_served",
        "called_just_now",
        "place_unconfirmed",
    ),
    operation_id="call_number",
)
async def call_number(window: Window, number: Number, command: WindowCommand, by: By) -> Response:
    """Call one certain number: waiting, or missed and come back."""
    return json(await by.call_number(number, window, command))


@router.post(
    "/windows/{window}/recall",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "no_ticket_at_window"),
    operation_id="recall",
)
async def recall(window: Window, command: WindowCommand, by: By) -> Response:
    """Summon the window's visitor again."""
    return json(await by.press(ClerkCommand.RECALL, window, command))


@router.post(
    "/windows/{window}/start",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "no_ticket_at_window"),
    operation_id="start",
)
async def start(window: Window, command: WindowCommand, by: By) -> Response:
    """Note that the visitor came to the window."""
    return json(await by.press(ClerkCommand.START, window, command))


@router.post(
    "/windows/{window}/finish",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "no_ticket_at_window"),
    operation_id="finish",
)
async def finish(window: Window, command: WindowCommand, by: By) -> Response:
    """Note that the visitor left served."""
    return json(await by.press(ClerkCommand.FINISH, window, command))


@router.post(
    "/windows/{window}/no-show",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "no_ticket_at_window"),
    operation_id="no_show",
)
async def no_show(window: Window, command: WindowCommand, by: By) -> Response:
    """Note that the called visitor is absent."""
    return json(await by.press(ClerkCommand.NO_SHOW, window, command))


@router.post(
    "/windows/{window}/transfer",
    response_model=TicketAnswer,
    responses=command_errors("unknown_window", "no_ticket_at_window", "unknown_service", "service_not_served"),
    operation_id="transfer",
)
async def transfer(window: Window, command: TransferTicket, by: By) -> Response:
    """Send the visitor on to another service of the site, with the seniority of before."""
    return json(await by.transfer(window, command))


@router.post(
    "/windows/{window}/open",
    response_model=WindowAnswer,
    responses=command_errors("unknown_window"),
    operation_id="open_window",
)
async def open_window(window: Window, command: WindowCommand, by: By) -> Response:
    """Begin to take visitors."""
    return json(await by.set_window(WindowState.OPEN, window, command))


@router.post(
    "/windows/{window}/pause",
    response_model=WindowAnswer,
    responses=command_errors("unknown_window"),
    operation_id="pause_window",
)
async def pause_window(window: Window, command: WindowCommand, by: By) -> Response:
    """Take nobody for a while; a visitor at the window is served on."""
    return json(await by.set_window(WindowState.PAUSED, window, command))


@router.post(
    "/windows/{window}/close",
    response_model=WindowAnswer,
    responses=command_errors("unknown_window"),
    operation_id="close_window",
)
async def close_window(window: Window, command: WindowCommand, by: By) -> Response:
    """End the window's day; a visitor at the window is served on."""
    return json(await by.set_window(WindowState.CLOSED, window, command))
