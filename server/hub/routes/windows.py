"""What a clerk's keys ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from protocol import journal as j
from protocol import messages as m
from server.domain import calling, views
from server.domain.hall import Hall
from server.hub.commands import Reply
from server.hub.guards import AnyDevice, Hub, WindowPanel
from server.hub.refusals import Denied
from server.hub.routes import COMMAND_ON, READ
from server.hub.routes.tickets import json
from server.hub.running import RunningHub

router = APIRouter(prefix="/v1", tags=["windows"])
WindowId = Annotated[str, Path(max_length=40, description="a window of the site", examples=["window-3"])]
Number = Annotated[str, Path(pattern=r"^[A-Z]{1,2}[0-9]{3,6}$", description="a number", examples=["A017"])]

Decide = Callable[[Hall, j.Moment], calling.Facts]


@router.get("/windows", response_model=m.WindowsAnswer, responses=READ, operation_id="windows")
async def show(hub: Hub, device: AnyDevice) -> m.WindowsAnswer:  # noqa: ARG001 - the guard
    """Return all windows with who is there."""
    return views.windows(hub.hall, at=hub.clock.now().at)


@dataclass(frozen=True, slots=True)
class Panel:
    """Who pressed a key, with the hub it is pressed on."""

    hub: RunningHub
    actor: str


async def panel(request: Request, hub: Hub, device: WindowPanel) -> Panel:
    """Refuse a press whose sender has given up waiting, such as one that lay in a stopped hub's socket.

    A panel that heard nothing in time told its clerk "not taken"; the press must not fire after that.
    """
    for _ in range(2):
        await asyncio.sleep(0)
    if await request.is_disconnected():
        raise Denied(status=409, error="too_late", zh="请求已过期", en="whoever asked has gone")
    return Panel(hub=hub, actor=device.id)


By = Annotated[Panel, Depends(panel)]


async def press(by: Panel, *, window: str, action: str, command: m.Request, decide: Decide) -> Reply:
    """Carry out a press that ends in a ticket: the one called, finished, or still at the window."""
    touched: list[str] = []

    def rule(hall: Hall, at: j.Moment) -> calling.Facts:
        facts = decide(hall, at)
        touched[:] = [f.ticket for f in facts if isinstance(f, j.TicketFact)]
        return facts

    def view(hall: Hall) -> m.TicketAnswer:
        found = hall.ticket(touched[-1])
        if found is None:
            raise RuntimeError(f"the ticket at {window} is not in the hall")
        return views.ticket(hall, found, promise=None)

    return await by.hub.commands.carry_out(f"{action} {window}", command, rule, view, actor=by.actor)


async def set_state(by: Panel, *, window: str, state: m.WindowState, command: m.Request) -> Reply:
    """Open, pause or close a window."""

    def rule(hall: Hall, at: j.Moment) -> calling.Facts:  # noqa: ARG001 - a Rule
        return calling.set_window(hall, window=window, state=state)

    def view(hall: Hall) -> m.WindowAnswer:
        return views.window(hall, window)

    return await by.hub.commands.carry_out(f"{state} {window}", command, rule, view, actor=by.actor)


@router.post(
    "/windows/{window}/call-next", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="call_next"
)
async def call_next(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Call whom the discipline chooses; whoever is still at the window is finished by it."""
    decide = lambda hall, at: calling.call_next(hall, window=window, at=at)
    return json(await press(by, window=window, action="call-next", command=command, decide=decide))


@router.post(
    "/windows/{window}/call/{number}", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="call_number"
)
async def call_number(window: WindowId, number: Number, command: m.WindowCommand, by: By) -> Response:
    """Call one certain number: waiting, or missed and come back."""
    decide = lambda hall, at: calling.call_number(hall, window=window, number=number, at=at)
    return json(await press(by, window=window, action=f"call {number}", command=command, decide=decide))


@router.post("/windows/{window}/recall", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="recall")
async def recall(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Summon the window's visitor again."""
    decide = lambda hall, _: calling.recall(hall, window=window)
    return json(await press(by, window=window, action="recall", command=command, decide=decide))


@router.post("/windows/{window}/start", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="start")
async def start(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Note that the visitor came to the window."""
    decide = lambda hall, _: calling.start(hall, window=window)
    return json(await press(by, window=window, action="start", command=command, decide=decide))


@router.post("/windows/{window}/finish", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="finish")
async def finish(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Note that the visitor left served."""
    decide = lambda hall, _: calling.finish(hall, window=window)
    return json(await press(by, window=window, action="finish", command=command, decide=decide))


@router.post("/windows/{window}/no-show", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="no_show")
async def no_show(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Note that the called visitor is absent."""
    decide = lambda hall, _: calling.no_show(hall, window=window)
    return json(await press(by, window=window, action="no-show", command=command, decide=decide))


@router.post("/windows/{window}/transfer", response_model=m.TicketAnswer, responses=COMMAND_ON, operation_id="transfer")
async def transfer(window: WindowId, command: m.TransferTicket, by: By) -> Response:
    """Send the visitor on to another service of the site, with the seniority of before."""
    decide = lambda hall, _: calling.transfer(hall, window=window, service=command.service)
    return json(await press(by, window=window, action="transfer", command=command, decide=decide))


@router.post("/windows/{window}/open", response_model=m.WindowAnswer, responses=COMMAND_ON, operation_id="open_window")
async def open_window(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Begin to take visitors."""
    return json(await set_state(by, window=window, state=m.WindowState.OPEN, command=command))


@router.post(
    "/windows/{window}/pause", response_model=m.WindowAnswer, responses=COMMAND_ON, operation_id="pause_window"
)
async def pause_window(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """Take nobody for a while; a visitor at the window is served on."""
    return json(await set_state(by, window=window, state=m.WindowState.PAUSED, command=command))


@router.post(
    "/windows/{window}/close", response_model=m.WindowAnswer, responses=COMMAND_ON, operation_id="close_window"
)
async def close_window(window: WindowId, command: m.WindowCommand, by: By) -> Response:
    """End the window's day; a visitor at the window is served on."""
    return json(await set_state(by, window=window, state=m.WindowState.CLOSED, command=command))
