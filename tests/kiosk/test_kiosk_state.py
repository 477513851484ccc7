"""The kiosk's reducer: which page follows an event, and with which effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk import wording
from kiosk.state import events as e
from kiosk.state.events import CancelUnclaimed, Print, SubmitRequest
from kiosk.state.kiosk_state import (
    KioskState,
    Overlay,
    PrintProgress,
    Step,
    current_page,
    printout_of,
    reset,
    takes_touch,
    warning,
)
from kiosk.state.menu import departments, find_service, services_of
from protocol.answers import ServicesAnswer, TicketAnswer
from protocol.requests import IssueTicket
from protocol.vocabulary import Language, PrintOutcome, Text

SORRY = Text(zh="该事项今天已停止取号。", en="This service takes no more visitors today.")


def to_confirm(visitor: Any) -> Any:
    return visitor.does(e.Start(), e.ChooseDepartment(department="police"), e.ChooseService(service="id-card"))


def to_number(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> Any:
    to_confirm(visitor).does(e.Confirm())
    request_id = visitor.state.request.request_id
    return visitor.does(e.TicketReceived(request_id=request_id, ticket=ticket_of(visitor.state.service)))


def test_a_visitor_goes_from_welcome_to_a_number_and_the_next_one_starts_at_welcome(
    visitor: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    pages = [visitor.page]
    for touch in (e.Start(), e.ChooseDepartment(department="police"), e.ChooseService(service="id-card"), e.Confirm()):
        pages.append(visitor.does(touch).page)
    service = find_service(menu, "id-card")
    ticket = ticket_of(service)
    pages.append(visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket)).page)
    pages.append(visitor.does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED)).page)
    pages.append(visitor.does(e.Done()).page)

    assert pages == [
        Step.WELCOME,
        Step.DEPARTMENT,
        Step.SERVICE,
        Step.CONFIRM,
        Step.ISSUING,
        Step.NUMBER,
        Step.NUMBER,
        Step.WELCOME,
    ]
    request = IssueTicket(request_id="kiosk-1:test:0", service="id-card", language=Language.ZH, priority=None)
    assert visitor.effects == [
        SubmitRequest(request=request),
        Print(printout=printout_of(ticket, service, menu=menu, language=Language.ZH)),
    ]
    assert visitor.state == reset(visitor.state)


def test_a_department_of_one_service_leads_straight_to_confirm_and_back_to_the_departments(
    visitor: Any, menu: ServicesAnswer
) -> None:
    single = next(d.id for d in departments(menu) if len(services_of(menu, d.id)) == 1)
    visitor.does(e.Start(), e.ChooseDepartment(department=single))
    assert (visitor.page, visitor.state.selection.service) == (Step.CONFIRM, services_of(menu, single)[0].id)
    assert visitor.does(e.Back()).page is Step.DEPARTMENT


def test_a_hall_of_one_department_opens_its_services_at_once_and_goes_back_to_welcome(
    visitor: Any, menu: ServicesAnswer
) -> None:
    only = [s for s in menu.services if s.department == "police"]
    visitor.with_menu(services=only).does(e.Start())
    assert visitor.page is Step.SERVICE
    assert visitor.does(e.Back()).page is Step.WELCOME


def test_back_goes_one_page_back_and_keeps_language_and_size(visitor: Any) -> None:
    to_confirm(visitor.does(e.ToggleLanguage(), e.ToggleTextSize()))
    pages = [visitor.does(e.Back()).page for _ in range(3)]
    assert pages == [Step.SERVICE, Step.DEPARTMENT, Step.WELCOME]
    assert (visitor.state.language, visitor.state.large) == (Language.EN, True)


def test_back_to_the_departments_shows_the_page_of_tiles_that_was_left(visitor: Any) -> None:
    visitor.does(e.Start(), e.TurnTo(index=1), e.ChooseDepartment(department="civil-affairs"), e.Back())
    assert (visitor.page, visitor.state.listing.index) == (Step.DEPARTMENT, 1)


def test_language_and_size_change_at_any_point_and_are_forgotten_for_the_next_visitor(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_confirm(visitor).does(e.ToggleLanguage(), e.ToggleTextSize())
    assert (visitor.page, visitor.state.language, visitor.state.large) == (Step.CONFIRM, Language.EN, True)
    visitor.does(e.Confirm())
    assert visitor.effects[-1].request.language is Language.EN
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket_of(visitor.state.service)), e.Done())
    assert (visitor.page, visitor.state.language, visitor.state.large) == (Step.WELCOME, Language.ZH, False)


def test_a_trembling_finger_chooses_only_once(visitor: Any) -> None:
    visitor.does(e.Start()).does(e.ChooseDepartment(department="police"), after_s=0.2)
    assert visitor.page is Step.DEPARTMENT
    assert not takes_touch(visitor.state, at=visitor.now)
    assert visitor.does(e.ChooseDepartment(department="police"), after_s=0.3).page is Step.SERVICE


def test_a_double_touch_on_confirm_submits_one_request(visitor: Any) -> None:
    to_confirm(visitor).does(e.Confirm(), e.Confirm(), e.Confirm(), after_s=0.7)
    assert len(visitor.effects) == 1


def test_each_visitor_has_a_request_id_of_their_own(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of).does(e.Done())
    to_confirm(visitor).does(e.Confirm())
    ids = [effect.request.request_id for effect in visitor.effects if isinstance(effect, SubmitRequest)]
    assert ids == ["kiosk-1:test:0", "kiosk-1:test:1"]


def test_an_answer_to_another_visitors_request_is_not_shown(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_confirm(visitor).does(e.Confirm())
    visitor.does(e.TicketReceived(request_id="kiosk-1:before:9", ticket=ticket_of(visitor.state.service)))
    assert visitor.page is Step.ISSUING


def test_a_refusal_shows_the_hubs_sentence_and_leads_back_to_the_tiles(visitor: Any) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestRefused(request_id="kiosk-1:test:0", message=SORRY))
    assert (visitor.page, visitor.state.refusal) == (Step.REFUSED, SORRY)
    assert visitor.does(e.Back()).page is Step.SERVICE
    visitor.does(e.ChooseService(service="id-card"), e.Confirm())
    assert visitor.effects[-1].request.request_id == "kiosk-1:test:1"


def test_a_service_without_a_window_is_refused_before_a_request(visitor: Any, menu: ServicesAnswer) -> None:
    missing = next(s for s in menu.services if not s.offered)
    visitor.does(e.Start(), e.ChooseDepartment(department=missing.department))
    if visitor.page is Step.SERVICE:
        visitor.does(e.ChooseService(service=missing.id))
    assert (visitor.page, visitor.state.refusal, visitor.effects) == (Step.REFUSED, wording.NOT_OFFERED, [])


def test_without_an_answer_the_staff_page_offers_a_retry_of_the_same_request(visitor: Any) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0"))
    assert visitor.page is Overlay.STAFF
    visitor.does(e.Retry())
    assert visitor.page is Step.ISSUING
    assert visitor.effects[0] == visitor.effects[1]


def test_when_the_hub_returns_by_itself_confirming_again_repeats_the_same_request(
    visitor: Any, menu: ServicesAnswer
) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0"), e.MenuReceived(menu=menu))
    assert visitor.page is Step.CONFIRM
    visitor.does(e.Confirm())
    assert visitor.effects[0] == visitor.effects[1]


def test_after_an_unanswered_request_another_service_is_another_request(visitor: Any, menu: ServicesAnswer) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0"), e.MenuReceived(menu=menu))
    visitor.does(e.Back(), e.ChooseService(service="household"), e.Confirm())
    assert visitor.effects[-1].request == IssueTicket(request_id="kiosk-1:test:1", service="household")


def test_an_answer_that_comes_late_is_taken_while_its_visitor_is_there(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0"))
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket_of(visitor.state.service)))
    assert visitor.page is Step.NUMBER


def test_an_unanswered_request_is_cancelled_when_its_visitor_leaves(visitor: Any) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0")).waits(61)
    assert (visitor.page, visitor.state.request) == (Overlay.STAFF, None)
    request = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
    assert visitor.effects == [SubmitRequest(request=request), CancelUnclaimed(request=request)]


@pytest.mark.parametrize(
    "touches",
    [
        [e.Back()],
        [e.OpenPriorities(), e.ChoosePriority(priority="disabled")],
    ],
)
def test_a_request_is_cancelled_when_its_visitor_goes_back_or_selects_anew(
    visitor: Any, menu: ServicesAnswer, touches: list[e.Touch]
) -> None:
    to_confirm(visitor).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:0"), e.MenuReceived(menu=menu))
    visitor.does(*touches)
    request = IssueTicket(request_id="kiosk-1:test:0", service="id-card")
    assert visitor.effects == [SubmitRequest(request=request), CancelUnclaimed(request=request)]


def test_a_ticket_for_a_service_that_just_left_the_menu_is_cancelled(
    visitor: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_confirm(visitor).does(e.Confirm()).with_menu(services=[s for s in menu.services if s.id != "id-card"])
    ticket = ticket_of(find_service(menu, "id-card"))
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket))
    assert visitor.page is Step.REFUSED
    assert visitor.effects[1:] == [CancelUnclaimed(request=visitor.effects[0].request)]


def test_an_answered_request_is_not_cancelled_though_its_answer_comes_twice(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_number(visitor, ticket_of)
    ticket = visitor.state.printout.answer
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket), e.Done())
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:0", ticket=ticket))
    to_confirm(visitor).does(e.Confirm(), e.RequestRefused(request_id="kiosk-1:test:1", message=SORRY), e.Back())
    assert [type(effect) for effect in visitor.effects] == [SubmitRequest, Print, SubmitRequest]


def test_waiting_for_a_ticket_ends_without_an_answer(visitor: Any) -> None:
    to_confirm(visitor).does(e.Confirm()).waits(21)
    assert visitor.page is Overlay.STAFF


def test_a_lost_hub_shows_the_staff_page_and_its_return_the_page_before(visitor: Any, menu: ServicesAnswer) -> None:
    visitor.does(e.Start(), e.ChooseDepartment(department="police"), e.MenuMissed(), e.MenuMissed())
    assert visitor.page is Overlay.STAFF
    assert visitor.does(e.MenuReceived(menu=menu)).page is Step.SERVICE


def test_one_missed_menu_is_ignored_also_after_another_that_was_answered(visitor: Any, menu: ServicesAnswer) -> None:
    assert visitor.does(e.Start(), e.MenuMissed()).page is Step.DEPARTMENT
    assert visitor.does(e.MenuReceived(menu=menu), e.MenuMissed()).page is Step.DEPARTMENT
    assert visitor.does(e.MenuMissed()).page is Overlay.STAFF


def test_a_refusal_is_read_at_once_by_a_visitor_who_tries_again_after_the_hub_was_silent(visitor: Any) -> None:
    request_id = to_confirm(visitor).does(e.Confirm()).state.request.request_id
    assert visitor.does(e.RequestUnanswered(request_id=request_id)).page is Overlay.STAFF
    visitor.does(e.Retry(), e.RequestRefused(request_id=request_id, message=wording.NOT_OFFERED))
    assert visitor.page is Step.REFUSED


def test_a_kiosk_without_any_menu_shows_the_staff_page() -> None:
    assert current_page(KioskState(boot="kiosk-1:test")) is Overlay.STAFF


def test_a_shown_number_stays_when_the_hub_goes_away_or_the_hall_closes(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_number(visitor, ticket_of).does(e.MenuMissed(), e.MenuMissed())
    assert visitor.page is Step.NUMBER
    assert visitor.with_menu(open=False).page is Step.NUMBER
    assert visitor.does(e.Done()).page is Overlay.CLOSED


def test_outside_opening_hours_the_kiosk_is_closed_and_opens_by_itself(visitor: Any) -> None:
    visitor.with_menu(open=False, opens_at="13:30").does(e.Start())
    assert visitor.page is Overlay.CLOSED
    assert visitor.with_menu(open=True).page is Step.WELCOME


def test_a_service_that_left_the_menu_returns_to_welcome_in_the_same_language(
    visitor: Any, menu: ServicesAnswer
) -> None:
    to_confirm(visitor.does(e.ToggleLanguage()))
    visitor.with_menu(services=[s for s in menu.services if s.id != "id-card"])
    assert (visitor.page, visitor.state.language) == (Step.WELCOME, Language.EN)


def test_help_lies_over_any_page_and_back_leads_to_it(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of).does(e.OpenHelp())
    assert visitor.page is Overlay.HELP
    assert visitor.does(e.Back()).page is Step.NUMBER


def test_an_untouched_page_warns_and_then_returns_to_welcome(visitor: Any) -> None:
    to_confirm(visitor)
    assert warning(visitor.waits(44).state, at=visitor.now) is None
    assert warning(visitor.waits(1).state, at=visitor.now) == 15
    assert warning(visitor.waits(14).state, at=visitor.now) == 1
    assert visitor.page is Step.CONFIRM
    assert visitor.waits(1).page is Step.WELCOME


def test_any_touch_answers_the_warning_and_chooses_nothing_beneath_it(visitor: Any) -> None:
    to_confirm(visitor).waits(50).does(e.Confirm(), after_s=0.1)
    assert (visitor.page, warning(visitor.state, at=visitor.now), visitor.effects) == (Step.CONFIRM, None, [])


def test_an_untouched_welcome_page_forgets_the_language_and_is_not_warned(visitor: Any) -> None:
    visitor.does(e.ToggleLanguage()).waits(50)
    assert warning(visitor.state, at=visitor.now) is None
    assert visitor.waits(11).state.language is Language.ZH


def test_the_selection_of_a_visitor_who_leaves_while_the_hub_is_away_is_dropped(
    visitor: Any, menu: ServicesAnswer
) -> None:
    to_confirm(visitor).does(e.MenuMissed(), e.MenuMissed()).waits(61).does(e.MenuReceived(menu=menu))
    assert (visitor.page, visitor.state.selection.service) == (Step.WELCOME, None)


def test_a_printed_number_stays_20_seconds_and_one_without_paper_90(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    printed = to_number(visitor.twin(), ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED))
    assert [printed.waits(19).page, printed.waits(1).page] == [Step.NUMBER, Step.WELCOME]
    failed = to_number(visitor.twin(), ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED))
    assert [failed.waits(89).page, failed.waits(1).page] == [Step.NUMBER, Step.WELCOME]
    unsure = to_number(visitor.twin(), ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.UNKNOWN))
    assert [unsure.waits(39).page, unsure.waits(1).page] == [Step.NUMBER, Step.WELCOME]


def test_the_number_waits_for_no_printer(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of)
    assert (visitor.page, visitor.state.printout.progress) == (Step.NUMBER, PrintProgress.PRINTING)


def test_failed_paper_offers_one_reprint_and_no_second(
    visitor: Any, menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_number(visitor, ticket_of)
    advice = Text(zh="打印机缺纸", en="out of paper")
    visitor.does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED, advice=advice))
    assert visitor.state.printout.may_reprint
    visitor.does(e.PrintAgain(), e.PrintAgain())
    service = find_service(menu, "id-card")
    ticket = ticket_of(service)
    first = printout_of(ticket, service, menu=menu, language=Language.ZH)
    assert visitor.effects[1:] == [Print(printout=first), Print(printout=replace(first, reprint=True))]
    visitor.does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED, advice=advice), e.PrintAgain())
    expected = replace(first, progress=PrintProgress.TROUBLE, advice=advice, reprint=True)
    assert (len(visitor.effects), visitor.state.printout) == (3, expected)


def test_a_refused_reprint_shows_the_hubs_sentence(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED), e.PrintAgain())
    visitor.does(e.ReprintRefused(ticket="t-1", message=SORRY))
    assert (visitor.state.printout.advice, visitor.state.printout.may_reprint) == (SORRY, False)


def test_a_reprint_that_did_not_reach_the_hub_may_be_requested_again(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_number(visitor, ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED), e.PrintAgain())
    visitor.does(e.ReprintRefused(ticket="t-1", message=wording.REPRINT_LATER, later=True))
    assert visitor.state.printout.may_reprint


def test_a_kiosk_without_a_printer_offers_no_reprint(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    ended = e.PrintReported(ticket="t-1", outcome=PrintOutcome.FAILED, without_printer=True)
    to_number(visitor, ticket_of).does(ended, e.PrintAgain())
    assert (visitor.state.printout.progress, len(visitor.effects)) == (PrintProgress.NONE, 2)


def test_news_of_the_paper_does_not_hold_up_the_next_touch(
    visitor: Any, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_number(visitor, ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED))
    assert visitor.does(e.Done(), after_s=0.1).page is Step.WELCOME


def test_a_printed_ticket_offers_no_reprint(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of).does(e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED), e.PrintAgain())
    assert len(visitor.effects) == 2


def test_paper_news_of_the_visitor_before_changes_nothing(visitor: Any, ticket_of: Callable[..., TicketAnswer]) -> None:
    to_number(visitor, ticket_of)
    before = visitor.state
    visitor.does(e.PrintReported(ticket="t-0", outcome=PrintOutcome.FAILED))
    assert visitor.state == before


def test_a_protected_class_goes_with_the_request_and_can_be_taken_back(visitor: Any) -> None:
    to_confirm(visitor).does(e.OpenPriorities(), e.ChoosePriority(priority="disabled"))
    other = visitor.twin().does(e.OpenPriorities(), e.ChoosePriority(priority=None), e.Confirm())
    visitor.does(e.Confirm())
    assert [v.effects[0].request.priority for v in (visitor, other)] == ["disabled", None]


def test_the_protected_class_is_not_kept_for_another_service(visitor: Any) -> None:
    to_confirm(visitor).does(e.OpenPriorities(), e.ChoosePriority(priority="disabled"), e.Back())
    visitor.does(e.ChooseService(service="household"), e.Confirm())
    assert visitor.effects[0].request == IssueTicket(request_id="kiosk-1:test:0", service="household")


def test_a_letter_narrows_the_tiles_and_back_shows_all_again(visitor: Any) -> None:
    visitor.does(e.Start(), e.ChooseDepartment(department="police"), e.OpenLetters())
    assert visitor.page is Overlay.LETTERS
    visitor.does(e.ChooseLetter(letter="H"))
    assert (visitor.page, visitor.state.listing.letter) == (Step.SERVICE, "H")
    visitor.does(e.Back())
    assert (visitor.page, visitor.state.listing.letter) == (Step.SERVICE, None)


def test_a_touch_from_a_page_already_gone_does_nothing(visitor: Any) -> None:
    before = visitor.state
    visitor.does(e.Confirm(), e.PrintAgain(), e.Done(), e.ChooseService(service="id-card"), e.Retry())
    assert (visitor.page, visitor.effects) == (Step.WELCOME, [])
    assert visitor.state.step is before.step is Step.WELCOME
