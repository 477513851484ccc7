"""What the rules refuse, by name, each with the sentence that people read.

HTTP codes are chosen in ``server/http_server/errors.py``, not here.

::

    Refusal
    ├── Unknown                 something named does not exist
    │   ├── UnknownService, UnknownWindow, UnknownTicket, UnknownPriority, UnknownPrint, UnknownProposal
    └── NotNow                  it exists, but cannot be done as things stand
        ├── HallClosed, ServiceNotServed
        ├── NobodyWaiting, WindowNotOpen, NoTicketAtWindow, NobodyInDoubt,
        │   CalledJustNow, PassedTooOften, NoShowTooSoon
        ├── WrongState, TicketElsewhere, NoReturnLeft
        ├── RequestIdReused, TooLate, NotDrawable
        ├── ReprintUsed, PrintEndedAlready, ProposalDecidedAlready, DaySettled, OtherTime
        └── OfferGone, NoAnswer, PlaceNotGranted, CalledHere, PlaceUnconfirmed, NotReferred
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Self

from protocol.answers import ErrorAnswer
from protocol.text.window_names import window_name
from protocol.vocabulary import Text


class Refusal(Exception):
    """A command cannot be carried out; nothing was changed."""

    name: ClassVar[str] = "refused"

    def __init__(self, zh: str, en: str, *, field: str | None = None) -> None:
        super().__init__(en)
        self.message = Text(zh=zh, en=en)
        self.field = field


class Unknown(Refusal):
    """Parent of refusals for what does not exist."""


class NotNow(Refusal):
    """Parent of refusals for what cannot be done as things stand."""


class UnknownService(Unknown):
    """The site does not offer it."""

    name = "unknown_service"

    def __init__(self, service: str) -> None:
        super().__init__(f"没有事项 {service}", f"there is no service {service}", field="service")


class UnknownWindow(Unknown):
    """The site has no such window."""

    name = "unknown_window"

    def __init__(self, window: str) -> None:
        super().__init__(f"没有窗口 {window}", f"there is no window {window}", field="window")


class UnknownTicket(Unknown):
    """No such ticket today."""

    name = "unknown_ticket"

    @classmethod
    def ended(cls) -> Self:
        """A ticket requested by its id that is not open."""
        return cls("今天没有这张票，或已经办结", "there is no such open ticket today")

    @classmethod
    def never_issued(cls) -> Self:
        """A ticket requested by its id that no table knows."""
        return cls("没有这张票", "there is no such ticket")

    @classmethod
    def by_number(cls, number: str) -> Self:
        """A number that no open ticket has."""
        return cls(f"今天没有等候的号码 {number}", f"no open ticket has the number {number}", field="number")

    @classmethod
    def by_code(cls, code: str) -> Self:
        """A scanned code or typed number that a visitor wants to check in with."""
        return cls(f"没有找到 {code}，请核对票上的号码", f"{code} was not found, please look at your paper")


class UnknownPriority(Unknown):
    """The site has no such priority class."""

    name = "unknown_priority"

    def __init__(self, priority: str) -> None:
        super().__init__(f"没有优先类别 {priority}", f"there is no priority class {priority}", field="priority")


class UnknownPrint(Unknown):
    """No such print job today."""

    name = "unknown_print"

    def __init__(self) -> None:
        super().__init__("没有这个打印任务", "there is no such print job")


class UnknownProposal(Unknown):
    """The county made no such proposal lately."""

    name = "unknown_proposal"

    def __init__(self) -> None:
        super().__init__("没有这条建议", "there is no such proposal")


class HallClosed(NotNow):
    """Outside the opening hours."""

    name = "hall_closed"

    def __init__(self, hours: Text) -> None:
        super().__init__(f"现在不在服务时间内，服务时间：{hours.zh}", f"the hall is closed now, its hours: {hours.en}")


class ServiceNotServed(NotNow):
    """No window takes this service."""

    name = "service_not_served"

    @classmethod
    def by_any_window(cls, service: Text) -> Self:
        """No window at all takes the service."""
        return cls(f"{service.zh}没有窗口办理", f"no window serves {service.en}", field="service")

    @classmethod
    def by_this_window(cls, number: str) -> Self:
        """The window that wants to call a number does not take its service."""
        return cls(f"本窗口不办理 {number} 的事项", f"this window does not serve {number}", field="number")


class NobodyWaiting(NotNow):
    """No waiting ticket that this window serves."""

    name = "nobody_waiting"

    def __init__(self) -> None:
        super().__init__("没有人在等候", "nobody is waiting")


class WindowNotOpen(NotNow):
    """The window is paused or closed."""

    name = "window_not_open"

    def __init__(self) -> None:
        super().__init__(
            "窗口未开放，请先开放窗口（面板上按“暂停”键）",
            "the window is not open; open it first (the pause key on a panel)",
        )


class NoTicketAtWindow(NotNow):
    """Nobody was called to this window, or not in the state the command needs."""

    name = "no_ticket_at_window"

    def __init__(self) -> None:
        super().__init__("窗口现在没有可以这样操作的号码", "no ticket at this window that this can be done to")


class PassedTooOften(NotNow):
    """A call by number would pass somebody who has been passed as often as the site allows."""

    name = "passed_too_often"

    def __init__(self, first: str, *, times: int) -> None:
        super().__init__(
            f"请先叫 {first}：已被越过 {times} 次，不能再被越过",
            f"call {first} first: it was passed {times} times and may not be passed again",
        )


class NobodyInDoubt(NotNow):
    """No visitor called to this window before is only assumed to have been absent."""

    name = "nobody_in_doubt"

    def __init__(self) -> None:
        super().__init__("没有需要确认来没来的号码", "no number of this window waits to be confirmed")


class CalledJustNow(NotNow):
    """The window called a moment ago; this is taken for a double press."""

    name = "called_just_now"

    def __init__(self) -> None:
        super().__init__("刚刚叫过号，请稍候", "called a moment ago, please wait")


class NoShowTooSoon(NotNow):
    """The called visitor may still be on the way."""

    name = "no_show_too_soon"

    def __init__(self, left_s: float, *, announced: bool) -> None:
        left = math.ceil(left_s)
        since = (
            Text(zh="刚刚播报", en="was announced just now")
            if announced
            else Text(zh="还没有播报", en="is not announced yet")
        )
        super().__init__(
            f"这个号码{since.zh}，请再等 {left} 秒才能过号",
            f"the number {since.en}; it can be marked absent in {left} s",
        )


class WrongState(NotNow):
    """The ticket's state does not allow it."""

    name = "wrong_state"

    def __init__(self, state: Text) -> None:
        super().__init__(f"这张票{state.zh}，不能这样操作", f"not possible: the ticket is {state.en}")


