"""What the journal has of the numbers issued so far, for the rules of the business day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlalchemy import and_, bindparam, func, or_, select

from protocol import journal as j
from protocol.vocabulary import SiteId
from server.store import tables as t
from server.store.prepared_statements import PreparedConnection

_SITE = t.journal.c.site == bindparam("b_site")
_DAY_BEGAN = (
    select(func.coalesce(func.max(t.journal.c.seq), 0))
    .where(_SITE, t.journal.c.kind == "day_started")
    .scalar_subquery()
)
_FIRST = select(func.min(t.journal.c.seq)).where(
    _SITE,
    t.journal.c.seq > _DAY_BEGAN,
    or_(t.journal.c.kind == "ticket_issued", t.journal.c.kind == "place_held"),
    or_(
        and_(t.journal.c.boot == bindparam("b_boot"), t.journal.c.mono_s >= bindparam("b_mono_s")),
        and_(
            t.journal.c.boot != bindparam("b_boot"),
            t.journal.c.at >= bindparam("b_at"),
            t.journal.c.at <= bindparam("b_until"),
        ),
    ),
)
_COUNTS = (
    select(t.tickets.c.letter, func.max(t.tickets.c["count"]))
    .where(t.tickets.c.site == bindparam("b_site"), t.tickets.c.business_day == bindparam("b_day"))
    .group_by(t.tickets.c.letter)
)
_ISSUED = (
    select(t.tickets.c.issued_seq, t.tickets.c.issued_at)
    .where(t.tickets.c.site == bindparam("b_site"), t.tickets.c.business_day == bindparam("b_day"))
    .order_by(t.tickets.c.issued_seq)
)


class IssuedNumbersQuery:
    """Implements ``server.domain.day.business_day.IssuedNumbers`` on the writer's own connection."""

    def __init__(self, connection: PreparedConnection, *, site: SiteId) -> None:
        self._connection = connection
        self._site = site

    def first_since(self, midnight: j.Moment, *, until: j.Moment) -> int | None:
        """See ``IssuedNumbers``."""
        values = {
            "b_site": self._site,
            "b_boot": midnight.boot,
            "b_mono_s": midnight.mono_s,
            "b_at": midnight.at,
            "b_until": until.at,
        }
        first: int | None = self._connection.execute(_FIRST, values).fetchone()[0]
        return first

    def counts(self, day: date) -> Mapping[str, int]:
        """See ``IssuedNumbers``."""
        return dict(self._connection.execute(_COUNTS, {"b_site": self._site, "b_day": day}).fetchall())

    def issued_on(self, day: date) -> list[tuple[int, datetime]]:
        """Return the entries that issued the numbers of a business day, with the times they were written with."""
        rows = self._connection.execute(_ISSUED, {"b_site": self._site, "b_day": day}).fetchall()
        return [(seq, datetime.fromisoformat(at).replace(tzinfo=UTC)) for seq, at in rows]
