"""The printer fails: the visitor keeps the number, the staff know, and the paper can be printed once more."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_hall import until

from hardware.printer.printer_faults import PrinterFault
from hardware.printer.twin_machine import TwinFault
from protocol.clients.hub_client import HubRefused
from protocol.requests import StartPrint
from protocol.vocabulary import Language, PaperState, PrintOutcome, TicketState

Album = Callable[[str], Path]


SENTENCES = {
    TwinFault.PAPER_OUT: "打印机缺纸，您的号码是 {}，请记下或拍照，并告诉工作人员。",
    TwinFault.UNPLUGGED: "The printer is not connected. Your number is {}: please note it down or take a photo, "
    "and tell the staff.",
}


@pytest.mark.parametrize(
    ("language", "fault", "published"),
    [
        (Language.ZH, TwinFault.PAPER_OUT, PrinterFault.PAPER_OUT),
        (Language.EN, TwinFault.UNPLUGGED, PrinterFault.UNPLUGGED),
    ],
)
def test_the_number_stays_large_the_fault_is_published_and_one_reprint_comes_out(
    equipment: Any, album: Album, language: Language, fault: TwinFault, published: PrinterFault
) -> None:
    hall, kiosk, printer = equipment.hall, equipment.kiosk, equipment.printer
    papers = len(printer.pages)
    printer.set_fault(fault)
    shown = kiosk.issue_ticket("police", "id-card", english=language is Language.EN)
    ticket, number = shown["ticket"], shown["number"]
    hall.remember(ticket)
    assert (shown["page"], shown["paper"]) == ("number", "trouble")
    assert number in shown["texts"]
    assert words(SENTENCES[fault].format(number)) in words("".join(shown["texts"]))
    kiosk.finger.save_picture(album(f"kiosk-{published}-{language}"))
    hall.wait_for_outcome(ticket, PrintOutcome.FAILED)
    until(lambda: hall.device_status("kiosk-1").faults == [published.text], what=f"the hub has {published}")
    assert hall.device_status("kiosk-1").paper is (
        PaperState.OUT if fault is TwinFault.PAPER_OUT else PaperState.UNKNOWN
    )
    assert hall.ticket(ticket).state is TicketState.WAITING

    printer.set_fault(TwinFault.OK)
    kiosk.touch("print-again")
    shown = kiosk.finger.wait_for(lambda state: state["paper"] == "printed", what="the reprint")
    page = printer.wait_for_pages(papers + 1, within_s=30)[-1]
    shutil.copy(page, album(f"paper-reprint-{language}"))
    assert hall.same_paper(page, ticket, reprint=True)
    hall.wait_for_outcome(ticket, PrintOutcome.PRINTED, reprint=True)
    until(lambda: hall.device_status("kiosk-1").faults == [], what="the hub has that the printer works")
    assert "print-again" not in {target["touch"] for target in shown["targets"]}
    refused = second_reprint(hall, ticket)
    assert (refused.status, refused.answer.error) == (409, "reprint_used")
    assert hall.facts(ticket) == ["ticket_issued", "print_ended", "print_started", "print_ended"]
    assert len(printer.pages) == papers + 1


def test_a_silent_printer_leaves_the_outcome_open_and_the_page_explains_what_to_do(
    equipment: Any, album: Album
) -> None:
    hall, kiosk, printer = equipment.hall, equipment.kiosk, equipment.printer
    printer.set_fault(TwinFault.MUTE)
    shown = kiosk.issue_ticket("police", "id-card")
    ticket, number = shown["ticket"], shown["number"]
    hall.remember(ticket)
    assert shown["paper"] == "unsure"
    assert words(f"请取走小票。没有出票？您的号码是 {number}，请记下或拍照，也可以再打印一次。") in words(
        "".join(shown["texts"])
    )
    kiosk.finger.save_picture(album("kiosk-mute-zh"))
    hall.wait_for_outcome(ticket, PrintOutcome.UNKNOWN)
    until(lambda: hall.device_status("kiosk-1").faults == [PrinterFault.MUTE.text], what="the hub has the fault")

    kiosk.touch("print-again")
    shown = kiosk.finger.wait_for(lambda state: state["paper"] == "unsure", what="the reprint's unknown end")
    hall.wait_for_outcome(ticket, PrintOutcome.UNKNOWN, reprint=True)
    assert "print-again" not in {target["touch"] for target in shown["targets"]}
    assert second_reprint(hall, ticket).answer.error == "reprint_used"


def second_reprint(hall: Any, ticket: str) -> HubRefused:
    """Request one reprint too many, and return the refusal."""
    with pytest.raises(HubRefused) as refused:
        hall.client("kiosk-1").start_print(ticket, StartPrint(request_id=f"kiosk-1:{ticket[:8]}:again"))
    return refused.value


def words(text: str) -> str:
    """Return a text without the breaks and blanks between its lines."""
    return "".join(text.split())
