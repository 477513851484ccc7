"""What a screen shows, as a value: made from the last messages by pure functions, painted by the layouts.

The same value is saved next to a screenshot (``display.screenshots``), so that a test or a person can read what it
shows. Clock times are local to the hall, ``HH:MM``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from display.announcing import Announcing
from display.notice_pages import FOOT_PX, notice_piece
from protocol.retained_messages import Board, Call, Notice, ServiceQueue, Sign
from protocol.text.dates import clock, clock_or_day, date_with_weekday
from protocol.text.waits import wait_range
from protocol.text.window_names import bare_label, window_name
from protocol.vocabulary import Text, TicketState, WindowState
from runtime.hub_liveness import HubLiveness

CALL_ROWS = 6
WAITING_ROWS = 4


class ScreenView(BaseModel):
    """Parent of all views: a frozen value."""

    model_config = ConfigDict(frozen=True)


class CallRow(ScreenView):
    """A called number and where to go."""

    number: str
    window_label: str
    area: Text
    call_seq: int


class WaitingRow(ScreenView):
    """One service's queue: how many wait, and the promise in words, or "unknown" in words."""

    letter: str
    name: Text
    waiting: int
    promise: Text


class HallView(ScreenView):
    """All that a hall screen shows. ``rows`` has the call in the highlight first.

    ``calling``: the first row is being announced now. ``notice``: the piece of it whose turn it is.
    ``stale_since``: the stripe is up, with the time of the last heartbeat (empty when there never was one).
    ``connecting``: no board has come yet. ``county_away_since``: the county is away; it takes the last queue's place.
    """

    layout: Literal["hall"] = "hall"
    seq: int | None
    name: Text
    rows: tuple[CallRow, ...]
    calling: bool
    highlighted: int
    """Number of rows, from the first one on, that are highlighted."""
    caption: Text | None
    notice: Text
    clock: str
    date: Text
    waiting: tuple[WaitingRow, ...]
    page: int
    pages: int
    open: bool
    stale_since: str | None
    connecting: bool
    county_away_since: str | None = None


SignState = Literal["called", "serving", "free", "paused", "closed"]


class SignView(ScreenView):
    """All that the sign above a window shows."""

    layout: Literal["sign"] = "sign"
    seq: int | None
    label: str
    name: Text
    state: SignState
    number: str | None
    words: Text
    call_seq: int
    stale_since: str | None
    connecting: bool


SIGN_WORDS: dict[SignState, Text] = {
    "called": Text(zh="请到本窗口", en="Please come here"),
    "serving": Text(zh="办理中", en="Serving"),
    "free": Text(zh="请等候叫号", en="Please wait for your number"),
    "paused": Text(zh="暂停服务", en="Paused"),
    "closed": Text(zh="窗口已关闭", en="Closed"),
}
NO_TEXT = Text(zh="", en="")


def hall_view(
    announcing: Announcing,
    liveness: HubLiveness,
    *,
    notice: Notice | None,
    now: datetime,
    at: float,
    page_s: float,
    foot_width: int = FOOT_PX,
) -> HallView:
    """Return what the hall screen shows at ``now`` (in the hall's time zone), ``at`` monotonic seconds.

    A notice is broken into pieces of ``foot_width`` px.
    """
    board = announcing.board
    queues = _busy(board)
    county_away = _county_away_since(board, now=now)
    rows = WAITING_ROWS if county_away is None else WAITING_ROWS - 1
    pages = max(1, -(-len(queues) // rows))
    page = int(at // page_s) % pages
    return HallView(
        seq=None if board is None else board.seq,
        name=NO_TEXT if board is None else board.name,
        rows=tuple(_call_row(call) for call in announcing.rows(CALL_ROWS)),
        calling=announcing.present is not None,
        highlighted=announcing.highlighted,
        caption=None if announcing.present is None else caption(announcing.present),
        notice=NO_TEXT if notice is None else notice_piece(notice.text, at=at, piece_s=page_s, width=foot_width),
        clock=clock(now, now.tzinfo),
        date=date_with_weekday(now),
        waiting=tuple(_waiting_row(w) for w in queues[page * rows : (page + 1) * rows]),
        page=page + 1,
        pages=pages,
        open=board is None or board.open,
        stale_since=_stale_since(liveness, now=now, at=at),
        connecting=board is None,
        county_away_since=county_away,
    )


def sign_view(sign: Sign | None, liveness: HubLiveness, *, now: datetime, at: float) -> SignView:
    """Return what the sign above a window shows."""
    state = _sign_state(sign)
    return SignView(
        seq=None if sign is None else sign.seq,
        label="" if sign is None else bare_label(sign.label),
        name=NO_TEXT if sign is None else sign.name,
        state=state,
        number=sign.ticket if sign is not None and state in {"called", "serving"} else None,
        words=SIGN_WORDS[state],
        call_seq=0 if sign is None else sign.call_seq,
        stale_since=_stale_since(liveness, now=now, at=at),
        connecting=sign is None,
    )


def caption(call: Call) -> Text:
    """Return the announcement as text, for visitors who miss the sound."""
    at = window_name(call.window_label)
    return Text(
        zh=f"请 {call.number} 号到 {at.zh}",
        en=f"Number {call.number}, please go to {at.en}",
    )


def only(board: Board, *, windows: frozenset[str], services: frozenset[str]) -> Board:
    """Return the part of a board that concerns one zone of the hall; an empty set means all."""
    calls = [call for call in board.calls if not windows or call.window in windows]
    waiting = [queue for queue in board.waiting if not services or queue.service in services]
    return board.model_copy(update={"calls": calls, "waiting": waiting})


def _busy(board: Board | None) -> list[ServiceQueue]:
    """Return the queues that somebody waits in, as the hub ordered them."""
    return [] if board is None else [queue for queue in board.waiting if queue.waiting > 0]


def _call_row(call: Call) -> CallRow:
    label = bare_label(call.window_label)
    return CallRow(number=call.number, window_label=label, area=call.area, call_seq=call.call_seq)


def _waiting_row(queue: ServiceQueue) -> WaitingRow:
    return WaitingRow(letter=queue.letter, name=queue.name, waiting=queue.waiting, promise=wait_range(queue.promise))


def _sign_state(sign: Sign | None) -> SignState:
    """Return what stands on the sign: a ticket at the window first, then whether the window is open."""
    if sign is None:
        return "free"
    if sign.ticket is not None and sign.ticket_state is TicketState.CALLED:
        return "called"
    if sign.ticket is not None and sign.ticket_state is TicketState.SERVING:
        return "serving"
    match sign.state:
        case WindowState.OPEN:
            return "free"
        case WindowState.PAUSED:
            return "paused"
        case WindowState.CLOSED:
            return "closed"


def _stale_since(liveness: HubLiveness, *, now: datetime, at: float) -> str | None:
    """Return the local time of the last proof that the hub lived when what is shown is old, else None."""
    if not liveness.is_stale(at):
        return None
    return "" if liveness.proven_until is None else clock(liveness.proven_until, now.tzinfo)


def _county_away_since(board: Board | None, *, now: datetime) -> str | None:
    """Return the local time since when the county has not answered; the day when it is not today."""
    if board is None or board.county_away_since is None:
        return None
    return clock_or_day(board.county_away_since, now=now)
