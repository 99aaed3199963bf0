"""Azure protocol: a made-up set whose failures follow the calendar alone shows the artefact, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from models.evaluation.azure import figures
from models.evaluation.azure_data import CHANNELS, EVENTS, TELEMETRY
from models.evaluation.errors import DataMissingError


def _written(folder: Path) -> Path:
    """Eight machines whose first component fails every 45 days, with an error a day before; the rest is maintenance."""
    dice = np.random.default_rng(1)
    year = np.datetime64("2015-01-01T06:00:00")
    maintained, failed, erred = list[str](), list[str](), list[str]()
    for machine in range(1, 9):
        first = int(dice.integers(0, 15))
        for day in range(first, 364, 15):
            at = year + np.timedelta64(day, "D")
            moment = str(at).replace("T", " ")
            maintained.append(f"{moment},{machine},comp1")
            if day > first and dice.random() < 0.3:
                failed.append(f"{moment},{machine},comp1")
                erred.append(f"{str(at - np.timedelta64(1, 'D')).replace('T', ' ')},{machine},error1")
    tables = folder / EVENTS
    tables.mkdir(parents=True)
    for name, head, rows in (
        ("maint", "comp", maintained),
        ("failures", "failure", failed),
        ("errors", "errorID", erred),
    ):
        (tables / f"PdM_{name}.csv").write_text("\n".join([f"datetime,machineID,{head}", *rows]), encoding="utf-8")
    hours = [str(year + np.timedelta64(h, "h")).replace("T", " ") for h in range(1200)]
    rows = [f"{at},1," + ",".join(f"{v:.3f}" for v in dice.normal(100, 5, 4)) for at in hours]
    (folder / TELEMETRY).mkdir()
    telemetry = "\n".join([f"datetime,machineID,{','.join(CHANNELS)}", *rows])
    (folder / TELEMETRY / "PdM_telemetry.csv").write_text(telemetry, encoding="utf-8")
    return folder


def test_the_calendar_is_found_out(tmp_path: Path) -> None:
    """Where failures follow a schedule the figures say so, and the phase alone foretells as much as it can."""
    found = {(one.data, one.of, one.name): one.value for one in figures(_written(tmp_path), lambda _: None)}
    artefact = {name: value for (data, _, name), value in found.items() if "artefact" in data}

    assert set(artefact.values()) == {1.0}
    assert found["Azure, 100 machines' events, 24 h", "15-day phase alone", "AUC"] > 0.9
    assert found["Azure, 100 machines' events, 24 h", "random", "AUC"] == pytest.approx(0.5, abs=0.15)


def test_missing_files_are_named(tmp_path: Path) -> None:
    """The error says which file and where."""
    with pytest.raises(DataMissingError, match=r"PdM_errors.csv"):
        figures(tmp_path, lambda _: None)
