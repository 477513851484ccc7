"""The tables. ``journal`` is the truth; all others are projections of it, except ``requests`` and ``heads``.

``requests`` keeps the answers of this business day and the one before, so that a repeated command is idempotent, and
``heads`` how far the county has each journal; they hold no fact of their own. The journal's ``chain`` is the digest of
the row with the chain before it (``server/store/journal/journal_lines.py``): a later change of a row is found.
Every row names its site, so that the same tables hold one site at a hub and all sites at the county.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, however the database treats time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store as UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read as UTC; SQLite drops the zone, PostgreSQL returns that of the session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()
Name = String(40)

IS_CATALOGUE = text("kind = 'catalogue_changed'")
IS_PROMISED = text("promise_p50_min IS NOT NULL")

journal = Table(
    "journal",
    metadata,
    Column("site", Name, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    Column("boot", String(64), nullable=False),
    Column("mono_s", Float, nullable=False),
    Column("actor", Name, nullable=False),
    Column("request_id", String(64)),
    Column("kind", Name, nullable=False),
    Column("fact", Text, nullable=False),
    Column("chain", String(64), nullable=False, server_default=""),
    PrimaryKeyConstraint("site", "seq"),
    Index("journal_catalogues", "site", "seq", sqlite_where=IS_CATALOGUE, postgresql_where=IS_CATALOGUE),
    sqlite_with_rowid=False,
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("command", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("business_day", Date, nullable=False),
    sqlite_with_rowid=False,
)

days = Table(
    "days",
    metadata,
    Column("site", Name, nullable=False),
    Column("day", Date, nullable=False),
    Column("first_seq", Integer, nullable=False),
    PrimaryKeyConstraint("site", "day"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("site", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("number", String(12), nullable=False),
    Column("letter", String(2), nullable=False),
    Column("count", Integer, nullable=False),
    Column("service", Name, nullable=False),
    Column("language", String(2), nullable=False),
    Column("priority", Name),
    Column("state", String(12), nullable=False),
    Column("issued_seq", Integer, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("people_ahead", Integer, nullable=False),
    Column("promise_low_min", Integer),
    Column("promise_high_min", Integer),
    Column("first_wait_s", Float),
    Column("called_at", Utc),
    Column("window", Name),
    Column("returns", Integer, nullable=False),
    Column("changed_seq", Integer, nullable=False),
    Column("promise_p50_min", Float),
    Column("promise_p80_min", Float),
    Column("promise_p90_min", Float),
    Column("first_call_seq", Integer),
    Column("from_site", Name),
    Column("referral", String(40)),
    Column("arrived_at", Utc),
    PrimaryKeyConstraint("site", "id"),
    Index("tickets_number", "site", "business_day", "letter", "count"),
    Index("tickets_promised", "site", "first_call_seq", sqlite_where=IS_PROMISED, postgresql_where=IS_PROMISED),
    sqlite_with_rowid=False,
)

calls = Table(
    "calls",
    metadata,
    Column("site", Name, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("ticket", Name, nullable=False),
    Column("number", String(12), nullable=False),
    Column("service", Name, nullable=False),
    Column("window", Name, nullable=False),
    Column("reason", Name, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("called_at", Utc, nullable=False),
    Column("waited_s", Float, nullable=False),
    Column("recalls", Integer, nullable=False),
    Column("started_at", Utc),
    Column("walked_s", Float),
    Column("ended_at", Utc),
    Column("ended_seq", Integer),
    Column("outcome", String(12)),
    Column("assumed", Boolean, nullable=False),
    Column("served_s", Float),
    PrimaryKeyConstraint("site", "seq"),
    Index("calls_day", "site", "business_day"),
    Index("calls_served", "site", "service", "ended_seq"),
    Index("calls_ended", "site", "ended_seq"),
    sqlite_with_rowid=False,
)

prints = Table(
    "prints",
    metadata,
    Column("site", Name, nullable=False),
    Column("job", Name, nullable=False),
    Column("ticket", Name, nullable=False),
    Column("device", Name, nullable=False),
    Column("reprint", Boolean, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    PrimaryKeyConstraint("site", "job"),
    Index("prints_ticket", "site", "ticket"),
    sqlite_with_rowid=False,
)

heads = Table(
    "heads",
    metadata,
    Column("site", Name, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("received_at", Utc),
    Column("heard_at", Utc),
    Column("hub_at", Utc),
    Column("hub_boot", String(64)),
    Column("hub_mono_s", Float),
    Column("clock_trusted", Boolean, nullable=False),
    Column("version", String(40), nullable=False),
    Column("tables_equal", Boolean),
    Column("checked_seq", Integer),
    Column("checked_at", Utc),
    Column("refused", Name, nullable=False),
    Column("refused_at", Utc),
    Column("hub_seq", Integer),
    sqlite_with_rowid=False,
)
"""At the county only: the head of each site's journal, the site's last contact, and its newest refusal."""

MADE_FROM_JOURNAL = (days, tickets, calls, prints)
"""The projections, which ``rebuild`` can make again."""
