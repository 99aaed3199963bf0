"""First tables: batches, refused messages, watermarks."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE batch (
        position INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        watermark_us INTEGER NOT NULL,
        body BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        received_us INTEGER NOT NULL,
        topic TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        payload BLOB NOT NULL
    )
    """,
    "CREATE TABLE watermark (site TEXT PRIMARY KEY, watermark_us INTEGER NOT NULL) WITHOUT ROWID",
)


def upgrade() -> None:
    """Make the tables of the first release."""
    for table in TABLES:
        op.execute(table)
