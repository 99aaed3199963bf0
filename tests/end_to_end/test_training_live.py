"""Training beside a running service: what reads much of the history has a copy, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.history import EVER_US
from service.errors import AlreadyRunningError
from service.settings import Settings
from service.training_history import HistoryHeldError, history_of
from tests.end_to_end.parts import parts
from tests.servers import Mosquitto
from tests.service.data_folder import small_folder

_DEVICE = "device-1"
_HOLDS = "import sys, duckdb; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def said(settings: Settings) -> int:
    """How many readings of the device the history holds."""
    with history_of(settings) as store:
        return sum(store.series(_DEVICE, metric, EVER_US, 2**62).at_us.size for metric in store.metrics(_DEVICE))


def test_the_history_is_read_while_the_api_has_it_open(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """What was there is there, the copy is gone afterwards, and only one can have it at a time."""
    folder = small_folder(tmp_path / "data")
    settings = Settings(data=folder.root)
    alone = said(settings)
    with parts(folder.root, mosquitto, "api") as running:
        beside = said(settings)
        with history_of(settings), pytest.raises(AlreadyRunningError), history_of(settings):
            pass
        answers = running["api"].status()

    assert 0 < alone <= beside  # the API has forwarded what the log had more
    assert not list(folder.root.glob(".borrowed*"))
    assert not list(folder.backups.glob(".work-*"))
    assert answers


def test_a_stranger_who_has_it_open_is_named(tmp_path: Path) -> None:
    """Where no API of ours could copy it the message says who holds it."""
    folder = small_folder(tmp_path / "data")
    command = [sys.executable, "-c", _HOLDS, str(folder.history)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        with pytest.raises(HistoryHeldError, match=str(stranger.pid)), history_of(Settings(data=folder.root)):
            pass
        stranger.communicate()
