"""Commands at a window: one table of operations, each with its URL path, its rule and the refusals of the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic

from typing_extensions import override

from protocol import journal as j
from protocol.answers import TicketAnswer, WindowAnswer
from protocol.requests import Request, TransferTicket, WindowRequest
from protocol.vocabulary import WindowAction, WindowId, WindowState
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
class WindowOperation(Generic[AnswerT]):
    """One operation at a window: how HTTP requests it, and the rule that decides it."""

    operation_id: str
    """Name in OpenAPI."""
    path: str
    """Part of the URL behind the window."""
    meaning: str
    """Description in OpenAPI, one sentence."""
    name: str
    """Template of ``Command.name``, with the fields ``{window}`` and ``{number}``."""
    request: type[Request]
    answer: type[AnswerT]
    decide: Callable[[WindowCommand[Any], Hall, j.Moment], Decision[AnswerT]]
    refusals: tuple[type[Refusal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCommand(Command[AnswerT]):
    """One operation at one window; ``number`` only where the operation needs one."""

    operation: WindowOperation[AnswerT]
    window: WindowId
    number: str = ""

    @property
    @override
    def name(self) -> str:
        return self.operation.name.format(window=self.window, number=self.number)

    def decide(self, hall: Hall, at: j.Moment) -> Decision[AnswerT]:
        """Raises the refusals in ``operation.refusals``."""
        return self.operation.decide(self, hall, at)

    @override
    def parse(self, answer: str) -> AnswerT:
        return self.operation.answer.model_validate_json(answer)


def _about_ticket(facts: calls.Facts) -> Decision[TicketAnswer]:
    """Return the decision that answers with the ticket of the last fact: called, finished, or still at the window."""
    ticket = next(fact.ticket for fact in reversed(facts) if isinstance(fact, j.TicketFact))
    return Decision(facts, answer_ticket(ticket))


def _call_next(command: WindowCommand[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_next(hall, window=command.window, at=at))


def _call_number(command: WindowCommand[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_number(hall, window=command.window, number=command.number, at=at))


def _recall(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.recall(hall, window=command.window))


def _start(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.start(hall, window=command.window))


def _finish(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.finish(hall, window=command.window))


def _no_show(command: WindowCommand[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.mark_no_show(hall, window=command.window, at=at))


def _confirm_served(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_served(hall, window=command.window))


def _confirm_absent(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_absent(hall, window=command.window))


def _transfer(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    request = command.request
    assert isinstance(request, TransferTicket)  # noqa: S101 - the operation names its request
    return _about_ticket(calls.transfer(hall, window=command.window, service=request.service))


def _open_window(command: WindowCommand[Any], hall: Hall, _: j.Moment) -> Decision[WindowAnswer]:
    return _about_window(command, calls.set_window(hall, window=command.window, state=WindowState.OPEN))


def _about_window(command: WindowCommand[Any], facts: calls.Facts) -> Decision[WindowAnswer]:
    return Decision(facts, lambda after: hall_views.window_view(after, command.window))


def _leave_window(state: WindowState) -> Callable[[WindowCommand[Any], Hall, j.Moment], Decision[WindowAnswer]]:
    def decide(command: WindowCommand[Any], hall: Hall, at: j.Moment) -> Decision[WindowAnswer]:
        return _about_window(command, calls.leave_window(hall, window=command.window, state=state, at=at))

    return decide


CALL_NEXT = WindowOperation(
    operation_id="call_next",
    path="call-next",
    meaning="Call the ticket that the discipline chooses; a visit still at the window ends first.",
    name="call-next {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_call_next,
    refusals=(UnknownWindow, WindowNotOpen, CalledJustNow, NobodyWaiting),
)
CALL_NUMBER = WindowOperation(
    operation_id="call_number",
    path="call/{number}",
    meaning="Call a chosen number: a waiting ticket, or one that was a no-show.",
    name="call {number} {window}",
    request=WindowRequest,
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
RECALL = WindowOperation(
    operation_id="recall",
    path="recall",
    meaning="Call the visitor of the window again.",
    name="recall {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_recall,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
START = WindowOperation(
    operation_id="start",
    path="start",
    meaning="Record that the visitor has come to the window.",
    name="start {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_start,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
FINISH = WindowOperation(
    operation_id="finish",
    path="finish",
    meaning="Record that the visitor has been served.",
    name="finish {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_finish,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
NO_SHOW = WindowOperation(
    operation_id="no_show",
    path="no-show",
    meaning="Record that the called visitor is absent.",
    name="no-show {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_no_show,
    refusals=(UnknownWindow, NoTicketAtWindow, NoShowTooSoon),
)
CONFIRM_SERVED = WindowOperation(
    operation_id="confirm_served",
    path="confirm-served",
    meaning="Note that the visitor called before, whose absence is only assumed, came and left served.",
    name="confirm-served {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_confirm_served,
    refusals=(UnknownWindow, NobodyInDoubt),
)
CONFIRM_ABSENT = WindowOperation(
    operation_id="confirm_absent",
    path="confirm-absent",
    meaning="Note that the visitor called before, whose absence is only assumed, did not come.",
    name="confirm-absent {window}",
    request=WindowRequest,
    answer=TicketAnswer,
    decide=_confirm_absent,
    refusals=(UnknownWindow, NobodyInDoubt),
)
TRANSFER = WindowOperation(
    operation_id="transfer",
    path="transfer",
    meaning="Transfer the visitor to another service of the site; the seniority is kept.",
    name="transfer {window}",
    request=TransferTicket,
    answer=TicketAnswer,
    decide=_transfer,
    refusals=(UnknownWindow, NoTicketAtWindow, UnknownService, ServiceNotServed),
)
OPEN = WindowOperation(
    operation_id="open_window",
    path="open",
    meaning="Open the window: it calls visitors from now on.",
    name="open {window}",
    request=WindowRequest,
    answer=WindowAnswer,
    decide=_open_window,
    refusals=(UnknownWindow,),
)
PAUSE = WindowOperation(
    operation_id="pause_window",
    path="pause",
    meaning="Pause the window: it calls nobody until it is opened. A visitor at the window is still served; one who "
    "was called and cannot have come yet is back at the old place in the queue.",
    name="paused {window}",
    request=WindowRequest,
    answer=WindowAnswer,
    decide=_leave_window(WindowState.PAUSED),
    refusals=(UnknownWindow,),
)
CLOSE = WindowOperation(
    operation_id="close_window",
    path="close",
    meaning="Close the window for the day. A visitor at the window is still served; one who was called and cannot have "
    "come yet is back at the old place in the queue.",
    name="closed {window}",
    request=WindowRequest,
    answer=WindowAnswer,
    decide=_leave_window(WindowState.CLOSED),
    refusals=(UnknownWindow,),
)

WINDOW_OPERATIONS: tuple[WindowOperation[Any], ...] = (
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
"""All operations, in the order of the OpenAPI document."""
PRESSES: Mapping[WindowAction, WindowOperation[TicketAnswer]] = MappingProxyType(
    {
        WindowAction(operation.path): operation
        for operation in (CALL_NEXT, RECALL, START, FINISH, NO_SHOW, CONFIRM_SERVED, CONFIRM_ABSENT)
    }
)
"""Operations whose answer is a ticket and whose only parameter is the window."""
STATES: Mapping[WindowState, WindowOperation[WindowAnswer]] = MappingProxyType(
    {WindowState.OPEN: OPEN, WindowState.PAUSED: PAUSE, WindowState.CLOSED: CLOSE}
)
