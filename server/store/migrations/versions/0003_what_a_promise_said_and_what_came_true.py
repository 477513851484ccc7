"""What a promise said, and what came true"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LEVELS = ("promise_p50_min", "promise_p80_min", "promise_p90_min")


def upgrade() -> None:
    """Keep the levels of each promise and the ticket's first call; find the latest of both without a search."""
    for level in LEVELS:
        op.add_column("tickets", sa.Column(level, sa.Float(), nullable=True))
    op.add_column("tickets", sa.Column("first_call_seq", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE tickets SET first_call_seq = first.seq "
        "FROM (SELECT site, ticket, min(seq) AS seq FROM calls GROUP BY site, ticket) AS first "
        "WHERE first.site = tickets.site AND first.ticket = tickets.id"
    )
    promised = sa.text("promise_p50_min IS NOT NULL")
    op.create_index(
        "tickets_promised",
        "tickets",
        ["site", "first_call_seq"],
        sqlite_where=promised,
        postgresql_where=promised,
    )
    op.create_index("calls_ended", "calls", ["site", "ended_seq"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("calls_ended", "calls")
    op.drop_index("tickets_promised", "tickets")
    for column in ("first_call_seq", *LEVELS):
        op.drop_column("tickets", column)
