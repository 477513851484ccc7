"""Commands at a window: one table of acts, each with its URL path, its rule and the refusals of the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

from protocol import journal as j
from protocol.answers import TicketAnswer, WindowAnswer
from protocol.requests import Request, TransferTicket, WindowCommand
from protocol.vocabulary import WindowId, WindowState
from server.domain.desk import calls
from server.domain.model.hall import Hall
from server.domain.model.refusals import (
    CalledJustNow,
    NobodyInDoubt,
    NobodyWaiting,
    NoShowTooSoon,
    NoTicketAtWindow,
    PassedTooOften,
    PlaceUnconfirmed,
    Refusal,
    ServiceNotServed,
    TicketElsewhere,
    UnknownService,
    UnknownTicket,
    UnknownWindow,
    WindowNotOpen,
)
from server.domain.views import hall_views
from server.hub.commands.ticket_commands import answer_ticket
from server.hub.commands.typed_command import AnswerT, Command, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAct(Generic[AnswerT]):
    """One act at a window: how HTTP requests it, and the rule that decides it."""

    operation: str
    """Operation id in OpenAPI."""
    path: str
    """Part of the URL behind the window."""
    meaning: str
    """Description in OpenAPI, one sentence."""
    name: str
    """Template of ``Command.name``, with the fields ``{window}`` and ``{number}``."""
    request: type[Request]
    answer: type[AnswerT]
    decide: Callable[[WindowRequest[Any], Hall, j.Moment], Decision[AnswerT]]
    refusals: tuple[type[Refusal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRequest(Command[AnswerT]):
    """A request for one act at one window; ``number`` only where the act needs one."""

    act: WindowAct[AnswerT]
    window: WindowId
    number: str = ""

    @property
    def name(self) -> str:
        """See ``Command``."""
        return self.act.name.format(window=self.window, number=self.number)

    def decide(self, hall: Hall, at: j.Moment) -> Decision[AnswerT]:
        """Raises the refusals in ``act.refusals``."""
        return self.act.decide(self, hall, at)

    def parse(self, answer: str) -> AnswerT:
        """Parse a stored answer."""
        return self.act.answer.model_validate_json(answer)


def _about_ticket(facts: calls.Facts) -> Decision[TicketAnswer]:
    """Return the decision that answers with the ticket of the last fact: called, finished, or still at the window."""
    ticket = next(fact.ticket for fact in reversed(facts) if isinstance(fact, j.TicketFact))
    return Decision(facts, answer_ticket(ticket))


def _call_next(command: WindowRequest[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_next(hall, window=command.window, at=at))


def _call_number(command: WindowRequest[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_number(hall, window=command.window, number=command.number, at=at))


def _recall(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.recall(hall, window=command.window))


def _start(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.start(hall, window=command.window))


def _finish(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.finish(hall, window=command.window))


def _no_show(command: WindowRequest[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.mark_no_show(hall, window=command.window, at=at))


def _confirm_served(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_served(hall, window=command.window))


def _confirm_absent(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_absent(hall, window=command.window))


def _transfer(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    request = command.request
    assert isinstance(request, TransferTicket)  # noqa: S101 - the act names its request
    return _about_ticket(calls.transfer(hall, window=command.window, service=request.service))


def _set_window(state: WindowState) -> Callable[[WindowRequest[Any], Hall, j.Moment], Decision[WindowAnswer]]:
    def decide(command: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[WindowAnswer]:
        facts = calls.set_window(hall, window=command.window, state=state)
        return Decision(facts, lambda after: hall_views.window_view(after, command.window))

    return decide


CALL_NEXT = WindowAct(
    operation="call_next",
    path="call-next",
    meaning="Call the ticket that the discipline chooses; a visit still at the window ends first.",
    name="call-next {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_call_next,
    refusals=(UnknownWindow, WindowNotOpen, CalledJustNow, NobodyWaiting),
)
CALL_NUMBER = WindowAct(
    operation="call_number",
    path="call/{number}",
    meaning="Call a chosen number: a waiting ticket, or one that was a no-show.",
    name="call {number} {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_call_number,
    refusals=(
        UnknownWindow,
        UnknownTicket,
        WindowNotOpen,
        TicketElsewhere,
        ServiceNotServed,
        CalledJustNow,
        PlaceUnconfirmed,
        PassedTooOften,
    ),
)
RECALL = WindowAct(
    operation="recall",
    path="recall",
    meaning="Call the visitor of the window again.",
    name="recall {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_recall,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
START = WindowAct(
    operation="start",
    path="start",
    meaning="Record that the visitor has come to the window.",
    name="start {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_start,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
FINISH = WindowAct(
    operation="finish",
    path="finish",
    meaning="Record that the visitor has been served.",
    name="finish {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_finish,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
NO_SHOW = WindowAct(
    operation="no_show",
    path="no-show",
    meaning="Record that the called visitor is absent.",
    name="no-show {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_no_show,
    refusals=(UnknownWindow, NoTicketAtWindow, NoShowTooSoon),
)
CONFIRM_SERVED = WindowAct(
    operation="confirm_served",
    path="confirm-served",
    meaning="Note that the visitor called before, whose absence is only assumed, came and left served.",
    name="confirm-served {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_confirm_served,
    refusals=(UnknownWindow, NobodyInDoubt),
)
CONFIRM_ABSENT = WindowAct(
    operation="confirm_absent",
    path="confirm-absent",
    meaning="Note that the visitor called before, whose absence is only assumed, did not come.",
    name="confirm-absent {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_confirm_absent,
    refusals=(UnknownWindow, NobodyInDoubt),
)
TRANSFER = WindowAct(
    operation="transfer",
    path="transfer",
    meaning="Transfer the visitor to another service of the site; the seniority is kept.",
    name="transfer {window}",
    request=TransferTicket,
    answer=TicketAnswer,
    decide=_transfer,
    refusals=(UnknownWindow, NoTicketAtWindow, UnknownService, ServiceNotServed),
)
OPEN = WindowAct(
    operation="open_window",
    path="open",
    meaning="Open the window: it calls visitors from now on.",
    name="open {window}",
    request=WindowCommand,
    answer=WindowAnswer,
    decide=_set_window(WindowState.OPEN),
    refusals=(UnknownWindow,),
)
PAUSE = WindowAct(
    operation="pause_window",
    path="pause",
    meaning="Pause the window: it calls nobody until it is opened; a visitor at the window is still served.",
    name="paused {window}",
    request=WindowCommand,
    answer=WindowAnswer,
    decide=_set_window(WindowState.PAUSED),
    refusals=(UnknownWindow,),
)
CLOSE = WindowAct(
    operation="close_window",
    path="close",
    meaning="Close the window for the day; a visitor at the window is still served.",
    name="closed {window}",
    request=WindowCommand,
    answer=WindowAnswer,
    decide=_set_window(WindowState.CLOSED),
    refusals=(UnknownWindow,),
)

WINDOW_ACTS: tuple[WindowAct[Any], ...] = (
    CALL_NEXT,
    CALL_NUMBER,
    RECALL,
    START,
    FINISH,
    NO_SHOW,
    CONFIRM_SERVED,
    CONFIRM_ABSENT,
    TRANSFER,
    OPEN,
    PAUSE,
    CLOSE,
)
"""All acts, in the order of the OpenAPI document."""
PRESSES: Mapping[str, WindowAct[TicketAnswer]] = MappingProxyType(
    {act.path: act for act in (CALL_NEXT, RECALL, START, FINISH, NO_SHOW, CONFIRM_SERVED, CONFIRM_ABSENT)}
)
"""Acts without a parameter but the window, by path."""
STATES: Mapping[WindowState, WindowAct[WindowAnswer]] = MappingProxyType(
    {WindowState.OPEN: OPEN, WindowState.PAUSED: PAUSE, WindowState.CLOSED: CLOSE}
)
