"""Requests to a hub over HTTP. A request forbids unknown fields and carries a ``request_id`` (idempotency key)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from protocol.vocabulary import (
    NO_NUL,
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
    """A number is issued to a visitor."""

    service: Slug[ServiceId] = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, description="a priority class of the site", examples=[None])
    offer: OfferId | None = Field(default=None, description="the offer the visitor turned down for it", examples=[None])


class WindowCommand(Request):
    """A clerk's press that needs nothing more than the window it came from."""


class TransferTicket(Request):
    """The visitor at this window is transferred to another service of the site; the seniority is kept."""

    service: Slug[ServiceId] = Field(examples=["invoice"])


class CancelTicket(Request):
    """A ticket is withdrawn by the visitor or by staff."""


class ReturnToQueue(Request):
    """A visitor who was called and absent comes back, as often and as far behind the front as the site's rules say."""


class RequestOffer(Request):
    """Before a number is taken: is there another site where this visitor would be called sooner?"""

    service: Slug[ServiceId] = Field(examples=["id-card"])
    language: Language = Language.ZH
    priority: Identifier | None = Field(default=None, examples=[None])


class AcceptOffer(Request):
    """The visitor chose to go to the other site; a place there is reserved."""

    offer: OfferId = Field(examples=["q7Lw2nZsX0aB4cDe"])
    language: Language | None = Field(default=None, description="of the visitor now; the offer's when absent")


class CheckInByCode(Request):
    """A referred visitor checks in at the site of the place."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="what was scanned from the ticket, or its number", examples=["A017"]
    )


class CheckInTicket(Request):
    """Staff has seen the paper of a referred visitor who stands here."""


class SetNotice(Request):
    """A manager puts a line at the foot of the hall screens; both empty takes it away."""

    zh: NoticeLine = ""
    en: NoticeLine = ""


class StartPrint(Request):
    """A kiosk is about to print a ticket once more, marked 补打."""


def _is_final(outcome: PrintOutcome) -> PrintOutcome:
    if outcome is PrintOutcome.PENDING:
        raise ValueError("must be printed, failed or unknown")
    return outcome


class EndPrint(Request):
    """A kiosk reports how a print job ended."""

    outcome: Annotated[
        PrintOutcome,
        AfterValidator(_is_final),
        Field(json_schema_extra={"enum": ["printed", "failed", "unknown"]}),
    ]
    reason: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)] = Field(
        default="", examples=["paper out"]
    )
