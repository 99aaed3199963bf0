"""Settings: what is accepted, what is refused, and what is said about it."""

import tomllib
from pathlib import Path

import pytest

from service.errors import SettingsInvalidError
from service.settings import Settings, as_environment, load_settings, sample


def test_defaults_need_no_file() -> None:
    """Without a file and without an environment every setting has a default that runs on a laptop."""
    settings = load_settings()

    assert settings.broker.kind == "auto"
    assert settings.history.kind == "duckdb"
    assert settings.api.host == "127.0.0.1"


def test_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable overrides one setting of the file and leaves its neighbours alone."""
    file = tmp_path / "precomplaint.toml"
    file.write_text('[api]\nport = 9001\nhost = "0.0.0.0"\n', encoding="utf-8")
    monkeypatch.setenv("PRECOMPLAINT_API__PORT", "9002")

    settings = load_settings(file)

    assert (settings.api.host, settings.api.port) == ("0.0.0.0", 9002)  # noqa: S104 -- read, not listened on


def test_command_line_wins_over_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was chosen on the command line beats environment and file."""
    file = tmp_path / "precomplaint.toml"
    file.write_text("[api]\nport = 9001\n", encoding="utf-8")
    monkeypatch.setenv("PRECOMPLAINT_API__PORT", "9002")

    settings = load_settings(file, api={"port": 9003})

    assert settings.api.port == 9003


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    """A file with three mistakes gives three sentences that name the file, the setting and the value."""
    file = tmp_path / "precomplaint.toml"
    file.write_text('[api]\nport = 999999\nprot = 1\n[broker]\nkind = "emqx"\n', encoding="utf-8")

    with pytest.raises(SettingsInvalidError) as caught:
        load_settings(file)

    assert len(caught.value.problems) == 3
    assert "api.port is 999999" in str(caught.value)
    assert "api.prot: there is no such setting" in str(caught.value)
    assert "broker.kind is 'emqx'" in str(caught.value)
    assert str(file) in str(caught.value)


def test_the_log_keeps_what_may_come_again(tmp_path: Path) -> None:
    """Less than the broker's session is refused, with the reason."""
    file = tmp_path / "precomplaint.toml"
    file.write_text("[ingest]\nkeep_days = 3\n", encoding="utf-8")

    with pytest.raises(SettingsInvalidError, match=r"ingest\.keep_days is 3: must be at least 7: so long the broker"):
        load_settings(file)


def test_a_password_is_never_repeated(tmp_path: Path) -> None:
    """A mistake in a secret is reported without the secret."""
    file = tmp_path / "precomplaint.toml"
    file.write_text('[broker]\npassword = ["hunter2"]\n', encoding="utf-8")

    with pytest.raises(SettingsInvalidError) as caught:
        load_settings(file)

    assert "broker.password" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["not toml", "[api\n"])
def test_a_file_that_is_not_toml(tmp_path: Path, text: str) -> None:
    """The sentence says that it is not TOML and where."""
    file = tmp_path / "precomplaint.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsInvalidError, match=r"is not TOML: .*at line 1"):
        load_settings(file)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """What an editor saved as GBK is named, with what to do."""
    file = tmp_path / "precomplaint.toml"
    file.write_bytes("# 小区\n[api]\nport = 8470\n".encode("gbk"))

    with pytest.raises(SettingsInvalidError, match=r"precomplaint\.toml.*not UTF-8.*save it"):
        load_settings(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is an error, not a run with defaults."""
    with pytest.raises(SettingsInvalidError, match="there is no such file"):
        load_settings(tmp_path / "absent.toml")


def test_a_child_sees_what_its_parent_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed over as environment variables, the settings come out the same."""
    settings = load_settings(data="/tmp/x", broker={"kind": "external", "password": "p", "port": 1})  # noqa: S108
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)

    assert load_settings().model_dump() == settings.model_dump()


def test_the_sample_lists_every_setting_with_its_default() -> None:
    """The sample file is the code's own word: its values are the defaults and nothing is missing."""
    written = tomllib.loads("\n".join(line.removeprefix("# ") if _unset(line) else line for line in _lines()))

    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if hasattr(default, "model_dump"):
            shown = {k: ("" if v is None else v) for k, v in default.model_dump().items()}
            assert written[name] == shown
        else:
            assert written[name] == ("" if default is None else str(default))


def _lines() -> list[str]:
    return sample().split("\n")


def _unset(line: str) -> bool:
    return line.startswith("# ") and line.endswith(' = ""')
