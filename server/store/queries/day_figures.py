"""All figures of a manager's page, computed from the tables in one place.

A ticket's *wait* is from issue to its first call; zero waits count. Serving time is from start to finish, only where
the clerk recorded its start; walking time is from call to start, likewise. A ticket counts as issued for the service it
was first called for; what follows a transfer counts for the service it was transferred to. Percentiles are the
nearest-rank kind: an actual visitor waited that long. An hour is the local hour in which the ticket was issued; there
is none (``NO_HOUR``) where a wrong clock dated it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import fmean
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, RowMapping, select

from protocol.vocabulary import ServiceId, SiteId
from server.store import tables as t
from server.store.faults import translate_errors
from server.store.queries.promise_figures import PromiseFigures, promise_figures

NO_HOUR = "–"
"""Group of the tickets whose hour of issue nobody knows, because a wrong clock showed another date."""
ONE_NIGHT = timedelta(days=1)
"""Largest difference between a ticket's date and its business day, in a hall that works over midnight."""

Limits = Mapping[ServiceId, float]
"""Service -> wait under which it should stay, minutes."""
NO_LIMITS: Limits = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of a table of waits; seconds, None where there is nothing to measure."""

    group: str
    issued: int
    served: int
    assumed: int = 0
    """Number of those served of whom nobody recorded the start."""
    no_show: int
    assumed_absent: int = 0
    """Number of calls of which only the next press says that the visitor did not come; not among ``no_show``."""
    cancelled: int
    waiting: int = 0
    """Number of those issued who still wait for their first call: their waits are not in the figures yet."""
    waits: int
    within_limit: float | None = None
    """Share of the waits that are within the limit of their service; None where no limit is known."""
    wait_median_s: float | None
    wait_p80_s: float | None
    wait_p90_s: float | None
    wait_longest_s: float | None
    walking_median_s: float | None = None
    servings: int = 0
    """Number of measured serving times."""
    serving_mean_s: float | None
    serving_median_s: float | None
    serving_p90_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """A business day: as a whole, by service, by window and by hour, and how its promises came true."""

    day: date
    total: Figures
    by_service: tuple[Figures, ...]
    by_window: tuple[Figures, ...]
    by_hour: tuple[Figures, ...]
    promises: PromiseFigures


@dataclass(slots=True)
class _Group:
    """Counts and durations of one group; seconds."""

    issued: int = 0
    served: int = 0
    assumed: int = 0
    no_show: int = 0
    assumed_absent: int = 0
    cancelled: int = 0
    waiting: int = 0
    waits: list[float] = field(default_factory=list)
    limited: list[bool] = field(default_factory=list)
    walks: list[float] = field(default_factory=list)
    servings: list[float] = field(default_factory=list)

    def add_wait(self, seconds: float, limit_min: float | None) -> None:
        self.waits.append(seconds)
        if limit_min is not None:
            self.limited.append(seconds <= limit_min * 60)

    def add_outcome(self, outcome: str | None, *, assumed: bool) -> None:
        """Count how a call ended; ``not_served`` is a visit that was assumed and did not take place."""
        self.served += outcome == "finished"
        self.assumed += outcome == "finished" and assumed
        self.no_show += outcome == "no_show" and not assumed
        self.assumed_absent += outcome == "not_served" or (outcome == "no_show" and assumed)

    def figures(self, group: str) -> Figures:
        return Figures(
            group=group,
            issued=self.issued,
            served=self.served,
            assumed=self.assumed,
            no_show=self.no_show,
            assumed_absent=self.assumed_absent,
            cancelled=self.cancelled,
            waiting=self.waiting,
            waits=len(self.waits),
            within_limit=fmean(self.limited) if self.limited else None,
            wait_median_s=percentile(self.waits, 50),
            wait_p80_s=percentile(self.waits, 80),
            wait_p90_s=percentile(self.waits, 90),
            wait_longest_s=max(self.waits, default=None),
            walking_median_s=percentile(self.walks, 50),
            servings=len(self.servings),
            serving_mean_s=fmean(self.servings) if self.servings else None,
            serving_median_s=percentile(self.servings, 50),
            serving_p90_s=percentile(self.servings, 90),
        )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least ``percent`` of the values do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


class DayFiguresQuery:
    """The queries, on an engine for reading."""

    def __init__(self, engine: Engine, *, site: SiteId) -> None:
        self._engine = engine
        self._site = site

    def days(self) -> list[date]:
        """Return the business days that have figures, latest first. Raises StoreFault."""
        query = select(t.days.c.day).where(t.days.c.site == self._site).order_by(t.days.c.day.desc())
        with translate_errors(), self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def day(self, day: date, *, time_zone: str, limits: Limits = NO_LIMITS) -> DayFigures:
        """Return a day's figures; ``limits`` are of the services as they are described now. Raises StoreFault."""
        issued, called = self._rows(day)
        zone = ZoneInfo(time_zone)

        def hour(at: datetime) -> str:
            local = at.astimezone(zone)
            return f"{local:%H}:00" if timedelta() <= local.date() - day <= ONE_NIGHT else NO_HOUR

        issued_hour = {row["id"]: hour(row["issued_at"]) for row in issued}
        issued_for = {row["ticket"]: row["service"] for row in reversed(called)}
        return DayFigures(
            day=day,
            total=_total(issued, called, limits),
            by_service=_figures_by_group(
                issued, called, limits, lambda r: issued_for.get(r["id"], r["service"]), lambda r: r["service"]
            ),
            by_window=_figures_by_group(
                (), called, limits, lambda r: r["window"], lambda r: r["window"], first_only=False
            ),
            by_hour=_figures_by_group(
                issued,
                called,
                limits,
                lambda r: hour(r["issued_at"]),
                lambda r: issued_hour.get(r["ticket"], hour(r["called_at"])),
            ),
            promises=promise_figures(issued, called),
        )

    def _rows(self, day: date) -> tuple[list[RowMapping], list[RowMapping]]:
        tickets = select(t.tickets).where(t.tickets.c.site == self._site, t.tickets.c.business_day == day)
        calls = select(t.calls).where(t.calls.c.site == self._site, t.calls.c.business_day == day)
        with translate_errors(), self._engine.connect() as connection:
            return (
                list(connection.execute(tickets.order_by(t.tickets.c.issued_seq)).mappings()),
                list(connection.execute(calls.order_by(t.calls.c.seq)).mappings()),
            )


