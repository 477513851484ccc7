"""How a new device gets its key and certificate, and an enrolled one its next certificate."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from protocol.answers import CertificateAnswer, EnrolmentAnswer
from protocol.faults import system_error_text
from protocol.requests import EnrolDevice, RenewCertificate
from server.authority.authority import UnusableSigningRequest
from server.authority.enrolment_codes import CodeFault, CodeRefused
from server.http_server.errors import Denied
from server.http_server.openapi import describe_errors
from server.hub.routes.guards import AnyDevice, Hub
from server.hub.routes.route_responses import ERRORS, errors
from server.hub.settings import HubTls

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["enrolment"])
PEM = "application/x-pem-file"
AUTHORITY: dict[int | str, dict[str, Any]] = {
    200: {"description": "PEM", "content": {PEM: {"schema": {"type": "string"}}}},
    **describe_errors(ERRORS, "tls_off", "store_fault"),
}
CODE_ERRORS = MappingProxyType(
    {
        CodeFault.WRONG: "wrong_code",
        CodeFault.OTHER_KIND: "code_of_other_kind",
        CodeFault.EXPIRED: "code_expired",
        CodeFault.USED: "code_used",
        CodeFault.TRIED_TOO_OFTEN: "code_tried_too_often",
    }
)
BODY = ("body_too_large", "invalid_json", "invalid_field", "unusable_request", "tls_off", "store_fault")
"""Errors of a route that signs a request."""


async def _encrypted(hub: Hub) -> HubTls:
    """Return the hub's encrypted ports. Raises Denied: 404 tls_off."""
    if hub.enrolment.tls is None:
        raise _denied("tls_off")
    return hub.enrolment.tls


async def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


Encrypted = Annotated[HubTls, Depends(_encrypted)]
Address = Annotated[str, Depends(_address_of)]


@router.get("/authority", response_class=Response, responses=AUTHORITY, operation_id="authority")
async def authority(hub: Hub, tls: Encrypted) -> PlainTextResponse:  # noqa: ARG001 - the guard
    """Return the certificate that all machines of the site trust. Needs no key; an enrolment code proves it."""
    with _faults_answered():
        return PlainTextResponse(await asyncio.to_thread(lambda: hub.enrolment.authority.pem), media_type=PEM)


@router.post(
    "/enrolments",
    response_model=EnrolmentAnswer,
    responses=describe_errors(ERRORS, *CODE_ERRORS.values(), "too_many_tries", *BODY),
    operation_id="enrol",
)
async def enrol(command: EnrolDevice, hub: Hub, tls: Encrypted, address: Address) -> EnrolmentAnswer:
    """Enrol the device that a one-time code was made for. Needs no key; the code is used up when this answers."""
    now = time.monotonic()
    wait_s = math.ceil(hub.enrolment_throttle.wait_s(address, at=now))
    if wait_s > 0:
        raise _denied("too_many_tries", headers={"Retry-After": str(wait_s)})
    hub.enrolment_throttle.count(address, at=now)  # before the code is checked: so parallel tries count too
    with _faults_answered():
        try:
            answer = await asyncio.to_thread(hub.enrolment.enrol, command, tls=tls)
        except CodeRefused as refused:
            log.warning("%s: 登记码不对 / %s", address, CODE_ERRORS[refused.fault])
            raise _denied(CODE_ERRORS[refused.fault]) from refused
    hub.enrolment_throttle.forgive(address)
    return answer


@router.post(
    "/certificates",
    response_model=CertificateAnswer,
    responses=errors("too_many_commands", *BODY),
    operation_id="renew",
)
async def renew(command: RenewCertificate, hub: Hub, device: AnyDevice, tls: Encrypted) -> CertificateAnswer:  # noqa: ARG001 - the guard
    """Issue the next certificate of a device; the one that it has stays good until it ends."""
    with _faults_answered():
        return await asyncio.to_thread(hub.enrolment.renew, device.id, command.csr)


@contextmanager
def _faults_answered() -> Iterator[None]:
    """Raise Denied for a request that cannot be signed (422), and for files that cannot be read or written (503)."""
    try:
        yield
    except UnusableSigningRequest as error:
        raise _denied("unusable_request") from error
    except OSError as error:
        cause = system_error_text(error)
        log.warning("登记没有成功 / not enrolled: %s", cause.on_one_line())
        raise Denied(
            status=503,
            error="store_fault",
            zh=f"没有保存，请告诉工作人员：{cause.zh}",
            en=f"nothing was saved: {cause.en}",
        ) from error


def _denied(name: str, *, headers: dict[str, str] | None = None) -> Denied:
    status, zh, en, _ = ERRORS[name]
    return Denied(status=status, error=name, zh=zh, en=en, headers=headers)
