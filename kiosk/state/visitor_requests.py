"""The requests of a visitor to the hub: a ticket here, a place at another site, a check-in.

A request keeps its id until it is answered, so that repeating it is idempotent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kiosk.state.events import Effect, FindOffer, SubmitRequest
from kiosk.state.kiosk_state import KioskState, Step, VisitorRequest
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer

Transition = tuple[KioskState, Effect | None]
"""The next state, and what the workers do."""

_NUMBER = re.compile(r"[A-Z]{1,2}[0-9]{1,5}")
_CODE = re.compile(r"[A-Za-z0-9_-]{2,64}")
_STEP_OF: dict[type[VisitorRequest], Step] = {
    IssueTicket: Step.ISSUING,
    AcceptOffer: Step.RESERVING,
    CheckInByCode: Step.CHECKING_IN,
}


def is_number(typed: str) -> bool:
    """Return whether a text has the form of a whole number, such as ``A017``."""
    return _NUMBER.fullmatch(typed) is not None


def code_in(scanned: str) -> str | None:
    """Return the code in a scanned text: the end of a ticket page's address, or a number; None without either."""
    last = scanned.strip().rstrip("/").rpartition("/")[2]
    if is_number(last.upper()):
        return last.upper()
    return last if _CODE.fullmatch(last) else None


def issue(state: KioskState) -> Transition:
    """Request a ticket here. An unanswered request is repeated instead: it may have made the ticket."""
    if isinstance(state.request, IssueTicket):
        return retry(state)
    if state.service is None:
        return state, None
    request = IssueTicket(
        request_id=_next_id(state),
        service=state.service.id,
        language=state.language,
        priority=state.selection.priority,
        offer=state.offer.id if state.offer else None,
    )
    return _submit(state, request)


def accept_offer(state: KioskState) -> Transition:
    """Accept the offer: the other site is requested to hold a place."""
    if state.offer is None:
        return state, None
    return _submit(state, AcceptOffer(request_id=_next_id(state), offer=state.offer.id, language=state.language))


def check_in(state: KioskState, code: str) -> Transition:
    """Check in a visitor referred by another site."""
    return _submit(replace(state, typed=code), CheckInByCode(request_id=_next_id(state), code=code))


def retry(state: KioskState) -> Transition:
    """Submit the open request once more, unchanged."""
    if state.request is None:
        return state, None
    return replace(state, step=_STEP_OF[type(state.request)]), SubmitRequest(request=state.request)


def find_offer(state: KioskState) -> tuple[KioskState, FindOffer | None]:
    """Request an offer, once for each selected service and class, at a site that belongs to a county."""
    selected = state.step is Step.CONFIRM and state.service is not None and state.menu is not None and state.menu.county
    if not selected or state.offer_request is not None or state.selection.service is None:
        return state, None
    request = RequestOffer(
        request_id=_next_id(state),
        service=state.selection.service,
        language=state.language,
        priority=state.selection.priority,
    )
    return replace(state, offer_request=request, request_count=state.request_count + 1), FindOffer(request=request)


def _next_id(state: KioskState) -> str:
    return f"{state.boot}:{state.request_count}"


def _submit(state: KioskState, request: VisitorRequest) -> Transition:
    return retry(replace(state, request=request, request_count=state.request_count + 1))
