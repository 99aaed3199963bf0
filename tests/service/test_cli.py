"""Command line: what each command says, and what it says when it cannot work; real processes."""

import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from device_simulators.community import REGISTRY_FILE
from ingest.registry_file import load_registry
from service.folders import DataFolder
from service.settings import load_settings
from tests.ingest.brokers import broker
from tests.servers import answers, free_port, wait_until

COMMANDS = ("run", "ingest", "score", "api", "coverage", "simulate", "replay", "check-config", "version")
TABLE = "at;level\n2026-03-01T00:00:00;1.5\n2026-03-01T00:01:00;1.6\n"


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and its words."""

    code: int
    out: str
    errors: str


def start(arguments: Sequence[str], folder: Path, **settings: str) -> subprocess.Popen[str]:
    """A `precomplaint` process whose data folder lies below `folder` unless a setting says otherwise."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRECOMPLAINT_")}
    environment |= {"PRECOMPLAINT_DATA": str(folder / "data"), "COLUMNS": "100", "NO_COLOR": "1"}
    environment |= {f"PRECOMPLAINT_{name}": value for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", *arguments],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def say(arguments: str, folder: Path, **settings: str) -> Said:
    """Run a command that ends by itself."""
    child = start(arguments.split(), folder, **settings)
    try:
        out, errors = child.communicate(timeout=60)
    finally:
        child.kill()
    return Said(child.returncode, out, errors)


def refusals(folder: Path, commands: dict[str, dict[str, str]]) -> dict[str, Said]:
    """What several commands say; they run beside each other, because most of their time is starting up."""
    children = {arguments: start(arguments.split(), folder, **settings) for arguments, settings in commands.items()}
    said = {}
    for arguments, child in children.items():
        try:
            out, errors = child.communicate(timeout=120)
        finally:
            child.kill()
        said[arguments] = Said(child.returncode, out, errors)
    return said


def is_one_clear_line(said: Said, *words: str) -> bool:
    """Exit code 2 and one line on standard error that holds the words; the log's own lines do not count."""
    lines = [line for line in said.errors.splitlines() if line.startswith("precomplaint: ")]
    return (
        said.code == 2
        and len(lines) == 1
        and said.errors.endswith(f"{lines[0]}\n")
        and all(word in lines[0] for word in words)
        and "Traceback" not in said.errors + said.out
    )


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_help_reads_well(tmp_path: Path) -> None:
    """`--help` lists every command with what it does, and each command's help lists its options."""
    said = refusals(tmp_path, {"--help": {}} | {f"{command} --help": {} for command in COMMANDS})

    assert {arguments: (one.code, one.errors) for arguments, one in said.items()} == dict.fromkeys(said, (0, ""))
    assert all(f" {command} " in said["--help"].out for command in COMMANDS)
    assert all("Usage:" in one.out and "--help" in one.out for one in said.values())
    assert [
        o for o in ("--simulate", "--replay", "--port", "--config", "--data") if o not in said["run --help"].out
    ] == []


def test_the_version_is_the_installed_one(tmp_path: Path) -> None:
    """`version` prints the version of pyproject.toml and nothing else."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = say("version", tmp_path)

    assert (said.code, said.out) == (0, f"{project['version']}\n")


def test_the_sample_is_a_settings_file_that_works(tmp_path: Path) -> None:
    """What `check-config --sample` prints, saved, passes `check-config` and sets the defaults."""
    file = tmp_path / "sample.toml"
    file.write_text(say("check-config --sample", tmp_path).out, encoding="utf-8")
    checked = say(f"check-config --config {file}", tmp_path)
    registry = load_registry(REGISTRY_FILE)

    assert (checked.code, checked.errors) == (0, "")
    assert f"1 sites, {len(registry.assets)} assets, {len(registry.devices)} devices" in checked.out
    assert load_settings(file).model_dump() == load_settings().model_dump()


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Settings, registry, table, speed and scenario: each mistake is one line that says where it is and what to do."""
    table, registry, bad = tmp_path / "table.csv", tmp_path / "registry.toml", tmp_path / "bad.toml"
    table.write_text(TABLE, encoding="utf-8")
    registry.write_text('[[site]]\nid = 5\nname_zh = "园"\nname_en = "G"\n', encoding="utf-8")
    bad.write_text("[api\n", encoding="utf-8")
    quick = f"replay {table} --time-column at --column level=pressure_kpa"
    said = refusals(
        tmp_path,
        {
            "check-config": {"API__PORT": "banana"},
            f"check-config -c {bad}": {},
            "check-config -c absent.toml": {},
            "check-config -d 1": {"REGISTRY": str(tmp_path / "absent.toml")},
            "check-config -d 2": {"REGISTRY": str(registry)},
            "run -d 3": {},
            "replay absent.csv": {},
            f"replay {table}": {},
            quick: {},
            f"{quick} --speed banana": {},
            f"run --replay {table} --speed banana": {},
            "simulate --scenario fire": {},
        },
    )

    assert is_one_clear_line(said["check-config"], "api.port is 'banana'", "integer")
    assert is_one_clear_line(said[f"check-config -c {bad}"], str(bad), "is not TOML", "line 1")
    assert is_one_clear_line(said["check-config -c absent.toml"], "absent.toml", "no such file", "leave out --config")
    assert is_one_clear_line(said["check-config -d 1"], str(tmp_path / "absent.toml"), "setting registry")
    assert is_one_clear_line(said["check-config -d 2"], str(registry), "site", "id")
    assert is_one_clear_line(said["run -d 3"], "registry is not set", "precomplaint run --simulate")
    assert is_one_clear_line(said["replay absent.csv"], "absent.csv", "No such file")
    assert is_one_clear_line(said[f"replay {table}"], str(table), "--mapping", "at, level")
    assert is_one_clear_line(said[quick], str(table), "registry does not know", "precomplaint run --replay")
    assert is_one_clear_line(said[f"{quick} --speed banana"], "--speed 'banana'", "above 0", "max")
    assert is_one_clear_line(said[f"run --replay {table} --speed banana"], "--speed 'banana'", "above 0", "max")
    assert is_one_clear_line(said["simulate --scenario fire"], "fire", "demo")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A data folder that is a file, or lies where nothing can be made."""
    (tmp_path / "file").touch()
    commands = ("ingest", "score", "api", "simulate", "run --simulate")
    said = refusals(
        tmp_path,
        {f"{command} -d {tmp_path / 'file'}": {} for command in commands} | {"score -d /proc/precomplaint": {}},
    )

    assert [
        arguments for arguments, one in said.items() if not is_one_clear_line(one, "cannot be used", "--data")
    ] == []


def test_work_that_somebody_else_does_is_not_done_twice(tmp_path: Path) -> None:
    """A second run, ingest, scorer, API or simulation in one data folder: which, where, and what to do."""
    folder = DataFolder(tmp_path / "data")
    commands = {
        f"run --simulate -d {folder.root}": "run",
        "ingest": "ingest",
        "score": "score",
        "api": "api",
        "simulate": "simulate or replay",
    }
    with ExitStack() as held:
        for part in commands.values():
            held.enter_context(folder.held(part))
        ports = {"API__PORT": str(free_port()), "BROKER__PORT": str(free_port())}
        said = refusals(tmp_path, dict.fromkeys(commands, ports))

    assert [
        part
        for command, part in commands.items()
        if not is_one_clear_line(said[command], f"another precomplaint {part} is", str(folder.root), "--data")
    ] == []


def test_another_simulation_is_not_mixed_in(tmp_path: Path) -> None:
    """A folder in which one scenario ran does not take another, and says which one it holds."""
    folder = DataFolder(tmp_path / "data")
    folder.make()
    folder.simulation.write_text('{"scenario": "burst", "seed": 3, "start_us": 1764000000000000}', encoding="utf-8")
    said = refusals(tmp_path, {"simulate --scenario demo": {}, f"run --simulate --seed 4 -d {folder.root}": {}})

    assert [one for one in said.values() if not is_one_clear_line(one, "burst with seed 3", "--data")] == []


def test_ctrl_c_while_it_starts_ends_a_run(tmp_path: Path) -> None:
    """Pressed before the parts are up, Ctrl-C stops what has been started, quietly, and leaves no process."""
    folder = DataFolder(tmp_path / "data")
    ports = {"API__PORT": str(free_port()), "BROKER__PORT": str(free_port()), "BROKER__KIND": "amqtt"}
    child = start(["run", "--simulate", "-d", str(folder.root)], tmp_path, **ports)
    try:
        wait_until((folder.logs / "broker.log").exists, 60, "the broker's start")
        child.send_signal(signal.SIGINT)
        out, errors = child.communicate(timeout=60)
    finally:
        child.kill()

    assert (child.returncode, errors) == (0, "")
    assert "crew page    " not in out
    assert not answers(int(ports["BROKER__PORT"]))


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """The port of the API or of the broker: which, whose, and which setting changes it."""
    with taken_port() as port:
        said = refusals(
            tmp_path,
            {
                f"api --port {port}": {},
                f"run --simulate --port {port} -d {tmp_path / 'one'}": {},
                f"run --simulate -d {tmp_path / 'two'}": {"BROKER__PORT": str(port), "API__PORT": str(free_port())},
            },
        )
    of_api, of_run, of_broker = said.values()

    assert is_one_clear_line(of_api, "API", f"port {port}", "in use", "--port")
    assert is_one_clear_line(of_run, "API", f"port {port}", "in use", "--port")
    assert is_one_clear_line(of_broker, "broker", f"port {port}", "in use", "broker.port")


@pytest.mark.needs("mosquitto")
def test_a_broker_that_refuses_is_named(tmp_path: Path) -> None:
    """An external broker that does not let us in, and none where one should be: where, why, and what to set."""
    with broker(tmp_path / "mosquitto", "right") as locked:
        wrong = {
            "BROKER__KIND": "external",
            "BROKER__PORT": str(locked.port),
            "BROKER__USERNAME": "ingest",
            "BROKER__PASSWORD": "hunter2",
        }
        nobody = {"BROKER__KIND": "external", "BROKER__PORT": str(free_port())}
        said = refusals(
            tmp_path,
            {
                "ingest": wrong,
                "simulate": wrong,
                f"run --simulate -d {tmp_path / 'run'}": wrong | {"API__PORT": str(free_port())},
                f"ingest -d {tmp_path / 'nobody'}": nobody,
                f"simulate -d {tmp_path / 'nobody'}": nobody,
            },
        )
    *refused, alone, lonely = said.values()

    assert [one for one in refused if not is_one_clear_line(one, f"127.0.0.1:{locked.port}", "password")] == []
    assert [one for one in refused if "hunter2" in one.errors + one.out] == []
    assert is_one_clear_line(alone, f"127.0.0.1:{nobody['BROKER__PORT']}", "nothing listens there", "broker.host")
    assert is_one_clear_line(lonely, f"127.0.0.1:{nobody['BROKER__PORT']}", "start one there")


@pytest.mark.needs("mosquitto")
def test_ctrl_c_ends_a_part_quietly(tmp_path: Path) -> None:
    """Ingest, scoring and the API, each alone, end with exit code 0 and no complaint."""
    folder, port = DataFolder(tmp_path / "data"), free_port()
    with broker(tmp_path / "mosquitto") as server:
        settings = {"BROKER__KIND": "external", "BROKER__PORT": str(server.port), "API__PORT": str(port)}
        parts = {name: start([name], tmp_path, **settings) for name in ("ingest", "score", "api")}
        try:
            for name in ("ingest", "score"):
                wait_until(folder.ready_file(name).exists, 60, f"{name} to be ready")
            wait_until(lambda: answers(port), 60, "the API to answer")
            for part in parts.values():
                part.send_signal(signal.SIGINT)
            said = {name: part.communicate(timeout=60) for name, part in parts.items()}
        finally:
            for part in parts.values():
                part.kill()

    assert {name: part.returncode for name, part in parts.items()} == dict.fromkeys(parts, 0)
    assert [words for words in said.values() if "Traceback" in words[1] or "Abort" in words[1]] == []
