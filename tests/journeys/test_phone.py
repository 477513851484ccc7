"""The code on a ticket leads to a page on the visitor's phone: who is ahead, and the window when it is time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from protocol.vocabulary import Language, TicketState

Album = Callable[[str], Path]
PHONE: ViewportSize = {"width": 390, "height": 844}
AHEAD = {Language.ZH: "前面 2 人", Language.EN: "2 people ahead"}
NEXT = {Language.ZH: "前面没有人", Language.EN: "Nobody ahead of you"}
CALLED = {Language.ZH: "请到 6 号窗口", Language.EN: "Please go to window 6"}
DONE = {Language.ZH: "已办结", Language.EN: "Finished"}


@pytest.fixture(scope="module")
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone's browser, without scripts."""
    with chromium.new_context(viewport=PHONE, java_script_enabled=False) as context:
        yield context.new_page()


@pytest.mark.parametrize("language", Language)
def test_the_tickets_page_shows_who_is_ahead_and_then_the_window(
    equipment: Any, phone: Page, album: Album, language: Language
) -> None:
    hall = equipment.hall
    hall.at_window("window-6", "open")
    for _ in range(2):
        hall.visitor("public-rental")
    papers = len(equipment.printer.pages)
    shown = equipment.kiosk.issue_ticket("construction", "public-rental", english=language is Language.EN)
    ticket, number = shown["ticket"], shown["number"]
    hall.remember(ticket)
    assert hall.same_paper(equipment.printer.wait_for_pages(papers + 1, within_s=30)[papers], ticket)

    def page_text() -> str:
        """Open the address of the paper's code; return the text of the page."""
        phone.goto(f"{hall.url}/t/{ticket}")
        return phone.locator("main").inner_text()

    first = page_text()
    assert number in first
    assert AHEAD[language] in first
    phone.screenshot(path=album(f"phone-waiting-{language}"), full_page=True)
    for _ in range(2):
        hall.call("window-6")
        hall.at_window("window-6", "finish")
    assert NEXT[language] in page_text()

    assert hall.call("window-6").id == ticket
    called = page_text()
    assert CALLED[language] in called
    assert AHEAD[language] not in called
    phone.screenshot(path=album(f"phone-called-{language}"), full_page=True)

    hall.at_window("window-6", "start")
    hall.at_window("window-6", "finish")
    assert DONE[language] in page_text()
    assert hall.ticket(ticket).state is TicketState.FINISHED


def test_an_address_that_was_made_up_shows_nobodys_ticket(equipment: Any, phone: Page) -> None:
    equipment.hall.visitor("public-rental")
    answer = phone.goto(f"{equipment.hall.url}/t/AAAAAAAAAAAAAAAA")
    assert answer is not None
    assert answer.status == 404
    assert "没有这张票" in phone.locator("main").inner_text()
