"""Registry tables: what the registry's database holds; a change here needs a migration."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A change is one transaction; its version is the registry's until the next. Never changed, never removed.
CHANGE = Table(
    "change",
    METADATA,
    Column("version", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("file_digest", String),  # of the registry file it took up; none: the change came another way
)

# A row of the shape of `ingest.registry_rows` is JSON: the registry is always read whole, and a new field of a device
# needs no new column. `number` keeps the order in which things came.
ITEM = Table(
    "item",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("version", ForeignKey("change.version"), nullable=False),
    Column("body", String, nullable=False),
    UniqueConstraint("kind", "id"),
)

DIFFERENCE = Table(
    "difference",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("version", ForeignKey("change.version"), nullable=False),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("before", String),
    Column("after", String),
    Index(None, "version"),
    Index(None, "kind", "id"),
)
