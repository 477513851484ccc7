"""A day of six visitors, small enough to work its figures out by hand (``tests/store/test_figures.py``)."""

from __future__ import annotations

from plain_hall import MORNING, PlainHall

from protocol.vocabulary import Promise

MIN = 60.0


def to(hall: PlainHall, minute: float) -> None:
    """Let time pass until so many minutes after nine."""
    hall.wait(minute * MIN - (hall.moment.at - MORNING).total_seconds())


def promise_of(low: int, high: int, p50: float, p80: float, p90: float) -> Promise:
    """Return a promise in minutes."""
    return Promise(low_min=low, high_min=high, p50_min=p50, p80_min=p80, p90_min=p90)


def six_visitors(hall: PlainHall) -> None:
    """Nine to half past ten: a zero wait, a no-show that returns, a transfer, an unmarked start, a withdrawal."""
    at_once = hall.issue("id-card", promise=promise_of(0, 5, 0, 0, 1))
    hall.call_number(at_once.number, "window-1")
    to(hall, 1)
    hall.start("window-1")
    to(hall, 5)
    missed = hall.issue("id-card", promise=promise_of(15, 20, 15, 19.5, 25))
    to(hall, 10)
    moved = hall.issue("invoice", promise=promise_of(20, 25, 21, 25, 29))
    to(hall, 11)
    hall.finish("window-1")
    to(hall, 25)
    hall.call_number(missed.number, "window-2")
    to(hall, 27)
    hall.no_show("window-2")
    to(hall, 30)
    hall.return_to_queue(missed.id)
    to(hall, 36)
    hall.call_number(missed.number, "window-2")
    to(hall, 37)
    hall.start("window-2")
    to(hall, 47)
    hall.finish("window-2")
    to(hall, 50)
    hall.call_number(moved.number, "window-3")
    hall.start("window-3")
    to(hall, 56)
    hall.transfer("id-card", "window-3")
    to(hall, 61)
    left = hall.issue("household", promise=promise_of(0, 5, 2, 4, 5))
    to(hall, 62)
    hall.cancel(left.id)
    to(hall, 65)
    unmarked = hall.issue("id-card", promise=promise_of(10, 15, 12, 14, 15))
    to(hall, 70)
    hall.issue("invoice")
    hall.call_number(moved.number, "window-1")
    hall.start("window-1")
    to(hall, 75)
    hall.call_number(unmarked.number, "window-2")
    to(hall, 80)
    hall.finish("window-2")
    to(hall, 90)
    hall.finish("window-1")
