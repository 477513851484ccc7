"""What a visitor asks the hub for: a number here, a place elsewhere, a check-in."""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Ask, AskForOffer, Effect
from kiosk.state import Command, Flow, Step
from protocol.requests import AcceptOffer, CheckInByCode, IssueTicket, RequestOffer


def request_id(flow: Flow) -> str:
    """Return the id of the next request; ``asked`` is counted on with it."""
    return f"{flow.boot}:{flow.asked}"


def take_number(flow: Flow) -> tuple[Flow, Effect | None]:
    """Ask for a number. After an unanswered request the same one is asked again: it may have made the ticket."""
    if isinstance(flow.request, IssueTicket):
        return ask_again(flow)
    if flow.service is None:
        return flow, None
    command = IssueTicket(
        request_id=request_id(flow),
        service=flow.service.id,
        language=flow.language,
        priority=flow.choice.priority,
        offer=flow.offer.id if flow.offer else None,
    )
    return _asked(flow, command)


def go_there(flow: Flow) -> tuple[Flow, Effect | None]:
    """Accept the offer: a place is asked for at the other site."""
    if flow.offer is None:
        return flow, None
    return _asked(flow, AcceptOffer(request_id=request_id(flow), offer=flow.offer.id, language=flow.language))


def check_in(flow: Flow, code: str) -> tuple[Flow, Effect | None]:
    """Say that a visitor another site sent is here."""
    return _asked(replace(flow, typed=code), CheckInByCode(request_id=request_id(flow), code=code))


def ask_again(flow: Flow) -> tuple[Flow, Effect | None]:
    """Ask the very same once more."""
    if flow.request is None:
        return flow, None
    return replace(flow, step=_WAITING_FOR[type(flow.request)]), Ask(command=flow.request)


def with_question(flow: Flow) -> tuple[Flow, AskForOffer | None]:
    """Ask, once for each choice of a service and class, whether it is sooner elsewhere."""
    chosen = flow.step is Step.CONFIRM and flow.service is not None and flow.menu is not None and flow.menu.county
    if not chosen or flow.question is not None or flow.choice.service is None:
        return flow, None
    question = RequestOffer(
        request_id=request_id(flow),
        service=flow.choice.service,
        language=flow.language,
        priority=flow.choice.priority,
    )
    return replace(flow, question=question, asked=flow.asked + 1), AskForOffer(command=question)


_WAITING_FOR: dict[type[Command], Step] = {
    IssueTicket: Step.ASKING,
    AcceptOffer: Step.RESERVING,
    CheckInByCode: Step.ARRIVING,
}


def _asked(flow: Flow, command: Command) -> tuple[Flow, Effect | None]:
    return ask_again(replace(flow, request=command, asked=flow.asked + 1))
