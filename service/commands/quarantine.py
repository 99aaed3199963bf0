"""Quarantine: the commands that list, show, try, replay and throw away what could not be taken in."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Config, Data, settings_of
from service.errors import ServiceError

if TYPE_CHECKING:
    from ingest.quarantine import Quarantine, Query
    from ingest.sources import NameMapping
    from service.settings import Settings

commands = typer.Typer(no_args_is_help=True, help="What could not be taken in: list, show, try, replay, discard.")

Number = Annotated[int, typer.Argument(help="As `quarantine list` shows it.", min=1)]
Numbers = Annotated[list[int] | None, typer.Argument(help="As `quarantine list` shows them.", min=1)]
ByReason = Annotated[str, typer.Option(help="Refused for this reason.")]
BySource = Annotated[str, typer.Option(help="That came through this source.")]
ByDevice = Annotated[str, typer.Option(help="Of the device that calls itself so.")]
ByTopic = Annotated[str, typer.Option(help="Of this topic; an MQTT filter works too.")]
Everything = Annotated[bool, typer.Option("--all", help="Every message.")]

_DONE_WITHIN_S = 5.0
_LOOK_S = 0.1


class NoQuarantineError(ServiceError):
    """Nothing was ever taken in here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"there is no log in {folder}: nothing was ever taken in there; name the data folder by --data"
        )


class NotInQuarantineError(ServiceError):
    """A number that nobody has."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no message {number} in quarantine: it was replayed, discarded or forgotten")


class NothingChosenError(ServiceError):
    """A command that changes messages was not told which."""

    def __init__(self) -> None:
        super().__init__("say which: numbers, --reason, --source, --device or --topic; or --all, alone")


class UnknownMappingError(ServiceError):
    """A mapping on the command line that cannot be read or used."""


@commands.command("list")
def list_(
    config: Config = None,
    data: Data = None,
    reason: ByReason = "",
    source: BySource = "",
    device: ByDevice = "",
    topic: ByTopic = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, newest first.")] = 20,
    before: Annotated[int, typer.Option(min=0, help="Only numbers below this one: the next page.")] = 0,
) -> None:
    """Show what was refused, newest first, and why."""
    from ingest.quarantine import Query
    from service.quarantine_display import show_list
    from service.wiring import zone_of

    settings = settings_of(config, data)
    quarantine = _quarantine(settings)
    found = quarantine.find(Query((), reason, source, device, topic, before, limit + 1))
    show_list(found[:limit], quarantine.held(), zone_of(settings), more=len(found) > limit)


@commands.command()
def show(
    number: Number,
    config: Config = None,
    data: Data = None,
    plates: Annotated[bool, typer.Option("--plates", help="Show number plates; only if you may see them.")] = False,
) -> None:
    """Show one refused message whole: where from, when, why, and what it says."""
    from ingest.quarantine import Query
    from service.quarantine_display import show_one
    from service.wiring import zone_of

    settings = settings_of(config, data)
    found = _quarantine(settings).find(Query([number]))
    if not found:
        raise NotInQuarantineError(number)
    show_one(found[0], zone_of(settings), plates=plates)


@commands.command("try")
def try_(
    number: Number,
    config: Config = None,
    data: Data = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--map", help="Try it with a name's meaning: name=metric or name=metric:unit; once for each."),
    ] = None,
) -> None:
    """Say what a message would become with the mapping of now, or with more names; nothing is stored."""
    from ingest.quarantine import Query
    from ingest.trial import mapped, tried
    from service.quarantine_display import show_trial
    from service.wiring import log_of, registry_of, zone_of

    settings = settings_of(config, data)
    found = _quarantine(settings).find(Query([number]))
    if not found:
        raise NotInQuarantineError(number)
    refusal, registry, log = found[0].refusal, registry_of(settings).current(), log_of(settings)
    names = [_mapping(text) for text in name or ()]
    if names and refusal.source not in registry.sources:
        raise UnknownMappingError(f"message {number} came through no source that is known now; names belong to one")
    if names:
        registry = mapped(registry, refusal.source, names)
    lateness_us = round(settings.ingest.lateness_s * 1e6)
    show_trial(tried(refusal, registry, lateness_us, log.watermarks(), log.kept()), zone_of(settings))


@commands.command()
def replay(
    numbers: Numbers = None,
    config: Config = None,
    data: Data = None,
    reason: ByReason = "",
    source: BySource = "",
    device: ByDevice = "",
    topic: ByTopic = "",
    everything: Everything = False,
) -> None:
    """Have messages decoded once more with the mapping of now; those that are good then leave quarantine."""
    from service.output import console
    from service.wiring import folder_of

    settings = settings_of(config, data)
    quarantine, query = _quarantine(settings), _query(numbers, (reason, source, device, topic), everything=everything)
    asked = list(quarantine.reasons(query))
    requested = quarantine.request_replay(query)
    console.print(f"{requested:,} messages are to be decoded once more")
    if not requested:
        return
    if not folder_of(settings).runs("ingest"):
        console.print("ingest does not run here: it comes to them when it starts (precomplaint run)")
        return
    _say_what_became(quarantine, asked)


@commands.command()
def discard(
    numbers: Numbers = None,
    config: Config = None,
    data: Data = None,
    reason: ByReason = "",
    source: BySource = "",
    device: ByDevice = "",
    topic: ByTopic = "",
    everything: Everything = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Throw messages away for good."""
    from service.output import console

    quarantine = _quarantine(settings_of(config, data))
    query = _query(numbers, (reason, source, device, topic), everything=everything)
    if not yes:
        typer.confirm(f"Throw {len(quarantine.reasons(query)):,} messages away for good?", abort=True)
    console.print(f"{quarantine.discard(query):,} messages were thrown away")


def _quarantine(settings: "Settings") -> "Quarantine":
    from service.wiring import folder_of, quarantine_of

    folder = folder_of(settings)
    if not folder.log.exists():
        raise NoQuarantineError(folder.root)
    return quarantine_of(settings)


def _query(numbers: Sequence[int] | None, filters: tuple[str, str, str, str], *, everything: bool) -> "Query":
    from ingest.quarantine import Query

    if everything == any((numbers, *filters)):
        raise NothingChosenError
    return Query(numbers or (), *filters)


def _mapping(text: str) -> "NameMapping":
    from ingest.metrics import METRICS
    from ingest.sources import NameMapping

    name, _, meaning = text.rpartition("=")
    metric, _, unit = meaning.partition(":")
    if not name:
        raise UnknownMappingError(f"--map {text!r}: write name=metric or name=metric:unit")
    if metric and metric not in METRICS:
        raise UnknownMappingError(f"--map {text!r}: there is no metric {metric!r}; there are {', '.join(METRICS)}")
    return NameMapping(name, metric, unit)


def _say_what_became(quarantine: "Quarantine", asked: list[int]) -> None:
    """Wait a little for ingest, and say what it made of the messages."""
    from ingest.quarantine import Query
    from service.output import console, plain

    deadline_s = time.monotonic() + _DONE_WITHIN_S
    while quarantine.requested(1) and time.monotonic() < deadline_s:
        time.sleep(_LOOK_S)
    if quarantine.requested(1):
        console.print("ingest is busy, or without a broker; it comes to them")
        return
    left = Counter(quarantine.reasons(Query(asked)).values())
    console.print(f"{len(asked) - left.total():,} are taken now")
    for reason, count in left.most_common():
        console.print(f"{count:,} are refused again: {plain(reason)}")
