"""Images: the bytes of photos and stills, kept once under their hash."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from alerts.photos import Picture
from alerts.tables import IMAGE, STILL

MOST_STILLS = 3
"""Of one order. Source: DOMAIN 4.4."""


def keep_image(connection: Connection, picture: Picture) -> None:
    """Keep an image's bytes once, however many refer to it; those of one that was deleted come back."""
    new = insert(IMAGE).values(sha256=picture.sha256, media_type=picture.media_type, data=picture.data)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[IMAGE.c.sha256], set_={"data": new.excluded.data}, where=IMAGE.c.data == b""
        )
    )


def add_still(connection: Connection, order: int, picture: Picture, at_us: int) -> None:
    """Keep a camera still with an order, once, and no more than `MOST_STILLS`: the first ones."""
    has = connection.execute(select(func.count()).select_from(STILL).where(STILL.c.work_order == order)).scalar_one()
    if has >= MOST_STILLS:
        return
    keep_image(connection, picture)
    connection.execute(
        insert(STILL).values(work_order=order, sha256=picture.sha256, at_us=at_us).on_conflict_do_nothing()
    )
