"""Evaluate: the command runs what it can, says what it could not, and writes the table where it is told to."""

from pathlib import Path

from typer.testing import CliRunner

from service.cli import app


def test_missing_data_are_named_and_the_table_is_written(tmp_path: Path) -> None:
    """Where nothing could be measured there is no table: an error says what each part lacks, and the page too."""
    page = tmp_path / "figures.md"
    done = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--only", "azure", "--to", str(page)])

    assert done.exit_code != 0
    assert "nothing was measured: azure" in str(done.exception)
    assert "─" not in done.output
    assert "- not run: azure" in page.read_text(encoding="utf-8")


def test_a_part_that_does_not_exist_is_refused() -> None:
    """The error names the part and those there are."""
    done = CliRunner().invoke(app, ["evaluate", "--only", "everything"])

    assert "--only everything" in str(done.exception)
    assert "community" in str(done.exception)
