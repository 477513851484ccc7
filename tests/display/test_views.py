"""What the screens show, as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from display.announcing import Announcing
from display.feed_inbox import BoardReceived, CallSpoken, HubStatusReceived, NoticeReceived
from display.screens import HallScreen
from display.view_models import CallRow, HallView, WaitingRow, hall_view, only, sign_view
from protocol.retained_messages import Board, Call, HubStatus, Notice, ServiceQueue, Sign
from protocol.vocabulary import Language, Presence, Promise, Text, TicketState, WindowState
from runtime.hub_liveness import HubLiveness

AS_OF = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
NOW = AS_OF.astimezone(ZoneInfo("Asia/Shanghai"))
HALL = Text(zh="竹溪县政务服务中心", en="Zhuxi Government Service Centre")
AREA = Text(zh="一楼 A 区", en="Floor 1, area A")


def queue(letter: str, waiting: int, promise: Promise | None = None) -> ServiceQueue:
    return ServiceQueue(
        service=f"service-{letter.lower()}",
        letter=letter,
        name=Text(zh=f"事项{letter}", en=f"Service {letter}"),
        waiting=waiting,
        promise=promise,
    )


def board(*, calls: int = 0, waiting: list[ServiceQueue] | None = None) -> Board:
    made = [
        Call(
            number=f"A{index:03d}",
            window=f"window-{index}",
            window_label=str(index),
            area=AREA,
            call_seq=index,
            called_at=AS_OF,
        )
        for index in range(calls, 0, -1)
    ]
    return Board(seq=4, as_of=AS_OF, site="hall", name=HALL, calls=made, waiting=waiting or [], open=True)


def fresh() -> HubLiveness:
    status = HubStatus(seq=4, as_of=AS_OF, presence=Presence.ONLINE, boot="boot-1", version="1")
    return HubLiveness().with_broker(connected=True).with_status(status, replayed=False, at=100.0)


def hall_screen(*, languages: tuple[Language, ...]) -> HallScreen:
    return HallScreen(
        highlight_s=4.0,
        page_s=8.0,
        only_windows=frozenset(),
        only_services=frozenset(),
        languages=languages,
        is_silent=not languages,
    )


def view(shown: Board | None, *, at: float = 100.0, liveness: HubLiveness | None = None) -> HallView:
    announcing = Announcing() if shown is None else Announcing().with_board(shown, replayed=True, at=100.0)
    return hall_view(announcing, liveness or fresh(), notice=None, now=NOW, at=at, page_s=8.0)


def test_a_whole_hall_view() -> None:
    announcing = Announcing().with_board(board(), replayed=True, at=90.0)
    shown = board(calls=1, waiting=[queue("A", 3, Promise(low_min=5, high_min=10)), queue("B", 2), queue("C", 0)])
    announcing = announcing.with_board(shown.model_copy(update={"seq": 5}), replayed=False, at=100.0)
    notice = Notice(seq=4, as_of=AS_OF, text=Text(zh="今日社保暂停", en="No social security today"))
    assert hall_view(announcing, fresh(), notice=notice, now=NOW, at=101.0, page_s=8.0) == HallView(
        seq=5,
        name=HALL,
        rows=(CallRow(number="A001", window_label="1", area=AREA, call_seq=1),),
        calling=True,
        highlighted=1,
        caption=Text(zh="请 A001 号到 1 号窗口", en="Number A001, please go to window 1"),
        notice=notice.text,
        clock="10:05",
        date=Text(zh="11月23日 星期一", en="Mon 23 Nov"),
        waiting=(
            WaitingRow(
                letter="A",
                name=Text(zh="事项A", en="Service A"),
                waiting=3,
                promise=Text(zh="5–10 分钟", en="5–10 min"),
            ),
            WaitingRow(
                letter="B",
                name=Text(zh="事项B", en="Service B"),
                waiting=2,
                promise=Text(zh="暂时说不准", en="not known yet"),
            ),
        ),
        page=1,
        pages=1,
        open=True,
        stale_since=None,
        connecting=False,
    )


def test_six_calls_fit_and_the_newest_are_kept() -> None:
    assert [row.number for row in view(board(calls=9)).rows] == ["A009", "A008", "A007", "A006", "A005", "A004"]


def test_many_services_are_paged_through() -> None:
    shown = board(waiting=[queue(letter, 1) for letter in "ABCDEFGHI"])
    pages = [[row.letter for row in view(shown, at=at).waiting] for at in (0.0, 8.0, 16.0, 24.0)]
    assert pages == [["A", "B", "C", "D"], ["E", "F", "G", "H"], ["I"], ["A", "B", "C", "D"]]


def test_old_data_shows_since_when_in_the_halls_time() -> None:
    assert view(board()).stale_since is None
    assert view(board(), at=116.0).stale_since == "10:05"


def test_before_the_first_board_the_screen_is_connecting() -> None:
    waiting = view(None, liveness=HubLiveness())
    assert (waiting.connecting, waiting.stale_since, waiting.rows) == (True, "", ())


def test_a_zone_shows_its_own_windows_and_services() -> None:
    shown = board(calls=3, waiting=[queue("A", 1), queue("B", 1)])
    zone = only(shown, windows=frozenset({"window-2"}), services=frozenset({"service-b"}))
    assert ([call.number for call in zone.calls], [q.letter for q in zone.waiting]) == (["A002"], ["B"])
    assert only(shown, windows=frozenset(), services=frozenset()) == shown


def sign(state: WindowState, ticket_state: TicketState | None = None) -> Sign:
    return Sign(
        seq=4,
        as_of=AS_OF,
        window="window-3",
        label="3",
        name=HALL,
        state=state,
        ticket=None if ticket_state is None else "A017",
        ticket_state=ticket_state,
    )


@pytest.mark.parametrize(
    ("sign", "state", "number", "english"),
    [
        (sign(WindowState.OPEN), "free", None, "Please wait for your number"),
        (sign(WindowState.OPEN, TicketState.CALLED), "called", "A017", "Please come here"),
        (sign(WindowState.PAUSED, TicketState.SERVING), "serving", "A017", "Serving"),
        (sign(WindowState.PAUSED), "paused", None, "Paused"),
        (sign(WindowState.CLOSED), "closed", None, "Closed"),
    ],
)
def test_a_sign_shows_the_state_of_its_window(sign: Sign, state: str, number: str | None, english: str) -> None:
    shown = sign_view(sign, fresh(), now=NOW, at=100.0)
    assert (shown.state, shown.number, shown.words.en, shown.stale_since) == (state, number, english, None)


def test_a_sign_before_its_first_message_is_connecting() -> None:
    assert sign_view(None, HubLiveness(), now=NOW, at=100.0).connecting


@pytest.mark.parametrize(
    ("since", "time"),
    [(None, None), (AS_OF - timedelta(minutes=33), "09:32"), (AS_OF - timedelta(days=2), "11-21")],
)
def test_the_screen_shows_since_when_the_county_is_away(since: datetime | None, time: str | None) -> None:
    busy = board(waiting=[queue(letter, 2) for letter in "ABCD"]).model_copy(update={"county_away_since": since})
    shown = view(busy)
    assert shown.county_away_since == time
    assert (len(shown.waiting), shown.pages) == ((4, 1) if time is None else (3, 2)), "the line takes a queue's place"


def test_an_older_notice_is_dropped_unless_the_hub_has_another_journal() -> None:
    screen = hall_screen(languages=())

    def shown(seq: int) -> str:
        notice = Notice(seq=seq, as_of=AS_OF, text=Text(zh=f"公告{seq}", en=f"Notice {seq}"))
        screen.take(NoticeReceived(notice=notice, replayed=False), at=1.0)
        return screen.view(now=NOW, at=1.0).notice.en

    def start_hub(boot: str) -> None:
        status = HubStatus(seq=1, as_of=AS_OF, presence=Presence.ONLINE, boot=boot, version="1")
        screen.take(HubStatusReceived(status=status, replayed=False), at=1.0)

    start_hub("boot-1")
    assert [shown(8), shown(7)] == ["Notice 8", "Notice 8"]
    start_hub("boot-2")
    assert shown(2) == "Notice 2"


def test_the_voice_is_given_what_follows_with_each_utterance() -> None:
    screen = hall_screen(languages=(Language.ZH,))
    screen.take(BoardReceived(board=board(), replayed=True), at=1.0)
    three = board(calls=3).model_copy(update={"seq": 5})
    screen.take(BoardReceived(board=three, replayed=False), at=2.0)
    given = []
    for at, ends in pairwise((2.0, 3.0, 6.0, 9.0, 12.0)):
        utterance = screen.next_utterance(at=at)
        assert utterance is not None
        given.append(utterance)
        screen.take(CallSpoken(utterance=utterance, fault=None), at=ends)
    assert [(u.call.number, u.language) for u in given] == [
        ("A001", None),
        ("A001", Language.ZH),
        ("A002", Language.ZH),
        ("A003", Language.ZH),
    ]
    assert [u.then for u in given] == [*given[1:], None]
