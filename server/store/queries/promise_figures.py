"""Calibration of a day's promises: the promised range on paper against the wait to the first call, and the number of
people ahead against those who were really called before.

A promise whose median is under half a minute means "at once": it counts among the promises and their errors, but not
for the coverage of the quantiles, where a wait of zero means nothing. A visitor never called has no outcome yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from sqlalchemy import RowMapping

from server.domain.model.learned import LATE_MIN, SHORTEST_JUDGED_MIN

FAR_OFF = 4
"""Error from which a number of people ahead is far off, people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFigures:
    """Figures of a day's promises; None where there is nothing to measure."""

    checked: int
    """Number of promises with an outcome."""
    waits: int
    """Number of those that promise a wait."""
    p50_held: float | None = None
    """Coverage: share of those whose visitor was called within the promised P50; likewise below."""
    p80_held: float | None = None
    p90_held: float | None = None
    error_mean_min: float | None = None
    """Mean absolute difference between the wait and the promised median, minutes."""
    late: int = 0
    """Number of calls more than ten minutes after the end of the promised range."""
    ahead_checked: int = 0
    """Number of called visitors whose people ahead are compared."""
    ahead_error_mean: float | None = None
    """Mean absolute difference between the people ahead on paper and those called before, people."""
    ahead_far_off: int = 0
    """Number of tickets whose people ahead were wrong by ``FAR_OFF`` or more."""


def promise_figures(issued: Sequence[RowMapping], called: Sequence[RowMapping]) -> PromiseFigures:
    """Return the figures of the promises among a day's tickets, in order of issue, and its calls, in order."""
    errors = _errors_of_people_ahead(issued, called)
    checked = [r for r in issued if r["promise_p50_min"] is not None and r["first_wait_s"] is not None]
    waits = [r for r in checked if r["promise_p50_min"] >= SHORTEST_JUDGED_MIN]
    return PromiseFigures(
        checked=len(checked),
        waits=len(waits),
        p50_held=_held(waits, "promise_p50_min"),
        p80_held=_held(waits, "promise_p80_min"),
        p90_held=_held(waits, "promise_p90_min"),
        error_mean_min=fmean(abs(r["first_wait_s"] / 60 - r["promise_p50_min"]) for r in checked) if checked else None,
        late=sum(r["first_wait_s"] / 60 > r["promise_high_min"] + LATE_MIN for r in checked),
        ahead_checked=len(errors),
        ahead_error_mean=fmean(errors) if errors else None,
        ahead_far_off=sum(error >= FAR_OFF for error in errors),
    )


def _errors_of_people_ahead(issued: Sequence[RowMapping], called: Iterable[RowMapping]) -> list[int]:
    """Return, for each called ticket, by how many people the number on paper was wrong.

    Called before it counts which older tickets were called between its issue and its first call, at a window that
    called anybody for its service that day. Visitors from other sites are left out: they were given their number before
    they came.
    """
    issued_seq = {row["id"]: row["issued_seq"] for row in issued}
    calls_at: dict[str, list[tuple[int, int]]] = defaultdict(list)
    windows_of: dict[str, set[str]] = defaultdict(set)
    for call in called:
        calls_at[call["window"]].append((call["seq"], issued_seq.get(call["ticket"], 0)))
        windows_of[call["service"]].add(call["window"])
    errors = []
    for row in issued:
        if row["first_call_seq"] is not None and row["from_site"] is None:
            older = sum(_older_calls(calls_at[w], row) for w in windows_of[row["service"]])
            errors.append(abs(row["people_ahead"] - older))
    return errors


def _older_calls(calls: Sequence[tuple[int, int]], ticket: RowMapping) -> int:
    """Return how many of a window's calls (number of the call, of its ticket's issue) an older ticket got before."""
    first = bisect_left(calls, (ticket["issued_seq"], 0))
    last = bisect_left(calls, (ticket["first_call_seq"], 0))
    return sum(issued < ticket["issued_seq"] for _, issued in calls[first:last])


def _held(waits: list[RowMapping], level: str) -> float | None:
    return fmean(row["first_wait_s"] / 60 <= row[level] for row in waits) if waits else None
