"""Two real kiosks in two real halls of a real county: referred by the one, checked in at the other."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from real_county import RealCounty, until_pushed
from real_hall import RealHall, until

from hardware.printer.printer_twin import PrinterTwin, TwinFault
from protocol.answers import Offer
from protocol.clients.hub_client import HubRefused
from protocol.requests import AcceptOffer, IssueTicket, RequestOffer, StartPrint, WindowRequest
from protocol.vocabulary import Language, TicketState

CROWD = 24
CHOICES = 3
ANSWERED_WITHIN_S = 5.0
NO_PRINTER = 'driver = "none"'


class Hall:
    """A site of the county, as a kiosk's settings name it."""

    def __init__(self, real: RealHall) -> None:
        self.real = real
        self.kiosk = real.client("kiosk-1")

    def open_windows(self) -> None:
        for window in ("window-1", "window-2"):
            self.real.client(window).set_window(window, "open", WindowRequest(request_id=f"{window}:opens"))

    def crowd(self) -> None:
        for i in range(CROWD):
            self.kiosk.issue(IssueTicket(request_id=f"crowd-{i:03}", service="id-card"))

    def state_of(self, ticket: str) -> TicketState:
        return self.real.client("monitor-1").ticket(ticket).state

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """Return what the hub's journal has of a kind, oldest first."""
        with closing(sqlite3.connect(f"file:{self.real.data / 'hall.sqlite'}?mode=ro", uri=True)) as database:
            rows = database.execute("select fact from journal where kind = ? order by seq", (kind,)).fetchall()
        return [json.loads(fact) for (fact,) in rows]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A crowded hall, an empty one six minutes away, and the county that joins them."""
    folder = tmp_path_factory.mktemp("county")
    with (
        RealCounty(folder, ["east", "west"], travel="from,to,minutes\neast,west,6\n") as joined,
        joined.hub("east") as east,
        joined.hub("west") as west,
    ):
        crowded, empty = Hall(east), Hall(west)
        for hall in (crowded, empty):
            hall.open_windows()
        crowded.crowd()
        until_pushed(east)
        until_pushed(west)
        an_offer(crowded)
        yield SimpleNamespace(server=joined, crowded=crowded, empty=empty)


OFFER_IDS = (f"offer-{number:04}" for number in count(1))


def find_offer(hall: Hall) -> Offer | None:
    return hall.kiosk.offer(RequestOffer(request_id=next(OFFER_IDS), service="id-card")).offer


def an_offer(hall: Hall) -> Offer:
    """Request an offer until there is one."""
    return until(lambda: find_offer(hall), what="the crowded hall offers the empty one", within_s=30)


def at(printer: PrinterTwin) -> str:
    return f'driver = "network"\nhost = "127.0.0.1"\nport = {printer.port}\njob_limit_s = 10'


def to_offer(kiosk: Any) -> dict[str, Any]:
    """Walk to the offer page; select again when the hub's answer came too late for the kiosk."""
    kiosk.finger.touch("start")
    kiosk.finger.touch("choose-department:police")
    for _ in range(CHOICES):
        kiosk.finger.touch("choose-service:id-card")
        if is_offered(kiosk):
            break
        kiosk.finger.touch("back")
    return kiosk.finger.wait_for_page("offer")


def is_offered(kiosk: Any) -> bool:
    """Return whether the kiosk shows an offer as soon as its hub can have answered."""
    offered = lambda: kiosk.finger.state()["page"] == "offer"
    give_up = time.monotonic() + ANSWERED_WITHIN_S
    until(lambda: offered() or time.monotonic() > give_up, what="the kiosk has its answer")
    return offered()


def test_a_visitor_accepts_the_other_halls_offer_and_is_checked_in_there_by_the_code_on_the_paper(
    county: SimpleNamespace, start_kiosk: Callable[..., Any], tmp_path: Any
) -> None:
    with PrinterTwin(tmp_path / "paper") as printer:
        here = start_kiosk(county.crowded.real, printer=at(printer), site="east")
        there = start_kiosk(county.empty.real, printer=NO_PRINTER, site="west")
        shown = to_offer(here)
        assert {
            "就在本大厅",
            "城西便民服务中心",
            "中山路 1 号",
            "从现在到叫号，含路上 6 分钟",
            "前面 24 人",
        } <= set(shown["texts"])
        here.finger.touch("choose-offer")
        place = here.finger.wait_for(lambda s: s["paper"] == "printed", what="the paper of the place")
        assert (place["page"], place["number"]) == (
            "referred",
            county.empty.real.client("monitor-1").ticket(place["ticket"]).number,
        )
        assert "print-again" not in {target["touch"] for target in place["targets"]}
        assert len(printer.pages) == 1
    until(lambda: len(county.crowded.facts("print_ended")) == 1, what="the hub journals the paper down")
    assert county.empty.state_of(place["ticket"]) is TicketState.TRAVELLING
    page = county.crowded.real.request("GET", f"/t/{place['ticket']}")
    assert (page.status, place["number"] in page.data.decode()) == (200, True)

    there.finger.wait_for_page("welcome")
    there.finger.scan(f"http://hall.example/t/{place['ticket']}")
    arrived = there.finger.wait_for_page("checked-in")
    assert arrived["checked_in"] == place["number"]
    assert {"已报到", place["number"], "请到 A区 1楼 等候"} <= set(arrived["texts"])
    assert county.empty.state_of(place["ticket"]) is TicketState.WAITING
    there.finger.touch("done")
    assert there.finger.wait_for_page("welcome")["checked_in"] is None


