"""Commands of a window's keys: one route for each row of ``WINDOW_OPERATIONS``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Security
from fastapi.responses import Response

from protocol import requests
from protocol.answers import WindowsAnswer
from protocol.vocabulary import DeviceKind, WindowId
from server.domain.model.refusals import TooLate
from server.domain.views import hall_views
from server.http_server.command_route import CommandRoute
from server.hub.bootstrap import HubServices
from server.hub.commands.window_commands import WINDOW_OPERATIONS, WindowCommand, WindowOperation
from server.hub.device import Device
from server.hub.routes.guards import AnyDevice, Hub, PanelGuard
from server.hub.routes.route_responses import command_errors, errors, respond_json

router = APIRouter(prefix="/v1", tags=["windows"], route_class=CommandRoute)
WindowInPath = Annotated[WindowId, Path(max_length=40, description="a window of the site", examples=["window-3"])]
Number = Annotated[str, Path(pattern=r"^[A-Z]{1,2}[0-9]{3,6}$", description="a number", examples=["A017"])]


@router.get("/windows", response_model=WindowsAnswer, responses=errors(), operation_id="windows")
async def show(hub: Hub, device: AnyDevice) -> WindowsAnswer:
    """Return all windows with their states and tickets; to a panel its own ones."""
    found = hall_views.windows_view(hub.hall, at=hub.clock.now().at)
    if device.kind is not DeviceKind.WINDOW:
        return found
    return found.model_copy(update={"windows": [window for window in found.windows if device.serves(window.id)]})


class _PressGuard(PanelGuard):
    """Admits window panels at their own windows, and refuses a press whose sender has closed the connection.

    Such a press may have waited in a stopped hub's socket. A panel without an answer in time has shown "not taken" to
    its clerk; the press must not take effect after that.
    """

    async def __call__(self, request: Request) -> Device:
        """Return the panel. Raises Denied, TooLate."""
        device = await super().__call__(request)
        for _ in range(2):  # lets the loop read that the connection was closed
            await asyncio.sleep(0)
        if await request.is_disconnected():
            raise TooLate
        return device


WaitingPanel = Annotated[Device, Security(_PressGuard())]


def _endpoint(operation: WindowOperation[Any]) -> Callable[..., Awaitable[Response]]:
    """Return the endpoint of one operation's route; FastAPI reads the request's fields from its annotations."""

    async def press(
        window: WindowId, request: requests.Request, hub: HubServices, device: Device, **path: str
    ) -> Response:
        number = path.get("number", "")
        command = WindowCommand(request=request, actor=device.id, operation=operation, window=window, number=number)
        return respond_json(await hub.commands.run(command))

    async def press_with_number(
        window: WindowId, number: str, request: requests.Request, hub: HubServices, device: Device
    ) -> Response:
        return await press(window, request, hub, device, number=number)

    async def press_alone(window: WindowId, request: requests.Request, hub: HubServices, device: Device) -> Response:
        return await press(window, request, hub, device)

    parts = {"window": WindowInPath, "request": operation.request, "hub": Hub, "device": WaitingPanel}
    if "{number}" in operation.path:
        press_with_number.__annotations__ = {**parts, "number": Number}
        return press_with_number
    press_alone.__annotations__ = parts
    return press_alone


for _operation in WINDOW_OPERATIONS:
    router.add_api_route(
        f"/windows/{{window}}/{_operation.path}",
        _endpoint(_operation),
        methods=["POST"],
        response_model=_operation.answer,
        responses=command_errors("not_own_window", *_operation.refusals),
        operation_id=_operation.operation_id,
        description=_operation.meaning,
        name=_operation.operation_id,
    )