class TicketElsewhere(NotNow):
    """The ticket is at another window."""

    name = "ticket_elsewhere"

    def __init__(self, number: str, *, window_label: str) -> None:
        at = window_name(window_label)
        super().__init__(f"{number} 正在 {at.zh}", f"{number} is at {at.en}")


class NoReturnLeft(NotNow):
    """The ticket came back as often as the site allows."""

    name = "no_return_left"

    def __init__(self, number: str, *, returns: int) -> None:
        super().__init__(
            f"{number} 已经回队 {returns} 次，请重新取号",
            f"{number} came back {returns} time(s) already, please take a new number",
        )


class NotDrawable(NotNow):
    """A text for the hall screens has characters that they cannot draw right."""

    name = "not_drawable"

    def __init__(self, characters: str) -> None:
        super().__init__(
            f"大屏显示不了这些字符：{characters}，请换一种写法",
            f"the screens cannot show these characters: {characters}; please write it otherwise",
        )


class DaySettled(NotNow):
    """Nobody is asked any more who is left over from that day."""

    name = "day_settled"

    def __init__(self) -> None:
        super().__init__("已经有人回答过了", "this has been answered already")


class OtherTime(NotNow):
    """The clock does not show the time any more that a person confirms."""

    name = "other_time"

    def __init__(self) -> None:
        super().__init__("时钟刚刚变了，请再看一下时间", "the clock has changed, please look at the time again")


