"""The journal and the tables of one site"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The journal and the tables of one site."""

    op.create_table(
        "calls",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.Column("recalls", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("walked_s", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_seq", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("served_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("site", "seq"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index("calls_day", ["site", "business_day"], unique=False)
        batch_op.create_index("calls_served", ["site", "service", "ended_seq"], unique=False)

    op.create_table(
        "days",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "day"),
    )
    op.create_table(
        "journal",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("mono_s", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "seq"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(
            "journal_catalogues",
            ["site", "seq"],
            unique=False,
            sqlite_where=sa.text("kind = 'catalogue_changed'"),
            postgresql_where=sa.text("kind = 'catalogue_changed'"),
        )

    op.create_table(
        "prints",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("ticket", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("reprint", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "job"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "requests",
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tickets",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("issued_seq", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people_ahead", sa.Integer(), nullable=False),
        sa.Column("promise_low_min", sa.Integer(), nullable=True),
        sa.Column("promise_high_min", sa.Integer(), nullable=True),
        sa.Column("first_wait_s", sa.Float(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window", sa.String(length=40), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("changed_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index("tickets_number", ["site", "business_day", "letter", "count"], unique=True)


def downgrade() -> None:
    """Undo it."""

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("tickets_number")

    op.drop_table("tickets")
    op.drop_table("requests")
    op.drop_table("prints")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(
            "journal_catalogues",
            sqlite_where=sa.text("kind = 'catalogue_changed'"),
            postgresql_where=sa.text("kind = 'catalogue_changed'"),
        )

    op.drop_table("journal")
    op.drop_table("days")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index("calls_served")
        batch_op.drop_index("calls_day")

    op.drop_table("calls")
