"""World: the real broker, the real store, the small disk and the parts of one service, and what can be done to them."""

import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from service.folders import DataFolder
from tests.end_to_end.chain import PLATE_KEY
from tests.end_to_end.parts import environment
from tests.servers import Influx, Mosquitto, answers
from tests.torture.kept import Kept
from tests.torture.plan import LATENESS_S, Act, Shape
from tests.torture.small_disk import SmallDisk
from tests.torture.town import ANNEX_ASSET

_CLOCK = struct.Struct("<qd")
_DATABASE = "torture"


class TurnedClock:
    """The service's time, that somebody turns: it follows the messages, with a shift, and may go back.

    Args:
        path: The file in which the processes of a simulation share it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._at_us = 0
        self._shift_us = 0
        self.turned = 0

    def follow(self, at_us: int) -> None:
        """A message of this moment is about to be sent."""
        with self._lock:
            self._at_us = max(at_us, self._at_us)
            self._write()

    def turn(self, by_s: float) -> None:
        """Be so many seconds ahead of the messages, or behind, from now on."""
        with self._lock:
            self.turned += 1
            self._shift_us = round(by_s * 1e6)
            self._write()

    def _write(self) -> None:
        # Not through SimulationClock: that one never goes back.
        with self._path.open("r+b") as file:
            file.write(_CLOCK.pack(self._at_us + self._shift_us, 1.0))


class Server:
    """A broker or a store that is not ours, which can be killed, stopped and started again.

    Args:
        process: The server.
    """

    def __init__(self, process: Mosquitto | Influx) -> None:
        self.process = process
        self.killed = self.restarted = self.stopped = 0
        process.start()

    def kill(self) -> None:
        """Kill it and start it again."""
        self.killed += 1
        self.process.stop(signal.SIGKILL)
        self.process.start()

    def restart(self) -> None:
        """Stop it as one should, and start it again."""
        self.restarted += 1
        self.process.stop()
        self.process.start()

    def stop(self) -> None:
        """Let it do nothing until `go_on`."""
        self.stopped += 1
        self.process.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.process.signal(signal.SIGCONT)


class World:
    """Everything that runs.

    Args:
        folder: For all files; the data folder in it is a small disk.
        shape: How many processes, and which store.
        registry: The registry file.
    """

    def __init__(self, folder: Path, shape: Shape, registry: Path) -> None:
        self.disk = SmallDisk(folder / "data")
        self.data = DataFolder(folder / "data")
        self.broker = Server(Mosquitto(folder / "mosquitto"))
        self.store = Server(Influx(folder / "influx")) if shape.influx else None
        self.data.plate_key.write_text(PLATE_KEY, encoding="ascii")
        self.data.clock.write_bytes(_CLOCK.pack(0, 1.0))
        self.clock = TurnedClock(self.data.clock)
        chosen = {"INGEST__LATENESS_S": str(LATENESS_S), "REGISTRY": str(registry)}
        chosen |= {"INGEST__PROCESSES": str(shape.ingests)}
        # Everything that is refused is compared, and all that newcomers sent is to be taken in.
        chosen |= {"QUARANTINE__PER_DEVICE": "100000"}
        if self.store is not None:
            chosen |= {"HISTORY__KIND": "influxdb", "HISTORY__URL": self.influx.url, "HISTORY__DATABASE": _DATABASE}
        assert isinstance(self.broker.process, Mosquitto)
        self._environment = environment(self.data.root, self.broker.process, **chosen)
        self.parts = {name: self._part(name) for name in (*shape.ingest_names, "score", "api")}
        for part in self.parts.values():
            part.wait_ready()

    @property
    def influx(self) -> Influx:
        """The store that is a server."""
        assert self.store is not None
        assert isinstance(self.store.process, Influx)
        return self.store.process

    @property
    def database(self) -> str:
        """The database in it."""
        return _DATABASE

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self._environment['PRECOMPLAINT_API__PORT']}"

    def kill(self, names: Sequence[str]) -> None:
        """Kill parts at one moment."""
        for name in names:
            self.parts[name].kill()

    def lasting(self, act: Act, victim: str) -> tuple[Callable[[], None], Callable[[], None]]:
        """How something begins that lasts for a while, and how it ends."""
        if act is Act.FULL:
            return self.disk.fill, self.disk.free
        stopped = self.server(victim) if victim in {"broker", "store"} else self.parts[victim]
        return stopped.stop, stopped.go_on

    def approve(self, newcomer: str) -> bool:
        """Let a device in that waits; False if the API cannot do it now, or nobody has heard the device yet."""
        # Under one key however often it is asked: the API may have been killed before it could answer.
        try:
            answer = httpx.post(
                f"{self.url}/api/v1/registry/waiting/precomplaint/{newcomer}/approve",
                json={"who": "torture", "assets": [ANNEX_ASSET]},
                headers={"Idempotency-Key": f"approve {newcomer}"},
                timeout=20.0,
            )
        except httpx.HTTPError:
            return False
        return answer.is_success

    def server(self, name: str) -> Server:
        """The broker, or the store."""
        found = self.broker if name == "broker" else self.store
        assert found is not None
        return found

    def end(self) -> None:
        """Ask every part to end, so that its files can be read."""
        for part in self.parts.values():
            part.end()

    def close(self) -> None:
        """Take the servers and the disk away."""
        self.broker.process.stop()
        if self.store is not None:
            self.store.process.stop()
        self.disk.close()

    def _part(self, name: str) -> Kept:
        part, _, number = name.partition("-")
        command = (sys.executable, "-m", "service.cli", part, *(("--number", number) if number else ()))
        output = self.data.root / f"{name}.log"
        if name == "api":
            port = int(self._environment["PRECOMPLAINT_API__PORT"])
            return Kept(name, command, self._environment, output, lambda: answers(port))
        ready = self.data.ready_file(name)
        return Kept(name, command, self._environment, output, ready.exists, lambda: ready.unlink(missing_ok=True))


@contextmanager
def world(folder: Path, shape: Shape, registry: Path) -> Iterator[World]:
    """A running service, gone after the block."""
    made = World(folder, shape, registry)
    try:
        yield made
    finally:
        made.disk.free()
        made.end()
        made.close()
