"""Kiosk, ticket and screen of the example county on a busy morning: the pictures that the README shows.

``JIAOHAO_README_PICTURES=docs/pictures`` takes them anew: ``make readme-pictures``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from equipped_hall import EquippedHall, always_open
from PIL import Image

from protocol.text.waits import UNKNOWN_WAIT

Album = Callable[[str], Path]
LARGEST_BYTES = 300_000
WANTED = {
    "id-card": 6,
    "medical-enrolment": 5,
    "invoice": 4,
    "pension-enrolment": 4,
    "household": 3,
    "property-transfer": 3,
    "medical-reimbursement": 2,
    "social-card": 3,
    "fund-withdrawal": 2,
    "shop-registration": 3,
    "company-registration": 2,
    "elderly-allowance": 1,
}
CALLED_BEFORE = ("window-1", "window-7", "window-3", "window-9", "window-12")


def where_it_is_morning() -> str:
    """Return a time zone in which it is between eight and ten o'clock, on a working day if there is one."""
    now = datetime.now(UTC)
    there = [east for east in range(-12, 15) if (now + timedelta(hours=east)).hour in {8, 9}]
    east = min(there, key=lambda hours: (now + timedelta(hours=hours)).isoweekday() > 5)
    return f"Etc/GMT{-east:+d}"


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[EquippedHall]:
    """The example county's hall with eleven open windows and forty people."""
    catalogue = always_open(tmp_path, changes={"Asia/Shanghai": where_it_is_morning()})
    with EquippedHall(tmp_path, catalogue=catalogue) as hall:
        for window in hall.catalogue.windows:
            if window.id != "window-8":
                hall.at_window(window.id, "open")
        for service, count in WANTED.items():
            for _ in range(count):
                hall.visitor(service)
        for window in CALLED_BEFORE:
            hall.call(window)
        yield hall


@pytest.fixture
def keep(album: Album) -> Callable[[str], Path]:
    """Return where a picture goes: among the journeys' pictures, or where the README has it."""
    readme = os.environ.get("JIAOHAO_README_PICTURES")
    if not readme:
        return lambda name: album(f"lively-{name}")
    Path(readme).mkdir(parents=True, exist_ok=True)
    return lambda name: Path(readme) / f"{name}.png"


def test_a_lively_morning_on_kiosk_ticket_and_screen(
    morning: EquippedHall, keep: Callable[[str], Path], tmp_path: Path
) -> None:
    printer = morning.start_printer()
    kiosk = morning.start_kiosk(printer=printer)
    screen = morning.start_screen(more="highlight_s = 10.0")

    kiosk.touch("start")
    shown = kiosk.finger.wait_for_page("department")
    assert {"公安", "Public security", "8 人等候"} <= set(shown["texts"])
    taken = tmp_path / "taken.png"
    kiosk.finger.save_picture(taken)
    reduce_to(taken, keep("kiosk"))

    kiosk.touch("back")
    ticket = kiosk.issue_ticket("police", "id-card")["ticket"]
    (page,) = printer.wait_for_pages(1, within_s=30)
    assert morning.same_paper(page, ticket)
    reduce_to(page, keep("ticket"))

    called = morning.call("window-10")
    screen.shows(
        lambda view: view["calling"] and all(row["promise"]["zh"] != UNKNOWN_WAIT.zh for row in view["waiting"]),
        what="the promises",
    )
    line = screen.picture(taken)["view"]
    assert (line["rows"][0]["number"], line["rows"][0]["window_label"]) == (called.number, "10")
    assert (line["calling"], line["stale_since"], len(line["rows"]), len(line["waiting"])) == (True, None, 6, 4)
    reduce_to(taken, keep("screen"))


def reduce_to(picture: Path, small: Path) -> None:
    """Save a picture with as few bytes as it takes, with few colours where the eye sees no difference."""
    with Image.open(picture) as taken:
        few = taken if taken.mode == "1" else taken.quantize(128, dither=Image.Dither.NONE)
        few.save(small, format="PNG", optimize=True)
    assert small.stat().st_size < LARGEST_BYTES, f"{small} is too large for the README"
