"""``jiaohao-admin day``: what a wrong clock has done to the days of a stopped hub is shown, and put right."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from plain_hall import PlainHall
from plain_hub import PlainHub
from real_hall import SMALL_HALL

from protocol import journal as j
from protocol.settings import load_settings
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.hub import admin
from server.store.database import open_writer
from server.store.site_store import Store

NOW = datetime.now(UTC)
FUTURE = NOW.replace(microsecond=0) + timedelta(days=500)
Admin = Callable[..., tuple[int, str]]


@pytest.fixture
def day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Admin:
    (tmp_path / "site.toml").write_text(SMALL_HALL.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "hub.toml").write_text("# defaults\n", encoding="utf-8")

    def run(*options: str) -> tuple[int, str]:
        code = admin.main(["--settings", str(tmp_path / "hub.toml"), "day", *options])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return run


def hall_at(at: datetime) -> PlainHall:
    """Return an open hall whose first day began then."""
    catalogue = load_settings(Catalogue, SMALL_HALL)
    hall = PlainHub(catalogue, catalogue.site, at=at)
    hall.open()
    return hall


def keep(hall: PlainHall, folder: Path) -> None:
    """Write the hall's journal to the database of a stopped hub."""
    store = Store(open_writer(folder / "data" / "hall.sqlite"), site=hall.hall.site.catalogue.site)
    with closing(store), store.transaction() as transaction:
        transaction.write(hall.made)


def issued(folder: Path) -> dict[str, int]:
    """Return how many numbers each business day has in the tables."""
    query = "SELECT business_day, count(*) FROM tickets GROUP BY business_day"
    with closing(sqlite3.connect(folder / "data" / "hall.sqlite")) as database:
        return dict(database.execute(query).fetchall())


def actors(folder: Path, *kinds: str) -> Sequence[tuple[str, str]]:
    """Return who wrote the entries of some kinds."""
    with closing(sqlite3.connect(folder / "data" / "hall.sqlite")) as database:
        rows = database.execute("SELECT kind, actor FROM journal ORDER BY seq").fetchall()
    return [(kind, actor) for kind, actor in rows if kind in kinds]


def local_day(at: datetime) -> str:
    """Return the date at a time, in the hall."""
    return at.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()


def test_a_day_in_the_future_is_shown_and_split_into_its_dates(day: Admin, tmp_path: Path) -> None:
    hall = hall_at(FUTURE)
    hall.trust = ClockTrust.KEPT
    hall.issue()
    for ago, numbers in ((3, 2), (2, 1)):
        hall.moment = j.Moment(at=NOW - timedelta(days=ago), boot=f"boot-{ago}", mono_s=50.0)
        for _ in range(numbers):
            hall.issue()
    keep(hall, tmp_path)
    code, shown = day()
    assert (code, "← 未来 / in the future" in shown) == (0, True)
    code, shown = day("--split", local_day(FUTURE))
    assert code == 0, shown
    assert issued(tmp_path) == {local_day(NOW - timedelta(days=3)): 3, local_day(NOW - timedelta(days=2)): 1}
    assert "future" not in shown
    assert admin.main(["--settings", str(tmp_path / "hub.toml"), "rebuild"]) == 0


def test_the_running_day_becomes_todays(day: Admin, tmp_path: Path) -> None:
    hall = hall_at(FUTURE)
    hall.issue()
    keep(hall, tmp_path)
    code, shown = day("--today")
    assert (code, issued(tmp_path)) == (0, {local_day(NOW): 1}), shown
    assert actors(tmp_path, "day_moved") == [("day_moved", "technician")]


def test_a_past_day_is_moved_to_another_date(day: Admin, tmp_path: Path) -> None:
    hall = hall_at(FUTURE)
    hall.issue()
    keep(hall, tmp_path)
    assert day("--move", local_day(FUTURE), local_day(NOW - timedelta(days=9)))[0] == 0
    assert issued(tmp_path) == {local_day(NOW - timedelta(days=9)): 1}
    code, shown = day("--move", local_day(FUTURE), local_day(NOW))
    assert (code, "no number was issued on that day" in shown) == (1, True)


@pytest.mark.parametrize(("answer", "cancelled"), [("--gone", 1), ("--here", 0)])
def test_a_technician_answers_for_those_left_over(day: Admin, tmp_path: Path, answer: str, cancelled: int) -> None:
    hall = hall_at(NOW - timedelta(days=1))
    hall.issue()
    keep(hall, tmp_path)
    assert "A001" in day()[1]
    assert day(answer)[0] == 0
    assert actors(tmp_path, "ticket_cancelled") == [("ticket_cancelled", "technician")] * cancelled
    code, shown = day(answer)
    assert (code, "nobody of an earlier day is in the queue" in shown) == (1, True)
