"""How a site's hub joins the county by a code."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from protocol.county import CountyJoined, JoinCounty
from server.authority.enrolment_answers import CODE_ERRORS, PEM, enrolment_denied, faults_answered
from server.county.hub_enrolment import HubEnrolment
from server.county.intake.push_refusals import ERRORS
from server.county.routes import County
from server.http_server.openapi import describe_errors

router = APIRouter(prefix="/v1", tags=["hubs"])
AUTHORITY: dict[int | str, dict[str, Any]] = {
    200: {"description": "PEM", "content": {PEM: {"schema": {"type": "string"}}}},
    **describe_errors(ERRORS, "tls_off", "store_fault"),
}
BODY = ("body_too_large", "invalid_json", "invalid_field", "tls_off", "store_fault")


async def _enrolment(county: County) -> HubEnrolment:
    """Return what joins hubs. Raises Denied: 404 tls_off."""
    if county.settings.tls is None:
        raise enrolment_denied("tls_off")
    return county.enrolment


async def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


Enrolment = Annotated[HubEnrolment, Depends(_enrolment)]


@router.get("/authority", response_class=Response, responses=AUTHORITY, operation_id="authority")
async def authority(enrolment: Enrolment) -> PlainTextResponse:
    """Return the certificate of the authority that has signed the county's. Needs no key; a code proves it."""
    with faults_answered():
        return PlainTextResponse(await asyncio.to_thread(lambda: enrolment.authority.pem), media_type=PEM)


@router.post(
    "/sites",
    response_model=CountyJoined,
    responses=describe_errors(ERRORS, *CODE_ERRORS.values(), "too_many_tries", *BODY),
    operation_id="join",
)
async def join(
    command: JoinCounty, county: County, enrolment: Enrolment, address: Annotated[str, Depends(_address_of)]
) -> CountyJoined:
    """Join the site that a one-time code was made for. Needs no key; the code is used up when this answers."""
    with county.code_tries.counted(address), faults_answered():
        return await asyncio.to_thread(enrolment.join, command)
