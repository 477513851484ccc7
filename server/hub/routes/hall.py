"""The hall as a whole: board, services, devices, health, figures for monitoring."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from protocol import messages as m
from server.domain import views, waiting
from server.hub.guards import AnyDevice, Hub
from server.hub.metrics import exposition
from server.hub.routes import errors
from server.version import VERSION

router = APIRouter(tags=["hall"])
METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **errors(),
}


@router.get("/v1/board", response_model=m.Board, responses=errors(), operation_id="board")
async def board(hub: Hub, device: AnyDevice) -> m.Board:  # noqa: ARG001 - the guard
    """Return what the hall screens show."""
    return views.board(
        hub.hall,
        waiting.ranges(hub.forecasts),
        at=hub.clock.now().at,
        is_open=hub.is_open(),
        county_away_since=hub.county_away_since,
    )


@router.get("/v1/services", response_model=m.ServicesAnswer, responses=errors(), operation_id="services")
async def services(hub: Hub, device: AnyDevice) -> m.ServicesAnswer:  # noqa: ARG001 - the guard
    """Return the kiosk's menu."""
    menu = views.services(hub.hall, waiting.ranges(hub.forecasts), at=hub.clock.now().at, is_open=hub.is_open())
    return menu.model_copy(update={"county": hub.replicator is not None})


@router.get("/v1/devices", response_model=m.DevicesAnswer, responses=errors(), operation_id="devices")
async def devices(hub: Hub, device: AnyDevice) -> m.DevicesAnswer:  # noqa: ARG001 - the guard
    """Return what each device last said about itself."""
    return hub.devices.now()


@router.get("/healthz", response_model=m.HealthAnswer, operation_id="health")
async def health(hub: Hub) -> m.HealthAnswer:
    """Return whether the hub can do its work. Needs no key."""
    hall = hub.hall
    return m.HealthAnswer(
        status="ok",
        version=VERSION,
        seq=hall.seq,
        business_day=views.business_day(hall),
        clock_trusted=hub.clock.trusted(),
        broker_connected=hub.broadcaster.connected,
        county=None if hub.replicator is None else hub.replicator.standing,
    )


@router.get("/metrics", response_class=Response, responses=METRICS, operation_id="metrics")
async def metrics(hub: Hub, device: AnyDevice) -> PlainTextResponse:  # noqa: ARG001 - the guard
    """Return figures for monitoring, as Prometheus reads them."""
    return PlainTextResponse(exposition(hub), media_type="text/plain; version=0.0.4")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, device: AnyDevice) -> dict[str, Any]:  # noqa: ARG001 - the guard
    """Return the description of this interface."""
    described: dict[str, Any] = request.app.openapi()
    return described
