"""Issued tickets on a real wire to the printer twin: the news for the visitor, and the report to the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer
from hardware.printer.printer_faults import PrinterFault
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, NoPrinter
from hardware.printer.printer_twin import PrinterTwin, TwinFault
from hardware.printer.twin_machine import TwinHabits
from kiosk import wording
from kiosk.state import events as e
from kiosk.state.kiosk_state import Printout, printout_of
from kiosk.workers.print_queue import PrinterHealth, PrintQueue, PrintReports
from protocol.answers import ErrorAnswer, PrintJob, ReferralAnswer, ServicesAnswer, TicketAnswer
from protocol.clients.hub_client import HubClient
from protocol.retained_messages import DeviceStatus
from protocol.vocabulary import DeviceKind, Language, PaperState, PrintOutcome, Text
from runtime.device_presence import DevicePresence

USED = ErrorAnswer(error="reprint_used", message=Text(zh="已经补打过一次。", en="It was printed again already."))
MUTE_FOR_S = 6.0
"""Time limit for a printer that will never answer, seconds."""


def a_job(job: str) -> PrintJob:
    return PrintJob(
        job=job, ticket="t-1", device="kiosk-1", reprint=job in {"job-2", "r-1.2"}, outcome=PrintOutcome.PENDING
    )


class PrintingKiosk:
    """A print queue, its reports and its health, at one printer and one hub."""

    def __init__(self, printer: Printer, hub: Any, news: Any) -> None:
        client = HubClient(hub.address, timeout_s=20)
        hub.answers["POST /v1/tickets/t-1/prints"] = lambda _: (200, a_job("job-2"))
        hub.answers["POST /v1/tickets/r-1/prints"] = lambda _: (200, a_job("r-1.2"))
        for job in ("job-1", "job-2", "r-1.1", "r-1.2"):
            hub.answers[f"POST /v1/prints/{job}/outcome"] = lambda _, job=job: (200, a_job(job))
        self.statuses: list[DeviceStatus] = []
        presence = DevicePresence(site="main-hall", device="kiosk-1", kind=DeviceKind.KIOSK)
        self.health = PrinterHealth(
            printer=printer,
            presence=presence,
            publish=lambda _, payload: self.statuses.append(DeviceStatus.model_validate_json(payload)),
        )
        self.reports = PrintReports(client, device="kiosk-1")
        self.queue = PrintQueue(
            printer=printer,
            client=client,
            reports=self.reports,
            device="kiosk-1",
            ticket_pages="http://192.168.1.10:8080",
            report=news,
            on_result=self.health.note_result,
        )

    def start(self) -> None:
        self.reports.start()
        self.queue.start()
        self.health.start()

    def stop(self) -> None:
        self.queue.stop(within_s=5)
        self.reports.stop(within_s=5)
        self.health.stop(within_s=5)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[PrinterTwin]:
    with PrinterTwin(tmp_path / "paper") as printer:
        yield printer


@pytest.fixture
def printing_at(scripted_hub: Any, news: Any) -> Iterator[Callable[[Any], PrintingKiosk]]:
    kiosks: list[PrintingKiosk] = []

    def open_kiosk(settings: NetworkPrinter | FilePrinter | NoPrinter) -> PrintingKiosk:
        kiosks.append(PrintingKiosk(open_printer(settings), scripted_hub, news))
        kiosks[-1].start()
        return kiosks[-1]

    yield open_kiosk
    for kiosk in kiosks:
        kiosk.stop()


@pytest.fixture
def order(menu: ServicesAnswer, ticket_of: Callable[..., TicketAnswer]) -> Printout:
    service = menu.services[0]
    return printout_of(ticket_of(service), service, menu=menu, language=Language.ZH)


@pytest.fixture
def place(order: Printout, referral: ReferralAnswer) -> Printout:
    return replace(order, answer=referral)


def again(order: Printout) -> Printout:
    return replace(order, reprint=True)


def reports(hub: Any) -> list[tuple[str, str, str]]:
    return [(q.split("/")[3], b["outcome"], b["reason"]) for q, b in hub.received if q.endswith("/outcome")]


def network(twin: PrinterTwin, *, job_limit_s: float = 15) -> NetworkPrinter:
    return NetworkPrinter(driver="network", host="127.0.0.1", port=twin.port, job_limit_s=job_limit_s)


def test_a_printed_ticket_is_reported_to_visitor_and_hub(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    printing_at(network(twin)).queue.enqueue(order)
    assert news.wait_for(e.PrintReported) == e.PrintReported(ticket="t-1", outcome=PrintOutcome.PRINTED, advice=None)
    (page,) = twin.wait_for_pages(1, within_s=30)
    with Image.open(page) as picture:
        assert picture.width == 576
    wait_for(lambda: reports(scripted_hub) == [("job-1", "printed", "")], what="the report")


def test_missing_paper_is_reported_with_the_number_and_after_a_new_roll_a_marked_reprint_comes_out(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    twin.set_fault(TwinFault.PAPER_OUT)
    kiosk = printing_at(network(twin))
    kiosk.queue.enqueue(order)
    reported = news.wait_for(e.PrintReported)
    assert (reported.outcome, reported.advice.zh) == (
        PrintOutcome.FAILED,
        "打印机缺纸，您的号码是 A017，请记下或拍照，并告诉工作人员。",
    )
    wait_for(lambda: kiosk.statuses and kiosk.statuses[-1].paper is PaperState.OUT, what="the status without paper")
    assert kiosk.statuses[-1].faults == [PrinterFault.PAPER_OUT.text]

    twin.set_fault(TwinFault.OK)
    kiosk.queue.enqueue(again(order))
    assert news.wait_for(e.PrintReported, count=2).outcome is PrintOutcome.PRINTED
    wait_for(lambda: kiosk.statuses[-1].paper is PaperState.OK, what="the status with paper")
    assert kiosk.statuses[-1].faults == []
    wait_for(
        lambda: reports(scripted_hub) == [("job-1", "failed", "paper_out"), ("job-2", "printed", "")],
        what="both reports",
    )


def test_paper_that_ends_inside_a_picture_gives_the_next_visitor_a_paper_of_her_own(
    tmp_path: Path, printing_at: Any, order: Printout, place: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    with PrinterTwin(tmp_path / "paper", habits=TwinHabits(keeps_buffer=True)) as twin:
        twin.set_fault(TwinFault.PAPER_OUT, after_bytes=25_000)
        kiosk = printing_at(network(twin))
        kiosk.queue.enqueue(order)
        assert news.wait_for(e.PrintReported).outcome is PrintOutcome.FAILED
        twin.set_fault(TwinFault.OK)
        wait_for(lambda: kiosk.statuses and kiosk.statuses[-1].paper is PaperState.OK, what="the status with paper")
        kiosk.queue.enqueue(place)
        assert news.wait_for(e.PrintReported, count=2).outcome is PrintOutcome.PRINTED
        *_, paper = twin.pages
        with PrinterTwin(tmp_path / "elsewhere") as other:
            printing_at(network(other)).queue.enqueue(place)
            news.wait_for(e.PrintReported, count=3)
            (expected,) = other.pages
        assert paper.read_bytes() == expected.read_bytes()
    expected_reports = [("job-1", "failed", "paper_out"), ("r-1.1", "printed", ""), ("r-1.1", "printed", "")]
    wait_for(lambda: reports(scripted_hub) == expected_reports, what="all reports")


def test_the_paper_of_a_place_at_another_site_is_reported_to_visitor_and_hub(
    twin: PrinterTwin, printing_at: Any, place: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    kiosk = printing_at(network(twin))
    kiosk.queue.enqueue(place)
    assert news.wait_for(e.PrintReported) == e.PrintReported(ticket=place.ticket_id, outcome=PrintOutcome.PRINTED)
    twin.wait_for_pages(1, within_s=30)
    wait_for(lambda: reports(scripted_hub) == [("r-1.1", "printed", "")], what="the report")


def test_a_place_at_another_site_is_reprinted_with_its_mark_by_the_same_rule(
    twin: PrinterTwin, printing_at: Any, place: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    kiosk = printing_at(network(twin))
    kiosk.queue.enqueue(place)
    news.wait_for(e.PrintReported)
    twin.set_fault(TwinFault.PAPER_OUT)
    kiosk.queue.enqueue(place)
    reported = news.wait_for(e.PrintReported, count=2)
    assert reported.advice.zh == "打印机缺纸，您的号码是 PA031，请记下或拍照，并告诉工作人员。"
    twin.set_fault(TwinFault.OK)
    kiosk.queue.enqueue(replace(place, reprint=True))
    assert news.wait_for(e.PrintReported, count=3) == e.PrintReported(
        ticket="b3T5xY0q9LmZ2w1k", outcome=PrintOutcome.PRINTED
    )
    first, second = twin.wait_for_pages(2, within_s=30)
    with Image.open(first) as one, Image.open(second) as other:
        assert other.height > one.height
    expected = [("r-1.1", "printed", ""), ("r-1.1", "failed", "paper_out"), ("r-1.2", "printed", "")]
    wait_for(lambda: reports(scripted_hub) == expected, what="three reports")

    scripted_hub.answers["POST /v1/tickets/r-1/prints"] = lambda _: (409, USED)
    kiosk.queue.enqueue(replace(place, reprint=True))
    refused = news.wait_for(e.ReprintRefused)
    assert refused == e.ReprintRefused(ticket="b3T5xY0q9LmZ2w1k", message=USED.message)
    assert len(twin.pages) == 2


def test_a_second_print_whose_fate_nobody_knows_offers_a_photo_and_no_third(
    twin: PrinterTwin, printing_at: Any, place: Printout, news: Any
) -> None:
    twin.set_fault(TwinFault.MUTE)
    printing_at(network(twin, job_limit_s=MUTE_FOR_S)).queue.enqueue(replace(place, reprint=True))
    assert news.wait_for(e.PrintReported).advice.zh == "请取走小票。没有出票？您的号码是 PA031，请记下或拍照。"


def test_the_reprint_is_longer_by_its_mark(twin: PrinterTwin, printing_at: Any, order: Printout, news: Any) -> None:
    kiosk = printing_at(network(twin))
    kiosk.queue.enqueue(order)
    kiosk.queue.enqueue(again(order))
    first, second = twin.wait_for_pages(2, within_s=30)
    news.wait_for(e.PrintReported, count=2)
    with Image.open(first) as one, Image.open(second) as other:
        assert other.height > one.height


def test_a_reprint_the_hub_refuses_prints_nothing(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, scripted_hub: Any
) -> None:
    kiosk = printing_at(network(twin))
    scripted_hub.answers["POST /v1/tickets/t-1/prints"] = lambda _: (409, USED)
    kiosk.queue.enqueue(again(order))
    assert news.wait_for(e.ReprintRefused) == e.ReprintRefused(ticket="t-1", message=USED.message)
    assert twin.pages == ()


def test_a_reprint_without_the_hub_may_be_requested_later(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, scripted_hub: Any
) -> None:
    kiosk = printing_at(network(twin))
    scripted_hub.losing = 1
    kiosk.queue.enqueue(again(order))
    refused = news.wait_for(e.ReprintRefused)
    assert refused == e.ReprintRefused(ticket="t-1", message=wording.REPRINT_LATER, later=True)


@pytest.mark.parametrize(
    ("fault", "outcome", "advice"),
    [
        (TwinFault.COVER_OPEN, PrintOutcome.FAILED, "打印机的盖子没有合上，您的号码是 A017"),
        (TwinFault.UNPLUGGED, PrintOutcome.FAILED, "打印机没有连接好，您的号码是 A017"),
        (
            TwinFault.MUTE,
            PrintOutcome.UNKNOWN,
            "请取走小票。没有出票？您的号码是 A017，请记下或拍照，也可以再打印一次。",
        ),
    ],
)
def test_each_fault_gives_the_visitor_the_number_and_what_to_do(
    twin: PrinterTwin,
    printing_at: Any,
    order: Printout,
    news: Any,
    fault: TwinFault,
    outcome: PrintOutcome,
    advice: str,
) -> None:
    twin.set_fault(fault)
    printing_at(network(twin, job_limit_s=MUTE_FOR_S)).queue.enqueue(order)
    reported = news.wait_for(e.PrintReported)
    assert reported.outcome is outcome
    assert reported.advice.zh.startswith(advice)
    assert "A017" in reported.advice.en


def test_a_kiosk_without_a_printer_shows_the_number_and_has_no_fault(
    printing_at: Any, order: Printout, news: Any, wait_for: Any
) -> None:
    kiosk = printing_at(NoPrinter(driver="none"))
    kiosk.queue.enqueue(order)
    reported = news.wait_for(e.PrintReported)
    assert (reported.without_printer, reported.advice.zh) == (True, "本机不打印小票。您的号码是 A017，请记下或拍照。")
    wait_for(lambda: len(kiosk.statuses) >= 2, what="the status after the job")
    assert kiosk.statuses[-1].faults == []


def test_a_printer_without_a_status_keeps_the_fault_of_its_last_job(
    tmp_path: Path, printing_at: Any, order: Printout, news: Any, wait_for: Any
) -> None:
    kiosk = printing_at(FilePrinter(driver="file", path=tmp_path / "lp0"))
    kiosk.queue.enqueue(order)
    assert news.wait_for(e.PrintReported).outcome is PrintOutcome.FAILED
    wait_for(lambda: kiosk.statuses[-1].faults == [PrinterFault.UNPLUGGED.text], what="the fault on the status")


def test_a_report_is_repeated_until_the_hub_takes_it_and_holds_up_no_other_ticket(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, scripted_hub: Any, wait_for: Any
) -> None:
    kiosk = printing_at(network(twin))
    scripted_hub.losing = 2
    kiosk.queue.enqueue(order)
    kiosk.queue.enqueue(order)
    news.wait_for(e.PrintReported, count=2)
    wait_for(lambda: len(reports(scripted_hub)) == 4, what="both reports, the first one three times")
    ids = [body["request_id"] for line, body in scripted_hub.received if line.endswith("/outcome")]
    assert [ids.count(i) for i in dict.fromkeys(ids)] == [3, 1]


def test_a_ticket_that_cannot_be_drawn_fails_alone(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any
) -> None:
    kiosk = printing_at(network(twin))
    endless = order.answer.model_copy(update={"page": "/t/" + "x" * 9000})
    kiosk.queue.enqueue(replace(order, answer=endless))
    kiosk.queue.enqueue(order)
    assert news.wait_for(e.PrintReported).outcome is PrintOutcome.FAILED
    assert news.wait_for(e.PrintReported, count=2).outcome is PrintOutcome.PRINTED


def test_a_printer_fault_is_logged_once_and_once_when_it_is_over(
    twin: PrinterTwin, printing_at: Any, order: Printout, news: Any, wait_for: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="kiosk.workers.print_queue")
    twin.set_fault(TwinFault.COVER_OPEN)
    kiosk = printing_at(network(twin))
    for count in (1, 2, 3):
        kiosk.queue.enqueue(order)
        news.wait_for(e.PrintReported, count=count)
    wait_for(lambda: "打印机有问题 / the printer has a fault: " in caplog.text, what="the fault in the log")
    twin.set_fault(TwinFault.OK)
    kiosk.queue.enqueue(order)
    news.wait_for(e.PrintReported, count=4)
    wait_for(lambda: "恢复正常 / over" in caplog.text, what="the end of the fault")
    assert sum("打印机有问题" in message for message in caplog.messages) == 2
