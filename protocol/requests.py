"""Requests to a hub over HTTP. A request forbids unknown fields and carries a ``request_id`` (idempotency key)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from protocol.settings import Host
from protocol.vocabulary import (
    NO_NUL,
    DeviceKind,
    Identifier,
    Language,
    NoticeLine,
    OfferId,
    PrintOutcome,
    RequestId,
    ServiceId,
    Slug,
)


class Request(BaseModel):
    """A command with an answer, over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: RequestId = Field(examples=["kiosk-1:5f0c2a9e"])


class IssueTicket(Request):
    """Issue a ticket to a visitor."""

    service: Slug[ServiceId] = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, description="a priority class of the site", examples=[None])
    offer: OfferId | None = Field(default=None, description="the offer the visitor turned down for it", examples=[None])


class WindowRequest(Request):
    """A clerk's press that needs nothing more than the window it came from."""


class TransferTicket(Request):
    """Transfer the visitor at this window to another service of the site; the seniority is kept."""

    service: Slug[ServiceId] = Field(examples=["invoice"])


class CancelTicket(Request):
    """Cancel a ticket, for the visitor or by staff."""


class ReturnToQueue(Request):
    """Return a ticket to the queue after a no-show, as often and as far behind the front as the site's rules allow."""


class RequestOffer(Request):
    """Request an offer before a ticket is issued: another site where this visitor would be called sooner."""

    service: Slug[ServiceId] = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, examples=[None])


class AcceptOffer(Request):
    """Accept the offer of another site, where a place is then reserved."""

    offer: OfferId = Field(examples=["q7Lw2nZsX0aB4cDe"])
    language: Language | None = Field(default=None, description="of the visitor now; the offer's when absent")


class CheckInByCode(Request):
    """Check in a referred visitor at the site of the place."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="what was scanned from the ticket, or its number", examples=["A017"]
    )


class CheckInTicket(Request):
    """Check in a referred visitor whose paper a clerk has checked."""


class SetNotice(Request):
    """Replace the notice at the foot of the hall screens; both texts empty remove it."""

    zh: NoticeLine = ""
    en: NoticeLine = ""


class SettleDay(Request):
    """Answer whether those who took a number before today are still in the hall."""

    day: date
    """The business day that they belong to."""
    gone: bool


class ConfirmClock(Request):
    """Confirm that the time which the hub shows is right."""

    shown: datetime


class StartPrint(Request):
    """Start the one reprint of a ticket, marked 补打."""


def _is_final(outcome: PrintOutcome) -> PrintOutcome:
    if outcome is PrintOutcome.PENDING:
        raise ValueError("must be printed, failed or unknown")
    return outcome


class EndPrint(Request):
    """Report the outcome of a print job."""

    outcome: Annotated[
        PrintOutcome,
        AfterValidator(_is_final),
        Field(json_schema_extra={"enum": ["printed", "failed", "unknown"]}),
    ]
    reason: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = Field(
        default="", examples=["paper out"]
    )


SigningRequest = Annotated[str, StringConstraints(max_length=4096)]
"""A signing request (PKCS #10) of a device's own P-256 key, in PEM."""


EnrolmentSecret = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{10}$")]
"""The first ten characters of an enrolment code."""


class EnrolDevice(BaseModel):
    """Enrol the device that a one-time code was made for, with a certificate for its own key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: EnrolmentSecret = Field(description="the first ten characters of the code", examples=["K7M2QX09FG"])
    kind: DeviceKind
    csr: SigningRequest
    hub: Host = Field(description="the name or address under which the device has reached the hub")


class RenewCertificate(BaseModel):
    """Issue a new certificate for the key of the device that requests it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    csr: SigningRequest
