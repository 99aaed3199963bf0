"""Brokers: mosquitto as these tests need it: its configuration written once, and with a password if wanted."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import Mosquitto


class SteadyMosquitto(Mosquitto):
    """Writes its configuration before the first start and never again: a broker may be reading it at that moment.

    Args:
        folder: For everything it keeps.
        password: Of the user `ingest`; None lets everybody in.
    """

    def __init__(self, folder: Path, password: str | None = None) -> None:
        super().__init__(folder)
        self._password = password
        self._written: list[str] = []

    def _command(self) -> list[str]:
        if not self._written:
            self._written = super()._command()
            if self._password is not None:
                self._lock(Path(self._written[-1]), self._password)
        return self._written

    def _lock(self, config: Path, password: str) -> None:
        passwords = self.folder / "passwords"
        program = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
        subprocess.run([program, "-b", "-c", str(passwords), "ingest", password], check=True)
        text = config.read_text(encoding="utf-8").replace("allow_anonymous true", "allow_anonymous false")
        config.write_text(f"{text}password_file {passwords}\n", encoding="utf-8")


@contextmanager
def broker(folder: Path, password: str | None = None) -> Iterator[SteadyMosquitto]:
    """A running broker, gone after the block."""
    server = SteadyMosquitto(folder, password)
    server.start()
    try:
        yield server
    finally:
        server.stop()