def test_the_missing_paper_of_a_place_is_reprinted_once_and_both_jobs_are_journalled(
    county: SimpleNamespace, start_kiosk: Callable[..., Any], tmp_path: Any
) -> None:
    before = len(county.crowded.facts("print_ended"))
    with PrinterTwin(tmp_path / "paper") as printer:
        printer.set_fault(TwinFault.PAPER_OUT)
        kiosk = start_kiosk(county.crowded.real, printer=at(printer), site="east")
        to_offer(kiosk)
        kiosk.finger.touch("choose-offer")
        place = kiosk.finger.wait_for(lambda s: s["paper"] == "trouble", what="the trouble with the paper")
        assert f"打印机缺纸，您的号码是 {place['number']}" in "".join(place["texts"])
        printer.set_fault(TwinFault.OK)
        kiosk.finger.touch("print-again")
        again = kiosk.finger.wait_for(lambda s: s["paper"] == "printed", what="the reprint")
        assert (again["page"], len(printer.wait_for_pages(1, within_s=30))) == ("referred", 1)
    until(lambda: len(county.crowded.facts("print_ended")) == before + 2, what="the hub journals both jobs down")
    referral = county.crowded.facts("referral_taken")[-1]["referral"]
    assert [fact["job"] for fact in county.crowded.facts("print_started")] == [f"{referral}.2"]
    ended = [(fact["job"], fact["outcome"]) for fact in county.crowded.facts("print_ended")[before:]]
    assert ended == [(f"{referral}.1", "failed"), (f"{referral}.2", "printed")]
    with pytest.raises(HubRefused) as refused:
        county.crowded.kiosk.start_print(referral, StartPrint(request_id="once-more-1"))
    assert refused.value.answer.error == "reprint_used"


def test_a_number_is_checked_in_on_the_keys_and_an_unknown_one_is_explained(
    county: SimpleNamespace, start_kiosk: Callable[..., Any]
) -> None:
    accepted = county.crowded.kiosk.accept_offer(
        AcceptOffer(request_id="accepting-1", offer=an_offer(county.crowded).id, language=Language.EN)
    )
    taken = county.crowded.facts("referral_taken")
    until(lambda: len(county.empty.facts("place_confirmed")) == len(taken), what="the place is confirmed")
    kiosk = start_kiosk(county.empty.real, printer=NO_PRINTER, site="west")
    kiosk.finger.touch("open-check-in")
    kiosk.finger.type_number("A999")
    kiosk.finger.touch("check-in-by-number")
    refused = kiosk.finger.wait_for_page("not-found")
    assert "没有找到转到这里的号码 A999，请核对小票上的地点和号码，或到咨询台问工作人员。" in "".join(refused["texts"])
    kiosk.finger.touch("open-check-in")
    kiosk.finger.type_number(accepted.number)
    kiosk.finger.touch("check-in-by-number")
    arrived = kiosk.finger.wait_for_page("checked-in")
    assert (arrived["checked_in"], arrived["language"]) == (accepted.number, "en")


def test_a_declined_offer_is_journalled_with_the_ticket_issued_here(
    county: SimpleNamespace, start_kiosk: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(county.crowded.real, printer=NO_PRINTER, site="east")
    to_offer(kiosk)
    kiosk.finger.touch("confirm")
    number = kiosk.finger.wait_for_page("number")
    assert county.crowded.state_of(number["ticket"]) is TicketState.WAITING
    offered, issued = county.crowded.facts("offer_made")[-1], county.crowded.facts("ticket_issued")[-1]
    assert (issued["ticket"], issued["offer"]) == (number["ticket"], offered["offer"])


def test_without_the_county_no_place_is_kept_and_the_number_here_is_one_touch_away(
    county: SimpleNamespace, start_kiosk: Callable[..., Any]
) -> None:
    kiosk = start_kiosk(county.crowded.real, printer=NO_PRINTER, site="east")
    to_offer(kiosk)
    county.server.processes[0].kill()
    kiosk.finger.touch("choose-offer")
    refused = kiosk.finger.wait_for_page("no-place")
    assert "对方大厅没有及时答复" in "".join(refused["texts"])
    kiosk.finger.touch("confirm")
    number = kiosk.finger.wait_for_page("number")
    assert county.crowded.state_of(number["ticket"]) is TicketState.WAITING
    assert [fact["reason"] for fact in county.crowded.facts("referral_given_up")] == ["no_answer"]
