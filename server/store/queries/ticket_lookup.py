"""Finds ended tickets, for visitors who still open the page of their paper."""

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
        calls, tickets = t.calls.c, t.tickets.c
        of_ticket = (calls.site == self._site, calls.business_day == tickets.business_day, calls.ticket == tickets.id)
        latest = select(calls.assumed).where(*of_ticket).order_by(calls.seq.desc()).limit(1).scalar_subquery()
        query = select(t.tickets, latest.label("assumed")).where(tickets.site == self._site, tickets.id == ticket)
        with translate_errors(), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _answer(row)

    def printed_by(self, ticket: TicketId) -> str | None:
        """Return the device that printed a ticket first; None when none did. Raises StoreFault."""
        prints = t.prints.c
        query = select(prints.device).where(prints.site == self._site, prints.ticket == ticket).order_by(prints.job)
        with translate_errors(), self._engine.connect() as connection:
            device: str | None = connection.execute(query.limit(1)).scalar()
        return device


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
        assumed=bool(row["assumed"]) and row["state"] in ("finished", "no_show"),
        window=row["window"],
        page=f"/t/{row['id']}",
        seq=row["changed_seq"],
    )
