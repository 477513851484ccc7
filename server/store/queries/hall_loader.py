"""Loads a hall: folds the current day's entries on top of what the tables have learned from the days before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from protocol import journal as j
from protocol.vocabulary import SiteId
from server.domain.events.apply import apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.store import tables as t
from server.store.journal.journal_reader import read_entries
from server.store.queries.learned_query import load_learned


def load_hall(connection: Connection, initial: Catalogue) -> Hall:
    """Return the hall that a site's journal results in; ``initial`` is used while the journal has no catalogue."""
    site = initial.site
    first = first_of_newest_day(connection, site)
    last = connection.execute(select(func.max(t.journal.c.seq)).where(t.journal.c.site == site)).scalar() or 0
    before = last + 1 if first is None else first
    hall = hall_before(connection, initial, seq=before)
    for entry in read_entries(connection, site, since=before - 1):
        hall = apply(hall, entry)
    return hall._replace(seq=last)


def first_of_newest_day(connection: Connection, site: SiteId) -> int | None:
    """Return the entry that began the newest business day; None before the first one."""
    started = select(t.journal.c.seq).where(t.journal.c.site == site, t.journal.c.kind == "day_started")
    return connection.execute(started.order_by(t.journal.c.seq.desc()).limit(1)).scalar()


def hall_before(connection: Connection, initial: Catalogue, *, seq: int) -> Hall:
    """Return the hall before the first entry of a business day, ``seq``: empty, with what was learned up to then."""
    catalogue = _catalogue(connection, initial, before=seq)
    return empty_hall(catalogue, learned=load_learned(connection, initial.site, before=seq))


def _catalogue(connection: Connection, initial: Catalogue, *, before: int) -> Catalogue:
    fact: Any = connection.execute(
        select(t.journal.c.fact)
        .where(t.journal.c.site == initial.site, t.journal.c.kind == "catalogue_changed", t.journal.c.seq < before)
        .order_by(t.journal.c.seq.desc())
        .limit(1)
    ).scalar()
    if fact is None:
        return initial
    return Catalogue.model_validate(j.CatalogueChanged.model_validate_json(fact).catalogue)
