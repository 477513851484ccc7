"""Invariants of the kiosk's reducer under any order of touches, news and time (property-based)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.screens.display_list import ScreenFormat
from kiosk.screens.draw_page import draw_page
from kiosk.state import events as e
from kiosk.state.events import CancelUnclaimed, Effect, FindOffer, Print, SubmitRequest
from kiosk.state.kiosk_state import KioskState, Overlay, PrintProgress, Step, current_page, reset, seconds_left, warning
from kiosk.state.reducer import advance
from protocol.answers import Department, Offer, OtherSite, ReferralAnswer, ServiceAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import IssueTicket
from protocol.vocabulary import Language, PrintOutcome, Promise, Text, TicketState

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
        county=True,
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


THERE = OtherSite(site="police", name=SORRY, address=SORRY, travel_min=6)
RANGE = Promise(low_min=5, high_min=10)


def an_offer(service: str) -> Offer:
    return Offer(id=f"o-{service}", service=service, here=RANGE, there=RANGE, saving_min=9, site=THERE)


def a_referral(service: str) -> ReferralAnswer:
    return ReferralAnswer(
        referral="r",
        site=THERE,
        area=SORRY,
        ticket=f"t-{service}",
        number="B001",
        service=service,
        language=Language.ZH,
        issued_at=NOON,
        people_ahead=1,
        kept_until=NOON,
        page="/t/x",
    )


EventSequence = list[tuple[e.KioskEvent, float]]

names = st.sampled_from([s.id for s in SERVICES])
request_ids = st.builds("kiosk-1:test:{}".format, st.integers(0, 6))
touches = st.one_of(
    st.sampled_from(
        [
            e.Start(),
            e.Confirm(),
            e.Confirm(),
            e.ChooseOffer(),
            e.ChooseOffer(),
            e.OpenCheckIn(),
            e.EraseKey(),
            e.CheckInByNumber(),
            e.Retry(),
            e.PrintAgain(),
            e.Back(),
            e.Done(),
            e.ToggleLanguage(),
            e.ToggleTextSize(),
            e.OpenHelp(),
            e.StillHere(),
            e.Anywhere(),
            e.OpenLetters(),
            e.OpenPriorities(),
        ]
    ),
    st.builds(e.TurnTo, index=st.integers(-1, 9)),
    st.builds(e.ShowMaterials, index=st.integers(-1, 9)),
    st.builds(e.ChooseLetter, letter=st.sampled_from("ASZ")),
    st.builds(e.ChooseDepartment, department=st.sampled_from(["d0", "d1", "d2", "d9"])),
    st.builds(e.ChooseService, service=names),
    st.builds(e.TypeKey, key=st.sampled_from("AB01")),
    st.builds(e.CodeScanned, code=st.sampled_from(["A001", "http://hall/t/b3T5xY0q9LmZ2w1k", "?"])),
    st.builds(e.ChoosePriority, priority=st.none() | st.just("disabled")),
)
news = st.one_of(
    st.builds(
        e.MenuReceived,
        menu=st.builds(
            a_menu,
            is_open=st.sampled_from([True, True, True, False]),
            services=st.sampled_from([SERVICES, SERVICES[:4]]),
        ),
    ),
    st.just(e.MenuMissed()),
    st.builds(e.TicketReceived, request_id=request_ids, ticket=st.builds(a_ticket, names)),
    st.builds(e.OfferReceived, request_id=request_ids, offer=st.builds(an_offer, names)),
    st.builds(e.ReferralReceived, request_id=request_ids, referral=st.builds(a_referral, names)),
    st.builds(e.CheckInReceived, request_id=request_ids, ticket=st.builds(a_ticket, names)),
    st.builds(e.RequestRefused, request_id=request_ids, message=st.just(SORRY)),
    st.builds(e.RequestUnanswered, request_id=request_ids),
    st.builds(
        e.PrintReported,
        ticket=st.builds("t-{}".format, names),
        outcome=st.sampled_from([PrintOutcome.PRINTED, PrintOutcome.FAILED, PrintOutcome.UNKNOWN]),
        advice=st.none() | st.just(SORRY),
    ),
    st.builds(e.ReprintRefused, ticket=st.builds("t-{}".format, names), message=st.just(SORRY), later=st.booleans()),
    st.just(e.Tick()),
)
sequence = st.lists(
    st.tuples(st.one_of(touches, touches, news), st.sampled_from([0.1, 0.5, 1.0, 3.0, 20.0, 61.0])), max_size=60
)
FORM = ScreenFormat(width_px=1920, height_px=1080)


def walk(sequence: EventSequence) -> Iterator[tuple[KioskState, e.KioskEvent, KioskState, tuple[Effect, ...], float]]:
    """Yield each state with the event that led to it, from a kiosk that has its menu."""
    now = 0.0
    state, _ = advance(
        KioskState(boot="kiosk-1:test"), e.MenuReceived(menu=a_menu(is_open=True, services=SERVICES)), at=now
    )
    for event, after_s in sequence:
        now += after_s
        before = state
        state, effects = advance(state, event, at=now)
        yield before, event, state, effects, now


def a_second_apart(*events: e.KioskEvent) -> EventSequence:
    """Return events a second apart."""
    return [(event, 1.0) for event in events]


OFFERED = a_second_apart(
    e.Start(),
    e.ChooseDepartment(department="d0"),
    e.ChooseService(service="s0"),
    e.OfferReceived(request_id="kiosk-1:test:0", offer=an_offer("s0")),
)
SCANNED = a_second_apart(e.CodeScanned(code="A001"))
BEGINNINGS: list[EventSequence] = [
    [],
    OFFERED,
    OFFERED + a_second_apart(e.Confirm()),
    OFFERED + a_second_apart(e.Confirm(), e.TicketReceived(request_id="kiosk-1:test:1", ticket=a_ticket("s0"))),
    OFFERED + a_second_apart(e.ChooseOffer()),
    OFFERED + a_second_apart(e.ChooseOffer(), e.RequestUnanswered(request_id="kiosk-1:test:1")),
    OFFERED
    + a_second_apart(e.ChooseOffer(), e.ReferralReceived(request_id="kiosk-1:test:1", referral=a_referral("s0"))),
    a_second_apart(e.OpenCheckIn(), e.TypeKey(key="A"), e.TypeKey(key="1")),
    SCANNED,
    SCANNED + a_second_apart(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=a_ticket("s0"))),
    SCANNED + a_second_apart(e.RequestRefused(request_id="kiosk-1:test:0", message=SORRY)),
]
sequences = st.builds(lambda first, rest: first + rest, st.sampled_from(BEGINNINGS), sequence)
WAITING = {Step.ISSUING, Step.RESERVING, Step.CHECKING_IN}


@given(sequences)
def test_while_one_request_is_open_no_other_id_is_ever_used(sequence: EventSequence) -> None:
    requests: dict[str, object] = {}
    for before, event, _, effects, _ in walk(sequence):
        for effect in [effect for effect in effects if isinstance(effect, SubmitRequest)]:
            assert isinstance(event, e.Confirm | e.ChooseOffer | e.CheckInByNumber | e.CodeScanned | e.Retry)
            assert current_page(before) not in WAITING
            request = requests.setdefault(effect.request.request_id, effect.request)
            assert request == effect.request


@given(sequences)
def test_every_id_names_one_request(sequence: EventSequence) -> None:
    named: dict[str, object] = {}
    for _, _, _, effects, _ in walk(sequence):
        for effect in [effect for effect in effects if isinstance(effect, SubmitRequest | FindOffer)]:
            assert named.setdefault(effect.request.request_id, effect.request) == effect.request


@given(sequences)
def test_every_ticket_request_ends_answered_or_cancelled_once_and_is_never_repeated_after_it(
    sequence: EventSequence,
) -> None:
    fates: dict[str, str] = {}
    open_one = None
    for before, event, after, effects, _ in walk(sequence):
        open_one = after.request.request_id if isinstance(after.request, IssueTicket) else None
        for effect in effects:
            if isinstance(effect, SubmitRequest) and isinstance(effect.request, IssueTicket):
                assert fates.setdefault(effect.request.request_id, "open") == "open"
            elif isinstance(effect, CancelUnclaimed):
                assert fates[effect.request.request_id] == "open"
                fates[effect.request.request_id] = "cancelled"
        if isinstance(before.request, IssueTicket) and before.request != after.request:
            answered = isinstance(event, e.TicketReceived | e.RequestRefused)
            if not any(isinstance(effect, CancelUnclaimed) for effect in effects):
                assert answered
                fates[before.request.request_id] = "answered"
    assert [request_id for request_id, fate in fates.items() if fate == "open"] == ([open_one] if open_one else [])


@given(sequences)
def test_an_offer_is_shown_only_for_the_selection_and_named_only_by_the_ticket_it_was_shown_with(
    sequence: EventSequence,
) -> None:
    for before, _, after, effects, _ in walk(sequence):
        if after.offer is not None:
            assert after.offer_request is not None
            assert after.offer_request.service == after.selection.service
            assert after.offer_request.priority == after.selection.priority
        for effect in [effect for effect in effects if isinstance(effect, SubmitRequest)]:
            if isinstance(effect.request, IssueTicket) and effect.request != before.request:
                shown = before.offer.id if current_page(before) is Overlay.OFFER else None
                assert effect.request.offer == shown


@given(sequences)
def test_a_ticket_is_printed_once_and_reprinted_at_most_once_after_it_may_have_failed(sequence: EventSequence) -> None:
    for before, event, after, effects, _ in walk(sequence):
        for effect in effects:
            if not isinstance(effect, Print):
                continue
            if effect.printout.reprint:
                assert isinstance(event, e.PrintAgain)
                assert before.printout.progress in {PrintProgress.UNSURE, PrintProgress.TROUBLE}
                assert not before.printout.reprint
                assert after.printout.reprint
            elif isinstance(effect.printout.answer, TicketAnswer):
                assert isinstance(event, e.TicketReceived)
                assert current_page(after) is Step.NUMBER
            else:
                assert isinstance(event, e.ReferralReceived)
                assert current_page(after) is Step.REFERRED


@given(sequences)
def test_no_touch_is_taken_twice_within_the_settling_time(sequence: EventSequence) -> None:
    taken_at = None
    for before, event, after, _, now in walk(sequence):
        if not isinstance(event, e.Touch) or isinstance(event, e.CodeScanned):
            continue  # a scanner does not tremble
        changed = (after.step, after.selection, after.help_open, after.language, after.large, after.request) != (
            before.step,
            before.selection,
            before.help_open,
            before.language,
            before.large,
            before.request,
        )
        if changed:
            assert taken_at is None or now - taken_at >= before.timeouts.settle_s
            taken_at = now


@given(sequences)
def test_left_alone_every_page_comes_back_to_a_fresh_kiosk(sequence: EventSequence) -> None:
    *_, (_, _, state, _, now) = [*walk([*sequence, (e.Tick(), 0.1)])]
    for _ in range(1000):
        now += 1
        state, _ = advance(state, e.Tick(), at=now)
    assert state == reset(state)
    assert seconds_left(state, at=now) is None


@given(sequences)
def test_the_warning_counts_down_only_where_a_visitor_could_lose_something(sequence: EventSequence) -> None:
    for _, _, state, _, now in walk(sequence):
        seconds = warning(state, at=now)
        if seconds is not None:
            assert 1 <= seconds <= 15
            assert current_page(state) not in WAITING | {Step.WELCOME, Step.NUMBER, Overlay.STAFF, Overlay.CLOSED}
            assert current_page(state) not in {Step.REFERRED, Step.CHECKED_IN}


@settings(max_examples=40, deadline=None)
@given(sequences)
def test_every_state_can_be_drawn_and_offers_only_touches_that_mean_something(sequence: EventSequence) -> None:
    for _, _, state, _, now in walk(sequence):
        display_list = draw_page(state, FORM, at=now, public_url="http://hub")
        assert display_list.page is current_page(state)
        for target in display_list.targets:
            later, _ = advance(state, target.touch, at=now + 0.4)
            assert later.touched_at == now + 0.4
