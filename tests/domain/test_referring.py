"""The rules of a referral one by one; ``test_who_owns_a_referral`` tries them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from plain_county import TRAVEL_MIN, WAIT, PlainCounty, county_of, everywhere
from plain_hall import PlainHall

from protocol import journal as j
from protocol.county import DestinationState, Help, OriginState, Referral, VisitElsewhere
from protocol.vocabulary import Language, PrintOutcome, Promise, TicketId, TicketState, WindowState
from server.domain.desk import calls, issuance
from server.domain.discipline import window_help
from server.domain.forecast.forecast import Quantiles
from server.domain.forecast.wait_times import NOT_KNOWN, WaitFigures, promise_for
from server.domain.model.catalogue import Catalogue, Hours
from server.domain.model.referral_state import OFFER_VALID_S
from server.domain.model.refusals import (
    NoAnswer,
    NoReturnLeft,
    NotReferred,
    OfferGone,
    PlaceNotGranted,
    PlaceUnconfirmed,
    ReprintUsed,
    UnknownTicket,
)
from server.domain.referrals import offers, reconcile, referral_destination, referral_origin
from server.domain.referrals.referred_visits import referred_visits
from server.domain.views import referral_views

HERE, THERE = "here", "there"
KEPT_S = (TRAVEL_MIN + 15) * 60


def referred(described: Catalogue, *, with_ticket: bool = False) -> tuple[PlainCounty, str]:
    """Return two halls after a visitor was referred from one to the other, and the ticket there."""
    county, referral = requested(described, with_ticket=with_ticket)
    for site in (THERE, HERE, THERE):
        county = county.syncs(site)
    paper = county.paper(referral)
    assert paper is not None
    return county, paper.there


def requested(described: Catalogue, *, with_ticket: bool = False) -> tuple[PlainCounty, str]:
    county = county_of(described, HERE, THERE)
    for window in ("window-1", "window-2"):
        county = everywhere(county, lambda c, s, w=window: opened(c, s, w))  # type: ignore[misc]
    ticket = None
    if with_ticket:
        county, ticket = county.issues(HERE)
        county = county.waits(300)
    return county.accepts(HERE, THERE, ticket=ticket)


def opened(county: PlainCounty, site: str, window: str) -> PlainCounty:
    return county.does(site, calls.set_window(county.halls[site], window=window, state=WindowState.OPEN))


def referral_state(**fields: object) -> Referral:
    return Referral.model_validate(
        {
            "referral": "r1",
            "from_site": HERE,
            "to_site": THERE,
            "service": "id-card",
            "language": "zh",
            "priority": None,
            "waited_s": 0.0,
            "travel_min": TRAVEL_MIN,
            "asked": OriginState.ASKED,
            **fields,
        }
    )


# ------------------------------------------------------------------------------------------------- the place there


def test_a_held_place_is_numbered_and_waits_in_no_queue(small_catalogue: Catalogue) -> None:
    county, ticket = referred(small_catalogue, with_ticket=True)
    there = county.halls[THERE]
    place = there.tickets[ticket]
    assert (place.number, place.state, place.from_site, place.confirmed) == ("A001", "travelling", HERE, True)
    assert place.credit_s == 300
    assert there.queues.get("id-card", ()) == ()
    assert place.arrives_in_s(county.clocks[THERE]) == TRAVEL_MIN * 60
    assert place.arrives_in_s(county.waits(240).clocks[THERE]) == TRAVEL_MIN * 60 - 240
    assert "t0" not in county.halls[HERE].tickets
    assert county.halls[HERE].ended[0].state == "referred"


def test_who_checks_in_goes_before_those_who_came_after_the_place_was_held(small_catalogue: Catalogue) -> None:
    county, ticket = referred(small_catalogue)
    county, later = county.issues(THERE)
    call = calls.call_next(county.halls[THERE], window="window-2", at=county.clocks[THERE])
    assert [f.ticket for f in call if isinstance(f, j.TicketCalled)] == [later], "who is on the way is skipped"
    county, last = county.waits(500).issues(THERE)
    county = county.does(THERE, referral_destination.check_in(county.halls[THERE], code=ticket))
    assert [t.id for t in county.halls[THERE].queues["id-card"]] == [ticket, later, last]


def test_the_origin_learns_what_became_of_a_visitor_who_checked_in(small_catalogue: Catalogue) -> None:
    county, ticket = referred(small_catalogue, with_ticket=True)

    def visits(county: PlainCounty) -> list[VisitElsewhere]:
        return referred_visits(county.pushes(THERE).pushes(HERE).known_halls, HERE)

    def does(county: PlainCounty, facts: tuple[j.AnyFact, ...]) -> PlainCounty:
        return county.does(THERE, facts)

    assert visits(county) == [], "on the way"
    came = does(county, referral_destination.check_in(county.halls[THERE], code=ticket))
    assert visits(came) == [VisitElsewhere(ticket=ticket, state=TicketState.WAITING)]
    called = does(came, calls.call_next(came.halls[THERE], window="window-2", at=came.clocks[THERE]))
    assert visits(called) == [VisitElsewhere(ticket=ticket, state=TicketState.CALLED, window_label="2")]
    assert visits(does(called, (issuance.cancel(called.halls[THERE], ticket=ticket),))) == [
        VisitElsewhere(ticket=ticket)
    ]
    late = county.waits(KEPT_S + 1).expires(THERE)
    assert visits(late) == [], "never came"
    assert referred_visits(came.known_halls, THERE) == []


@pytest.mark.parametrize("code", ["A001", "a001", " a 001", "{id}", "/t/{id}", "http://10.0.0.2:8080/t/{id}", "t0"])
def test_a_visitor_checks_in_by_number_by_code_or_by_the_old_paper(small_catalogue: Catalogue, code: str) -> None:
    county, ticket = referred(small_catalogue, with_ticket=True)
    facts = referral_destination.check_in(county.halls[THERE], code=code.format(id=ticket))
    assert facts == (j.TicketArrived(ticket=ticket),)
    county = county.does(THERE, facts)
    assert referral_destination.check_in(county.halls[THERE], code=code.format(id=ticket)) == (), "twice is once"


def test_before_the_place_is_taken_only_its_own_code_checks_a_visitor_in(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue, with_ticket=True)
    county = county.syncs(THERE)
    there = county.halls[THERE]
    (place,) = there.tickets.values()
    for code in (place.number, "t0"):
        with pytest.raises(PlaceUnconfirmed):
            referral_destination.check_in(there, code=code)
    with pytest.raises(PlaceUnconfirmed):
        calls.call_number(there, window="window-1", number=place.number, at=county.clocks[THERE])
    with pytest.raises(PlaceUnconfirmed):
        issuance.cancel(there, ticket=place.id)
    arrived = referral_destination.check_in(there, code=f"/t/{place.id}")
    assert [type(f) for f in arrived] == [j.PlaceConfirmed, j.TicketArrived]


def test_a_clerk_confirms_a_paper_but_not_before_anybody_can_have_come(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue)
    county = county.syncs(THERE)
    (place,) = county.halls[THERE].tickets
    with pytest.raises(PlaceUnconfirmed):
        referral_destination.check_in_by_clerk(county.halls[THERE], ticket=place, at=county.clocks[THERE])
    later = county.waits(referral_destination.SETTLING_S).clocks[THERE]
    facts = referral_destination.check_in_by_clerk(county.halls[THERE], ticket=place, at=later)
    assert [type(f) for f in facts] == [j.PlaceConfirmed, j.TicketArrived]


def test_a_taken_place_can_be_called_by_its_number_and_cancelled(small_catalogue: Catalogue) -> None:
    county, ticket = referred(small_catalogue)
    there, at = county.halls[THERE], county.clocks[THERE]
    assert issuance.cancel(there, ticket=ticket).reason == "asked"
    (call,) = calls.call_number(there, window="window-1", number="A001", at=at)
    assert isinstance(call, j.TicketCalled)
    assert county.does(THERE, [call]).halls[THERE].tickets[ticket].state == "called"


def test_a_visitor_of_this_hall_has_nothing_to_check_in(small_catalogue: Catalogue) -> None:
    county, ticket = county_of(small_catalogue, HERE).issues(HERE)
    with pytest.raises(NotReferred):
        referral_destination.check_in(county.halls[HERE], code=ticket)
    with pytest.raises(UnknownTicket, match="B999"):
        referral_destination.check_in(county.halls[HERE], code="B999")


def test_a_visitor_of_this_hall_who_missed_the_call_is_sent_to_the_staff(small_catalogue: Catalogue) -> None:
    county, ticket = county_of(small_catalogue, HERE).issues(HERE)
    county = opened(county, HERE, "window-1")
    county = county.does(HERE, calls.call_next(county.halls[HERE], window="window-1", at=county.clocks[HERE]))
    county = county.does(HERE, calls.mark_no_show(county.halls[HERE], window="window-1", at=county.clocks[HERE]))
    for code in (ticket, "A001"):
        with pytest.raises(NotReferred, match="tell the staff"):
            referral_destination.check_in(county.halls[HERE], code=code)
    back = referral_destination.return_to_queue(county.halls[HERE], ticket=ticket)
    assert [type(fact) for fact in back] == [j.TicketReturned]


def test_a_place_is_kept_for_the_walk_and_the_grace_and_then_comes_back_by_the_rule(
    small_catalogue: Catalogue,
) -> None:
    county, ticket = referred(small_catalogue)
    there = county.halls[THERE]
    assert referral_destination.expire_places(there, at=county.waits(KEPT_S).clocks[THERE]) == []
    county = county.waits(KEPT_S + 1).expires(THERE)
    assert county.halls[THERE].tickets[ticket].state == "no_show"
    others = []
    for _ in range(5):
        county, other = county.issues(THERE)
        others.append(other)
    county = county.does(THERE, referral_destination.check_in(county.halls[THERE], code="A001"))
    queue = [t.id for t in county.halls[THERE].queues["id-card"]]
    assert queue == [*others[:3], ticket, *others[3:]]
    county = county.does(THERE, referral_destination.check_in(county.halls[THERE], code="A001"))
    number = calls.call_number(county.halls[THERE], window="window-1", number="A001", at=county.clocks[THERE])
    county = county.does(THERE, number)
    county = county.does(THERE, calls.mark_no_show(county.halls[THERE], window="window-1", at=county.clocks[THERE]))
    with pytest.raises(NoReturnLeft):
        referral_destination.check_in(county.halls[THERE], code="A001")


def test_a_place_is_refused_by_the_same_rules_as_a_number(small_catalogue: Catalogue) -> None:
    def answer(catalogue: Catalogue, now: datetime | None = None, **fields: object) -> j.PlaceHeld | j.PlaceRefused:
        hall = PlainHall(catalogue).hall
        return referral_destination.reserve_place(hall, referral_state(**fields), ticket="p1", wait=NOT_KNOWN, now=now)

    def reason(refused: j.PlaceHeld | j.PlaceRefused) -> str:
        assert isinstance(refused, j.PlaceRefused)
        return refused.reason

    assert reason(answer(small_catalogue, service="passport")) == "unknown_service"
    window = small_catalogue.windows[2]
    unserved = small_catalogue.model_copy(update={"windows": (window,)})
    assert reason(answer(unserved)) == "service_not_served"

    nine_to_ten = Hours.model_validate({"days": [1], "open": "09:00", "close": "10:00"})
    hours = small_catalogue.model_copy(update={"hours": (nine_to_ten,)})
    beijing = timezone(timedelta(hours=8))
    almost_nine, almost_ten = (datetime(2026, 3, 2, hour, 55, tzinfo=beijing) for hour in (8, 9))
    assert isinstance(answer(hours, almost_nine), j.PlaceHeld), "it is open when the visitor arrives"
    assert reason(answer(hours, almost_ten)) == "hall_closed"
    assert isinstance(answer(hours, None), j.PlaceHeld)


def test_a_place_is_written_with_the_fields_of_a_ticket_in_the_order_of_all_journals(
    small_catalogue: Catalogue,
) -> None:
    hall, promise = PlainHall(small_catalogue).hall, Promise(low_min=5, high_min=10)
    held = referral_destination.reserve_place(
        hall, referral_state(), ticket=TicketId("p1"), wait=WaitFigures(0, promise), now=None
    )
    assert held.model_dump_json() == (
        '{"ticket":"p1","kind":"place_held","referral":"r1","from_site":"here","number":"A001","letter":"A","count":1,'
        '"service":"id-card","language":"zh","priority":null,"travel_min":10.0,"waited_s":0.0,"people_ahead":0,'
        '"promise":{"low_min":5,"high_min":10,"p50_min":null,"p80_min":null,"p90_min":null},"from_ticket":null}'
    )


def test_a_priority_class_the_other_hall_does_not_know_is_none(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue).hall
    held = [
        referral_destination.reserve_place(
            hall, referral_state(priority=priority), ticket="p1", wait=NOT_KNOWN, now=None
        )
        for priority in ("elderly", "veteran")
    ]
    assert [h.priority for h in held if isinstance(h, j.PlaceHeld)] == ["elderly", None]


def test_a_place_held_anew_under_another_id_is_released(small_catalogue: Catalogue) -> None:
    county = county_of(small_catalogue, HERE, THERE)
    county = county.reconciles(THERE, [referral_state()])
    (place,) = county.halls[THERE].tickets
    released = referral_destination.on_origin_decision(
        county.halls[THERE], referral_state(asked=OriginState.TAKEN, ticket="an-earlier-one")
    )
    assert released == (j.TicketCancelled(ticket=place, reason="referral_given_up"),)


def test_no_day_ends_over_a_place_that_may_just_be_taken(small_catalogue: Catalogue) -> None:
    """A visitor of yesterday is left over; a place was reserved a moment before midnight."""
    county = county_of(small_catalogue, HERE, THERE)
    county = county.does(THERE, calls.set_window(county.halls[THERE], window="window-1", state=WindowState.OPEN))
    county, _ = county.issues(THERE)
    county = county.waits(15 * 3600 - 10).reconciles(THERE, [referral_state()]).waits(20)
    (place,) = [t.id for t in county.halls[THERE].tickets.values() if t.referral is not None]
    ended = county.ends_day(THERE)
    assert list(ended.halls[THERE].tickets) == [place]
    later = ended.waits(referral_destination.SETTLING_S).ends_day(THERE)
    assert later.halls[THERE].tickets == ended.halls[THERE].tickets, "whoever asks, it is that day's already"


# --------------------------------------------------------------------------------------------- the site of origin


def test_the_paper_has_all_that_the_other_hall_sent(small_catalogue: Catalogue) -> None:
    county, ticket = referred(small_catalogue, with_ticket=True)
    here, at = county.halls[HERE], county.clocks[HERE]
    place = referral_views.referral_of_ticket(here, "t0")
    assert place is not None
    assert place == referral_views.referral_of_place(here, ticket)
    assert (place.number, place.ticket, place.page) == ("A001", ticket, f"/t/{ticket}")
    assert (place.site.site, place.area.en) == (THERE, "Area A, 1st floor")
    assert place.kept_until == at.at + timedelta(seconds=KEPT_S)
    assert place.promise == WAIT
    assert place.print_job is not None
    assert (place.print_job.job, place.print_job.device) == (f"{place.referral}.1", "kiosk-1")
    assert referral_views.referral_of_ticket(here, "another") is None


@pytest.mark.parametrize(
    ("newer", "printed"),
    [
        (None, (30, 45)),
        (Promise(low_min=0, high_min=5), (30, 45)),
        (Promise(low_min=40, high_min=45), (30, 45)),
        (Promise(low_min=35, high_min=60), (35, 60)),
        (Promise(low_min=5, high_min=50), (10, 50)),
    ],
    ids=["unknown there", "better", "as accepted", "worse", "worse and from below the travel"],
)
def test_the_paper_shows_the_accepted_range_or_a_newer_one_that_is_worse(
    small_catalogue: Catalogue, newer: Promise | None, printed: tuple[int, int]
) -> None:
    county, _ = referred(small_catalogue)
    (found,) = county.halls[HERE].referrals.values()
    promise = referral_views.promise_on_paper(found, newer)
    assert (promise.low_min, promise.high_min) == printed


def test_the_paper_of_a_place_is_printed_again_once_also_when_the_first_is_long_in_the_journal(
    small_catalogue: Catalogue,
) -> None:
    county, _ = referred(small_catalogue, with_ticket=True)
    (referral,) = county.halls[HERE].referrals
    failed = issuance.end_print(
        county.halls[HERE], job=f"{referral}.1", outcome=PrintOutcome.FAILED, reason="paper_out"
    )
    county = county.does(HERE, failed)
    county = county.does(HERE, [issuance.reprint(county.halls[HERE], ticket=referral, device="kiosk-1")])
    again = county.halls[HERE].prints[referral][-1]
    assert (again.job, again.reprint, again.outcome) == (f"{referral}.2", True, PrintOutcome.PENDING)
    done = issuance.end_print(county.halls[HERE], job=again.job, outcome=PrintOutcome.PRINTED, reason="")
    county = county.does(HERE, done).restarts(HERE)
    with pytest.raises(ReprintUsed) as used:
        issuance.reprint(county.halls[HERE], ticket=referral, device="kiosk-2")
    assert used.value.message.en == "A001 was printed again already, please ask the staff"


def test_neither_the_old_ticket_nor_a_referral_that_was_not_taken_has_paper_to_print_again(
    small_catalogue: Catalogue,
) -> None:
    county, _ = referred(small_catalogue, with_ticket=True)
    with pytest.raises(UnknownTicket):
        issuance.reprint(county.halls[HERE], ticket="t0", device="kiosk-1")
    waiting, referral = requested(small_catalogue)
    with pytest.raises(UnknownTicket):
        issuance.reprint(waiting.halls[HERE], ticket=referral, device="kiosk-1")


def test_an_answer_counts_for_three_seconds(small_catalogue: Catalogue) -> None:
    county, referral = requested(small_catalogue)
    county = county.syncs(THERE).pushes(THERE)
    answers = county.referral_states(HERE)
    in_time = county.waits(3.0).reconciles(HERE, answers).halls[HERE].referrals[referral]
    assert in_time.state is OriginState.TAKEN
    late = county.waits(3.5).reconciles(HERE, answers).halls[HERE].referrals[referral]
    assert (late.state, late.reason) == (OriginState.GIVEN_UP, "no_answer")


def test_nobody_waits_for_an_answer_after_the_machine_has_started_again(small_catalogue: Catalogue) -> None:
    """Its wall clock may have been set back by hours, so that no time seems to have passed."""
    county, referral = requested(small_catalogue)
    county = county.syncs(THERE).pushes(THERE)
    clock = county.clocks[HERE]
    again = j.Moment(at=clock.at - timedelta(hours=2), boot="again", mono_s=1.0)
    rebooted = replace(county, clocks={**county.clocks, HERE: again})
    given_up = rebooted.reconciles(HERE, county.referral_states(HERE)).halls[HERE].referrals[referral]
    assert (given_up.state, given_up.reason) == (OriginState.GIVEN_UP, "no_answer")


def test_who_is_called_here_stays_here(small_catalogue: Catalogue) -> None:
    county, referral = requested(small_catalogue, with_ticket=True)
    county = county.syncs(THERE)
    call = calls.call_next(county.halls[HERE], window="window-1", at=county.clocks[HERE])
    county = county.does(HERE, call).syncs(HERE)
    given_up = county.halls[HERE].referrals[referral]
    assert (given_up.state, given_up.reason) == (OriginState.GIVEN_UP, "called_here")
    county = county.syncs(THERE)
    assert county.halls[THERE].tickets == {}


def test_who_leaves_meanwhile_goes_nowhere(small_catalogue: Catalogue) -> None:
    county, referral = requested(small_catalogue, with_ticket=True)
    county = county.does(HERE, [issuance.cancel(county.halls[HERE], ticket="t0")]).expires(HERE)
    assert county.halls[HERE].referrals[referral].reason == "changed_mind"


@pytest.mark.parametrize("held", [DestinationState.REFUSED, DestinationState.ENDED])
def test_a_refusal_is_an_answer(small_catalogue: Catalogue, held: DestinationState) -> None:
    county, referral = requested(small_catalogue)
    county = county.reconciles(HERE, [referral_state(referral=referral, held=held)])
    assert county.halls[HERE].referrals[referral].reason == "refused"


def test_a_day_ends_what_nothing_has_come_of(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue, with_ticket=True)
    county = county.waits(26 * 3600).turns_day(HERE)
    facts = county.facts(HERE)
    assert [f.reason for f in facts if isinstance(f, j.ReferralGivenUp)] == ["day_ended"]
    assert county.halls[HERE].referrals == {}


def test_each_reason_has_its_own_refusal() -> None:
    refusals = {reason: type(referral_origin.refusal_for(reason)) for reason in ("no_answer", "refused", "day_ended")}
    assert refusals == {"no_answer": NoAnswer, "refused": PlaceNotGranted, "day_ended": OfferGone}
    assert referral_origin.refusal_for("called_here").message.zh == "这里已经叫到您了，请留在这里"


# ---------------------------------------------------------------------------------------------------------- offers


def test_an_offer_is_accepted_once_and_soon(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue)
    (offer,) = county.halls[HERE].offers
    with pytest.raises(OfferGone):
        referral_origin.open_offer(county.halls[HERE], offer, at=county.clocks[HERE])
    unused = county.halls[HERE]._replace(referrals={})
    assert referral_origin.open_offer(unused, offer, at=county.waits(OFFER_VALID_S).clocks[HERE])
    for at in (county.waits(OFFER_VALID_S + 1).clocks[HERE], county.reboots(HERE).clocks[HERE]):
        with pytest.raises(OfferGone):
            referral_origin.open_offer(unused, offer, at=at)
    with pytest.raises(OfferGone):
        referral_origin.open_offer(unused, "never-made", at=county.clocks[HERE])


def test_no_offer_is_forgotten_before_its_time_however_many_are_made(small_catalogue: Catalogue) -> None:
    county = county_of(small_catalogue, HERE, THERE)
    for _ in range(300):
        county = county.offers(HERE, THERE, ticket=None).waits(0.25)
    hall, at = county.halls[HERE], county.clocks[HERE]
    assert [referral_origin.open_offer(hall, f"o{n}", at=at).fact.offer for n in (0, 150, 299)] == [
        "o0",
        "o150",
        "o299",
    ]
    later = county.waits(OFFER_VALID_S / 2).offers(HERE, THERE, ticket=None).halls[HERE].offers
    assert (len(later), next(iter(later))) == (241, "o60")
    rebooted = county.reboots(HERE).offers(HERE, THERE, ticket=None)
    assert list(rebooted.restarts(HERE).halls[HERE].offers) == ["o300"]


def test_who_waits_is_shown_the_latest_offer_and_none_while_a_place_is_requested(small_catalogue: Catalogue) -> None:
    county, referral = requested(small_catalogue, with_ticket=True)
    hall, at = county.halls[HERE], county.clocks[HERE]
    assert referral_origin.is_under_way(hall, "t0")
    county = county.does(HERE, [j.ReferralGivenUp(referral=referral, reason="refused")]).waits(5)
    county = county.offers(HERE, THERE, ticket="t0")
    hall, at = county.halls[HERE], county.clocks[HERE]
    assert not referral_origin.is_under_way(hall, "t0")
    shown = offers.last_offer(hall, "t0", at=at)
    assert shown is not None
    assert referral_origin.open_offer(hall, shown.fact.offer, at=at) == shown


def test_those_on_their_way_are_counted_until_the_plan_can_know_of_them(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue)
    county, given_up = county.accepts(HERE, THERE, ticket=None)
    county = county.does(HERE, [j.ReferralGivenUp(referral=given_up, reason="no_answer")]).waits(10)
    hall, at = county.halls[HERE], county.clocks[HERE]
    assert offers.referred_since(hall, service="id-card", since_s=11, at=at) == {THERE: 1}
    assert offers.referred_since(hall, service="id-card", since_s=9, at=at) == {}
    assert offers.referred_since(hall, service="invoice", since_s=11, at=at) == {}


def test_a_promise_has_slipped_when_the_wait_will_probably_be_longer_than_it(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    promised = hall.issue(promise=Promise(low_min=20, high_min=30))
    unpromised = hall.issue()
    hall.wait(600)
    remaining = Quantiles(19.0, 25.0, 30.0)
    longer = remaining._replace(p50_min=21.0)
    assert [offers.promise_slipped(promised, q, at=hall.moment) for q in (remaining, longer, None)] == [
        False,
        True,
        False,
    ]
    assert not offers.promise_slipped(unpromised, longer, at=hall.moment)
    assert not offers.promise_slipped(promised._replace(from_site=THERE), longer, at=hall.moment), (
        "nobody is referred twice"
    )


def test_a_declined_offer_is_written_with_the_number(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue)
    (offer,) = county.halls[HERE].offers

    def issued(declined: str) -> j.TicketIssued:
        return issuance.issue(
            county.halls[HERE],
            service="id-card",
            language=Language.ZH,
            priority=None,
            ticket="t9",
            print_device=None,
            promise=promise_for(Quantiles(1, 3, 4)),
            now=datetime(2026, 3, 2, 2, tzinfo=UTC),
            offer=declined,
        )

    assert issued(offer).offer == offer
    assert issued("never-made").offer is None


# ----------------------------------------------------------------------------------------------- accepted proposals


def test_an_accepted_help_is_written_once_and_opens_no_window(small_catalogue: Catalogue) -> None:
    county = county_of(small_catalogue, HERE)
    today = date(2026, 3, 2)
    helps = [
        Help(proposal="p1", day=today, window="window-3", services=("id-card",), opens=True),
        Help(proposal="p2", day=today, window="window-3", services=("household", "unknown")),
        Help(proposal="p3", day=today, window="window-99", services=("id-card",)),
    ]
    facts = window_help.accept_help(county.halls[HERE], helps)
    assert [(f.proposal, f.services) for f in facts] == [("p1", ("id-card",)), ("p2", ("id-card", "household"))]
    county = county.does(HERE, facts)
    assert county.halls[HERE].window("window-3").helps == ("id-card", "household")
    assert county.halls[HERE].window("window-3").state is WindowState.CLOSED
    assert window_help.accept_help(county.halls[HERE], helps) == []


def test_referrals_between_other_sites_change_nothing_at_a_hub(small_catalogue: Catalogue) -> None:
    hall = county_of(small_catalogue, "third").halls["third"]
    at = PlainHall(small_catalogue).moment
    assert (
        reconcile.reconcile(
            hall, [referral_state(), referral_state(asked=OriginState.TAKEN)], at=at, new_ticket=lambda: "p1"
        )
        == []
    )


def test_no_place_is_held_for_a_site_that_was_silent_for_long(small_catalogue: Catalogue) -> None:
    county, _ = requested(small_catalogue)
    county = county.pushes(HERE)
    states = county.referral_states(THERE)
    assert [(state.asked, state.held) for state in states] == [(OriginState.ASKED, DestinationState.NOTHING)]
    assert reconcile.referral_states(county.known_halls, THERE, silent={HERE}) == []
    assert reconcile.referral_states(county.known_halls, THERE, silent={THERE}) == states
    held = county.reconciles(THERE, states).pushes(THERE)
    remembered = reconcile.referral_states(held.known_halls, HERE, silent={HERE, THERE})
    assert [state.held for state in remembered] == [DestinationState.HELD], (
        "a held place is in the view until it is settled"
    )
