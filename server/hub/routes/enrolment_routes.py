"""How a new device gets its key and certificate, and an enrolled one its next certificate."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from protocol.answers import CertificateAnswer, EnrolmentAnswer
from protocol.requests import EnrolDevice, RenewCertificate
from server.authority.enrolment_answers import CODE_ERRORS, PEM, enrolment_denied, faults_answered
from server.http_server.openapi import describe_errors
from server.hub.routes.guards import AnyDevice, Hub
from server.hub.routes.route_responses import ERRORS, errors
from server.hub.settings import HubTls

router = APIRouter(prefix="/v1", tags=["enrolment"])
AUTHORITY: dict[int | str, dict[str, Any]] = {
    200: {"description": "PEM", "content": {PEM: {"schema": {"type": "string"}}}},
    **describe_errors(ERRORS, "tls_off", "store_fault"),
}
BODY = ("body_too_large", "invalid_json", "invalid_field", "unusable_request", "tls_off", "store_fault")
"""Errors of a route that signs a request."""


async def _encrypted(hub: Hub) -> HubTls:
    """Return the hub's encrypted ports. Raises Denied: 404 tls_off."""
    if hub.enrolment.tls is None:
        raise enrolment_denied("tls_off")
    return hub.enrolment.tls


async def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


Encrypted = Annotated[HubTls, Depends(_encrypted)]
Address = Annotated[str, Depends(_address_of)]


@router.get("/authority", response_class=Response, responses=AUTHORITY, operation_id="authority")
async def authority(hub: Hub, tls: Encrypted) -> PlainTextResponse:  # noqa: ARG001 - the guard
    """Return the certificate that all machines of the site trust. Needs no key; an enrolment code proves it."""
    with faults_answered():
        return PlainTextResponse(await asyncio.to_thread(lambda: hub.enrolment.authority.pem), media_type=PEM)


@router.post(
    "/enrolments",
    response_model=EnrolmentAnswer,
    responses=describe_errors(ERRORS, *CODE_ERRORS.values(), "too_many_tries", *BODY),
    operation_id="enrol",
)
async def enrol(command: EnrolDevice, hub: Hub, tls: Encrypted, address: Address) -> EnrolmentAnswer:
    """Enrol the device that a one-time code was made for. Needs no key; the code is used up when this answers."""
    with hub.code_tries.counted(address), faults_answered():
        return await asyncio.to_thread(hub.enrolment.enrol, command, tls=tls)


@router.post(
    "/certificates",
    response_model=CertificateAnswer,
    responses=errors("too_many_commands", *BODY),
    operation_id="renew",
)
async def renew(command: RenewCertificate, hub: Hub, device: AnyDevice, tls: Encrypted) -> CertificateAnswer:  # noqa: ARG001 - the guard
    """Issue the next certificate of a device; the one that it has stays good until it ends."""
    with faults_answered():
        return await asyncio.to_thread(hub.enrolment.renew, device.id, command.csr)
