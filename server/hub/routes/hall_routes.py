"""The hall as a whole: board, services, devices, health, metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from protocol.answers import DevicesAnswer, HealthAnswer, ServicesAnswer
from protocol.retained_messages import Board
from protocol.vocabulary import DeviceKind
from server.domain.forecast import wait_times
from server.domain.views import hall_views
from server.http_server.health_report import FAILED
from server.hub.health import hub_health
from server.hub.metrics import exposition
from server.hub.routes.guards import AnyDevice, Hub
from server.hub.routes.route_responses import errors

router = APIRouter(tags=["hall"])
HEALTH: dict[int | str, dict[str, Any]] = {503: {"model": HealthAnswer, "description": "no ticket can be issued"}}
METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **errors(),
}


@router.get("/v1/board", response_model=Board, responses=errors(), operation_id="board")
async def board(hub: Hub, device: AnyDevice) -> Board:  # noqa: ARG001 - the guard
    """Return what the hall screens show."""
    return hall_views.board_view(
        hub.hall,
        wait_times.published_ranges(hub.forecast),
        at=hub.clock.now().at,
        is_open=hub.is_open(),
        county_away_since=hub.county_away_since,
    )


@router.get("/v1/services", response_model=ServicesAnswer, responses=errors(), operation_id="services")
async def services(hub: Hub, device: AnyDevice) -> ServicesAnswer:  # noqa: ARG001 - the guard
    """Return the kiosk's menu."""
    menu = hall_views.services_view(hub.hall, hub.forecast, at=hub.clock.now().at, is_open=hub.is_open())
    return menu.model_copy(update={"county": hub.replicator is not None})


@router.get("/v1/devices", response_model=DevicesAnswer, responses=errors(), operation_id="devices")
async def devices(hub: Hub, device: AnyDevice) -> DevicesAnswer:
    """Return the newest status of each device to a monitor, and its own to any other device."""
    known = hub.devices.now()
    if device.kind is DeviceKind.MONITOR:
        return known
    return DevicesAnswer(devices=[one for one in known.devices if one.id == device.id])


@router.get("/healthz", response_model=HealthAnswer, responses=HEALTH, operation_id="health")
async def health(hub: Hub, response: Response) -> HealthAnswer:
    """Return the hub's health: 503 while no ticket can be issued. Needs no key."""
    answer = hub_health(hub)
    if answer.status == FAILED:
        response.status_code = 503
    return answer


@router.get("/metrics", response_class=Response, responses=METRICS, operation_id="metrics")
async def metrics(hub: Hub, device: AnyDevice) -> PlainTextResponse:  # noqa: ARG001 - the guard
    """Return metrics in Prometheus' text format."""
    return PlainTextResponse(exposition(hub), media_type="text/plain; version=0.0.4")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, device: AnyDevice) -> dict[str, Any]:  # noqa: ARG001 - the guard
    """Return this OpenAPI document."""
    interface: dict[str, Any] = request.app.openapi()
    return interface
