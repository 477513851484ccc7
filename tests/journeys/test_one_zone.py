"""Every device of a site shows the site's own local time, whatever its file says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from equipped_hall import EquippedHall, always_open

SITE, KIOSK, SCREEN = "Asia/Urumqi", "Europe/Berlin", "America/New_York"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[EquippedHall]:
    catalogue = always_open(tmp_path, changes={'time_zone = "Asia/Shanghai"': f'time_zone = "{SITE}"'})
    with EquippedHall(tmp_path, catalogue=catalogue) as hall:
        yield hall


def test_paper_and_screen_show_the_time_of_their_site(hall: EquippedHall) -> None:
    printer = hall.start_printer()
    kiosk = hall.start_kiosk(printer=printer, more=f'time_zone = "{KIOSK}"')
    screen = hall.start_screen(more=f'time_zone = "{SCREEN}"')
    screen.shows(lambda view: view["clock"] == f"{datetime.now(ZoneInfo(SITE)):%H:%M}", what="the time in Urumqi")

    ticket = kiosk.issue_ticket("police", "id-card")["ticket"]
    assert hall.same_paper(printer.wait_for_pages(1, within_s=30)[0], ticket), "dated by the clock of Urumqi"
    for device, in_file in ((kiosk, KIOSK), (screen, SCREEN)):
        warning = f"time_zone = '{in_file}' in the settings file has no effect: the site's zone is '{SITE}'"
        assert device.output().count(warning) == 1


def test_a_device_whose_file_names_no_zone_follows_its_site(hall: EquippedHall) -> None:
    screen = hall.start_screen()
    screen.shows(lambda view: view["clock"] == f"{datetime.now(ZoneInfo(SITE)):%H:%M}", what="the time in Urumqi")
    assert "time_zone" not in screen.output()
