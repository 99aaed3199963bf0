"""Detector alone: which assets a detector is asked about alone, because it failed on them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No detector has failed yet."""
    op.add_column("detector_state", sa.Column("alone", sa.Boolean(), server_default=sa.false(), nullable=False))
