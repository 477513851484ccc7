"""What the hub, the printer and the clock do to the flow."""

from __future__ import annotations

from dataclasses import replace

from kiosk import events as e
from kiosk import words
from kiosk.effects import Effect, PrintReferral, PrintTicket
from kiosk.issued import Arrived, Issued, Paper, Sent
from kiosk.menu import find_service, services_of
from kiosk.state import ASKED, Flow, Step, fresh, seconds_left
from protocol.answers import ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket
from protocol.vocabulary import Language, PrintOutcome, Text


def heard(flow: Flow, news: e.News, *, at: float) -> tuple[Flow, Effect | None]:
    """Return the flow after news, and what the workers shall do."""
    if isinstance(news, Answer):
        return _answered(flow, news) if _is_asked(flow, news.request_id) else (flow, None)
    match news:
        case e.MenuCame(menu=menu):
            return _with_menu(flow, menu), None
        case e.HubLost():
            return replace(flow, hub_here=False), None
        case e.OfferCame():
            return _offered(flow, news), None
        case e.PrintEnded() | e.ReprintRefused():
            return _paper_news(flow, news, at=at), None
        case e.Tick():
            return _time_went_by(flow, at=at), None


_UNKNOWN = "unknown_ticket"
Answer = e.TicketCame | e.PlaceCame | e.ArrivalCame | e.RequestRefused | e.RequestUnanswered


def _answered(flow: Flow, news: Answer) -> tuple[Flow, Effect | None]:
    """What the visitor waited for."""
    match flow.request, news:
        case IssueTicket(), e.TicketCame(ticket=ticket):
            return _numbered(flow, ticket)
        case AcceptOffer(), e.PlaceCame(referral=referral):
            return _sent(flow, referral)
        case CheckInByCode(), e.ArrivalCame(ticket=ticket):
            return _arrived(flow, ticket), None
        case _, e.RequestRefused():
            return _refused(flow, news), None
        case _, e.RequestUnanswered():
            return _unanswered(flow), None
        case _:
            return flow, None


def _is_asked(flow: Flow, request_id: str) -> bool:
    """Whether an answer is for the visitor who stands here, and was not taken yet."""
    listening = flow.step in ASKED | {Step.CONFIRM, Step.CHECK_IN}
    return listening and flow.request is not None and flow.request.request_id == request_id


def _offered(flow: Flow, news: e.OfferCame) -> Flow:
    """The offer for this choice is shown beside it, while nothing is asked for yet."""
    asked = flow.question is not None and flow.question.request_id == news.request_id
    if not asked or flow.request is not None or flow.step not in {Step.CONFIRM, Step.PRIORITY}:
        return flow
    return replace(flow, offer=news.offer)


def _refused(flow: Flow, news: e.RequestRefused) -> Flow:
    """The hub's sentence, on the page that leads on from it."""
    match flow.request:
        case AcceptOffer():
            return _no_place(flow, news.message)
        case CheckInByCode(code=code):
            sentence = words.not_expected(code) if news.error == _UNKNOWN else news.message
            return replace(flow, step=Step.NOT_FOUND, refusal=sentence, request=None)
        case _:
            return replace(flow, step=Step.REFUSED, refusal=news.message, request=None)


def _unanswered(flow: Flow) -> Flow:
    """The staff are asked, and the same can be asked again; a place that was not confirmed is a place not held."""
    match flow.request:
        case AcceptOffer():
            return _no_place(flow, words.NO_ANSWER_THERE)
        case CheckInByCode():
            return replace(flow, step=Step.CHECK_IN, hub_here=False)
        case _:
            return replace(flow, step=Step.CONFIRM, hub_here=False)


def _no_place(flow: Flow, reason: Text) -> Flow:
    return replace(flow, step=Step.NO_PLACE, refusal=words.then_here(reason), request=None, offer=None)


def _with_menu(flow: Flow, menu: ServicesAnswer) -> Flow:
    """The newest menu; whoever stood at something it no longer has begins anew."""
    after = replace(flow, menu=menu, hub_here=True)
    if flow.step in ASKED | {Step.NUMBER, Step.SENT, Step.ARRIVED}:
        return after
    lost_service = flow.choice.service is not None and after.service is None
    lost_department = flow.step is Step.SERVICE and not services_of(menu, flow.choice.department)
    if lost_service or lost_department:
        return replace(fresh(after), language=flow.language, large=flow.large)
    return after


def _numbered(flow: Flow, ticket: TicketAnswer) -> tuple[Flow, Effect | None]:
    """The ticket is committed: its number is shown now, the printer follows."""
    service = find_service(flow.menu, ticket.service) if flow.menu else None
    if service is None or flow.menu is None:
        return replace(flow, step=Step.REFUSED, refusal=words.NOT_OFFERED, request=None), None
    issued = Issued(ticket=ticket, service=service)
    order = PrintTicket(ticket=ticket, service=service, hall=flow.menu.name, again=False)
    return replace(flow, step=Step.NUMBER, issued=issued, request=None, hub_here=True, help=False), order


def _sent(flow: Flow, referral: ReferralAnswer) -> tuple[Flow, Effect | None]:
    """The other site holds a place: its number is shown now, the printer follows."""
    service = flow.service
    if service is None:
        return _no_place(flow, words.NOT_OFFERED), None
    sent = Sent(referral=referral, service=service, language=flow.language)
    after = replace(flow, step=Step.SENT, issued=sent, request=None, hub_here=True, help=False)
    return after, PrintReferral(sent=sent, again=False)


def _arrived(flow: Flow, ticket: TicketAnswer) -> Flow:
    """Checked in; whoever chose English at the other site need not choose it again."""
    language = Language.EN if ticket.language is Language.EN else flow.language
    arrived = Arrived(ticket=ticket, code=flow.typed)
    return replace(flow, step=Step.ARRIVED, arrived=arrived, language=language, request=None, hub_here=True, help=False)


def _paper_news(flow: Flow, news: e.PrintEnded | e.ReprintRefused, *, at: float) -> Flow:
    if flow.issued is None or flow.issued.ticket_id != news.ticket:
        return flow
    issued: Issued | Sent
    match news:
        case e.PrintEnded(outcome=PrintOutcome.PRINTED):
            issued = replace(flow.issued, paper=Paper.PRINTED, advice=None)
        case e.PrintEnded(without_printer=True, advice=advice):
            issued = replace(flow.issued, paper=Paper.NONE, advice=advice)
        case e.PrintEnded(outcome=PrintOutcome.UNKNOWN, advice=advice):
            issued = replace(flow.issued, paper=Paper.UNSURE, advice=advice)
        case e.PrintEnded(advice=advice):
            issued = replace(flow.issued, paper=Paper.TROUBLE, advice=advice)
        case e.ReprintRefused(message=message, later=later):
            issued = replace(flow.issued, paper=Paper.TROUBLE, advice=message, again_used=not later)
    return replace(flow, issued=issued, touched_at=at)


def _time_went_by(flow: Flow, *, at: float) -> Flow:
    left = seconds_left(flow, at=at)
    if left is None or left > 0:
        return flow
    return _unanswered(flow) if flow.step in ASKED else fresh(flow)
