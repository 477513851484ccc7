"""The line that shows clerks and managers what was agreed."""

from __future__ import annotations

from datetime import date

from plain_hall import PlainHall

from protocol.county import Help, Leave
from protocol.vocabulary import Text, WindowState
from server.domain.desk import calls
from server.domain.discipline import window_help
from server.domain.model.catalogue import Catalogue
from server.web.staff.clerk.clerk_view_model import clerk_view
from server.web.staff.manager.manager_view_model import hall_view_model
from server.web.staff.window_lamp import agreed_text

TODAY = date(2026, 3, 2)
THERE = Text(zh="税务中心 3 号窗口", en="window 3, Tax centre")


def open_(hall: PlainHall, name: str, *, elsewhere: Text | None) -> None:
    help_ = Help(
        proposal=name, day=TODAY, window="window-1", services=("id-card", "gone"), opens=True, elsewhere=elsewhere
    )
    hall.do(window_help.agree_windows(hall.hall, [help_], []))


def test_a_closed_window_shows_the_request_to_open_and_whose_clerk_comes(
    small_catalogue: Catalogue,
) -> None:
    hall = PlainHall(small_catalogue)
    assert agreed_text(hall.hall, "window-1") is None
    open_(hall, "p1", elsewhere=None)
    assert agreed_text(hall.hall, "window-1") == Text(
        zh="经理同意：请打开本窗口，办理：居民身份证",
        en="Agreed by the manager: please open this window for Resident ID card",
    )
    open_(hall, "p2", elsewhere=THERE)
    expected = Text(
        zh="经理同意：请打开本窗口，办理：居民身份证（税务中心 3 号窗口 的工作人员过来）",
        en="Agreed by the manager: please open this window for Resident ID card (by the clerk of window 3, Tax centre)",
    )
    assert clerk_view(hall.hall, "window-1").agreed == expected, "the latest counts"
    now = hall_view_model(hall.hall, [], {}, at=hall.moment, clock_trusted=True, broker_connected=True, county=None)
    assert [w.agreed for w in now.windows] == [expected, None, None]
    hall.open("window-1")
    assert clerk_view(hall.hall, "window-1").agreed is None


def test_the_clerks_page_shows_which_further_services_the_window_serves_today(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    assert clerk_view(hall.hall, "window-3").helps is None
    help_ = Help(proposal="p1", day=TODAY, window="window-3", services=("id-card", "household"))
    hall.do(window_help.accept_help(hall.hall, [help_]))
    seen = clerk_view(hall.hall, "window-3")
    assert seen.agreed is None
    assert seen.helps == Text(
        zh="今天也办理：居民身份证、户口登记", en="Also takes today: Resident ID card, Household registration"
    )
    own = small_catalogue.windows[0]
    hall.do(window_help.accept_help(hall.hall, [Help(proposal="p2", day=TODAY, window=own.id, services=own.services)]))
    assert clerk_view(hall.hall, own.id).helps is None, "its own services are no news"


def test_the_clerks_page_shows_the_request_to_pause_and_where_to_go(small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    hall.open("window-2")
    leave = Leave(proposal="p1", day=TODAY, window="window-2", services=("id-card", "household"), elsewhere=THERE)
    hall.do(window_help.agree_windows(hall.hall, [], [leave]))
    assert agreed_text(hall.hall, "window-2") == Text(
        zh="经理同意：本窗口请暂停，前往 税务中心 3 号窗口，办理：居民身份证、户口登记",
        en="Agreed by the manager: please pause this window and go to window 3, Tax centre, "
        "for Resident ID card, Household registration",
    )
    hall.do(calls.set_window(hall.hall, window="window-2", state=WindowState.PAUSED))
    assert agreed_text(hall.hall, "window-2") is None
