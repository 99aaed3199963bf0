"""Broker: the embedded MQTT broker, mosquitto if the machine has it and amqtt if not, run as a child."""

import base64
import hashlib
import json
import os
import pwd
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.errors import BrokerMissingError

_SERVICE_USER = "precomplaint"
_DEVICE_USER = "device"
_OF_DOLLAR = ("$oc/#", "$thing/#", "$sys/#")
"""Roots of Huawei IoTDA, Tencent and OneNET: in an access list `#` leaves out what begins with a dollar sign."""
_FOR_DEVICES = (
    *("spBv1.0/+/NCMD/+", "spBv1.0/+/DCMD/+/+", "spBv1.0/STATE/+", "STATE/+"),
    *("frigate/+/+/set", "frigate/+/ptz", "frigate/restart"),
)
"""What devices may hear: what a Sparkplug host and a camera's owner tell them; nobody's readings, nobody's plates."""
_ITERATIONS = 101  # what mosquitto 2.0 itself writes; a longer password is what makes ours strong
_PLACES = "/usr/sbin:/usr/local/sbin:/sbin"  # Debian keeps mosquitto where ordinary users' PATHs do not reach


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """An embedded broker's command line and what a client needs to use it.

    Attributes:
        program: `mosquitto` or `amqtt`.
        command: What to run.
        username: The service's user, who may do everything; anonymous clients are refused.
        password: Made once, kept in the data folder, readable by its owner only.
        device_username: The devices' user, who may publish everything and hear only what is meant for devices.
        device_password: As `password`.
        promise: What this broker keeps over a restart, in one sentence for the person who starts it.
    """

    program: Literal["mosquitto", "amqtt"]
    command: tuple[str, ...]
    username: str
    password: str
    device_username: str
    device_password: str
    promise: str


def credentials(folder: Path) -> tuple[str, str]:
    """The service's user name and password at the embedded broker in `folder`; made on the first call."""
    return _SERVICE_USER, _password(folder / "password")


def device_credentials(folder: Path) -> tuple[str, str]:
    """The devices' user name and password at the embedded broker in `folder`; made on the first call."""
    return _DEVICE_USER, _password(folder / "device_password")


def _password(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    if not path.exists():
        _private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="ascii").strip()


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
    users = dict((credentials(folder), device_credentials(folder)))
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path=_PLACES)
    if kind == "mosquitto" and mosquitto is None:
        raise BrokerMissingError("mosquitto")
    if mosquitto is not None and kind != "amqtt":
        return _mosquitto(mosquitto, folder, (host, port), users)
    return _amqtt(folder, (host, port), users)


def _mosquitto(program: str, folder: Path, address: tuple[str, int], users: Mapping[str, str]) -> EmbeddedBroker:
    """Mosquitto with persistence, raised queue limits, a password file and an access list."""
    host, port = address
    _private(folder / "passwords", "".join(f"{user}:{_hashed(password)}\n" for user, password in users.items()))
    everything = ("#", *_OF_DOLLAR)
    access = [f"user {_SERVICE_USER}", *(f"topic readwrite {one}" for one in everything)]
    access += [f"user {_DEVICE_USER}", *(f"topic write {one}" for one in everything)]
    access += [f"topic read {one}" for one in _FOR_DEVICES]
    _private(folder / "access", "\n".join(access) + "\n")
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
        password=users[_SERVICE_USER],
        device_username=_DEVICE_USER,
        device_password=users[_DEVICE_USER],
        promise="keeps what is queued over a restart; a crash can cost the last second of the queue",
    )


def _hashed(password: str) -> str:
    """A password as mosquitto's file has it."""
    salt = secrets.token_bytes(12)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


def _amqtt(folder: Path, address: tuple[str, int], users: Mapping[str, str]) -> EmbeddedBroker:
    """The amqtt broker with named users, as it drops what waits for anonymous clients that are away."""
    from pwdlib import PasswordHash  # noqa: PLC0415 -- slow to import, and only this broker needs it
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415 -- the same

    host, port = address
    hasher = PasswordHash((Argon2Hasher(),))
    _private(
        folder / "passwords.amqtt",
        "".join(f"{user}:{hasher.hash(password)}\n" for user, password in users.items()),
    )
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
  amqtt.plugins.topic_checking.TopicAccessControlListPlugin:
    acl:
      {_SERVICE_USER}: ["#"]
      {_DEVICE_USER}: {json.dumps(_FOR_DEVICES)}
""",
    )
    return EmbeddedBroker(
        program="amqtt",
        command=(sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(folder / "amqtt.yaml")),
        username=_SERVICE_USER,
        password=users[_SERVICE_USER],
        device_username=_DEVICE_USER,
        device_password=users[_DEVICE_USER],
        promise="keeps nothing over its own restart and takes no topic that begins with $; install mosquitto (sudo "
        "apt-get install mosquitto) for that",
    )


def _private(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