RowGrouping = Callable[[RowMapping], str]
"""Returns the group that a row belongs to."""


def _total(issued: Iterable[RowMapping], called: Iterable[RowMapping], limits: Limits) -> Figures:
    return next(iter(_figures_by_group(issued, called, limits, lambda _: "", lambda _: "")), _Group().figures(""))


def _figures_by_group(
    issued: Iterable[RowMapping],
    called: Iterable[RowMapping],
    limits: Limits,
    of_ticket: RowGrouping,
    of_call: RowGrouping,
    *,
    first_only: bool = True,
) -> tuple[Figures, ...]:
    """Return the figures of each group. By window every call's own wait counts, otherwise each ticket's first."""
    groups: dict[str, _Group] = defaultdict(_Group)
    for row in issued:
        group = groups[of_ticket(row)]
        group.issued += 1
        group.cancelled += row["state"] == "cancelled"
        group.waiting += row["state"] == "waiting" and row["first_call_seq"] is None
    counted: set[str] = set()
    for row in called:
        group = groups[of_call(row)]
        if not first_only or row["ticket"] not in counted:
            group.add_wait(row["waited_s"], limits.get(row["service"]))
        counted.add(row["ticket"])
        group.add_outcome(row["outcome"], assumed=row["assumed"])
        if row["walked_s"] is not None:
            group.walks.append(row["walked_s"])
        if row["served_s"] is not None and row["outcome"] in ("finished", "transferred"):
            group.servings.append(row["served_s"])
    return tuple(groups[group].figures(group) for group in sorted(groups))
