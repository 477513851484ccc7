"""The kiosk's state machine as a pure reducer: state and event in, next state and effects out, time an argument.

::

    welcome ─► department ─► service ─► confirm ─► issuing ─► number ─► welcome
       │           │                     ▲  │ ▲       │
       │           └─ only one service ──┘  │ │       └► refused
       │                                    ├─┴ priority
       │                                    └► offer ─► reserving ─► referred ─► welcome
       │                                                   └► no place ─► issuing
       └► check-in ─► checking-in ─► checked-in ─► welcome
             ▲           └► not found ─┐
             └─────────────────────────┘
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import wording
from kiosk.state import events as e
from kiosk.state.kiosk_state import (
    AWAITING_HUB,
    CheckedIn,
    KioskState,
    Printout,
    PrintProgress,
    Step,
    current_page,
    printout_of,
    reset,
    restart,
    seconds_left,
)
from kiosk.state.menu import find_service, services_of
from kiosk.state.on_touch import Transition, find_offer, on_touch
from protocol.answers import ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket
from protocol.vocabulary import Language, PrintOutcome, Text

_UNKNOWN_TICKET = "unknown_ticket"
"""Name of the hub's refusal of a check-in whose number it does not know."""


def advance(state: KioskState, event: e.KioskEvent, *, at: float) -> tuple[KioskState, tuple[e.Effect, ...]]:
    """Return the state after an event, and the effects for the workers, in order; ``at`` in seconds, monotonic."""
    if isinstance(event, e.Touch):
        after, effect = on_touch(state, event, at=at)
    else:
        after, effect = on_news(state, event, at=at)
    after, offer_search = find_offer(after)
    if current_page(after) is not current_page(state):
        after = replace(after, changed_at=at)
    effects = (_cancel_unclaimed(state, event, after=after), effect, offer_search)
    return after, tuple(each for each in effects if each is not None)


def _cancel_unclaimed(before: KioskState, event: e.KioskEvent, *, after: KioskState) -> e.CancelUnclaimed | None:
    """Cancel a ticket request whose visitor left, or selected anew, before it was answered.

    A place at another site needs no cancellation: it expires there by itself. A check-in stays true without its page.
    """
    answered = after.step is Step.NUMBER or isinstance(event, e.RequestRefused)
    if answered or before.request == after.request or not isinstance(before.request, IssueTicket):
        return None
    return e.CancelUnclaimed(request=before.request)


def on_news(state: KioskState, news: e.News, *, at: float) -> Transition:
    """Return the state after news and its effect."""
    if isinstance(news, e.RequestAnswer):
        return _answer(state, news) if _is_expected(state, news.request_id) else (state, None)
    match news:
        case e.MenuReceived(menu=menu):
            return _with_menu(state, menu), None
        case e.MenuMissed():
            return replace(state, liveness=state.liveness.with_unanswered_poll()), None
        case e.OfferReceived():
            return _show_offer(state, news), None
        case e.PrintReported() | e.ReprintRefused():
            return _report_print(state, news, at=at), None
        case e.Tick():
            return _expire(state, at=at), None


def _is_expected(state: KioskState, request_id: str) -> bool:
    """Return whether an answer is for the visitor who stands here, and was not taken before.

    An answer that is late, but finds its visitor still at the page of the request, is taken too.
    """
    awaiting = state.step in AWAITING_HUB | {Step.CONFIRM, Step.CHECK_IN}
    return awaiting and state.request is not None and state.request.request_id == request_id


def _answer(state: KioskState, news: e.RequestAnswer) -> Transition:
    if isinstance(news, e.RequestUnanswered):
        return _give_up(state), None
    return _apply_answer(replace(state, liveness=state.liveness.with_answer()), news)


def _apply_answer(state: KioskState, news: e.RequestAnswer) -> Transition:
    match state.request, news:
        case IssueTicket(), e.TicketReceived(ticket=ticket):
            return _show_number(state, ticket)
        case AcceptOffer(), e.ReferralReceived(referral=referral):
            return _show_referral(state, referral)
        case CheckInByCode(), e.CheckInReceived(ticket=ticket):
            return _show_check_in(state, ticket), None
        case _, e.RequestRefused():
            return _refuse(state, news), None
        case _:
            return state, None


def _show_number(state: KioskState, ticket: TicketAnswer) -> Transition:
    """Show the number of the issued ticket at once; the printer follows."""
    service = find_service(state.menu, ticket.service) if state.menu else None
    if service is None or state.menu is None:
        return replace(state, step=Step.REFUSED, refusal=wording.NOT_OFFERED, request=None), None
    printout = printout_of(ticket, service, menu=state.menu, language=ticket.language)
    return _show_printout(state, Step.NUMBER, printout)


