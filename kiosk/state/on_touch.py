"""The rules for touches: what a finger or the scanner does to the state, and what it requests of the hub.

A request keeps its id until it is answered, so that repeating it is idempotent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kiosk import wording
from kiosk.state import events as e
from kiosk.state.kiosk_state import (
    KioskState,
    PrintProgress,
    Step,
    VisitorRequest,
    current_page,
    only_department,
    reset,
    restart,
    takes_touch,
    warning,
)
from kiosk.state.menu import Listing, find_service, services_of
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer
from protocol.vocabulary import Language, ServiceId

Transition = tuple[KioskState, e.Effect | None]
"""The next state, and what the workers do."""

_NUMBER = re.compile(r"[A-Z]{1,2}[0-9]{1,5}")
_CODE = re.compile(r"[A-Za-z0-9_-]{2,64}")
_STEP_OF: dict[type[VisitorRequest], Step] = {
    IssueTicket: Step.ISSUING,
    AcceptOffer: Step.RESERVING,
    CheckInByCode: Step.CHECKING_IN,
}
_LONGEST_NUMBER = 8
"""Length of the longest number, characters."""


def on_touch(state: KioskState, touch: e.Touch, *, at: float) -> Transition:
    """Return the state after a touch and its effect.

    Every touch proves that somebody is there. Its choice counts when its page has been on the screen long enough to
    be meant (debounce) and no "are you still there?" covers it.
    """
    present = replace(state, touched_at=at)
    if isinstance(touch, e.CodeScanned):
        return _check_in_by_code(present, touch)
    if warning(state, at=at) is not None:
        return replace(present, changed_at=at), None
    if not takes_touch(state, at=at) or current_page(state) not in touch.pages:
        return present, None
    if isinstance(touch, e.KeyTouch):
        return _type(present, touch, at=at), None
    after, effect = _choose(present, touch)
    return (present if after == present else replace(after, changed_at=at)), effect


def _choose(state: KioskState, touch: e.ButtonTouch) -> Transition:
    if isinstance(touch, e.RequestTouch):
        return _request(state, touch)
    if isinstance(touch, e.SelectTouch):
        return _select(state, touch), None
    if isinstance(touch, e.ListTouch):
        return _browse(state, touch), None
    return _change_view(state, touch), None


def _request(state: KioskState, touch: e.RequestTouch) -> Transition:
    """Request something of the workers."""
    match touch:
        case e.Confirm():
            return issue(state)
        case e.ChooseOffer():
            return accept_offer(state)
        case e.CheckInByNumber():
            return check_in(state, state.typed) if is_number(state.typed) else (state, None)
        case e.Retry():
            return retry(state)
        case e.PrintAgain():
            return _print_again(state)


def _print_again(state: KioskState) -> Transition:
    """Print once more; the paper may have come all the same, so there is only one reprint."""
    if state.printout is None or not state.printout.may_reprint or state.menu is None:
        return state, None
    printout = replace(state.printout, hall=state.menu.name, progress=PrintProgress.PRINTING, advice=None, reprint=True)
    return replace(state, printout=printout), e.Print(printout=printout)


def _check_in_by_code(state: KioskState, touch: e.CodeScanned) -> Transition:
    """Check in with a scanned code; the scanner's second read of the same paper changes nothing."""
    code = code_in(touch.code)
    if state.menu is None or not state.menu.county or current_page(state) not in touch.pages or code is None:
        return state, None
    if state.checked_in is None:
        return check_in(state, code)
    return (state, None) if state.checked_in.code == code else check_in(reset(state), code)


def _type(state: KioskState, touch: e.KeyTouch, *, at: float) -> KioskState:
    """Type or erase a character; the same key again within the debounce interval is a trembling finger."""
    match touch:
        case e.EraseKey():
            return replace(state, typed=state.typed[:-1])
        case e.TypeKey(key=key):
            trembling = state.typed.endswith(key) and at - state.typed_at < state.timeouts.settle_s
            if trembling or len(state.typed) >= _LONGEST_NUMBER:
                return state
            return replace(state, typed=state.typed + key, typed_at=at)


def _change_view(state: KioskState, touch: e.ViewTouch) -> KioskState:
    """Change how the visitor reads, go back, or leave."""
    match touch:
        case e.ToggleLanguage():
            other = Language.EN if state.language is Language.ZH else Language.ZH
            listing = replace(state.listing, letter=None, index=0) if state.listing.letter else state.listing
            return replace(_with_listing(state, listing), language=other)
        case e.ToggleTextSize():
            return replace(_with_listing(state, state.listing.turned_to(0)), large=not state.large)
        case e.OpenHelp():
            return replace(state, help_open=True)
        case e.Back():
            return _close_page_on_top(state) or _go_back(state)
        case e.Done():
            return reset(state)
        case e.StillHere() | e.Anywhere():
            return state


