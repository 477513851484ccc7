"""Offers of other sites, places held there, and visitors whom other sites send."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from protocol.answers import OfferAnswer, ReferralAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, RequestOffer
from server.hub.commands.referral_commands import ReferralCommands
from server.hub.routes import command_errors
from server.hub.routes.guards import Hub, Kiosk, KioskOrPanel
from server.hub.routes.ticket_routes import json

router = APIRouter(prefix="/v1", tags=["other sites"])


@router.post(
    "/offers",
    response_model=OfferAnswer,
    responses=command_errors("unknown_service", "unknown_priority", "service_not_served"),
    operation_id="ask_offer",
)
async def offer(command: RequestOffer, hub: Hub, device: Kiosk) -> Response:
    """Return another site where this visitor would be called sooner, before a number is taken; or none."""
    return json(await ReferralCommands(hub, device.id).offer(command))


@router.post(
    "/referrals",
    response_model=ReferralAnswer,
    responses=command_errors(
        "offer_gone", "no_answer", "place_refused", "called_here", "unknown_ticket", "wrong_state"
    ),
    operation_id="accept_offer",
)
async def accept(command: AcceptOffer, hub: Hub, device: Kiosk) -> Response:
    """Have a place held at the offered site; it is this visitor's when this answers, after three seconds at most."""
    return json(await ReferralCommands(hub, device.id).accept(command, prints=True))


@router.post(
    "/check-ins",
    response_model=TicketAnswer,
    responses=command_errors("unknown_ticket", "not_referred", "no_return_left", "place_unconfirmed"),
    operation_id="arrive",
)
async def arrive(command: CheckInByCode, hub: Hub, device: KioskOrPanel) -> Response:
    """Check in a visitor whom another site sent, by what was scanned from the paper or by the number."""
    return json(await ReferralCommands(hub, device.id).arrive(command))