def _show_referral(state: KioskState, referral: ReferralAnswer) -> Transition:
    """Show the number of the place held at the other site at once; the printer follows."""
    if state.service is None or state.menu is None:
        return _without_place(state, wording.NOT_OFFERED), None
    printout = printout_of(referral, state.service, menu=state.menu, language=state.language)
    return _show_printout(state, Step.REFERRED, printout)


def _show_printout(state: KioskState, step: Step, printout: Printout) -> Transition:
    after = replace(state, step=step, printout=printout, request=None, help_open=False)
    return after, e.Print(printout=printout)


def _show_check_in(state: KioskState, ticket: TicketAnswer) -> KioskState:
    """Show "checked in"; a visitor who chose English at the other site need not choose it again."""
    return replace(
        state,
        step=Step.CHECKED_IN,
        checked_in=CheckedIn(ticket=ticket, code=state.typed),
        language=Language.EN if ticket.language is Language.EN else state.language,
        request=None,
        help_open=False,
    )


def _refuse(state: KioskState, news: e.RequestRefused) -> KioskState:
    """Show the hub's sentence on the page that leads on from it."""
    match state.request:
        case AcceptOffer():
            return _without_place(state, news.message)
        case CheckInByCode(code=code):
            refusal = wording.not_expected(code) if news.error == _UNKNOWN_TICKET else news.message
            return replace(state, step=Step.NOT_FOUND, refusal=refusal, request=None)
        case _:
            return replace(state, step=Step.REFUSED, refusal=news.message, request=None)


def _give_up(state: KioskState) -> KioskState:
    """Stop waiting: the staff page offers to repeat the request; a place not confirmed in time counts as not held."""
    match state.request:
        case AcceptOffer():
            return _without_place(state, wording.NO_ANSWER_THERE)
        case CheckInByCode():
            return replace(state, step=Step.CHECK_IN, liveness=state.liveness.with_unanswered_request())
        case _:
            return replace(state, step=Step.CONFIRM, liveness=state.liveness.with_unanswered_request())


def _without_place(state: KioskState, reason: Text) -> KioskState:
    return replace(state, step=Step.NO_PLACE, refusal=wording.then_here(reason), request=None, offer=None)


def _with_menu(state: KioskState, menu: ServicesAnswer) -> KioskState:
    """Take the newest menu; a visitor whose selection it no longer has starts again."""
    after = replace(state, menu=menu, liveness=state.liveness.with_answer())
    if state.step in AWAITING_HUB | {Step.NUMBER, Step.REFERRED, Step.CHECKED_IN}:
        return after
    service_gone = state.selection.service is not None and after.service is None
    department_gone = state.step is Step.SERVICE and not services_of(menu, state.selection.department)
    return restart(after) if service_gone or department_gone else after


def _show_offer(state: KioskState, news: e.OfferReceived) -> KioskState:
    """Show the offer for the present selection, as long as nothing is requested yet."""
    expected = state.offer_request is not None and state.offer_request.request_id == news.request_id
    if not expected or state.request is not None or state.step not in {Step.CONFIRM, Step.PRIORITY}:
        return state
    return replace(state, offer=news.offer)


def _report_print(state: KioskState, news: e.PrintNews, *, at: float) -> KioskState:
    if state.printout is None or state.printout.ticket_id != news.ticket:
        return state
    reprint = state.printout.reprint
    match news:
        case e.PrintReported(outcome=PrintOutcome.PRINTED):
            progress, advice = PrintProgress.PRINTED, None
        case e.PrintReported(without_printer=True):
            progress, advice = PrintProgress.NONE, news.advice
        case e.PrintReported(outcome=PrintOutcome.UNKNOWN):
            progress, advice = PrintProgress.UNSURE, news.advice
        case e.PrintReported():
            progress, advice = PrintProgress.TROUBLE, news.advice
        case e.ReprintRefused():
            progress, advice, reprint = PrintProgress.TROUBLE, news.message, not news.later
    printout = replace(state.printout, progress=progress, advice=advice, reprint=reprint)
    return replace(state, printout=printout, touched_at=at)


def _expire(state: KioskState, *, at: float) -> KioskState:
    """End the page when its time is over."""
    left = seconds_left(state, at=at)
    if left is None or left > 0:
        return state
    return _give_up(state) if state.step in AWAITING_HUB else reset(state)
