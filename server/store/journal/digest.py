"""The digest of a business day's tables: equal at hub and county when both projected the journal to the same rows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from protocol.vocabulary import SiteId
from server.store import tables as t


def tables_digest(connection: Connection, site: SiteId, day: date) -> str:
    """Return the SHA-256 over every row of a site's business day, in hexadecimal.

    Rows are sorted here, because databases sort texts differently.
    """
    digest = hashlib.sha256()
    for table in t.MADE_FROM_JOURNAL:
        rows = connection.execute(select(table).where(day_rows(table, site, day)))
        for row in sorted(json.dumps(list(row), default=_plain) for row in rows):
            digest.update(f"{table.name} {row}\n".encode())
    return digest.hexdigest()


def day_rows(table: Table, site: SiteId, day: date) -> ColumnElement[bool]:
    """Return the condition for a day's rows of a site; a print belongs to the day of its ticket.

    The paper of a referral belongs to no ticket of the site, so its prints are not compared; ``rebuild`` compares them.
    """
    own = table.c.site == site
    if table is t.prints:
        tickets = select(t.tickets.c.id).where(t.tickets.c.site == site, t.tickets.c.business_day == day)
        return and_(own, t.prints.c.ticket.in_(tickets))
    return and_(own, (t.days.c.day if table is t.days else table.c.business_day) == day)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no plain form for {value!r}")
