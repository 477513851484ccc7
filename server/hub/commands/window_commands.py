"""What a clerk does at a window: one table of each act with its path, its rule and what that refuses."""

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
    NoTicketAtWindow,
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
    """One act at a window, as it is asked for over HTTP and decided by its rule."""

    operation: str
    """Operation id in OpenAPI."""
    path: str
    """What stands in the URL behind the window."""
    meaning: str
    """One sentence for the description of the interface."""
    name: str
    """Name of the command (``Command.name``), in which ``{window}`` and ``{number}`` are filled in."""
    request: type[Request]
    answer: type[AnswerT]
    decide: Callable[[WindowRequest[Any], Hall, j.Moment], Decision[AnswerT]]
    refusals: tuple[type[Refusal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRequest(Command[AnswerT]):
    """An act asked for at one window; ``number`` where the act is for one certain number."""

    act: WindowAct[AnswerT]
    window: WindowId
    number: str = ""

    @property
    def name(self) -> str:
        """See ``Command``."""
        return self.act.name.format(window=self.window, number=self.number)

    def decide(self, hall: Hall, at: j.Moment) -> Decision[AnswerT]:
        """Raises what ``act.refusals`` names."""
        return self.act.decide(self, hall, at)

    def parse(self, answer: str) -> AnswerT:
        """Read a remembered answer."""
        return self.act.answer.model_validate_json(answer)


def _about_ticket(facts: calls.Facts) -> Decision[TicketAnswer]:
    """Answer with the ticket of the last fact: the one called, finished, or still at the window."""
    ticket = next(fact.ticket for fact in reversed(facts) if isinstance(fact, j.TicketFact))
    return Decision(facts, answer_ticket(ticket))


def _call_next(asked: WindowRequest[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_next(hall, window=asked.window, at=at))


def _call_number(asked: WindowRequest[Any], hall: Hall, at: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.call_number(hall, window=asked.window, number=asked.number, at=at))


def _recall(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.recall(hall, window=asked.window))


def _start(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.start(hall, window=asked.window))


def _finish(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.finish(hall, window=asked.window))


def _no_show(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.mark_no_show(hall, window=asked.window))


def _confirm_served(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_served(hall, window=asked.window))


def _confirm_absent(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    return _about_ticket(calls.confirm_absent(hall, window=asked.window))


def _transfer(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[TicketAnswer]:
    request = asked.request
    assert isinstance(request, TransferTicket)  # noqa: S101 - the act names its request
    return _about_ticket(calls.transfer(hall, window=asked.window, service=request.service))


def _set_window(state: WindowState) -> Callable[[WindowRequest[Any], Hall, j.Moment], Decision[WindowAnswer]]:
    def decide(asked: WindowRequest[Any], hall: Hall, _: j.Moment) -> Decision[WindowAnswer]:
        facts = calls.set_window(hall, window=asked.window, state=state)
        return Decision(facts, lambda after: hall_views.window_view(after, asked.window))

    return decide


CALL_NEXT = WindowAct(
    operation="call_next",
    path="call-next",
    meaning="Call whom the discipline chooses; the visit still at the window ends by it.",
    name="call-next {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_call_next,
    refusals=(UnknownWindow, WindowNotOpen, CalledJustNow, NobodyWaiting),
)
CALL_NUMBER = WindowAct(
    operation="call_number",
    path="call/{number}",
    meaning="Call one certain number: waiting, or missed and come back.",
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
    ),
)
RECALL = WindowAct(
    operation="recall",
    path="recall",
    meaning="Summon the window's visitor again.",
    name="recall {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_recall,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
START = WindowAct(
    operation="start",
    path="start",
    meaning="Note that the visitor came to the window.",
    name="start {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_start,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
FINISH = WindowAct(
    operation="finish",
    path="finish",
    meaning="Note that the visitor left served.",
    name="finish {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_finish,
    refusals=(UnknownWindow, NoTicketAtWindow),
)
NO_SHOW = WindowAct(
    operation="no_show",
    path="no-show",
    meaning="Note that the called visitor is absent.",
    name="no-show {window}",
    request=WindowCommand,
    answer=TicketAnswer,
    decide=_no_show,
    refusals=(UnknownWindow, NoTicketAtWindow),
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
    meaning="Send the visitor on to another service of the site, with the seniority of before.",
    name="transfer {window}",
    request=TransferTicket,
    answer=TicketAnswer,
    decide=_transfer,
    refusals=(UnknownWindow, NoTicketAtWindow, UnknownService, ServiceNotServed),
)
OPEN = WindowAct(
    operation="open_window",
    path="open",
    meaning="Begin to take visitors.",
    name="open {window}",
    request=WindowCommand,
    answer=WindowAnswer,
    decide=_set_window(WindowState.OPEN),
    refusals=(UnknownWindow,),
)
PAUSE = WindowAct(
    operation="pause_window",
    path="pause",
    meaning="Take nobody for a while; a visitor at the window is served on.",
    name="paused {window}",
    request=WindowCommand,
    answer=WindowAnswer,
    decide=_set_window(WindowState.PAUSED),
    refusals=(UnknownWindow,),
)
CLOSE = WindowAct(
    operation="close_window",
    path="close",
    meaning="End the window's day; a visitor at the window is served on.",
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
"""All of them, in the order of the interface's description."""
PRESSES: Mapping[str, WindowAct[TicketAnswer]] = MappingProxyType(
    {act.path: act for act in (CALL_NEXT, RECALL, START, FINISH, NO_SHOW, CONFIRM_SERVED, CONFIRM_ABSENT)}
)
"""Acts that need nothing but their window, by path."""
STATES: Mapping[WindowState, WindowAct[WindowAnswer]] = MappingProxyType(
    {WindowState.OPEN: OPEN, WindowState.PAUSED: PAUSE, WindowState.CLOSED: CLOSE}
)
