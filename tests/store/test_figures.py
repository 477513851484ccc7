"""A day of six visitors, its figures worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from plain_hall import PlainHall
from six_visitors import MIN, six_visitors
from sqlalchemy import Engine

from server.store.database import open_reader
from server.store.faults import StoreFault
from server.store.queries.day_figures import DayFigures, DayFiguresQuery, Figures, percentile
from server.store.queries.promise_figures import PromiseFigures
from server.store.site_store import Store

DAY = date(2026, 3, 2)


def figures_of(
    group: str,
    *,
    issued: int,
    served: int,
    no_show: int = 0,
    cancelled: int = 0,
    waits_min: tuple[float, float, float, float] | None = None,
    waits: int = 0,
    serving_min: tuple[float, float, float] | None = None,
    servings: int = 0,
    walking_min: float | None = None,
    assumed: int = 0,
    waiting: int = 0,
) -> Figures:
    """Return a row; waits as median, P80, P90, longest and serving as mean, median, P90, in minutes."""
    wait = [None] * 4 if waits_min is None else [w * MIN for w in waits_min]
    serving = [None] * 3 if serving_min is None else [s * MIN for s in serving_min]
    return Figures(
        group=group,
        issued=issued,
        served=served,
        assumed=assumed,
        no_show=no_show,
        cancelled=cancelled,
        waiting=waiting,
        waits=waits,
        wait_median_s=wait[0],
        wait_p80_s=wait[1],
        wait_p90_s=wait[2],
        wait_longest_s=wait[3],
        walking_median_s=None if walking_min is None else walking_min * MIN,
        servings=servings,
        serving_mean_s=serving[0],
        serving_median_s=serving[1],
        serving_p90_s=serving[2],
    )


@pytest.fixture
def figures(engine: Engine, store: Store, hall: PlainHall) -> DayFigures:
    """The day's figures."""
    six_visitors(hall)
    with store.transaction() as transaction:
        transaction.write(hall.made)
    return DayFiguresQuery(engine, site="small-hall").day(DAY, time_zone="Asia/Shanghai")


def test_figures_that_cannot_be_read_are_a_fault_of_the_store(tmp_path: Path) -> None:
    figures = DayFiguresQuery(open_reader(tmp_path / "nothing.sqlite"), site="small-hall")
    with pytest.raises(StoreFault):
        figures.days()
    with pytest.raises(StoreFault):
        figures.day(DAY, time_zone="Asia/Shanghai")


def test_the_whole_day_counts_each_visitors_first_wait_and_zero_waits(figures: DayFigures) -> None:
    # first waits 0, 20, 40, 10; serving 10, 10, 6 (until the transfer) and 20; the unmarked start measures nothing
    assert figures.total == figures_of(
        "",
        issued=6,
        served=4,
        no_show=1,
        cancelled=1,
        waits=4,
        waits_min=(10, 40, 40, 40),
        serving_min=(11.5, 10, 20),
        servings=4,
        walking_min=0,
        assumed=1,
        waiting=1,
    )


def test_by_service_a_ticket_is_issued_where_it_started_and_served_where_it_ended(figures: DayFigures) -> None:
    assert figures.by_service == (
        figures_of("household", issued=1, served=0, cancelled=1),
        figures_of(
            "id-card",
            issued=3,
            served=4,
            no_show=1,
            waits=3,
            waits_min=(10, 20, 20, 20),
            serving_min=(40 / 3, 10, 20),
            servings=3,
            walking_min=1,
            assumed=1,
        ),
        figures_of(
            "invoice",
            issued=2,
            served=0,
            waits=1,
            waits_min=(40,) * 4,
            serving_min=(6, 6, 6),
            servings=1,
            walking_min=0,
            waiting=1,
        ),
    )


def test_by_window_every_call_has_its_own_wait(figures: DayFigures) -> None:
    assert figures.by_window == (
        figures_of(
            "window-1",
            issued=0,
            served=2,
            waits=2,
            waits_min=(0, 14, 14, 14),
            serving_min=(15, 10, 20),
            servings=2,
            walking_min=0,
        ),
        figures_of(
            "window-2",
            issued=0,
            served=2,
            no_show=1,
            waits=3,
            waits_min=(10, 20, 20, 20),
            serving_min=(10,) * 3,
            servings=1,
            walking_min=1,
            assumed=1,
        ),
        figures_of(
            "window-3",
            issued=0,
            served=0,
            waits=1,
            waits_min=(40,) * 4,
            serving_min=(6,) * 3,
            servings=1,
            walking_min=0,
        ),
    )


