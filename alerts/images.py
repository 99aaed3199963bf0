"""Images: the bytes of photos and stills, kept once under their hash."""

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from alerts.photos import Picture
from alerts.tables import IMAGE, STILL


def keep_image(connection: Connection, picture: Picture) -> None:
    """Keep an image's bytes once, however many refer to it."""
    connection.execute(
        insert(IMAGE)
        .values(sha256=picture.sha256, media_type=picture.media_type, data=picture.data)
        .on_conflict_do_nothing()
    )


def add_still(connection: Connection, order: int, picture: Picture, at_us: int) -> None:
    """Keep a camera still with an order; once is enough."""
    keep_image(connection, picture)
    connection.execute(
        insert(STILL).values(work_order=order, sha256=picture.sha256, at_us=at_us).on_conflict_do_nothing()
    )
