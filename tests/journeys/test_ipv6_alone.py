"""A hall whose name resolves to an IPv6 address alone: every listener, every client, and the code on the paper."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from equipped_hall import EquippedHall, always_open
from hosts_file import knowing
from playwright.sync_api import Browser
from ports import LOCAL, listens
from qr_codes import decoded
from web_visitor import DESK, PASSCODES, PHONE, Visitor

from hardware.panel.lamp import LampState
from hardware.printer.printer_twin import PrinterTwin
from protocol.vocabulary import PrintOutcome

Album = Callable[[str], Path]
NAME, ADDRESS = "hall.test", "::1"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """What stands before a command that knows the name."""
    return knowing({NAME: ADDRESS}, tmp_path_factory.mktemp("hosts"))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, inside: tuple[str, ...]) -> Iterator[EquippedHall]:
    folder = tmp_path_factory.mktemp("hall")
    with EquippedHall(folder, catalogue=always_open(folder), host=ADDRESS, name=NAME, inside=inside) as running:
        yield running


@pytest.fixture(scope="module")
def printer(hall: EquippedHall) -> PrinterTwin:
    return hall.start_printer()


def test_kiosk_printer_panel_and_screen_find_each_other_by_the_name(
    hall: EquippedHall, printer: PrinterTwin, inside: tuple[str, ...]
) -> None:
    assert not listens(hall.port, LOCAL), "the name has no IPv4 address"
    kiosk, screen = hall.start_kiosk(printer=printer, inside=inside), hall.start_screen(inside=inside)
    panel = hall.start_panel("window-1", inside=inside)
    hall.at_window("window-1", "open")
    shown = kiosk.issue_ticket("police", "id-card")
    [paper] = printer.wait_for_pages(1, within_s=60)
    assert decoded(paper) == [f"http://{NAME}:{hall.port}/t/{shown['ticket']}"]
    hall.wait_for_outcome(shown["ticket"], PrintOutcome.PRINTED)
    panel.wait_for_lamp(LampState.FREE)
    panel.press("call")
    screen.painted(
        lambda view: view["rows"] and view["rows"][0]["number"] == shown["number"], what=f"{shown['number']} on top"
    )
    kiosk.stop()


def test_the_codes_of_a_hub_with_an_ipv6_address_lead_to_its_page(
    hall: EquippedHall, printer: PrinterTwin, inside: tuple[str, ...], chromium: Browser, album: Album
) -> None:
    kiosk, papers = hall.start_kiosk(printer=printer, public_url=hall.url, inside=inside), len(printer.pages)
    shown = kiosk.issue_ticket("police", "id-card")
    paper, screen = album("ipv6-paper"), album("ipv6-kiosk")
    shutil.copy(printer.wait_for_pages(papers + 1, within_s=60)[papers], paper)
    kiosk.finger.save_picture(screen)
    hall.remember(shown["ticket"])
    address = f"http://[{ADDRESS}]:{hall.port}/t/{shown['ticket']}"
    assert (decoded(paper), decoded(screen)) == ([address], [address])

    with chromium.new_context(viewport=PHONE) as context:
        phone = Visitor(context.new_page(), hall, album)
        phone.page.goto(decoded(paper)[0])
        assert shown["number"] in phone.page.locator("main").inner_text()
    hall.cancel(shown["ticket"])


def test_the_pages_of_the_staff_work_at_an_ipv6_address(hall: EquippedHall, chromium: Browser, album: Album) -> None:
    hall.access.set_passcode("clerk", PASSCODES["clerk"])
    hall.at_window("window-2", "open")
    window = next(w for w in hall.catalogue.windows if w.id == "window-2")
    ticket = hall.visitor(window.services[0])
    with chromium.new_context(viewport=DESK) as context:
        clerk = Visitor(context.new_page(), hall, album)
        clerk.at_window("window-2")
        clerk.press("call-next")
        clerk.page.locator(".box .number", has_text=ticket.number).wait_for()
        assert (clerk.errors, clerk.foreign_requests()) == ([], [])
