"""Registry: what it says that no detector can work with is one clear line, before anything runs."""

from pathlib import Path

import pytest

from service.wiring import COMMUNITY
from tests.service.test_cli import is_one_clear_line, refusals


@pytest.mark.timeout(120)
def test_a_fault_code_table_that_nobody_knows_is_named(tmp_path: Path) -> None:
    """Checking and scoring say which file, elevator and value it is, and which values there are."""
    registry = tmp_path / "registry.toml"
    text = COMMUNITY.read_text(encoding="utf-8")
    registry.write_text(text.replace('"vendor"', '"vendors"', 1), encoding="utf-8")
    said = refusals(tmp_path, {command: {"REGISTRY": str(registry)} for command in ("check-config", "score")})

    assert [one.code for one in said.values()] == [2, 2]
    assert all(
        is_one_clear_line(
            one, str(registry), "'b3-e1', limits.fault_code_table", "'vendors'", "known are gbt24476, vendor, city"
        )
        for one in said.values()
    )
