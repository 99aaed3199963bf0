"""First tables: episodes, work orders and all that hangs on them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("work_order_history", "evidence")


def upgrade() -> None:
    """Make every table, and the triggers that keep history and evidence as they were written."""
    _what_scoring_remembers()
    _what_people_and_systems_set()
    _episodes_and_work_orders()
    _images()
    _what_is_never_rewritten()


def _what_scoring_remembers() -> None:
    """The state of detectors and policy, and how far was read."""
    op.create_table(
        "detector_state",
        sa.Column("detector", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wake_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("detector", "asset", name=op.f("pk_detector_state")),
    )
    op.create_table(
        "reader",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("resume_position", sa.BigInteger(), nullable=False),
        sa.Column("readings", sa.BigInteger(), nullable=False),
        sa.Column("watermarks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reader")),
    )
    op.create_table(
        "standing",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("failure_mode", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "failure_mode", "subject", name=op.f("pk_standing")),
    )
    op.create_table(
        "watch",
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("failure_mode", sa.String(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("charted_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "failure_mode", name=op.f("pk_watch")),
    )


def _what_people_and_systems_set() -> None:
    """Thresholds, keys of requests, and points on their way to the history."""
    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_at_us"), "idempotency_key", ["at_us"], unique=False)
    op.create_table(
        "point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "threshold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("effective_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint(
            "name", "scope_kind", "scope_id", "version", name=op.f("uq_threshold_name_scope_kind_scope_id_version")
        ),
    )


def _episodes_and_work_orders() -> None:
    """Episodes and the work orders they lead to."""
    op.create_table(
        "episode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("failure_mode", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint(
            "asset",
            "failure_mode",
            "subject",
            "started_us",
            name=op.f("uq_episode_asset_failure_mode_subject_started_us"),
        ),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=True),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("asset", sa.String(), nullable=False),
        sa.Column("asset_class", sa.String(), nullable=False),
        sa.Column("failure_mode", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("p10_us", sa.BigInteger(), nullable=True),
        sa.Column("p50_us", sa.BigInteger(), nullable=True),
        sa.Column("p90_us", sa.BigInteger(), nullable=True),
        sa.Column("raised_us", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["episode"], ["episode.id"], name=op.f("fk_work_order_episode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("episode", name=op.f("uq_work_order_episode")),
        sa.UniqueConstraint("number", name=op.f("uq_work_order_number")),
    )
    op.create_index(op.f("ix_work_order_asset_failure_mode"), "work_order", ["asset", "failure_mode"], unique=False)
    op.create_index(op.f("ix_work_order_state"), "work_order", ["state"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("by_us", sa.BigInteger(), nullable=False),
        sa.Column("met_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_deadline_work_order")),
        sa.PrimaryKeyConstraint("work_order", "name", name=op.f("pk_deadline")),
    )


def _images() -> None:
    """Photos and stills, each image once."""
    op.create_table(
        "image",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_image")),
    )
    op.create_table(
        "still_position",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_still_position")),
    )
    op.create_index(op.f("ix_still_position_at_us"), "still_position", ["at_us"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["image.sha256"], name=op.f("fk_photo_sha256")),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_photo_work_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_work_order"), "photo", ["work_order"], unique=False)
    op.create_table(
        "still",
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["image.sha256"], name=op.f("fk_still_sha256")),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_still_work_order")),
        sa.PrimaryKeyConstraint("work_order", "sha256", name=op.f("pk_still")),
    )


def _what_is_never_rewritten() -> None:
    """Evidence, outbox and history; triggers keep them as they were written."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_evidence_work_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_work_order"), "evidence", ["work_order"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_outbox_work_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "work_order_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["work_order"], ["work_order.id"], name=op.f("fk_work_order_history_work_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_history")),
    )
    op.create_index(op.f("ix_work_order_history_work_order"), "work_order_history", ["work_order"], unique=False)
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
