"""A visitor of a full hall is sent to an empty one: two real hubs and a county, with the links cut at every step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from bad_link import BadLink, Way
from real_county import RealCounty, until_pushed
from real_hall import RealHall, until

from protocol import journal as j
from protocol.answers import Offer, ReferralAnswer, TicketAnswer
from protocol.clients.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.requests import AcceptOffer, CheckInByCode, EndPrint, IssueTicket, RequestOffer, WindowRequest
from protocol.vocabulary import PrintOutcome, TicketState
from server.store.projection.rebuild import rebuild

FULL, EMPTY = "full", "empty"
QUEUE = 14


@dataclass
class TwoHalls:
    """A full hall and an empty one, six minutes apart, each with a link to the county that has faults on demand."""

    county: RealCounty
    full: RealHall
    empty: RealHall
    links: dict[str, BadLink]
    kiosk: HubClient = field(init=False)
    other_kiosk: HubClient = field(init=False)

    def __post_init__(self) -> None:
        self.kiosk = self.full.client("kiosk-1")
        self.other_kiosk = self.empty.client("kiosk-1")
        for hall in (self.full, self.empty):
            for window in ("window-1", "window-2"):
                hall.client(window).set_window(window, "open", WindowRequest(request_id=new_request_id(window)))
        for _ in range(QUEUE):
            self.kiosk.issue(IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card"))

    def offer(self) -> Offer:
        """Request an offer until there is one: site states and forecasts take a moment."""
        found: list[Offer] = []

        def offered() -> bool:
            request = RequestOffer(request_id=new_request_id("kiosk-1"), service="id-card")
            offer = self.kiosk.offer(request).offer
            found[:] = [offer] if offer else []
            return bool(found)

        until(offered, within_s=40, what="the full hall offers the empty one")
        return found[0]

    def accept(self, offer: Offer, *, request_id: str | None = None) -> ReferralAnswer:
        """Let the visitor accept."""
        return self.kiosk.accept_offer(AcceptOffer(request_id=request_id or new_request_id("kiosk-1"), offer=offer.id))

    def arrive(self, code: str) -> TicketAnswer:
        """Let the visitor check in at the other hall's kiosk."""
        return self.other_kiosk.check_in(CheckInByCode(request_id=new_request_id("kiosk-1"), code=code))

    def call(self, number: str) -> TicketAnswer:
        """Let a clerk of the empty hall call whoever is next until it is this number."""
        client, called = self.empty.client("window-1"), []

        def is_called() -> bool:
            command = WindowRequest(request_id=new_request_id("window-1"))
            called[:] = [client.command_window("window-1", "call-next", command)]
            return called[0].number == number

        until(is_called, what=f"{number} is called")
        return called[0]

    def place(self, ticket: str) -> TicketState:
        """Return the state of a ticket at the empty hall."""
        return self.empty.client("monitor-1").ticket(ticket).state

    def settled(self) -> bool:
        """Whether no referral is open in the county's views."""
        return not any(self.county.view(site).referrals for site in (FULL, EMPTY))

    def taken(self) -> list[str]:
        """Return every place that the full hall has taken for its visitors."""
        return sorted(f.there for f in self.facts(self.full, j.ReferralTaken) if isinstance(f, j.ReferralTaken))

    def confirmed(self) -> list[str]:
        """Return every place that the empty hall has confirmed."""
        facts = self.facts(self.empty, j.PlaceConfirmed)
        return sorted(f.ticket for f in facts if isinstance(f, j.PlaceConfirmed))

    def heal(self) -> None:
        """Mend every link and wait until both journals are pushed."""
        for link in self.links.values():
            link.go(Way.WELL)
        for hall in (self.full, self.empty):
            until_pushed(hall, within_s=60)

    def facts(self, hall: RealHall, kind: type[j.Fact]) -> list[j.Fact]:
        """Return the facts of one kind in a hall's journal, as the county has them."""
        site = FULL if hall is self.full else EMPTY
        past = self.county.client(site).journal_after(0)
        facts = [j.FACT.validate_json(line.fact) for line in past.entries]
        return [fact for fact in facts if isinstance(fact, kind)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoHalls]:
    folder = tmp_path_factory.mktemp("sent")
    with RealCounty(folder, [FULL, EMPTY], travel=f"from,to,minutes\n{FULL},{EMPTY},6\n") as county:
        port = county.processes[0].port
        with (
            BadLink(to=port) as one,
            BadLink(to=port) as other,
            county.hub(FULL, url=one.url) as full,
            county.hub(EMPTY, url=other.url) as empty,
        ):
            yield TwoHalls(county, full, empty, {FULL: one, EMPTY: other})
            for hall in (full, empty):
                hall.hub.stop()
                assert "Traceback" not in hall.hub.output()
                assert rebuild(hall.folder / "data" / "hall.sqlite", hall.catalogue, repair=False).differences == ()


