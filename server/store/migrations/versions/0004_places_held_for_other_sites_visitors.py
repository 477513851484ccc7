"""Where a ticket came from or went to, and when its visitor checked in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Tickets of other sites' visitors, and of visitors who went to other sites."""
    op.add_column("tickets", sa.Column("from_site", sa.String(length=40), nullable=True))
    op.add_column("tickets", sa.Column("referral", sa.String(length=40), nullable=True))
    op.add_column("tickets", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Undo it."""
    for column in ("arrived_at", "referral", "from_site"):
        op.drop_column("tickets", column)
