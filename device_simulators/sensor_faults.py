"""Sensor faults: what a sensor says when it is the sensor that fails, with the true label of each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from device_simulators.calendar import HOUR_US, SECOND_US, stream
from device_simulators.labels import Label, Truth
from device_simulators.message import Message
from ingest.topics import telemetry_topic

_JUMPY = 0.3
_MICROSECONDS_FROM = 10**14  # DOMAIN 5.4: the size of a time on the wire tells its unit


class Kind(StrEnum):
    """How a sensor fails."""

    STUCK = "stuck"
    JUMPING = "jumping"
    DRIFTING = "drifting"
    SILENT = "silent"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class SensorFault:
    """One fault of one device.

    Attributes:
        kind: How it fails.
        asset: What the device watches.
        device: Its id.
        start_us: From when on.
        end_us: When it is put right.
        metric: The channel, for what happens to one.
        amount: Stuck: the value it shows. Jumping: the value it jumps to, three times in ten. Drifting: how far it has
            gone at the end, in the metric's unit. Clock: how many seconds it is ahead.
        found_within_us: How long after its start it ought to be found.
    """

    kind: Kind
    asset: str
    device: str
    start_us: int
    end_us: int
    metric: str = ""
    amount: float = 0.0
    found_within_us: int = 3 * HOUR_US

    def label(self) -> Label:
        """The truth about it."""
        what = f"{self.device} {self.metric}".rstrip()
        times = (self.start_us, None, self.start_us, self.start_us + self.found_within_us)
        return Label(self.asset, "sensor.fault", Truth.FAULT, *times, 0.5, f"{what}: {self.kind.value}")


def with_faults(messages: Iterator[Message], faults: Sequence[SensorFault], site: str, seed: int) -> Iterator[Message]:
    """The same messages as devices with these faults publish them.

    Args:
        messages: Of any devices of the site, ascending.
        faults: Of any of its devices.
        site: Its id.
        seed: Of the dice.
    """
    by_topic: dict[str, list[SensorFault]] = {}
    for fault in faults:
        by_topic.setdefault(telemetry_topic(site, fault.device), []).append(fault)
    for message in messages:
        failed: Message | None = message
        for fault in by_topic.get(message.topic, ()):
            if failed is not None and fault.start_us <= message.at_us < fault.end_us:
                failed = _failed(failed, fault, seed)
        if failed is not None:
            yield failed


def _failed(message: Message, fault: SensorFault, seed: int) -> Message | None:
    if fault.kind is Kind.SILENT:
        return None
    said = json.loads(message.payload)
    dice = stream(seed, f"{fault.device}-fault", message.at_us)
    for sample in said["samples"]:
        tick_us = 1 if sample["at"] > _MICROSECONDS_FROM else 1_000
        if fault.kind is Kind.CLOCK:
            sample["at"] += round(fault.amount * SECOND_US) // tick_us
        elif fault.metric in sample["values"] and sample["at"] * tick_us >= fault.start_us:
            value = float(sample["values"][fault.metric])
            sample["values"][fault.metric] = _wrong(value, fault, sample["at"] * tick_us, dice)
    return Message(message.topic, json.dumps(said, separators=(",", ":")).encode(), message.at_us, message.retain)


def _wrong(value: float, fault: SensorFault, at_us: int, dice: np.random.Generator) -> float:
    if fault.kind is Kind.STUCK:
        return fault.amount
    if fault.kind is Kind.JUMPING:
        return fault.amount if dice.random() < _JUMPY else value
    share = (at_us - fault.start_us) / (fault.end_us - fault.start_us)
    return round(value + share * fault.amount, 2)
