"""The hall as a whole: board, services, devices, health, figures for monitoring."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from protocol import messages as m
from server.domain import views
from server.hub.guards import AnyDevice, Hub
from server.hub.metrics import exposition
from server.hub.routes import READ
from server.hub.version import VERSION

router = APIRouter(tags=["hall"])


@router.get("/v1/board", response_model=m.Board, responses=READ, operation_id="board")
async def board(hub: Hub, device: AnyDevice) -> m.Board:  # noqa: ARG001 - the guard
    """Return what the hall screens show."""
    return views.board(hub.hall, hub.commands.promises, at=hub.clock.now().at, is_open=hub.is_open())


@router.get("/v1/services", response_model=m.ServicesAnswer, responses=READ, operation_id="services")
async def services(hub: Hub, device: AnyDevice) -> m.ServicesAnswer:  # noqa: ARG001 - the guard
    """Return the kiosk's menu."""
    return views.services(hub.hall, hub.commands.promises, at=hub.clock.now().at, is_open=hub.is_open())


@router.get("/v1/devices", response_model=m.DevicesAnswer, responses=READ, operation_id="devices")
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
    )


@router.get("/metrics", response_class=PlainTextResponse, responses=READ, operation_id="metrics")
async def metrics(hub: Hub, device: AnyDevice) -> PlainTextResponse:  # noqa: ARG001 - the guard
    """Return figures for monitoring, as Prometheus reads them."""
    return PlainTextResponse(exposition(hub), media_type="text/plain; version=0.0.4")
