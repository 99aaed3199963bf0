"""Deleted stills: when a still's picture was deleted after its time; its hash stays."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been deleted yet."""
    op.add_column("still", sa.Column("deleted_us", sa.BigInteger(), nullable=True))
