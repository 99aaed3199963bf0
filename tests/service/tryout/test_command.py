"""Command: `precomplaint try` as a person uses it, from a table to a page."""

import os
import subprocess
import sys
from pathlib import Path

from tests.service.tryout.recorded import riser_table


def say(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "HOME": str(folder)}
    command = [sys.executable, "-m", "service.cli", "try", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_into_a_pipe_the_proposal_is_written_down_and_can_be_used(tmp_path: Path) -> None:
    """Nobody is there to confirm: the proposal becomes a file, and with it the orders are told and the page is made."""
    table = riser_table(tmp_path / "riser.csv")
    proposed = say(str(table), folder=tmp_path)
    mapping = tmp_path / "riser.csv.mapping.toml"
    done = say(str(table), "--mapping", str(mapping), folder=tmp_path)

    assert "--mapping" in proposed.stdout
    assert not (tmp_path / "riser.csv.try.html").exists() or done.returncode == 0
    assert "1 of 1 orders as labelled; 1 of 1 faults found" in done.stdout
    card = done.stdout[done.stdout.index("╭") : done.stdout.index("╰")].splitlines()
    assert card[-1].removesuffix("│").rstrip().endswith(".")  # nothing is cut off at the card's edge
    assert "burst within 72 hours" in (tmp_path / "riser.csv.try.html").read_text(encoding="utf-8")


def test_what_cannot_be_used_is_one_line_and_code_2(tmp_path: Path) -> None:
    """A file that is not there and a metric that does not exist are said in a line without a trace."""
    table = riser_table(tmp_path / "riser.csv")
    gone = say(str(tmp_path / "gone.csv"), folder=tmp_path)
    wrong = say(str(table), "--column", "anomaly=wetness", folder=tmp_path)

    assert [one.returncode for one in (gone, wrong)] == [2, 2]
    assert gone.stderr.strip() == f"precomplaint: {tmp_path / 'gone.csv'}: cannot be read: No such file or directory"
    assert len(wrong.stderr.strip().splitlines()) == 1


def test_a_page_that_has_no_place_is_one_line_and_code_2(tmp_path: Path) -> None:
    """A folder that is not there is named with the option that helps, after the orders were told."""
    table = riser_table(tmp_path / "riser.csv")
    said = say(str(table), "--yes", "--page", str(tmp_path / "gone" / "page.html"), folder=tmp_path)

    assert said.returncode == 2
    assert "1 of 1 faults found" in said.stdout
    assert "page.html: cannot be written: No such file or directory; name another place" in said.stderr
