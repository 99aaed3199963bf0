"""First tables: what the registry holds, and every change of it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("change", "difference")


def upgrade() -> None:
    """Make every table, and the triggers that keep the history as it was written."""
    op.create_table(
        "change",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_change")),
    )
    op.create_table(
        "item",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["change.version"], name=op.f("fk_item_version")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_item")),
        sa.UniqueConstraint("kind", "id", name=op.f("uq_item_kind_id")),
    )
    op.create_table(
        "difference",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["version"], ["change.version"], name=op.f("fk_difference_version")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_difference")),
    )
    op.create_index(op.f("ix_difference_version"), "difference", ["version"])
    op.create_index(op.f("ix_difference_kind_id"), "difference", ["kind", "id"])
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
