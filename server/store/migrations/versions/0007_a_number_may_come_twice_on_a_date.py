"""A number may come twice on a date, when a clock was wrong and two days turned out to be one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = ["site", "business_day", "letter", "count"]


def upgrade() -> None:
    """Make the index of the numbers an ordinary one: the rules count, by letter and business day."""
    op.drop_index("tickets_number", "tickets")
    op.create_index("tickets_number", "tickets", COLUMNS)
    _describe()


def downgrade() -> None:
    """Undo it."""
    op.drop_index("tickets_number", "tickets")
    op.create_index("tickets_number", "tickets", COLUMNS, unique=True)
    _describe()


def _describe() -> None:
    """Write anew what SQLite forgets about an index that is dropped (see 0005)."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        row = {"tbl": "tickets", "idx": "tickets_number", "stat": "300000 300000 600 100 1"}
        connection.execute(sa.insert(STATISTICS), row)


STATISTICS = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
