"""Plate key: parts that start together seal with one key."""

import subprocess
import sys
from pathlib import Path

ASKS = """
import sys
from service.settings import load_settings
from service.wiring import ingest_settings
from pathlib import Path
print(ingest_settings(load_settings(None, data=Path(sys.argv[1]))).plate_key.get_secret_value())
"""


def test_parts_that_start_together_have_one_key(tmp_path: Path) -> None:
    """Processes that find no key at the same time all come by the same one, and nothing else is left of it."""
    command = [sys.executable, "-c", ASKS, str(tmp_path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {child.communicate(timeout=60)[0].strip() for child in children}

    assert len(keys) == 1
    assert len(keys.pop()) == 43
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("plate_key")] == ["plate_key"]
