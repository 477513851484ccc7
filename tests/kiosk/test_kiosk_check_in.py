"""Check-in of a visitor referred by another site: by the code on the paper, or by its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk import wording
from kiosk.state import events as e
from kiosk.state.events import SubmitRequest
from kiosk.state.kiosk_state import CheckedIn, Overlay, Step, reset, warning
from kiosk.state.menu import number_letters
from kiosk.state.on_touch import code_in
from protocol.answers import ServicesAnswer, TicketAnswer
from protocol.requests import CheckInByCode
from protocol.vocabulary import Language, Text, TicketState

SECRET = "b3T5xY0q9LmZ2w1k"
TOO_LATE = Text(zh="号码已过期。", en="This number has expired.")


@pytest.fixture
def visitor(villager: Any) -> Any:
    """A visitor at the welcome page of a site of a county."""
    return villager.twin()


@pytest.fixture
def ticket(menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]) -> TicketAnswer:
    return ticket_of(menu.services[0], number="B031")


def types(visitor: Any, number: str) -> Any:
    return visitor.does(*(e.TypeKey(key=key) for key in number), after_s=0.5)


def test_a_number_is_put_in_and_checked_in(visitor: Any, ticket: TicketAnswer) -> None:
    pages = [types(visitor.does(e.OpenCheckIn()), "B0312").does(e.EraseKey()).page]
    pages.append(visitor.does(e.CheckInByNumber()).page)
    pages.append(visitor.does(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket)).page)
    assert visitor.state.checked_in == CheckedIn(ticket=ticket, code="B031")
    pages.append(visitor.does(e.Done()).page)

    assert pages == [Step.CHECK_IN, Step.CHECKING_IN, Step.CHECKED_IN, Step.WELCOME]
    assert visitor.effects == [SubmitRequest(request=CheckInByCode(request_id="kiosk-1:test:0", code="B031"))]
    assert visitor.state == reset(visitor.state)


@pytest.mark.parametrize("touches", [[], [e.OpenCheckIn()], [e.OpenCheckIn(), e.TypeKey(key="B")]])
def test_a_scanned_code_checks_in_at_once(visitor: Any, ticket: TicketAnswer, touches: list[e.Touch]) -> None:
    visitor.does(*touches).does(e.CodeScanned(code=f"http://192.168.1.10:8080/t/{SECRET}"), after_s=0.1)
    assert visitor.page is Step.CHECKING_IN
    assert visitor.effects == [SubmitRequest(request=CheckInByCode(request_id="kiosk-1:test:0", code=SECRET))]
    assert visitor.does(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket)).page is Step.CHECKED_IN


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        (f"https://hall.example/t/{SECRET}", SECRET),
        (f"/t/{SECRET}", SECRET),
        (SECRET, SECRET),
        ("b031", "B031"),
        (" PA7 ", "PA7"),
        ("你好", None),
        ("http://hall.example/t/x?y=z", None),
        ("x" * 300, None),
        ("", None),
    ],
)
def test_a_code_is_the_end_of_an_address_or_a_number(scanned: str, code: str | None) -> None:
    assert code_in(scanned) == code


def test_a_code_of_something_else_changes_nothing(visitor: Any) -> None:
    visitor.does(e.CodeScanned(code="你好 www"))
    assert (visitor.page, visitor.effects) == (Step.WELCOME, [])


def test_the_scanners_second_read_of_the_same_paper_changes_nothing(visitor: Any, ticket: TicketAnswer) -> None:
    visitor.does(e.CodeScanned(code=SECRET), e.CodeScanned(code=SECRET), after_s=0.1)
    visitor.does(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket), e.CodeScanned(code=SECRET))
    assert (visitor.page, len(visitor.effects)) == (Step.CHECKED_IN, 1)


def test_the_next_visitor_need_not_wait_for_the_page_of_the_one_before(visitor: Any, ticket: TicketAnswer) -> None:
    visitor.does(
        e.ToggleLanguage(), e.CodeScanned(code=SECRET), e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket)
    )
    visitor.does(e.CodeScanned(code="c031"))
    assert (visitor.page, visitor.state.language) == (Step.CHECKING_IN, Language.ZH)
    assert visitor.effects[-1].request.code == "C031"


def test_a_visitor_who_chose_english_there_reads_english_here(visitor: Any, ticket: TicketAnswer) -> None:
    english = ticket.model_copy(update={"language": Language.EN})
    visitor.does(e.CodeScanned(code=SECRET), e.CheckInReceived(request_id="kiosk-1:test:0", ticket=english))
    assert visitor.state.language is Language.EN


def test_an_unknown_number_is_explained_with_a_next_step(visitor: Any) -> None:
    types(visitor.does(e.OpenCheckIn()), "B031").does(e.CheckInByNumber())
    visitor.does(e.RequestRefused(request_id="kiosk-1:test:0", message=TOO_LATE, error="unknown_ticket"))
    assert (visitor.page, visitor.state.refusal) == (Step.NOT_FOUND, wording.not_expected("B031"))
    again = visitor.twin().does(e.OpenCheckIn())
    assert (again.page, again.state.typed) == (Step.CHECK_IN, "")
    assert visitor.does(e.Back()).page is Step.CHECK_IN


def test_any_other_refusal_shows_the_hubs_sentence(visitor: Any) -> None:
    visitor.does(e.CodeScanned(code=SECRET))
    visitor.does(e.RequestRefused(request_id="kiosk-1:test:0", message=TOO_LATE, error="wrong_state"))
    assert (visitor.page, visitor.state.refusal) == (Step.NOT_FOUND, TOO_LATE)


def test_an_unanswered_check_in_is_repeated_unchanged_and_never_cancelled(visitor: Any, ticket: TicketAnswer) -> None:
    visitor.does(e.CodeScanned(code=SECRET), e.RequestUnanswered(request_id="kiosk-1:test:0"))
    assert visitor.page is Overlay.STAFF
    left = visitor.twin().waits(61)
    assert (left.state.request, len(left.effects)) == (None, 1)
    visitor.does(e.Retry())
    assert visitor.effects[0] == visitor.effects[1]
    assert visitor.does(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket)).page is Step.CHECKED_IN


def test_a_trembling_finger_types_a_digit_once_and_a_quick_one_all_of_them(visitor: Any) -> None:
    visitor.does(e.OpenCheckIn()).does(e.TypeKey(key="B"))
    visitor.does(e.TypeKey(key="0"), e.TypeKey(key="0"), e.TypeKey(key="3"), e.TypeKey(key="1"), after_s=0.2)
    assert visitor.state.typed == "B031"
    visitor.does(e.EraseKey(), e.TypeKey(key="3"), after_s=0.5)
    assert visitor.state.typed == "B033"
    visitor.does(*[e.TypeKey(key="3")] * 4, after_s=0.3)
    assert visitor.state.typed == "B03333"


def test_half_a_number_is_not_submitted(visitor: Any) -> None:
    types(visitor.does(e.OpenCheckIn()), "03").does(e.CheckInByNumber())
    assert (visitor.page, visitor.effects) == (Step.CHECK_IN, [])


def test_a_site_of_no_county_checks_nobody_in(newcomer: Any) -> None:
    alone = newcomer.twin().does(e.OpenCheckIn(), e.CodeScanned(code=SECRET))
    assert (alone.page, alone.effects) == (Step.WELCOME, [])


def test_a_referred_visitor_checks_in_during_the_lunch_break_too(visitor: Any, ticket: TicketAnswer) -> None:
    visitor.with_menu(open=False, opens_at="13:30")
    typed = types(visitor.twin().does(e.OpenCheckIn()), "B031")
    assert typed.page is Step.CHECK_IN
    visitor.does(e.CodeScanned(code=SECRET), e.CheckInReceived(request_id="kiosk-1:test:0", ticket=ticket))
    assert visitor.page is Step.CHECKED_IN
    assert visitor.does(e.Done()).page is Overlay.CLOSED


def test_a_scan_while_a_service_is_chosen_changes_nothing(visitor: Any) -> None:
    visitor.does(e.Start(), e.ChooseDepartment(department="police"), e.CodeScanned(code=SECRET))
    assert (visitor.page, visitor.effects) == (Step.SERVICE, [])


def test_a_half_typed_number_warns_and_is_then_dropped(visitor: Any) -> None:
    types(visitor.does(e.OpenCheckIn()), "B03").waits(46)
    assert warning(visitor.state, at=visitor.now) == 14
    assert visitor.waits(15).state == reset(visitor.state)


def test_there_is_one_key_for_each_letter_a_number_here_can_begin_with(menu: ServicesAnswer) -> None:
    services = [menu.services[i].model_copy(update={"letter": letter}) for i, letter in enumerate(("PB", "PA", "C"))]
    assert number_letters(menu.model_copy(update={"services": services})) == ["A", "B", "C", "P"]


def test_the_checked_in_page_stays_20_seconds(visitor: Any, ticket: TicketAnswer) -> None:
    visitor.does(e.CodeScanned(code=SECRET))
    arrived = ticket.model_copy(update={"state": TicketState.WAITING, "people_ahead": 3})
    visitor.does(e.CheckInReceived(request_id="kiosk-1:test:0", ticket=arrived))
    assert visitor.waits(19).page is Step.CHECKED_IN
    assert visitor.waits(1).page is Step.WELCOME
