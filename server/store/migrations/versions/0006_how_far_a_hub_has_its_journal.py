"""The county keeps how far a hub has its own journal: entries that the county lost are known to be there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the number; unknown until the hub pushes next."""
    op.add_column("heads", sa.Column("hub_seq", sa.Integer))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("heads", "hub_seq")
