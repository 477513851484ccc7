"""What the hub, the printer and the clock do to the flow."""

from __future__ import annotations

from dataclasses import replace

from kiosk import events as e
from kiosk import words
from kiosk.menu import find_service, services_of
from kiosk.state import Flow, Issued, Paper, Step, fresh, seconds_left
from protocol.messages import PrintOutcome, ServicesAnswer, TicketAnswer


def heard(flow: Flow, news: e.News, *, at: float) -> tuple[Flow, e.Effect | None]:
    """Return the flow after news, and what the workers shall do."""
    after = flow
    match news:
        case e.MenuCame(menu=menu):
            after = _with_menu(flow, menu)
        case e.HubLost():
            after = replace(flow, hub_here=False)
        case e.TicketCame(request_id=request_id, ticket=ticket) if _is_asked(flow, request_id):
            return _numbered(flow, ticket)
        case e.TicketRefused(request_id=request_id, message=message) if _is_asked(flow, request_id):
            after = replace(flow, step=Step.REFUSED, refusal=message, request=None)
        case e.TicketUnanswered(request_id=request_id) if _is_asked(flow, request_id):
            after = replace(flow, step=Step.CONFIRM, hub_here=False)
        case e.PrintEnded() | e.ReprintRefused():
            after = _paper_news(flow, news, at=at)
        case e.Tick():
            after = _time_went_by(flow, at=at)
    return after, None


def _is_asked(flow: Flow, request_id: str) -> bool:
    """Whether an answer is for the visitor who stands here, and was not taken yet."""
    return (
        flow.request is not None and flow.request.request_id == request_id and flow.step in {Step.ASKING, Step.CONFIRM}
    )


def _with_menu(flow: Flow, menu: ServicesAnswer) -> Flow:
    """The newest menu; whoever stood at something it no longer has begins anew."""
    after = replace(flow, menu=menu, hub_here=True)
    if flow.step in {Step.ASKING, Step.NUMBER}:
        return after
    lost_service = flow.choice.service is not None and after.service is None
    lost_department = flow.step is Step.SERVICE and not services_of(menu, flow.choice.department)
    if lost_service or lost_department:
        return replace(fresh(after), language=flow.language, large=flow.large)
    return after


def _numbered(flow: Flow, ticket: TicketAnswer) -> tuple[Flow, e.Effect | None]:
    """The ticket is committed: its number is shown now, the printer follows."""
    service = find_service(flow.menu, ticket.service) if flow.menu else None
    if service is None or flow.menu is None:
        return replace(flow, step=Step.REFUSED, refusal=words.NOT_OFFERED, request=None), None
    issued = Issued(ticket=ticket, service=service)
    order = e.PrintTicket(ticket=ticket, service=service, hall=flow.menu.name, again=False)
    return replace(flow, step=Step.NUMBER, issued=issued, request=None, hub_here=True, help=False), order


def _paper_news(flow: Flow, news: e.PrintEnded | e.ReprintRefused, *, at: float) -> Flow:
    if flow.issued is None or flow.issued.ticket.id != news.ticket:
        return flow
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
    if flow.step is Step.ASKING:
        return replace(flow, step=Step.CONFIRM, hub_here=False)
    return fresh(flow)
