"""Outside its hours the hall issues no numbers, shows when it will, and opens by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from equipped_hall import EquippedHall
from real_hall import SMALL_HALL

from protocol.clients.hub_client import HubRefused

Album = Callable[[str], Path]
TIME_ZONE = "Asia/Shanghai"


def hours(*, today: bool) -> str:
    """Return opening hours that hold now, or only from the day after tomorrow."""
    now = datetime.now(ZoneInfo(TIME_ZONE))
    days = [now.isoweekday(), (now + timedelta(days=1)).isoweekday()] if today else [opening_day().isoweekday()]
    stretch = ("00:00:00", "23:59:59") if today else ("08:30:00", "17:30:00")
    return f"[[hours]]\ndays = {days}\nopen = {stretch[0]}\nclose = {stretch[1]}\n"


def opening_day() -> date:
    """Return the day after tomorrow, when the closed hall opens."""
    return datetime.now(ZoneInfo(TIME_ZONE)).date() + timedelta(days=2)


@pytest.fixture
def closed_hall(tmp_path: Path) -> Iterator[EquippedHall]:
    changes = {"[[areas]]\n": f"{hours(today=False)}\n[[areas]]\n"}
    with EquippedHall(tmp_path, catalogue=SMALL_HALL, changes=changes) as hall:
        yield hall


def test_a_closed_hall_issues_no_numbers_and_opens_by_itself(closed_hall: EquippedHall, album: Album) -> None:
    kiosk, screen = closed_hall.start_kiosk(), closed_hall.start_screen()
    shown = kiosk.finger.wait_for_page("closed")
    opens = opening_day()
    assert {"现在不是办公时间", f"{opens.month}月{opens.day}日 08:30 开始取号"} <= set(shown["texts"])
    assert "start" not in {target["touch"] for target in shown["targets"]}
    kiosk.finger.save_picture(album("kiosk-closed-zh"))
    kiosk.touch("toggle-language")
    shown = kiosk.finger.wait_for(lambda state: state["language"] == "en", what="English")
    assert {"We are closed now", f"Numbers are issued from {opens.day} {opens:%b}, 08:30"} <= set(shown["texts"])
    kiosk.finger.save_picture(album("kiosk-closed-en"))
    assert not screen.views()[-1]["open"]
    screen.picture(album("screen-closed"))
    with pytest.raises(HubRefused) as refused:
        closed_hall.visitor("id-card")
    assert refused.value.answer.error == "hall_closed"

    closed_hall.describe(SMALL_HALL.read_text(encoding="utf-8"), {"[[areas]]\n": f"{hours(today=True)}\n[[areas]]\n"})
    closed_hall.restart_hub()
    assert "start" in {target["touch"] for target in kiosk.finger.wait_for_page("welcome")["targets"]}
    screen.shows(lambda view: view["open"], what="an open hall")
    assert kiosk.issue_ticket("tax", "invoice")["number"] == "C001"
