"""Measures a window's help: how many visitors it served, and how long those of the helped services waited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from protocol.vocabulary import ServiceId, SiteId, WindowId
from server.store import tables as t
from server.store.faults import translate_errors
from server.store.queries.day_figures import percentile

DAY = timedelta(days=1)


class HelpResults:
    """The query, on an engine for reading."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def between(
        self, since: datetime, until: datetime, *, site: SiteId, window: WindowId, services: Sequence[ServiceId]
    ) -> tuple[int, float | None]:
        """Return how many visitors of these services the window served, and the site's P90 wait of them in seconds.

        Counts calls from ``since`` to ``until``; the P90 is None without calls. Raises StoreFault.
        """
        calls = t.calls.c
        first, last = (
            (since - DAY).date(),
            (until + DAY).date(),
        )  # a superset in every time zone, for the index; called_at is exact
        query = select(calls.window, calls.outcome, calls.waited_s).where(
            calls.site == site,
            calls.business_day.between(first, last),
            calls.service.in_(services),
            calls.called_at >= since,
            calls.called_at < until,
        )
        with translate_errors(), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        served = sum(row.window == window and row.outcome == "finished" for row in rows)
        return served, percentile([row.waited_s for row in rows], 90)