@pytest.fixture
def halls(running: TwoHalls) -> Iterator[TwoHalls]:
    yield running
    running.heal()


def test_a_place_is_held_taken_checked_in_and_called(halls: TwoHalls) -> None:
    offer = halls.offer()
    assert (offer.site.site, offer.site.travel_min) == (EMPTY, 6)
    assert offer.saving_min >= 8
    assert offer.there.low_min >= 5, "the walk is in the promise of the other hall"

    place = halls.accept(offer)
    assert (place.number[0], place.site.site, place.area.en) == ("A", EMPTY, "Area A, 1st floor")
    assert place.print_job is not None
    assert place.print_job.job == f"{place.referral}.1"
    ended = EndPrint(request_id=new_request_id("kiosk-1"), outcome=PrintOutcome.PRINTED)
    assert halls.kiosk.end_print(place.print_job.job, ended).outcome is PrintOutcome.PRINTED
    assert halls.place(place.ticket) is TicketState.TRAVELLING

    until(lambda: halls.facts(halls.empty, j.PlaceConfirmed), what="the other hall knows that the visitor comes")
    assert halls.arrive(place.number).state is TicketState.WAITING
    assert halls.arrive(f"http://hub/t/{place.ticket}").state is TicketState.WAITING, "twice is once"
    assert halls.call(place.number).id == place.ticket


def test_an_offer_is_turned_down_and_used_once(halls: TwoHalls) -> None:
    offer = halls.offer()
    command = IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card", offer=offer.id)
    stayed = halls.kiosk.issue(command)
    until_pushed(halls.full)
    issued = halls.facts(halls.full, j.TicketIssued)
    assert [f.offer for f in issued if isinstance(f, j.TicketIssued) and f.ticket == stayed.id] == [offer.id]

    other = halls.offer()
    request = new_request_id("kiosk-1")
    place = halls.accept(other, request_id=request)
    assert halls.accept(other, request_id=request).referral == place.referral, "the same request has the same answer"
    with pytest.raises(HubRefused) as refused:
        halls.accept(other)
    assert refused.value.answer.error == "offer_gone"


@pytest.mark.parametrize(
    ("site", "way"),
    [(FULL, Way.CUT), (EMPTY, Way.CUT), (FULL, Way.ANSWERS_LOST), (EMPTY, Way.STALLED)],
    ids=["from here, cut", "to there, cut", "from here, answers lost", "to there, stalled"],
)
def test_no_answer_in_three_seconds_is_no_offer(halls: TwoHalls, site: str, way: Way) -> None:
    offer = halls.offer()
    halls.links[site].go(way)
    answers = accept_twice_at_once(halls, offer)
    assert [a.answer.error for a in answers if isinstance(a, HubRefused)] == ["no_answer"] * 2
    assert halls.kiosk.issue(
        IssueTicket(request_id=new_request_id("kiosk-1"), service="id-card", offer=offer.id)
    ).number, "the visitor takes a number here instead"
    halls.heal()
    until(halls.settled, within_s=30, what="both halls have done with it")
    assert halls.confirmed() == halls.taken()


