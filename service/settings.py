"""Settings: every setting, read from one TOML file and the environment, checked before anything starts."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from ingest.settings import IngestSettings
from service.errors import SettingsInvalidError

PREFIX = "PRECOMPLAINT_"
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class BrokerSettings(BaseModel):
    """Where the MQTT broker is, or which one to run."""

    model_config = _FROZEN

    kind: Literal["auto", "mosquitto", "amqtt", "external"] = Field(
        "auto",
        description="auto runs mosquitto if the machine has it, else amqtt; external uses one you run",
    )
    host: str = Field("127.0.0.1", description="address to listen on, or of the external broker")
    port: int = Field(11883, ge=1, le=65535, description="its port")
    username: str | None = Field(None, description="user name at an external broker")
    password: SecretStr | None = Field(None, description="password at an external broker")


class HistorySettings(BaseModel):
    """Which time-series store keeps the readings."""

    model_config = _FROZEN

    kind: Literal["duckdb", "influxdb"] = Field(
        "duckdb", description="duckdb is embedded; influxdb is a server you run"
    )
    url: str = Field("http://127.0.0.1:8086", description="address of InfluxDB")
    database: str = Field("precomplaint", description="database (1.x, made if missing; 3.x) or bucket (2.x)")
    wire: Literal["auto", "v1", "v2"] = Field(
        "auto", description="how InfluxDB is written: v1 is /write, v2 is /api/v2/write; auto asks its version by /ping"
    )
    username: str | None = Field(None, description="user name at InfluxDB 1.x")
    password: SecretStr | None = Field(None, description="password at InfluxDB 1.x")
    org: str = Field("", description="organisation at InfluxDB 2.x")
    token: SecretStr | None = Field(None, description="token at InfluxDB 2.x or 3.x")
    token_file: Path | None = Field(None, description="file that holds the token; it wins over token")
    summary_policy: str = Field(
        "",
        description="retention policy (1.x) or bucket <database>/<name> (2.x, 3.x) of the summaries; empty: the same",
    )
    keep_readings_days: int = Field(
        400, ge=0, description="days of readings and events that duckdb keeps; then minutes are left; 0 is for ever"
    )
    keep_minutes_days: int = Field(
        1_095, ge=0, description="days of which duckdb keeps minutes once the readings went; then hours are left"
    )
    keep_hours_days: int = Field(0, ge=0, description="days of which duckdb keeps hours; 0 is for ever")


class ApiSettings(BaseModel):
    """Where the ticket API and the crew page answer."""

    model_config = _FROZEN

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets phones of the local network in")
    port: int = Field(8470, ge=1, le=65535, description="its port")


class IngestChoices(BaseModel):
    """How messages are taken in."""

    model_config = _FROZEN

    lateness_s: float = Field(
        10.0, ge=0.0, le=3600.0, description="seconds a message may arrive behind its site and still count"
    )
    keep_days: float = Field(8.0, le=36_500.0, description="days the log keeps what is scored and in the history")
    processes: int = Field(
        1, ge=1, le=16, description="processes that share the messages; above 1 the broker must share them (MQTT 5)"
    )
    receive_maximum: int = Field(1000, ge=1, le=65535, description="messages in hand before the first is acknowledged")

    @field_validator("keep_days")
    @classmethod
    def _keeps_what_may_come_again(cls, days: float) -> float:
        needed_s: int = IngestSettings.model_fields["session_expiry_s"].default
        if days * 86_400 < needed_s:
            why = "must be at least {needed}: so long the broker may deliver a message again, and the log must know it"
            raise PydanticCustomError("too_short", why, {"needed": needed_s // 86_400})
        return days


class QuarantineSettings(BaseModel):
    """How much is kept of what could not be taken; what there is most of gives way first, the oldest of it."""

    model_config = _FROZEN

    messages: int = Field(20_000, ge=1, description="messages in all")
    megabytes: float = Field(256.0, gt=0.0, description="of their payloads, in all")
    days: float = Field(30.0, gt=0.0, le=36_500.0, description="since they came")
    private_days: float = Field(7.0, gt=0.0, le=36_500.0, description="likewise, with a number plate or a picture")
    per_device: int = Field(200, ge=1, description="messages of one device, source and reason")


class TrainingSettings(BaseModel):
    """Where models are fitted and measured."""

    model_config = _FROZEN

    jobs: int = Field(-1, ge=-1, description="processes to fit and measure in; -1 is one a core")
    scheduler: str = Field("", description="address of a Dask scheduler that does it instead, tcp://host:8786")


class PrivacySettings(BaseModel):
    """How long camera stills are kept with an order; then the picture is deleted and its hash stays."""

    model_config = _FROZEN

    unconfirmed_stills_days: float = Field(
        7.0, gt=0.0, le=36_500.0, description="days, with an order that was not confirmed"
    )
    confirmed_stills_days: float = Field(
        90.0, gt=0.0, le=36_500.0, description="days, with an order that was confirmed"
    )


class ClockSettings(BaseModel):
    """Whose time the service lives in."""

    model_config = _FROZEN

    kind: Literal["system", "simulation"] = Field("system", description="simulation: driven by precomplaint simulate")


class Settings(BaseSettings):
    """All settings; the environment (PRECOMPLAINT_API__PORT) wins over the file, the file over the defaults."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data: Path = Field(Path("data"), description="folder for everything that must survive a restart")
    registry: Path | None = Field(
        None, description="TOML file that fills the registry at first start; none: what was imported, else a simulation"
    )
    broker: BrokerSettings = Field(default_factory=BrokerSettings)
    ingest: IngestChoices = Field(default_factory=IngestChoices)
    quarantine: QuarantineSettings = Field(default_factory=QuarantineSettings)
    history: HistorySettings = Field(default_factory=HistorySettings)
    api: ApiSettings = Field(default_factory=ApiSettings)
    training: TrainingSettings = Field(default_factory=TrainingSettings)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    clock: ClockSettings = Field(default_factory=ClockSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the command line says, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(file: Path | None = None, **chosen: Any) -> Settings:
    """All settings, checked.

    Args:
        file: The settings file, or None for defaults and environment alone.
        **chosen: What the command line chose, such as `data` or `api={"port": 8471}`; it wins over everything.

    Raises:
        SettingsInvalidError: Names the file and each setting that cannot be used, and why.
    """
    if file is not None and not file.is_file():
        raise SettingsInvalidError(str(file), ["there is no such file; leave out --config to run with the defaults"])
    source = type("FileSettings", (Settings,), {"model_config": SettingsConfigDict(toml_file=file)})
    try:
        settings: Settings = source(**chosen)
    except ValidationError as error:
        raise SettingsInvalidError(str(file or "settings"), [_sentence(dict(e)) for e in error.errors()]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalidError(str(file), [f"is not TOML: {error}"]) from error
    except UnicodeDecodeError as error:
        raise SettingsInvalidError(str(file), [f"is not UTF-8: {error}; save it in that encoding"]) from error
    return settings


def _sentence(problem: dict[str, Any]) -> str:
    """One problem pydantic found, as what, the value and why."""
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{where}: there is no such setting (precomplaint check-config --sample lists them all)"
    value = "" if "password" in where or "token" in where else f" is {problem['input']!r}"
    return f"{where}{value}: {problem['msg'][0].lower()}{problem['msg'][1:]}"


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, so that a child process sees exactly what its parent checked."""
    found: dict[str, str] = {}

    def walk(prefix: str, model: BaseModel) -> None:
        for name in type(model).model_fields:
            value = getattr(model, name)
            key = f"{prefix}{name.upper()}"
            if isinstance(value, BaseModel):
                walk(f"{key}__", value)
            elif value is not None:
                found[key] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    walk(PREFIX, settings)
    return found


def sample() -> str:
    """A settings file that lists every setting with its default, as `precomplaint check-config --sample` prints it."""
    lines = ["# Every setting of Precomplaint with its default. An environment variable wins over this file:"]
    lines.append(f"# {PREFIX}API__PORT=8471 is the same as port = 8471 under [api].")
    sections: list[str] = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            sections += ["", f"# {type(default).__doc__}", f"[{name}]"]
            for key, inner in type(default).model_fields.items():
                sections += [f"# {inner.description}", _toml_line(key, inner.default)]
        else:
            lines += ["", f"# {field.description}", _toml_line(name, default)]
    return "\n".join(lines + sections) + "\n"


def _toml_line(key: str, default: object) -> str:
    """A default as TOML; a setting without one is shown commented out."""
    if default is None:
        return f'# {key} = ""'
    if isinstance(default, int | float) and not isinstance(default, bool):
        return f"{key} = {default}"
    return f'{key} = "{default}"'
