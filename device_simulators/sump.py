"""Sump: a building's sump with its pump and level gauge, and the immersion sensors of its pit and floor."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, day_of, local_days, stream
from device_simulators.message import Message
from device_simulators.sump_troubles import Inflow, SumpTrouble, WeakSumpPump, Wet
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

START_MM = 800.0
_STOP_MM = 500.0
_SEEPAGE_MM_MIN = 3.0
_PUMP_MM_MIN = 120.0
_BRIM_MM = 2_000.0
_STEP_US = 10 * MINUTE_US
_WET_HEARTBEAT_US = 10 * MINUTE_US
_DRY_HEARTBEAT_US = 12 * HOUR_US
_BY_HOUR = (
    *(0.7, 0.6, 0.6, 0.6, 0.7, 0.9, 1.2, 1.4, 1.3, 1.1, 1.1, 1.1),
    *(1.1, 1.0, 1.0, 1.0, 1.0, 1.1, 1.2, 1.3, 1.3, 1.2, 1.0, 0.8),
)
"""Drains follow people; chosen to sum to about 24."""


@dataclass(slots=True)
class _Pit:
    """Where the water stands while a sump is simulated."""

    at_us: int
    level_mm: float = 600.0
    running: bool = False
    starts: int = 0


@dataclass(frozen=True, slots=True)
class Sump:
    """One sump; its devices are `{asset}-sump`, `{asset}-pit` and `{asset}-floor`.

    Attributes:
        site: The site's id.
        asset: The building's id.
        seed: Of its dice.
        troubles: What happens to it.
    """

    site: str
    asset: str
    seed: int
    troubles: Sequence[SumpTrouble] = ()

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """All its devices, ascending."""
        pit, floor = (self._immersion(where, start_us, end_us) for where in ("pit", "floor"))
        yield from heapq.merge(self._sump(start_us, end_us), pit, floor, key=attrgetter("at_us"))

    def _sump(self, start_us: int, end_us: int) -> Iterator[Message]:
        """A sample every ten minutes and whenever the pump starts or stops."""
        device = f"{self.asset}-sump"
        topic, pit = telemetry_topic(self.site, device), _Pit(start_us)
        for midnight_us in local_days(start_us, end_us):
            dice = stream(self.seed, self.asset, day_of(midnight_us))
            for step in range(DAY_US // _STEP_US):
                until_us = midnight_us + (step + 1) * _STEP_US
                seeping = _SEEPAGE_MM_MIN * _BY_HOUR[step // 6] * dice.uniform(0.8, 1.2)
                while pit.at_us < min(until_us, end_us):
                    self._flow(pit, until_us, seeping)
                    if pit.at_us < end_us:
                        said = {
                            "water_level_mm": round(pit.level_mm, 1),
                            "pump_running": float(pit.running),
                            "starts_total": float(pit.starts),
                        }
                        yield Message(topic, encode_telemetry(device, [Sample(pit.at_us, said)]), pit.at_us)

    def _flow(self, pit: _Pit, until_us: int, seeping: float) -> None:
        """Go on to the next start or stop of the pump, or to `until_us`."""
        rate = seeping + sum(self._runs_in(trouble, pit) for trouble in self.troubles)
        if pit.running:
            rate -= _PUMP_MM_MIN * self._left(pit.at_us)
        goal = _STOP_MM if pit.running else START_MM
        minutes = (goal - pit.level_mm) / rate if rate else -1.0
        passed_us = round(max(0.0, minutes) * MINUTE_US)
        switches = (minutes >= 0.0 or not pit.running) and pit.at_us + passed_us < until_us and rate != 0.0
        switches = switches and (rate < 0.0) == pit.running
        # A second at least, so that time goes on.
        next_us = pit.at_us + max(SECOND_US, passed_us) if switches else until_us
        pit.level_mm = min(_BRIM_MM, max(0.0, pit.level_mm + rate * (next_us - pit.at_us) / MINUTE_US))
        pit.at_us = next_us
        if switches:
            pit.running = not pit.running
            pit.starts += pit.running

    def _runs_in(self, trouble: SumpTrouble, pit: _Pit) -> float:
        if not isinstance(trouble, Inflow) or not trouble.start_us <= pit.at_us < trouble.end_us:
            return 0.0
        return 0.0 if trouble.while_stopped and pit.running else trouble.mm_min

    def _left(self, at_us: int) -> float:
        """Share of the pump's capacity that is left."""
        weak = (t for t in self.troubles if isinstance(t, WeakSumpPump) and t.onset_us <= at_us < t.repaired_us)
        return min((trouble.share for trouble in weak), default=1.0)

    def _immersion(self, where: str, start_us: int, end_us: int) -> Iterator[Message]:
        """On change, every ten minutes while it is wet, and twice a day."""
        device, metric = f"{self.asset}-{where}", "pit_water_present" if where == "pit" else "water_present"
        wet = sorted(
            (t.start_us, t.end_us) for t in self.troubles if isinstance(t, Wet) and t.pit == (metric[0] == "p")
        )
        told = dict.fromkeys(range(start_us + HOUR_US, end_us, _DRY_HEARTBEAT_US), 0.0)
        for begins_us, ends_us in wet:
            told = {at_us: v for at_us, v in told.items() if not begins_us <= at_us < ends_us}
            told |= dict.fromkeys(range(begins_us, ends_us, _WET_HEARTBEAT_US), 1.0) | {ends_us: 0.0}
        topic = telemetry_topic(self.site, device)
        for at_us, value in sorted(told.items()):
            if start_us <= at_us < end_us:
                yield Message(topic, encode_telemetry(device, [Sample(at_us, {metric: value})]), at_us)
