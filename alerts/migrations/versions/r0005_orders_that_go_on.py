"""Orders that go on: the episode whose work order a later one goes on with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until now every episode has an order of its own."""
    op.add_column("episode", sa.Column("goes_on_with", sa.Integer(), nullable=True))
