"""Report: tables a person can read, and a page in which each part is measured at its own time."""

from pathlib import Path

import pytest

from models.evaluation.figure import Figure
from service.evaluation.report import BEGIN, END, Measured, markdown, put_into, rows_of

HOW = Measured("2026-11-27", "abc", "precomplaint evaluate")
ORDER = ("community", "skab")


def test_what_was_missed_stands_first_and_in_bold() -> None:
    """Then what was reached, then what nobody asked for; a column that nothing is in is left out."""
    figures = [Figure("SKAB", "drawn", 3.0, "1"), Figure("SKAB", "F1", 0.84, "1", "0.82 or more", met=True)]
    said = markdown([*figures, Figure("SKAB", "NAB", 12.0, "1", "40 or more", met=False)], [], HOW)

    assert [line for line in said.splitlines() if line.startswith("| ")] == [
        "|  | reached | asked |",
        "| --- | --- | --- |",
        "| NAB | **12** | 40 or more |",
        "| F1 | 0.84 | 0.82 or more |",
        "| drawn | 3 |  |",
    ]
    assert "Of 2 figures that were asked, 1 are reached" in said


def test_things_measured_alike_share_a_row_each() -> None:
    """A column a measure with its unit and bound, the rows with a miss first, what was not measured empty."""
    figures = [
        Figure("fleet", "recall", 1.0, "1", "0.9 or more", met=True, of="pump.motor"),
        Figure("fleet", "lead", 2.5, "d", of="pump.motor"),
        Figure("fleet", "recall", 0.5, "1", "0.9 or more", met=False, note="seen", of="pipe.leak"),
    ]
    said = markdown(figures, [], HOW)

    assert "| pipe.leak | **0.5** |  |\n| pump.motor | 1 | 2.5 |\n\nSeen." in said
    assert "|  | recall, 0.9 or more | lead, d |" in said
    assert [row[1] for row in rows_of(figures)] == ["pump.motor: recall", "pump.motor: lead", "pipe.leak: recall"]


@pytest.mark.parametrize("marked", [True, False])
def test_a_part_replaces_its_own_and_leaves_the_others(marked: bool, tmp_path: Path) -> None:  # noqa: FBT001 -- a table
    """What was measured before at another commit stays; around the marks nothing moves."""
    page = tmp_path / "README.md"
    if marked:
        page.write_text(f"# page\n\n{BEGIN}\nolder\n{END}\n\ntail\n", encoding="utf-8")
    for parts in ({"skab": "old\n"}, {"community": "one\n"}, {"skab": "new\n"}):
        put_into(page, parts, ORDER)
    written = page.read_text(encoding="utf-8")

    assert ("old" in written, "new" in written, "tail" in written) == (False, True, marked)
    assert ("one" in written) == marked
    assert not marked or written.index("one") < written.index("new")
