"""Columns: a book of series never calls a reading new that is not, nor keeps two of one moment."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.log import Record
from ingest.readings import Batch, Reading
from ingest.stores.columns import SeriesBook

readings = st.builds(
    Reading,
    st.sampled_from(["riser-1", "riser-2"]),
    st.sampled_from(["pressure_kpa", "flow_m3_h"]),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 7),
)
records = st.lists(st.lists(readings, max_size=6), max_size=8).map(
    lambda batches: [Record(i + 1, 0, Batch("garden", "riser-1", 0, tuple(b))) for i, b in enumerate(batches)]
)


@given(records)
def test_columns_are_the_first_of_each_moment_in_order(written: list[Record]) -> None:
    """Columns hold one row a series and time, that of the first in log order, sorted by series and time."""
    book = SeriesBook()
    columns = book.columns(written)
    first: dict[tuple[str, str, int], Reading] = {}
    for reading in (reading for record in written for reading in record.batch.readings):
        first.setdefault((reading.device, reading.metric, reading.at_us), reading)
    keys = book.keys()
    rows = zip(*(a.tolist() for a in (columns.series, columns.at_us, columns.value, columns.quality)), strict=True)
    got = {(*keys[series], at_us): (value, quality) for series, at_us, value, quality in rows}

    assert got == {key: (reading.value, reading.quality) for key, reading in first.items()}
    assert len(columns) == len(got)
    assert (np.lexsort((columns.at_us, columns.series)) == np.arange(len(columns))).all()


@given(records, records)
def test_what_is_held_is_never_called_new(held: list[Record], arriving: list[Record]) -> None:
    """Every row that the store holds already is among those that have to be looked up."""
    book = SeriesBook()
    before = book.columns(held)
    book.remember(before)
    columns = book.columns(arriving)
    pairs = set(zip(before.series.tolist(), before.at_us.tolist(), strict=True))
    new = columns.where(~book.perhaps_held(columns))

    assert not pairs & set(zip(new.series.tolist(), new.at_us.tolist(), strict=True))
    assert len(columns.without(before.series, before.at_us)) == len(
        set(zip(columns.series.tolist(), columns.at_us.tolist(), strict=True)) - pairs
    )


def test_book_grows_with_its_series() -> None:
    """Thousands of series keep their numbers and their newest times apart."""
    book = SeriesBook()
    many = [Record(1, 0, Batch("garden", "d", 0, tuple(Reading(f"d{i}", "m", i, 1.0) for i in range(3_000))))]
    columns = book.columns(many)
    book.remember(columns)

    assert len(book) == 3_000
    assert book.find("d2999", "m") == 2_999
    assert book.find("d2999", "other") is None
    assert book.perhaps_held(columns).all()
