"""Tables: every table of the main database. A change here needs a migration; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The key (asset, failure mode, subject, start) is what "one work order per physical episode" rests on.
EPISODE = Table(
    "episode",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("asset", String, nullable=False),
    Column("failure_mode", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("provisional", Boolean, nullable=False),
    Column("level", String, nullable=False),
    Column("goes_on_with", Integer),  # the episode whose order this one goes on with; none: it has an order of its own
    UniqueConstraint("asset", "failure_mode", "subject", "started_us"),
)

WORK_ORDER = Table(
    "work_order",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("number", String, nullable=False, unique=True),
    Column("episode", ForeignKey("episode.id"), unique=True),  # none: a person raised it by hand
    Column("site", String, nullable=False),
    Column("asset", String, nullable=False),
    Column("asset_class", String, nullable=False),
    Column("failure_mode", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("title_zh", String, nullable=False),
    Column("title_en", String, nullable=False),
    Column("level", String, nullable=False),
    Column("state", String, nullable=False),
    Column("outcome", String),
    Column("probability", Float),
    Column("p10_us", BigInteger),
    Column("p50_us", BigInteger),
    Column("p90_us", BigInteger),
    Column("raised_us", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "state"),
    Index(None, "asset", "failure_mode"),
)

DEADLINE = Table(
    "deadline",
    METADATA,
    Column("work_order", ForeignKey("work_order.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("by_us", BigInteger, nullable=False),
    Column("met_us", BigInteger),
)

# Append-only: triggers in the migration refuse update and delete.
HISTORY = Table(
    "work_order_history",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("work_order", ForeignKey("work_order.id"), nullable=False, index=True),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("from_state", String),
    Column("to_state", String),
    Column("note", String),
)

# Frozen: triggers in the migration refuse update and delete.
EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("work_order", ForeignKey("work_order.id"), nullable=False, index=True),
    Column("at_us", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("json", LargeBinary, nullable=False),
)

IMAGE = Table(
    "image",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

STILL = Table(
    "still",
    METADATA,
    Column("work_order", ForeignKey("work_order.id"), primary_key=True),
    Column("sha256", ForeignKey("image.sha256"), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("deleted_us", BigInteger),  # the picture went after its time; the hash stays
)

PHOTO = Table(
    "photo",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("work_order", ForeignKey("work_order.id"), nullable=False, index=True),
    Column("sha256", ForeignKey("image.sha256"), nullable=False),
    Column("kind", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

# Where in the log a still's bytes are, until an order asks for them or a day has passed.
STILL_POSITION = Table(
    "still_position",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False, index=True),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("work_order", ForeignKey("work_order.id"), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

THRESHOLD = Table(
    "threshold",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("scope_kind", String, nullable=False),
    Column("scope_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("value", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("effective_us", BigInteger, nullable=False),
    UniqueConstraint("name", "scope_kind", "scope_id", "version"),
)

# Content is never pickle; its sha256 stands in the card.
FITTED_MODEL = Table(
    "fitted_model",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("card", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("fitted_us", BigInteger, nullable=False),
    UniqueConstraint("name", "version"),
)

# Version 0: none is in force from here on.
MODEL_ACTIVATION = Table(
    "model_activation",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("effective_us", BigInteger, nullable=False),
    Index(None, "name"),
)

# The policy's memory of one (asset, failure mode, subject).
STANDING = Table(
    "standing",
    METADATA,
    Column("asset", String, primary_key=True),
    Column("failure_mode", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("json", LargeBinary, nullable=False),
)

DETECTOR_STATE = Table(
    "detector_state",
    METADATA,
    Column("detector", String, primary_key=True),
    Column("asset", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("wake_us", BigInteger),
    Column("alone", Boolean, nullable=False, server_default=false()),  # it failed on this asset: see models/asked.py
)

# The newest word of the detectors on an (asset, failure mode), and when it was last charted.
WATCH = Table(
    "watch",
    METADATA,
    Column("asset", String, primary_key=True),
    Column("failure_mode", String, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("verdict", String, nullable=False),
    Column("score", Float),
    Column("probability", Float),
    Column("charted_us", BigInteger, nullable=False),
)

READER = Table(
    "reader",
    METADATA,
    Column("name", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("resume_position", BigInteger, nullable=False),
    Column("readings", BigInteger, nullable=False),
    Column("watermarks", LargeBinary, nullable=False),
)

IDEMPOTENCY_KEY = Table(
    "idempotency_key",
    METADATA,
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at_us", BigInteger, nullable=False, index=True),
)

# Derived points on their way to the time-series store; gone once they are there.
POINT = Table(
    "point",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("json", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
