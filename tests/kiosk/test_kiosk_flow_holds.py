"""Whatever fingers, hub, printer and clock do in whatever order: what must hold at a kiosk, holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import events as e
from kiosk.flow import advance
from kiosk.issued import Paper
from kiosk.screens.pages import draw
from kiosk.screens.scene import Format
from kiosk.state import Flow, Page, fresh, page, seconds_left, warning
from protocol.messages import (
    Department,
    Language,
    PrintOutcome,
    ServiceAnswer,
    ServicesAnswer,
    Text,
    TicketAnswer,
    TicketState,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SORRY = Text(zh="不行", en="no")


def a_service(name: str, department: str, *, offered: bool = True) -> ServiceAnswer:
    text = Text(zh=f"事项{name}", en=f"service {name}")
    return ServiceAnswer(
        id=name,
        letter="A",
        name=text,
        department=department,
        materials=[],
        area=text,
        waiting=1,
        people_ahead=1,
        offered=offered,
    )


SERVICES = [a_service(f"s{i}", f"d{i % 3}", offered=i != 4) for i in range(7)]


def a_menu(*, is_open: bool, services: list[ServiceAnswer]) -> ServicesAnswer:
    departments = [Department(id=f"d{i}", name=Text(zh=f"部门{i}", en=f"department {i}")) for i in range(3)]
    hall = Text(zh="大厅", en="Hall")
    return ServicesAnswer(
        seq=1,
        as_of=NOON,
        site="main-hall",
        name=hall,
        open=is_open,
        hours=hall,
        departments=departments,
        services=services,
        priorities=[],
    )


def a_ticket(service: str) -> TicketAnswer:
    return TicketAnswer(
        id=f"t-{service}",
        number="A001",
        service=service,
        state=TicketState.WAITING,
        business_day=date(2026, 3, 2),
        language=Language.ZH,
        issued_at=NOON,
        page="/t/x",
        seq=1,
    )


Story = list[tuple[e.Event, float]]

names = st.sampled_from([s.id for s in SERVICES])
asked = st.builds("kiosk-1:test:{}".format, st.integers(0, 4))
touches = st.one_of(
    st.sampled_from(
        [
            e.Start(),
            e.Confirm(),
            e.Confirm(),
            e.AskAgain(),
            e.PrintAgain(),
            e.Back(),
            e.Finish(),
            e.ToggleLanguage(),
            e.ToggleSize(),
            e.OpenHelp(),
            e.StillHere(),
            e.Anywhere(),
            e.OpenLetters(),
            e.OpenPriorities(),
        ]
    ),
    st.builds(e.TurnTo, leaf=st.integers(-1, 9)),
    st.builds(e.ChooseLetter, letter=st.sampled_from("ASZ")),
    st.builds(e.ChooseDepartment, department=st.sampled_from(["d0", "d1", "d2", "d9"])),
    st.builds(e.ChooseService, service=names),
    st.builds(e.ChoosePriority, priority=st.none() | st.just("disabled")),
)
news = st.one_of(
    st.builds(
        e.MenuCame,
        menu=st.builds(
            a_menu,
            is_open=st.sampled_from([True, True, True, False]),
            services=st.sampled_from([SERVICES, SERVICES[:4]]),
        ),
    ),
    st.just(e.HubLost()),
    st.builds(e.TicketCame, request_id=asked, ticket=st.builds(a_ticket, names)),
    st.builds(e.RequestRefused, request_id=asked, message=st.just(SORRY)),
    st.builds(e.RequestUnanswered, request_id=asked),
    st.builds(
        e.PrintEnded,
        ticket=st.builds("t-{}".format, names),
        outcome=st.sampled_from([PrintOutcome.PRINTED, PrintOutcome.FAILED, PrintOutcome.UNKNOWN]),
        advice=st.none() | st.just(SORRY),
    ),
    st.builds(e.ReprintRefused, ticket=st.builds("t-{}".format, names), message=st.just(SORRY), later=st.booleans()),
    st.just(e.Tick()),
)
story = st.lists(
    st.tuples(st.one_of(touches, touches, news), st.sampled_from([0.1, 0.5, 1.0, 3.0, 20.0, 61.0])), max_size=60
)
FORM = Format(width_px=1920, height_px=1080)


def walk(story: Story) -> Iterator[tuple[Flow, e.Event, Flow, e.Effect | None, float]]:
    """Yield each state with the event that led to it, from a kiosk that has its menu."""
    now = 0.0
    flow, _ = advance(Flow(boot="kiosk-1:test"), e.MenuCame(menu=a_menu(is_open=True, services=SERVICES)), at=now)
    for event, after_s in story:
        now += after_s
        before = flow
        flow, effect = advance(flow, event, at=now)
        yield before, event, flow, effect, now


@given(story)
def test_while_one_request_is_open_no_other_id_is_ever_used(story: Story) -> None:
    seen: dict[str, object] = {}
    for before, event, _, effect, _ in walk(story):
        if isinstance(effect, e.Ask):
            assert isinstance(event, e.Confirm | e.AskAgain)
            assert page(before) in {Page.CONFIRM, Page.STAFF}
            command = seen.setdefault(effect.command.request_id, effect.command)
            assert command == effect.command


@given(story)
def test_every_request_is_open_answered_or_withdrawn_once_and_never_asked_again_after_it(story: Story) -> None:
    fates: dict[str, str] = {}
    open_one = None
    for before, event, after, effect, _ in walk(story):
        open_one = after.request.request_id if after.request else None
        if isinstance(effect, e.Ask):
            assert fates.setdefault(effect.command.request_id, "asked") == "asked"
        elif isinstance(effect, e.Withdraw):
            assert fates[effect.command.request_id] == "asked"
            fates[effect.command.request_id] = "withdrawn"
        elif before.request is not None and after.request is None:
            assert isinstance(event, e.TicketCame | e.RequestRefused)
            fates[before.request.request_id] = "answered"
    assert [request_id for request_id, fate in fates.items() if fate == "asked"] == ([open_one] if open_one else [])


@given(story)
def test_a_ticket_is_printed_once_and_reprinted_at_most_once_after_it_may_have_failed(story: Story) -> None:
    for before, event, after, effect, _ in walk(story):
        if isinstance(effect, e.PrintTicket) and effect.again:
            assert isinstance(event, e.PrintAgain)
            assert before.issued.paper in {Paper.UNSURE, Paper.TROUBLE}
            assert not before.issued.again_used
            assert after.issued.again_used
        elif isinstance(effect, e.PrintTicket):
            assert isinstance(event, e.TicketCame)
            assert page(after) is Page.NUMBER


@given(story)
def test_no_touch_is_taken_twice_within_the_settling_time(story: Story) -> None:
    taken_at = None
    for before, event, after, _, now in walk(story):
        if not isinstance(event, e.Touch):
            continue
        changed = (after.step, after.choice, after.help, after.language, after.large, after.request) != (
            before.step,
            before.choice,
            before.help,
            before.language,
            before.large,
            before.request,
        )
        if changed:
            assert taken_at is None or now - taken_at >= before.timing.settle_s
            taken_at = now


@given(story)
def test_left_alone_every_page_comes_back_to_a_fresh_kiosk(story: Story) -> None:
    *_, (_, _, flow, _, now) = [*walk([*story, (e.Tick(), 0.1)])]
    for _ in range(1000):
        now += 1
        flow, _ = advance(flow, e.Tick(), at=now)
    assert flow == fresh(flow)
    assert seconds_left(flow, at=now) is None


@given(story)
def test_the_warning_counts_down_only_where_a_visitor_could_lose_something(story: Story) -> None:
    for _, _, flow, _, now in walk(story):
        seconds = warning(flow, at=now)
        if seconds is not None:
            assert 1 <= seconds <= 15
            assert page(flow) not in {Page.WELCOME, Page.ASKING, Page.NUMBER, Page.STAFF, Page.CLOSED}


@settings(max_examples=40, deadline=None)
@given(story)
def test_every_state_can_be_drawn_and_offers_only_touches_that_mean_something(story: Story) -> None:
    for _, _, flow, _, now in walk(story):
        scene = draw(flow, FORM, at=now, public_url="http://hub")
        assert scene.page is page(flow)
        for target in scene.targets:
            later, _ = advance(flow, target.touch, at=now + 0.4)
            assert later.touched_at == now + 0.4
