"""A day is found by its indexes, however many years lie before it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SIZES = {
    ("tickets", "tickets"): "300000 300000 1",
    ("tickets", "tickets_number"): "300000 300000 600 100 1",
    ("tickets", "tickets_promised"): "300000 300000 1",
    ("calls", "calls"): "300000 300000 1",
    ("calls", "calls_day"): "300000 300000 600",
    ("calls", "calls_served"): "300000 300000 30000 1",
    ("calls", "calls_ended"): "300000 300000 1",
    ("prints", "prints"): "300000 300000 1",
    ("prints", "prints_ticket"): "300000 300000 1",
}
"""A site of two years: rows, then how many of them have the same first column of the index, the same two, and so on.

SQLite takes "this site" for ten rows as long as nobody tells it otherwise, and reads them all for each day. It reads
these figures when it opens a database (sqlite.org/optoverview.html#manctrl); PostgreSQL counts by itself.
"""


def upgrade() -> None:
    """Find prints by their ticket, and tell SQLite what a site's rows are."""
    op.create_index("prints_ticket", "prints", ["site", "ticket"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table of these figures, and nothing else
        rows = [{"tbl": table, "idx": index, "stat": sizes} for (table, index), sizes in SIZES.items()]
        connection.execute(sa.insert(STATISTICS), rows)


def downgrade() -> None:
    """Undo it."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.execute(sa.delete(STATISTICS))
    op.drop_index("prints_ticket", "prints")


STATISTICS = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
