"""Offers of other sites, places reserved there, and check-ins of referred visitors."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from protocol.answers import OfferAnswer, ReferralAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, RequestOffer
from server.domain.model.refusals import (
    CalledHere,
    NoAnswer,
    NoReturnLeft,
    NotReferred,
    OfferGone,
    PlaceNotGranted,
    PlaceUnconfirmed,
    ServiceNotServed,
    UnknownPriority,
    UnknownService,
    UnknownTicket,
    WrongState,
)
from server.http_server.command_route import CommandRoute
from server.hub.commands.referral_commands import CheckIn
from server.hub.routes.guards import Hub, Kiosk, KioskOrPanel
from server.hub.routes.route_responses import command_errors, respond_json

router = APIRouter(prefix="/v1", tags=["other sites"], route_class=CommandRoute)


@router.post(
    "/offers",
    response_model=OfferAnswer,
    responses=command_errors(UnknownService, UnknownPriority, ServiceNotServed),
    operation_id="find_offer",
)
async def find_offer(command: RequestOffer, hub: Hub, device: Kiosk) -> Response:
    """Offer another site where this visitor would be called sooner, before a ticket is issued; or none."""
    return respond_json(await hub.commands.find_offer(command, actor=device.id))


@router.post(
    "/referrals",
    response_model=ReferralAnswer,
    responses=command_errors(OfferGone, NoAnswer, PlaceNotGranted, CalledHere, UnknownTicket, WrongState),
    operation_id="accept_offer",
)
async def accept_offer(command: AcceptOffer, hub: Hub, device: Kiosk) -> Response:
    """Accept an offer; the place at the other site is reserved when this answers, after three seconds at most."""
    answer = await hub.commands.accept_offer(command, actor=device.id, prints=True)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post(
    "/check-ins",
    response_model=TicketAnswer,
    responses=command_errors(UnknownTicket, NotReferred, NoReturnLeft, PlaceUnconfirmed),
    operation_id="check_in",
)
async def check_in(command: CheckInByCode, hub: Hub, device: KioskOrPanel) -> Response:
    """Check in a referred visitor, by the code scanned from the paper or by the number."""
    checked_in = CheckIn(request=command, actor=device.id, forecast=hub.forecast)
    return respond_json(await hub.commands.run(checked_in))