def test_a_place_that_was_held_in_vain_is_released(halls: TwoHalls) -> None:
    """The other hall receives the request, and is cut off before it can answer."""
    offer, before = halls.offer(), len(halls.facts(halls.empty, j.PlaceHeld))
    halls.links[EMPTY].cut_after(b'"asked":"asked"')
    with pytest.raises(HubRefused) as refused:
        halls.accept(offer)
    assert refused.value.answer.error == "no_answer"
    halls.heal()
    until(halls.settled, within_s=30, what="both halls have done with it")
    assert len(halls.facts(halls.empty, j.PlaceHeld)) == before + 1
    assert halls.confirmed() == halls.taken()


def test_who_has_the_paper_checks_in_whatever_the_other_hall_has_received(halls: TwoHalls) -> None:
    """The hall of origin has its answer and is cut off before it can push it: the paper is the proof."""
    offer = halls.offer()
    halls.links[FULL].cut_after(b'"held":"held"')
    place = halls.accept(offer)
    with pytest.raises(HubRefused) as refused:
        halls.arrive(place.number)
    assert refused.value.answer.error == "place_unconfirmed"
    assert halls.arrive(place.page).state is TicketState.WAITING
    assert halls.call(place.number).id == place.ticket
    halls.heal()
    until(halls.settled, within_s=30, what="both halls have done with it")
    assert halls.confirmed() == halls.taken()


def test_the_county_is_killed_and_the_halls_go_on(halls: TwoHalls) -> None:
    offer, place = halls.offer(), halls.accept(halls.offer())
    until_pushed(halls.full)
    halls.county.processes[0].kill()
    with pytest.raises(HubRefused) as refused:
        halls.accept(offer)
    assert refused.value.answer.error == "no_answer"
    assert halls.arrive(place.page).state is TicketState.WAITING
    assert halls.call(place.number).id == place.ticket
    halls.county.start()
    halls.heal()
    until(halls.settled, within_s=30, what="both halls have done with it")
    assert halls.confirmed() == halls.taken()


def test_a_hub_killed_during_a_request_answers_the_same_request_after_its_start(halls: TwoHalls) -> None:
    for _ in range(5):
        offer, request = halls.offer(), new_request_id("kiosk-1")
        answer = accept_and_kill(halls, offer, request)
        halls.full.start_hub()
        if isinstance(answer, HubAway):
            break
        assert isinstance(answer, HubRefused)
        halls.heal()
        until(halls.settled, within_s=30, what="both halls have done with it")
    else:
        raise AssertionError("the hub answered every time before it was killed")
    with pytest.raises(HubRefused) as refused:
        halls.accept(offer, request_id=request)
    assert refused.value.answer.error == "no_answer"
    halls.heal()
    until(halls.settled, within_s=30, what="both halls have done with it")
    assert halls.confirmed() == halls.taken()


def accept_and_kill(halls: TwoHalls, offer: Offer, request: str) -> object:
    """Accept an offer, kill the hub while the other hall is silent, and return what the kiosk received."""
    answers: list[object] = []

    def accept() -> None:
        try:
            answers.append(halls.accept(offer, request_id=request))
        except (HubAway, HubRefused) as error:
            answers.append(error)

    halls.links[EMPTY].go(Way.STALLED)
    thread = threading.Thread(target=accept)
    thread.start()
    until(lambda: halls.county.view(FULL).referrals or answers, what="the county has the request")
    halls.full.hub.kill()
    thread.join()
    return answers[0]


def accept_twice_at_once(halls: TwoHalls, offer: Offer) -> list[object]:
    """Accept an offer, and repeat the same request while the first is still waiting."""
    request, answers = new_request_id("kiosk-1"), []

    def accept() -> None:
        try:
            answers.append(halls.accept(offer, request_id=request))
        except HubRefused as refused:
            answers.append(refused)

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
