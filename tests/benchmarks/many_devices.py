"""Many devices: what 10,000 of them cost each process in memory, and how long each takes to come up again with them.

Real mosquitto, ingest, score and api processes in the machine's own time. 2,000 elevators, 3,000 risers with two
devices each and 2,000 pumps stand on 20 sites; each device speaks three times, a minute of device time apart. Memory is
PSS: pages that processes share are divided among them.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from device_simulators.calendar import MINUTE_US, SECOND_US
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.sqlite_log import SqliteLog
from ingest.topics import telemetry_topic
from service.folders import DataFolder
from tests.benchmarks.entrapment_path import connected
from tests.end_to_end.parts import PartProcess, parts
from tests.servers import Mosquitto, wait_until

DEVICES = 10_000
ROUNDS = 3
_SITES = 20
_RISER = 3_000
_CAR = {"service_mode": 1.0, "car_running": 0.0, "car_speed_m_s": 0.0, "door_closed": 1.0}
_PIPE = {"pressure_kpa": 400.0, "flow_m3_h": 1.2}
_NOISE = {"pipe_vibration_um_s2": 900.0, "pipe_temperature_c": 12.0}
_PUMP = {"velocity_rms_mm_s": 1.1, "envelope_rms_m_s2": 0.8, "kurtosis": 3.0, "speed_rpm": 2_900.0}
KINDS: dict[str, tuple[int, dict[str, dict[str, float]]]] = {
    "elevator": (2_000, {"gateway": _CAR}),
    "riser": (_RISER, {"pressure": _PIPE, "vibration": _NOISE}),
    "pump": (2_000, {"monitor": _PUMP}),
}
"""Of each class how many there are, and what its devices say."""


def assets(one_in: int = 1) -> Iterator[tuple[str, str, str]]:
    """Site, class and id of every asset, or of one in so many."""
    for kind, (count, _) in KINDS.items():
        for number in range(count // one_in):
            yield f"site-{number % _SITES}", kind, f"{kind}-{number}"


def registry(path: Path, one_in: int = 1) -> Path:
    """The registry file."""
    tables = [
        f'[[site]]\nid = "site-{n}"\nname_zh = "小区 {n}"\nname_en = "Site {n}"\ntimezone = "Asia/Shanghai"\n'
        for n in range(_SITES)
    ]
    for site, kind, asset in assets(one_in):
        names = f'place_zh = "{asset}"\nplace_en = "{asset}"\n'
        tables.append(f'[[asset]]\nid = "{asset}"\nsite = "{site}"\nclass = "{kind}"\n{names}')
        tables += [
            f'[[device]]\nid = "{asset}-{device}"\nsite = "{site}"\nassets = ["{asset}"]\n' for device in KINDS[kind][1]
        ]
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def messages() -> Iterator[tuple[str, bytes]]:
    """Every device, three times; the newest word is of now."""
    now_us = time.time_ns() // 1_000
    for turn in range(ROUNDS):
        at_us = now_us - (ROUNDS - 1 - turn) * MINUTE_US
        for number, (site, kind, asset) in enumerate(assets()):
            for device, values in KINDS[kind][1].items():
                name = f"{asset}-{device}"
                said = {metric: value + number % 5 * 0.1 + turn * 0.01 for metric, value in values.items()}
                yield telemetry_topic(site, name), encode_telemetry(name, [Sample(at_us - number % 1_000, said)])


def talk(port: int) -> None:
    """Publish everything."""
    client = connected(port)
    for info in [client.publish(topic, payload, qos=1) for topic, payload in messages()]:
        info.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def memory_mb(pid: int) -> tuple[float, float]:
    """PSS and RSS of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1_000 for line in lines[1:]}
    return found["Pss"], found["Rss"]


def again_s(part: PartProcess) -> float:
    """Seconds from a kill until the part does its work again."""
    part.stop(signal.SIGKILL)
    began_s = time.monotonic()
    part.start()
    return time.monotonic() - began_s


def measure(port: int, folder: DataFolder, running: dict[str, PartProcess]) -> None:
    """Print the figures."""
    subprocess.run([sys.executable, "-m", __spec__.name, str(port)], check=True)
    log = SqliteLog(folder.log)
    wait_until(lambda: log.head() >= ROUNDS * DEVICES, 120, "all messages")
    wait_until(lambda: running["api"].status()["lag_positions"] == 0, 120, "the scorer")
    time.sleep(3 * SECOND_US / 1e6)  # the history's last write, and what is done every second or two
    print(f"{DEVICES:,} devices, each heard {ROUNDS} times")  # noqa: T201 -- what a benchmark is for
    for name, part in running.items():
        pss, rss = memory_mb(part.pid)
        print(f"  {name:7} {pss:5.0f} MB PSS, {rss:5.0f} MB RSS", end="")  # noqa: T201 -- as above
        print(f", up again {again_s(part):.1f} s after a kill")  # noqa: T201 -- as above
    log.close()


def main() -> None:
    """Measure all three processes."""
    with tempfile.TemporaryDirectory() as name:
        broker, folder = Mosquitto(Path(name) / "mosquitto"), DataFolder(Path(name) / "service")
        broker.start()
        settings = {"CLOCK__KIND": "system", "REGISTRY": str(registry(Path(name) / "registry.toml"))}
        try:
            with parts(folder.root, broker, "ingest", "score", "api", **settings) as running:
                measure(broker.port, folder, running)
        finally:
            broker.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        talk(int(sys.argv[1]))
    else:
        main()