def _browse(state: KioskState, touch: e.ListTouch) -> KioskState:
    """Move in a list of tiles, or of what to bring."""
    match touch:
        case e.ShowMaterials(index=index):
            return replace(state, materials=max(0, index))
        case e.TurnTo(index=index):
            return _with_listing(state, state.listing.turned_to(index))
        case e.OpenLetters():
            return _with_listing(state, Listing(searching=True))
        case e.ChooseLetter(letter=letter):
            return _with_listing(state, Listing(letter=letter))


def _with_listing(state: KioskState, listing: Listing) -> KioskState:
    if state.step is Step.SERVICE:
        return replace(state, selection=replace(state.selection, services=listing))
    return replace(state, selection=replace(state.selection, departments=listing))


def _select(state: KioskState, touch: e.SelectTouch) -> KioskState:
    """Go one step forward."""
    match touch:
        case e.Start():
            return _start(state)
        case e.ChooseDepartment(department=department):
            return _select_department(state, department)
        case e.ChooseService(service=service):
            return _select_service(state, service)
        case e.OpenPriorities():
            return replace(state, step=Step.PRIORITY)
        case e.ChoosePriority(priority=priority):
            return _to_confirm(replace(state, selection=replace(state.selection, priority=priority)))
        case e.OpenCheckIn():
            return _open_check_in(state)


def _start(state: KioskState) -> KioskState:
    """Open the departments; in a hall of one department, its services at once."""
    only = only_department(state)
    return _select_department(state, only) if only else replace(state, step=Step.DEPARTMENT)


def _select_department(state: KioskState, department: str) -> KioskState:
    """Open a department's services; the confirm page at once when it has only one."""
    services = services_of(state.menu, department) if state.menu else []
    if not services:
        return state
    selected = replace(state, selection=replace(state.selection, department=department, services=Listing()))
    if len(services) == 1:
        return _select_service(selected, services[0].id)
    return replace(selected, step=Step.SERVICE)


def _select_service(state: KioskState, service: ServiceId) -> KioskState:
    answer = find_service(state.menu, service) if state.menu else None
    if answer is None:
        return state
    selected = replace(state, selection=replace(state.selection, service=service, priority=None))
    if not answer.offered:
        return replace(selected, step=Step.REFUSED, refusal=wording.NOT_OFFERED)
    return _to_confirm(selected)


def _to_confirm(state: KioskState) -> KioskState:
    """Open the confirm page for a new selection: no request and no offer belongs to it yet."""
    return replace(state, step=Step.CONFIRM, materials=None, request=None, offer_request=None, offer=None)


def _open_check_in(state: KioskState) -> KioskState:
    """Open the keypad with nothing typed; only a site of a county has referred visitors."""
    if state.menu is None or not state.menu.county:
        return state
    return replace(restart(state), step=Step.CHECK_IN)


def _close_page_on_top(state: KioskState) -> KioskState | None:
    """Close help, or the list of what to bring; None when neither is open."""
    if state.help_open:
        return replace(state, help_open=False)
    if state.step is Step.CONFIRM and state.materials is not None:
        return replace(state, materials=None)
    return None


def _go_back(state: KioskState) -> KioskState:
    if state.step in {Step.DEPARTMENT, Step.SERVICE} and (state.listing.searching or state.listing.letter):
        return _with_listing(state, Listing())
    match state.step:
        case Step.PRIORITY | Step.NO_PLACE:
            return replace(state, step=Step.CONFIRM, refusal=None)
        case Step.NOT_FOUND:
            return _open_check_in(state)
        case Step.CONFIRM | Step.REFUSED:
            return _back_to_tiles(state)
        case Step.SERVICE if only_department(state) is None:
            return replace(state, step=Step.DEPARTMENT)
        case _:
            return restart(state)


def _back_to_tiles(state: KioskState) -> KioskState:
    """Return to the tiles the service was chosen on; a department of one service has none of its own."""
    without_request = replace(state, request=None, refusal=None, offer_request=None, offer=None)
    unselected = replace(without_request, selection=replace(state.selection, service=None, priority=None))
    services = services_of(state.menu, state.selection.department) if state.menu else []
    if len(services) > 1:
        return replace(unselected, step=Step.SERVICE)
    if only_department(state) is None:
        return replace(unselected, step=Step.DEPARTMENT)
    return restart(state)


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
    return replace(state, step=_STEP_OF[type(state.request)]), e.SubmitRequest(request=state.request)


def find_offer(state: KioskState) -> tuple[KioskState, e.FindOffer | None]:
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
    return replace(state, offer_request=request, request_count=state.request_count + 1), e.FindOffer(request=request)


def _next_id(state: KioskState) -> str:
    return f"{state.boot}:{state.request_count}"


def _submit(state: KioskState, request: VisitorRequest) -> Transition:
    return retry(replace(state, request=request, request_count=state.request_count + 1))
