"""Figures: counters and gauges as one process notes them in the log, for another to serve to Prometheus."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.registry import Collector

_OURS = ("precomplaint_", "process_")
"""Of a process's metrics those that say how it does; the interpreter's own are left out."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Attributes:
        name: The family's, for a counter with `_total`.
        value: Of now.
        labels: What tells it from others of the family.
    """

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """The numbers of one name.

    Attributes:
        name: Without `_total`.
        kind: `counter`, `gauge` or another of Prometheus' types.
        meaning: One line.
        figures: Each with other labels.
    """

    name: str
    kind: str
    meaning: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a process last said of itself.

    Attributes:
        at_us: When, by the service's clock, microseconds since the epoch.
        families: The numbers.
    """

    at_us: int
    families: tuple[Family, ...]


def counter(name: str, meaning: str, values: Mapping[str, float] | float, label: str = "") -> Family:
    """A counter, or one a value of its label."""
    return _family(name, "counter", meaning, values, label)


def gauge(name: str, meaning: str, values: Mapping[str, float] | float, label: str = "") -> Family:
    """A gauge, or one a value of its label."""
    return _family(name, "gauge", meaning, values, label)


def collected(collector: Collector) -> tuple[Family, ...]:
    """What a collector of prometheus_client (its `REGISTRY` is one) counts now."""
    return tuple(
        Family(
            metric.name,
            metric.type,
            metric.documentation,
            tuple(Figure(s.name, s.value, s.labels) for s in metric.samples if not s.name.endswith("_created")),
        )
        for metric in collector.collect()
        if metric.name.startswith(_OURS)
    )


def metrics(own: Iterable[Metric], state: Iterable[Family], notes: Mapping[str, Note]) -> list[Metric]:
    """Families as prometheus_client shows them, each name once.

    Args:
        own: What the process that serves them counts itself; these get no label.
        state: What it has read of the service's state; the same.
        notes: What other processes noted, by process; these get the label `process`.
    """
    found = {metric.name: metric for metric in own}
    of_all = [("", family) for family in state]
    of_all += [(process, family) for process, note in sorted(notes.items()) for family in note.families]
    for process, family in of_all:
        metric = found.setdefault(family.name, Metric(family.name, family.meaning, family.kind))
        for figure in family.figures:
            labels = {**figure.labels, "process": process} if process else dict(figure.labels)
            metric.add_sample(figure.name, labels, figure.value)
    return list(found.values())


def _family(name: str, kind: str, meaning: str, values: Mapping[str, float] | float, label: str) -> Family:
    sample = f"{name}_total" if kind == "counter" else name
    if isinstance(values, Mapping):
        figures = tuple(Figure(sample, float(value), {label: text}) for text, value in values.items())
    else:
        figures = (Figure(sample, float(values)),)
    return Family(name, kind, meaning, figures)
