"""Pictures: what is kept of a curve is what was put there."""

from hypothesis import given
from hypothesis import strategies as st

from models.statistics.pictures import picture_of, rows_of, with_row, without_newest

_ROWS = st.lists(st.lists(st.integers(-(10**15), 10**15), min_size=2, max_size=2), max_size=30)


@given(_ROWS, st.integers(1, 12))
def test_the_newest_rows_are_kept(rows: list[list[int]], most: int) -> None:
    """Whatever whole numbers they hold, the newest rows are read as they were written, and no others."""
    picture: list[object] = []
    for row in rows:
        picture = with_row(picture, row, most)

    assert rows_of(picture) == rows[-most:]
    assert picture == picture_of(rows[-most:])
    assert rows_of(without_newest(picture)) == rows[-most:][:-1]


def test_a_calm_curve_takes_little_room() -> None:
    """A point every five minutes that moves in its last two digits takes four characters."""
    rows = [[1_766_505_600 + 300 * n, 11_900 + n * 37 % 90] for n in range(48)]

    assert len(picture_of(rows)[-1]) <= 4 * 48
