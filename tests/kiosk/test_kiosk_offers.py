"""An offer of another site: when it is shown, what accepting it does, and that it delays nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk import wording
from kiosk.state import events as e
from kiosk.state.events import CancelUnclaimed, FindOffer, Print, SubmitRequest
from kiosk.state.kiosk_state import Overlay, PrintProgress, Step, printout_of, reset, warning
from protocol.answers import Offer, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.requests import AcceptOffer, IssueTicket, RequestOffer
from protocol.vocabulary import Language, PrintOutcome, Text

FULL = Text(zh="对方大厅现在不能受理，没有转过去", en="the other hall has no place now; nothing changed")
USED = Text(zh="PA031 已经补打过一次，请咨询工作人员", en="PA031 was printed again already, please ask the staff")
OFFER_REQUEST = RequestOffer(request_id="kiosk-1:test:0", service="id-card")
ACCEPTED = AcceptOffer(request_id="kiosk-1:test:1", offer="offer-1", language=Language.ZH)


@pytest.fixture
def visitor(villager: Any) -> Any:
    """A visitor at the welcome page of a site of a county."""
    return villager.twin()


def to_confirm(visitor: Any) -> Any:
    return visitor.does(e.Start(), e.ChooseDepartment(department="police"), e.ChooseService(service="id-card"))


def to_offer(visitor: Any, offer: Offer) -> Any:
    return to_confirm(visitor).does(e.OfferReceived(request_id="kiosk-1:test:0", offer=offer))


def to_referred(visitor: Any, offer: Offer, referral: ReferralAnswer) -> Any:
    return to_offer(visitor, offer).does(
        e.ChooseOffer(), e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral)
    )


def test_an_offer_is_requested_as_soon_as_the_service_is_chosen(visitor: Any) -> None:
    to_confirm(visitor)
    assert (visitor.page, visitor.effects) == (Step.CONFIRM, [FindOffer(request=OFFER_REQUEST)])


def test_a_site_of_no_county_requests_no_offer(newcomer: Any) -> None:
    assert to_confirm(newcomer.twin()).effects == []


def test_a_visitor_accepts_an_offer_and_gets_a_number_at_the_other_site(
    visitor: Any, offer: Offer, referral: ReferralAnswer
) -> None:
    pages = [to_offer(visitor, offer).page]
    pages.append(visitor.does(e.ChooseOffer()).page)
    pages.append(visitor.does(e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral)).page)
    printout = visitor.state.printout
    pages.append(visitor.does(e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.PRINTED)).page)
    assert visitor.state.printout.progress is PrintProgress.PRINTED
    pages.append(visitor.does(e.Done()).page)

    assert pages == [Overlay.OFFER, Step.RESERVING, Step.REFERRED, Step.REFERRED, Step.WELCOME]
    assert printout == printout_of(referral, printout.service, menu=visitor.state.menu, language=Language.ZH)
    assert printout.service.id == "id-card"
    assert visitor.effects == [
        FindOffer(request=OFFER_REQUEST),
        SubmitRequest(request=ACCEPTED),
        Print(printout=printout),
    ]
    assert visitor.state == reset(visitor.state)


def test_a_ticket_issued_here_names_the_offer_that_was_declined(visitor: Any, offer: Offer) -> None:
    to_offer(visitor, offer).does(e.Confirm())
    assert visitor.page is Step.ISSUING
    assert visitor.effects[-1] == SubmitRequest(
        request=IssueTicket(request_id="kiosk-1:test:1", service="id-card", offer="offer-1")
    )


def test_a_ticket_requested_before_the_offer_came_declines_nothing_and_stays_undisturbed(
    visitor: Any, offer: Offer
) -> None:
    to_confirm(visitor).does(e.Confirm(), e.OfferReceived(request_id="kiosk-1:test:0", offer=offer))
    assert (visitor.page, visitor.state.offer) == (Step.ISSUING, None)
    assert visitor.effects[-1] == SubmitRequest(request=IssueTicket(request_id="kiosk-1:test:1", service="id-card"))


def test_an_offer_that_comes_under_a_finger_is_not_chosen_by_it(visitor: Any, offer: Offer) -> None:
    to_offer(visitor, offer).does(e.ChooseOffer(), after_s=0.3)
    assert visitor.page is Overlay.OFFER
    assert visitor.does(e.ChooseOffer(), after_s=0.2).page is Step.RESERVING


def test_an_offer_for_what_was_chosen_before_is_not_shown(visitor: Any, offer: Offer) -> None:
    to_confirm(visitor).does(e.Back(), e.ChooseService(service="household"))
    visitor.does(e.OfferReceived(request_id="kiosk-1:test:0", offer=offer))
    assert (visitor.page, visitor.state.offer) == (Step.CONFIRM, None)
    assert visitor.effects[-1].request.service == "household"


def test_a_protected_class_has_an_offer_of_its_own(visitor: Any, offer: Offer) -> None:
    to_offer(visitor, offer).does(e.OpenPriorities())
    assert visitor.twin().does(e.Back()).page is Overlay.OFFER
    visitor.does(e.ChoosePriority(priority="elderly"))
    assert (visitor.page, visitor.state.offer) == (Step.CONFIRM, None)
    assert visitor.effects[-1] == FindOffer(
        request=RequestOffer(request_id="kiosk-1:test:1", service="id-card", priority="elderly")
    )


def test_an_offer_that_comes_while_the_class_is_chosen_is_shown_after_it(visitor: Any, offer: Offer) -> None:
    to_confirm(visitor).does(e.OpenPriorities(), e.OfferReceived(request_id="kiosk-1:test:0", offer=offer))
    assert visitor.page is Step.PRIORITY
    assert visitor.does(e.Back()).page is Overlay.OFFER


def test_the_language_of_the_choice_is_the_papers(visitor: Any, offer: Offer, referral: ReferralAnswer) -> None:
    to_offer(visitor, offer).does(e.ToggleLanguage(), e.ToggleTextSize())
    assert (visitor.page, visitor.state.large) == (Overlay.OFFER, True)
    visitor.does(e.ChooseOffer(), e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral))
    assert visitor.effects[1].request.language is Language.EN
    assert visitor.effects[2].printout.language is Language.EN


@pytest.mark.parametrize(
    ("news", "sentence"),
    [
        (
            e.RequestRefused(request_id="kiosk-1:test:1", message=FULL, error="place_refused"),
            "对方大厅现在不能受理，没有转过去。请在这里取号，不用重新选择。",
        ),
        (
            e.RequestUnanswered(request_id="kiosk-1:test:1"),
            "对方大厅没有及时答复。请在这里取号，不用重新选择。",
        ),
    ],
)
def test_a_refused_place_is_explained_and_the_number_here_is_one_touch_away(
    visitor: Any, offer: Offer, news: e.News, sentence: str
) -> None:
    to_offer(visitor, offer).does(e.ChooseOffer(), news)
    assert (visitor.page, visitor.state.refusal.zh) == (Step.NO_PLACE, sentence)
    assert visitor.twin().does(e.Back()).page is Step.CONFIRM
    visitor.does(e.Confirm())
    assert visitor.page is Step.ISSUING
    assert visitor.effects[-1] == SubmitRequest(request=IssueTicket(request_id="kiosk-1:test:2", service="id-card"))


def test_a_silent_hub_ends_the_wait_for_a_place_and_its_late_answer_is_not_shown(
    visitor: Any, offer: Offer, referral: ReferralAnswer
) -> None:
    to_offer(visitor, offer).does(e.ChooseOffer()).waits(6)
    assert visitor.page is Step.NO_PLACE
    visitor.does(e.ReferralReceived(request_id="kiosk-1:test:1", referral=referral))
    assert (visitor.page, visitor.state.printout) == (Step.NO_PLACE, None)


def test_a_double_touch_requests_one_place(visitor: Any, offer: Offer) -> None:
    to_offer(visitor, offer).does(e.ChooseOffer(), e.ChooseOffer(), e.ChooseOffer(), after_s=0.7)
    assert visitor.effects == [FindOffer(request=OFFER_REQUEST), SubmitRequest(request=ACCEPTED)]


def test_the_hub_away_covers_an_offer_and_its_return_shows_it_again(
    visitor: Any, offer: Offer, county_menu: ServicesAnswer
) -> None:
    to_offer(visitor, offer).does(e.MenuMissed(), e.MenuMissed())
    assert visitor.page is Overlay.STAFF
    assert visitor.does(e.MenuReceived(menu=county_menu)).page is Overlay.OFFER


def test_a_ticket_requested_here_is_cancelled_when_its_visitor_accepts_the_offer_after_all(
    visitor: Any, offer: Offer, county_menu: ServicesAnswer
) -> None:
    to_offer(visitor, offer).does(e.Confirm(), e.RequestUnanswered(request_id="kiosk-1:test:1"))
    visitor.does(e.MenuReceived(menu=county_menu), e.ChooseOffer())
    assert visitor.page is Step.RESERVING
    assert visitor.effects[2:] == [
        CancelUnclaimed(request=visitor.effects[1].request),
        SubmitRequest(request=AcceptOffer(request_id="kiosk-1:test:2", offer="offer-1", language=Language.ZH)),
    ]


def test_a_number_there_stays_when_the_hub_goes_away_or_the_hall_closes(
    visitor: Any, offer: Offer, referral: ReferralAnswer
) -> None:
    to_referred(visitor, offer, referral).does(e.MenuMissed(), e.MenuMissed()).with_menu(open=False)
    assert visitor.page is Step.REFERRED


def test_a_printed_number_there_stays_40_seconds_and_one_without_paper_90(
    visitor: Any, offer: Offer, referral: ReferralAnswer
) -> None:
    to_referred(visitor, offer, referral)
    printed = visitor.twin().does(e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.PRINTED))
    assert [printed.waits(39).page, printed.waits(1).page] == [Step.REFERRED, Step.WELCOME]
    failed = visitor.twin().does(e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.FAILED))
    assert [failed.waits(89).page, failed.waits(1).page] == [Step.REFERRED, Step.WELCOME]


@pytest.mark.parametrize("outcome", [PrintOutcome.FAILED, PrintOutcome.UNKNOWN])
def test_the_paper_of_a_place_that_may_be_missing_is_printed_again_once_however_often_it_is_touched(
    visitor: Any, offer: Offer, referral: ReferralAnswer, outcome: PrintOutcome
) -> None:
    to_referred(visitor, offer, referral).does(e.PrintReported(ticket=referral.ticket, outcome=outcome))
    assert visitor.state.printout.may_reprint
    visitor.does(e.PrintAgain(), e.PrintAgain())
    assert (visitor.page, visitor.state.printout.progress) == (Step.REFERRED, PrintProgress.PRINTING)
    prints = [effect for effect in visitor.effects if isinstance(effect, Print)]
    assert [(each.printout.reprint, each.printout.job_owner) for each in prints] == [(False, "r-1"), (True, "r-1")]
    visitor.does(e.PrintReported(ticket=referral.ticket, outcome=outcome), e.PrintAgain())
    assert (len(visitor.effects), visitor.state.printout.may_reprint) == (4, False)


def test_a_printed_place_is_not_printed_again(visitor: Any, offer: Offer, referral: ReferralAnswer) -> None:
    printed = e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.PRINTED)
    to_referred(visitor, offer, referral).does(printed, e.PrintAgain())
    assert [type(effect) for effect in visitor.effects] == [FindOffer, SubmitRequest, Print]


def test_a_refused_reprint_of_a_place_shows_the_hubs_sentence_and_is_offered_again_only_without_an_answer(
    visitor: Any, offer: Offer, referral: ReferralAnswer
) -> None:
    to_referred(visitor, offer, referral)
    visitor.does(e.PrintReported(ticket=referral.ticket, outcome=PrintOutcome.FAILED), e.PrintAgain())
    later = visitor.twin().does(e.ReprintRefused(ticket=referral.ticket, message=wording.REPRINT_LATER, later=True))
    assert later.state.printout.may_reprint
    visitor.does(e.ReprintRefused(ticket=referral.ticket, message=USED))
    assert (visitor.state.printout.advice, visitor.state.printout.may_reprint) == (USED, False)


def test_an_untouched_offer_warns_and_then_returns_to_welcome(visitor: Any, offer: Offer) -> None:
    to_offer(visitor, offer).waits(46)
    assert warning(visitor.state, at=visitor.now) == 14
    assert visitor.does(e.ChooseOffer(), after_s=0.1).page is Overlay.OFFER
    assert visitor.waits(61).page is Step.WELCOME
    assert visitor.state.offer is None


def test_a_service_without_a_window_is_offered_nowhere_else(visitor: Any, county_menu: ServicesAnswer) -> None:
    missing = next(s for s in county_menu.services if not s.offered)
    visitor.does(e.Start(), e.ChooseDepartment(department=missing.department), e.ChooseService(service=missing.id))
    assert (visitor.state.step, visitor.state.refusal, visitor.effects) == (Step.REFUSED, wording.NOT_OFFERED, [])


def test_a_number_here_after_no_place_is_shown_as_ever(
    visitor: Any, offer: Offer, ticket_of: Callable[..., TicketAnswer]
) -> None:
    to_offer(visitor, offer).does(e.ChooseOffer(), e.RequestUnanswered(request_id="kiosk-1:test:1"), e.Confirm())
    visitor.does(e.TicketReceived(request_id="kiosk-1:test:2", ticket=ticket_of(visitor.state.service)))
    assert (visitor.page, visitor.state.printout.number) == (Step.NUMBER, "A017")
