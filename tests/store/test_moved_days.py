"""Days that a wrong clock made: their rows follow the dates, at the hub, merged as at the county, and in a rebuild."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from plain_hall import MORNING, PlainHall
from sqlalchemy import Engine, create_engine, select

from protocol import journal as j
from server.domain.events.apply import apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.store import tables as t
from server.store.projection.project import project
from server.store.projection.rebuild import rebuild
from server.store.projection.row_batch import RowBatch
from server.store.queries.day_figures import NO_HOUR, DayFiguresQuery
from server.store.site_store import Store
from server.store.soundness import repair_newest_day

TODAY, YESTERDAY = date(2026, 3, 2), date(2026, 3, 1)


def wake_up_yesterday(hall: PlainHall) -> None:
    """A Pi shows yesterday's evening; two are served and two wait when it learns the time."""
    hall.trust = ClockTrust.UNCONFIRMED
    hall.moment = j.Moment(at=MORNING - timedelta(hours=16), boot="pi", mono_s=30.0)
    for _ in range(4):
        hall.issue()
    hall.serve("window-1", seconds=200)
    hall.serve("window-2", seconds=100)
    hall.call_next("window-1")
    hall.moment = hall.moment.model_copy(update={"at": MORNING})
    hall.trust = ClockTrust.CONFIRMED
    hall.turn_day()
    hall.issue()
    hall.start("window-1")
    hall.wait(60)
    hall.finish("window-1")


def return_from_the_future(hall: PlainHall) -> None:
    """Numbers of a far day, then an empty hall that comes back, and a date that comes twice."""
    hall.issue()
    hall.serve("window-1", seconds=60)
    for days, boot in ((800, "two"), (-800, "three")):
        hall.moment = j.Moment(at=hall.moment.at + timedelta(days=days), boot=boot, mono_s=30.0)
        hall.turn_day()
        hall.open()
        hall.issue()
        hall.serve("window-1", seconds=60)


HISTORIES: dict[str, Callable[[PlainHall], None]] = {
    "yesterday": wake_up_yesterday,
    "future": return_from_the_future,
}


@pytest.fixture(params=sorted(HISTORIES))
def moved(request: pytest.FixtureRequest, small_catalogue: Catalogue) -> PlainHall:
    hall = PlainHall(small_catalogue, at=MORNING - timedelta(days=request.param == "yesterday"))
    hall.open()
    HISTORIES[request.param](hall)
    return hall


def test_hub_county_and_rebuild_have_the_same_rows(
    moved: PlainHall, store: Store, engine: Engine, path: Path, tmp_path: Path, small_catalogue: Catalogue
) -> None:
    with store.transaction() as transaction:
        transaction.write(moved.made)
    assert store.load(small_catalogue) == moved.hall
    assert rebuild(path, small_catalogue, repair=False).sound
    assert not repair_newest_day(engine, small_catalogue)
    county = create_engine(f"sqlite:///{tmp_path / 'county.sqlite'}")
    t.metadata.create_all(county)
    batch = RowBatch()
    with county.begin() as connection:
        for step in moved.made:
            project(batch, step)
        batch.write(connection)
    for table in t.MADE_FROM_JOURNAL:
        with county.connect() as theirs, engine.connect() as ours:
            query = select(table).order_by(*table.primary_key)
            assert theirs.execute(query).all() == ours.execute(query).all()
    county.dispose()


def test_a_morning_dated_yesterday_is_counted_today_and_has_no_hour(
    store: Store, engine: Engine, small_catalogue: Catalogue
) -> None:
    hall = PlainHall(small_catalogue, at=MORNING - timedelta(days=1))
    hall.open()
    hall.issue()
    hall.serve("window-1", seconds=60)
    wake_up_yesterday(hall)
    with store.transaction() as transaction:
        transaction.write(hall.made)
    figures = DayFiguresQuery(engine, site=small_catalogue.site)
    assert figures.days() == [TODAY, YESTERDAY]
    today, before = (figures.day(d, time_zone="Asia/Shanghai") for d in (TODAY, YESTERDAY))
    assert (today.total.issued, today.total.served, before.total.issued, before.total.served) == (5, 3, 1, 1)
    assert [(row.group, row.issued) for row in today.by_hour] == [("09:00", 1), (NO_HOUR, 4)]
    assert hall.measured() == {"id-card": [60.0, 200.0, 100.0, 60.0]}
    assert {d.day for d in hall.hall.learned.durations["id-card"][1:]} == {TODAY}


def test_the_first_number_since_midnight_is_found_as_in_a_journal_in_memory(moved: PlainHall, store: Store) -> None:
    with store.transaction() as transaction:
        transaction.write(moved.made)
    midnight = moved.moment.before(9 * 3600.0)
    for since in (midnight, moved.moment, moved.moment.before(100.0)):
        expected = moved.numbers.first_since(since, until=moved.moment)
        assert store.numbers.first_since(since, until=moved.moment) == expected
    for day in {*moved.numbers.days().values(), date(2020, 1, 1)}:
        assert store.numbers.counts(day) == moved.numbers.counts(day)


def test_a_journal_of_another_version_has_its_days_as_before(small_catalogue: Catalogue) -> None:
    """What 0.1.0 wrote of a day has none of the new fields."""
    old = '{"kind":"day_started","day":"2026-03-02","notice":{"zh":"","en":""}}'
    fact = j.FACT.validate_json(old)
    assert fact.model_dump_json() == j.DayStarted(day=TODAY).model_dump_json()
    moment = j.Moment(at=datetime(2026, 3, 2, tzinfo=UTC), boot="b", mono_s=1.0)
    entry = j.Entry(seq=1, moment=moment, actor="hub", request_id=None, fact=fact)
    assert (hall := apply(empty_hall(small_catalogue), entry)).day == TODAY
    assert (hall.counts, hall.windows) == ({}, {})