def test_by_hour_everything_counts_in_the_local_hour_of_issue(figures: DayFigures) -> None:
    assert figures.by_hour == (
        figures_of(
            "09:00",
            issued=3,
            served=3,
            no_show=1,
            waits=3,
            waits_min=(20, 40, 40, 40),
            serving_min=(11.5, 10, 20),
            servings=4,
            walking_min=0,
        ),
        figures_of("10:00", issued=3, served=1, cancelled=1, waits=1, waits_min=(10,) * 4, assumed=1, waiting=1),
    )


def test_the_share_within_the_limit_counts_every_visitors_first_wait(
    engine: Engine, store: Store, hall: PlainHall
) -> None:
    six_visitors(hall)
    with store.transaction() as transaction:
        transaction.write(hall.made)
    limits = {"id-card": 20, "invoice": 30, "household": 30}
    figures = DayFiguresQuery(engine, site="small-hall").day(DAY, time_zone="Asia/Shanghai", limits=limits)
    assert figures.total.within_limit == 0.75, "of 0, 20, 10 and 40 minutes only the last is over its 30"
    assert {f.group: f.within_limit for f in figures.by_service} == {"household": None, "id-card": 1.0, "invoice": 0.0}


def test_what_is_assumed_is_counted_apart(engine: Engine, store: Store, hall: PlainHall) -> None:
    first, _, third = hall.issue(), hall.issue(), hall.issue()
    hall.call_next()
    hall.wait(5)
    hall.call_next()
    hall.wait(900)
    hall.call_next()
    with store.transaction() as transaction:
        transaction.write(hall.made)
    figures = DayFiguresQuery(engine, site="small-hall").day(DAY, time_zone="Asia/Shanghai").total
    assert (figures.served, figures.assumed, figures.no_show, figures.assumed_absent) == (1, 1, 0, 1)
    assert hall.hall.tickets[first.id].assumed
    assert hall.hall.tickets[third.id].state == "called"


def test_days_are_listed_latest_first(engine: Engine, store: Store, hall: PlainHall) -> None:
    hall.wait(86_400)
    hall.turn_day()
    with store.transaction() as transaction:
        transaction.write(hall.made)
    assert DayFiguresQuery(engine, site="small-hall").days() == [date(2026, 3, 3), DAY]


def test_promises_are_checked_against_the_first_call(figures: DayFigures) -> None:
    # waits 0, 20, 40 and 10 against 0, 15, 21 and 12; the fifth was withdrawn and the sixth was promised nothing
    assert figures.promises == PromiseFigures(
        checked=4,
        waits=3,
        p50_held=pytest.approx(1 / 3),
        p80_held=pytest.approx(1 / 3),
        p90_held=pytest.approx(2 / 3),
        error_mean_min=6.5,
        late=1,
        ahead_checked=4,
        ahead_error_mean=0.5,
    )


def test_who_came_later_and_was_called_first_was_not_among_the_people_ahead(
    engine: Engine, store: Store, hall: PlainHall
) -> None:
    hall.issue()
    waiting = hall.issue()
    hall.call_next()
    for _ in range(4):
        hall.issue(priority="elderly")
    for _ in range(5):
        hall.wait(300)
        hall.call_next()
    assert hall.hall.tickets[waiting.id].state == "called"
    with store.transaction() as transaction:
        transaction.write(hall.made)
    promises = DayFiguresQuery(engine, site="small-hall").day(DAY, time_zone="Asia/Shanghai").promises
    assert (promises.ahead_checked, promises.ahead_far_off) == (6, 0)


def test_a_day_without_visitors_has_figures_of_nothing(engine: Engine, store: Store) -> None:  # noqa: ARG001 - the tables
    empty = DayFiguresQuery(engine, site="small-hall").day(DAY, time_zone="Asia/Shanghai")
    assert empty == DayFigures(
        day=DAY,
        total=figures_of("", issued=0, served=0),
        by_service=(),
        by_window=(),
        by_hour=(),
        promises=PromiseFigures(checked=0, waits=0),
    )


def test_a_percentile_is_somebodys_own_wait() -> None:
    values = [float(v) for v in range(1, 11)]
    assert [percentile(values, p) for p in (50, 80, 90, 100)] == [5.0, 8.0, 9.0, 10.0]
    assert (percentile([0.0], 50), percentile([], 50)) == (0.0, None)
