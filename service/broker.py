"""Broker: the embedded MQTT broker, mosquitto if the machine has it and amqtt if not, run as a child."""

import base64
import hashlib
import os
import pwd
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.errors import BrokerMissingError

_SERVICE_USER = "precomplaint"
_ITERATIONS = 101  # what mosquitto 2.0 itself writes; a longer password is what makes ours strong
_PLACES = "/usr/sbin:/usr/local/sbin:/sbin"  # Debian keeps mosquitto where ordinary users' PATHs do not reach


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """An embedded broker's command line and what a client needs to use it.

    Attributes:
        program: `mosquitto` or `amqtt`.
        command: What to run.
        username: The one named user; anonymous clients are refused.
        password: Made once, kept in the data folder, readable by its owner only.
        promise: What this broker keeps over a restart, in one sentence for the person who starts it.
    """

    program: Literal["mosquitto", "amqtt"]
    command: tuple[str, ...]
    username: str
    password: str
    promise: str


def credentials(folder: Path) -> tuple[str, str]:
    """User name and password of the embedded broker in `folder`; the password is made on the first call."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / "password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return _SERVICE_USER, path.read_text(encoding="ascii").strip()


def embedded_broker(kind: str, folder: Path, host: str, port: int) -> EmbeddedBroker:
    """Write the broker's own configuration into `folder` and say how to run it.

    Args:
        kind: `auto`, `mosquitto` or `amqtt`.
        folder: Where its configuration, password and queue live.
        host: Address to listen on.
        port: Port to listen on.

    Raises:
        BrokerMissingError: `kind` is `mosquitto` and the machine has none.
    """
    _, password = credentials(folder)
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path=_PLACES)
    if kind == "mosquitto" and mosquitto is None:
        raise BrokerMissingError("mosquitto")
    if mosquitto is not None and kind != "amqtt":
        return _mosquitto(mosquitto, folder, (host, port), password)
    return _amqtt(folder, (host, port), password)


def _mosquitto(program: str, folder: Path, address: tuple[str, int], password: str) -> EmbeddedBroker:
    """Mosquitto with persistence, raised queue limits, a password file and an access list."""
    host, port = address
    salt = secrets.token_bytes(12)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    encoded = f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"
    _private(folder / "passwords", f"{_SERVICE_USER}:{encoded}\n")
    _private(folder / "access", f"user {_SERVICE_USER}\ntopic readwrite #\n")
    _private(
        folder / "mosquitto.conf",
        f"""listener {port} {host}
allow_anonymous false
password_file {folder / "passwords"}
acl_file {folder / "access"}
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
max_inflight_messages 0
# Started as root it would become a user who may not read this folder.
user {pwd.getpwuid(os.geteuid()).pw_name}
log_type error
log_type warning
""",
    )
    return EmbeddedBroker(
        program="mosquitto",
        command=(program, "-c", str(folder / "mosquitto.conf")),
        username=_SERVICE_USER,
        password=password,
        promise="keeps what is queued over a restart; a crash can cost the last second of the queue",
    )


def _amqtt(folder: Path, address: tuple[str, int], password: str) -> EmbeddedBroker:
    """The amqtt broker with one named user: it drops what waits for anonymous clients that are away."""
    from pwdlib import PasswordHash  # noqa: PLC0415 -- slow to import, and only this broker needs it
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415 -- the same

    host, port = address
    hashed = PasswordHash((Argon2Hasher(),)).hash(password)
    _private(folder / "passwords.amqtt", f"{_SERVICE_USER}:{hashed}\n")
    _private(
        folder / "amqtt.yaml",
        f"""listeners:
  default:
    type: tcp
    bind: "{host}:{port}"
    max_connections: 1000
timeout_disconnect_delay: 0
plugins:
  amqtt.plugins.authentication.FileAuthPlugin:
    password_file: "{folder / "passwords.amqtt"}"
""",
    )
    return EmbeddedBroker(
        program="amqtt",
        command=(sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(folder / "amqtt.yaml")),
        username=_SERVICE_USER,
        password=password,
        promise="keeps nothing over its own restart; install mosquitto (sudo apt-get install mosquitto) for that",
    )


def _private(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
