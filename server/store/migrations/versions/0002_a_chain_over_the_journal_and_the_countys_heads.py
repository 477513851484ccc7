"""A chain over the journal, and how far the county has each site's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from protocol.county import CHAIN_START
from server.store.journal.journal_lines import chain_after, line_from
from server.store.tables import Utc

revision = "0002"
down_revision = "0001"

AT_ONCE = 5000


def upgrade() -> None:
    """Chain what was written before, in order; a hub of some years does it in about a minute."""
    op.add_column("journal", sa.Column("chain", sa.String(length=64), nullable=False, server_default=""))
    _chain()
    op.create_table(
        "heads",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hub_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hub_boot", sa.String(length=64), nullable=True),
        sa.Column("hub_mono_s", sa.Float(), nullable=True),
        sa.Column("clock_trusted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("tables_equal", sa.Boolean(), nullable=True),
        sa.Column("checked_seq", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(length=40), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("heads")
    op.drop_column("journal", "chain")


JOURNAL = sa.table(
    "journal",
    sa.column("site", sa.String),
    sa.column("seq", sa.Integer),
    sa.column("at", Utc),
    sa.column("boot", sa.String),
    sa.column("mono_s", sa.Float),
    sa.column("actor", sa.String),
    sa.column("request_id", sa.String),
    sa.column("fact", sa.Text),
    sa.column("chain", sa.String),
)


def _chain() -> None:
    connection = op.get_bind()
    change = (
        sa.update(JOURNAL)
        .where(JOURNAL.c.site == sa.bindparam("b_site"), JOURNAL.c.seq == sa.bindparam("b_seq"))
        .values(chain=sa.bindparam("b_chain"))
    )
    for site in list(connection.execute(sa.select(JOURNAL.c.site).distinct()).scalars()):
        chain, seq = CHAIN_START, 0
        while True:
            later = sa.select(JOURNAL).where(JOURNAL.c.site == site, JOURNAL.c.seq > seq)
            rows = connection.execute(later.order_by(JOURNAL.c.seq).limit(AT_ONCE)).mappings().all()
            if not rows:
                break
            chained = []
            for row in rows:
                chain, seq = chain_after(chain, site=site, line=line_from(row)), row["seq"]
                chained.append({"b_site": site, "b_seq": seq, "b_chain": chain})
            connection.execute(change, chained)