class ReprintUsed(NotNow):
    """The ticket was already printed a second time."""

    name = "reprint_used"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} 已经补打过一次，请咨询工作人员", f"{number} was printed again already, please ask the staff"
        )


class PrintEndedAlready(NotNow):
    """The job's outcome is already written down, and is another."""

    name = "print_ended_already"

    def __init__(self, outcome: str) -> None:
        super().__init__(f"打印任务已记为 {outcome}", f"the job is already written down as {outcome}", field="outcome")


class ProposalDecidedAlready(NotNow):
    """The proposal was decided otherwise, or expired."""

    name = "proposal_decided_already"

    def __init__(self, decision: Text) -> None:
        super().__init__(f"这条建议{decision.zh}", f"this proposal {decision.en}")


class OfferGone(NotNow):
    """The offer of another site is too old, or was used already."""

    name = "offer_gone"

    def __init__(self) -> None:
        super().__init__("这个建议已失效，请重新选择", "this offer is no longer valid, please choose again")


class NoAnswer(NotNow):
    """The other site did not answer in time; nothing was changed."""

    name = "no_answer"

    def __init__(self) -> None:
        super().__init__("对方大厅没有及时答复，没有转过去", "the other hall did not answer in time; nothing changed")


class PlaceNotGranted(NotNow):
    """The other site has no place for this visitor now."""

    name = "place_refused"

    def __init__(self) -> None:
        super().__init__("对方大厅现在不能受理，没有转过去", "the other hall has no place now; nothing changed")


class CalledHere(NotNow):
    """The visitor's number was called here while the other site's answer was outstanding."""

    name = "called_here"

    def __init__(self) -> None:
        super().__init__("这里已经叫到您了，请留在这里", "you have been called here, please stay")


class PlaceUnconfirmed(NotNow):
    """A place is held for another site's visitor who has not yet taken it, as far as this hall knows."""

    name = "place_unconfirmed"

    @classmethod
    def by_number(cls, number: str) -> Self:
        """Typed at a kiosk: only the code on the paper proves whose place it is."""
        return cls(
            f"{number} 还不能凭号码报到，请扫描票上的二维码",
            f"{number} cannot be checked in by its number yet, please scan the code on the paper",
        )

    @classmethod
    def on_the_way(cls, number: str) -> Self:
        """Called or cancelled before the visitor has checked in."""
        return cls(
            f"{number} 还在途中，请先扫描票上的二维码报到",
            f"{number} is on the way, please check it in by the code on its paper first",
        )


class NotReferred(NotNow):
    """Only visitors whom another site sent check in; this number was taken here."""

    name = "not_referred"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} 是在本大厅取的号，不用报到；过了号请告诉工作人员",
            f"{number} was taken in this hall, nothing to check in; if you missed your call, tell the staff",
        )


class RequestIdReused(NotNow):
    """The same ``request_id`` came with another command."""

    name = "request_id_reused"

    def __init__(self) -> None:
        super().__init__(
            "这个 request_id 已用于另一个请求", "this request_id was used for another request", field="request_id"
        )


class TooLate(NotNow):
    """The command waited for longer than its sender does; a late press must never fire."""

    name = "too_late"

    def __init__(self) -> None:
        super().__init__("请求已过期，没有执行", "whoever asked has given up; nothing was done")


def restore_refusal(answer: ErrorAnswer) -> Refusal:
    """Return the refusal that an answer states, word for word, also one whose name no rule uses any more."""
    kind = next((k for k in _kinds(Refusal) if k.name == answer.error), None)
    kind = kind or type("FormerRefusal", (NotNow,), {"name": answer.error})
    refusal = kind.__new__(kind)
    Refusal.__init__(refusal, answer.message.zh, answer.message.en, field=answer.field)
    return refusal


def _kinds(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    yield parent
    for kind in parent.__subclasses__():
        yield from _kinds(kind)
