"""The hall as the journal has it, and how many numbers each of its latest business days has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.database import open_reader, snapshot
from server.store.faults import translate_errors
from server.store.queries.hall_loader import load_hall

DAYS = 10
"""Number of business days, latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOverview:
    """A site's hall and days."""

    hall: Hall
    numbers: tuple[tuple[date, int], ...]
    """Business day, and how many numbers it has; latest first."""


def read_day_overview(database: Path, initial: Catalogue) -> DayOverview:
    """Read a hub's database, also while the hub runs. Raises StoreFault."""
    day = t.tickets.c.business_day
    issued = select(day, func.count()).where(t.tickets.c.site == initial.site).group_by(day).order_by(day.desc())
    engine = open_reader(database)
    try:
        with translate_errors(), snapshot(engine) as connection:
            rows = connection.execute(issued.limit(DAYS)).all()
            return DayOverview(hall=load_hall(connection, initial), numbers=tuple((d, n) for d, n in rows))
    finally:
        engine.dispose()
