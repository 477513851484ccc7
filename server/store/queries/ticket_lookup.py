"""Finds tickets that have ended, for visitors who still hold their paper."""

from __future__ import annotations

from sqlalchemy import Engine, RowMapping, select

from protocol.answers import TicketAnswer
from protocol.vocabulary import SiteId, TicketId
from server.store import tables as t
from server.store.faults import translate_errors


class TicketLookup:
    """The query, on an engine for reading."""

    def __init__(self, engine: Engine, *, site: SiteId) -> None:
        self._engine = engine
        self._site = site

    def ticket(self, ticket: TicketId) -> TicketAnswer | None:
        """Return any ticket ever issued by its id. Raises StoreFault."""
        query = select(t.tickets).where(t.tickets.c.site == self._site, t.tickets.c.id == ticket)
        with translate_errors(), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _answer(row)


def _answer(row: RowMapping) -> TicketAnswer:
    return TicketAnswer(
        id=row["id"],
        number=row["number"],
        service=row["service"],
        state=row["state"],
        business_day=row["business_day"],
        language=row["language"],
        priority=row["priority"],
        issued_at=row["issued_at"],
        called_at=row["called_at"],
        window=row["window"],
        page=f"/t/{row['id']}",
        seq=row["changed_seq"],
    )
