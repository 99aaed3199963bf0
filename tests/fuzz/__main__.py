"""Fuzz: a million damaged messages of every wire format, led by what the decoder's code does with them.

    python -m tests.fuzz --runs 1000000 [--format senml] [--seed 7]
    python -m tests.fuzz --format senml --input crash-file

Each format runs in a process of its own. It prints what became of the messages and how much the process grew, and
leaves with 1 if a message raised, hung, broke a promise of `tests.fuzz.target`, or if the decoder grew.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import atheris
from rich.console import Console

with atheris.instrument_imports(include=["ingest.formats", "ingest.decode", "ingest.judge", "ingest.translation"]):
    from tests.fuzz.target import Target

from tests.fuzz.damage import damaged
from tests.fuzz.seeds import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 8_192
_SLOW_S = 10
_BLIND = 0.25  # chosen by: the share of messages that got past the JSON, 22 % at one half, 70 % so
_AFRESH = 0.5
_MAY_GROW_MB = 64
"""From a tenth of the way to its end; what grows by itself grows by more over a million messages."""


class _Run:
    """Counts the messages, and says at the end what became of them."""

    def __init__(self, name: str, runs: int, folder: Path) -> None:
        self._name, self._runs, self._done = name, runs, 0
        self._crash = folder / "crash"
        self._target = Target(name)
        self._began = time.monotonic()
        self._early_mb = 0.0

    def take(self, data: bytes) -> None:
        """One message; the last one is followed by the figures."""
        try:
            outcome = self._target.take(data)
            if self._done % 16 == 0:
                self._target.again(outcome)
        except Exception:
            self._crash.write_bytes(data)
            sys.stderr.write(
                f"message {self._done:,}: python -m tests.fuzz --format {self._name} --input {self._crash}\n"
            )
            raise
        self._done += 1
        if self._done == self._runs // 10:
            self._early_mb = _resident_mb()
        if self._done == self._runs:
            self._finish()

    def _finish(self) -> None:
        seconds, grown_mb = time.monotonic() - self._began, _resident_mb() - self._early_mb
        outcomes = ", ".join(f"{name} {count:,}" for name, count in self._target.outcomes.most_common())
        kept = sum(len(key) + len(value) for key, value in self._target.kept.items())
        console = Console(highlight=False, soft_wrap=True)
        console.print(
            f"{self._name}: {self._runs:,} messages in {seconds:.0f} s, grown by {grown_mb:.1f} MB"
            f" to {_resident_mb():.0f} MB{f', {kept:,} bytes kept' if kept else ''}\n    {outcomes}"
        )
        if grown_mb > _MAY_GROW_MB:
            raise MemoryError(f"{self._name} grew by {grown_mb:.1f} MB; the limit is {_MAY_GROW_MB}")


def main() -> int:
    """Run one format here, or every format in its own process."""
    told = _arguments()
    if told.format and told.input:
        target = Target(told.format)
        target.again(target.take(Path(told.input).read_bytes()))
    elif told.format:
        _fuzz(told.format, told.runs, told.seed)
    else:
        return _every_format(told.runs, told.seed)
    return 0


def _every_format(runs: int, seed: int) -> int:
    failed = []
    for name in SEEDS:
        command = [sys.executable, "-m", "tests.fuzz", "--format", name, "--runs", str(runs), "--seed", str(seed)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        sys.stderr.write(f"not held by: {', '.join(failed)}\n")
    return 1 if failed else 0


def _fuzz(name: str, runs: int, seed: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    corpus = folder / "corpus"
    corpus.mkdir()
    run = _Run(name, runs, folder)
    sound = Target(name).inputs()
    for number, data in enumerate(sound):
        (corpus / f"seed-{number}").write_bytes(data)
    options = [
        f"-runs={runs}",
        f"-seed={seed}",
        f"-max_len={_LONGEST}",
        f"-timeout={_SLOW_S}",
        f"-artifact_prefix={folder}/",
        "-rss_limit_mb=2048",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], run.take, custom_mutator=_mutator(sound))
    atheris.Fuzz()


def _mutator(sound: list[bytes]) -> "Callable[[bytes, int, int], bytes]":
    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311 - repeatable damage, no secret
        if random.random() < _BLIND:
            return bytes(atheris.Mutate(data, max_size))
        # What was found on the way is mostly no JSON any more; from there no step leads back into the formats.
        whole = random.choice(sound) if random.random() < _AFRESH else data
        return (whole[:1] + damaged(whole[1:], random))[:max_size]

    return mutate


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def _arguments() -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__.partition("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--runs", type=int, default=1_000_000, help="messages a format")
    parser.add_argument("--format", choices=sorted(SEEDS), help="one format alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", help="a file that a run left behind; needs --format")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
