"""Elevator entrapment: a stopped car with a closed door and somebody in it.

Source: DOMAIN 2.3, the state machine on which three deployed code bases agree; DOMAIN 2.1 for the codes.
"""

from collections.abc import Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory
from models.elevators.entrapment import FAILURE_MODE, SECOND_US, STANDSTILL, TUNABLES, CarWatch
from models.elevators.entrapment_evidence import evidence_of_report
from models.elevators.fault_codes import fault_codes
from models.elevators.status import Status, moments
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook
from models.windows import Window


class ElevatorEntrapment:
    """`models.elevators.entrapment` on the status reports of every elevator.

    Works badly where the device reports neither door nor motion (it says `UNKNOWN`, whatever its fault codes), and
    where a presence sensor is stuck: an idle car then looks like one with somebody in it.
    """

    spec = DetectorSpec(
        name="elevator_entrapment",
        version=2,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=5 * SECOND_US,
        tunables=TUNABLES,
        delay_us=95 * SECOND_US,
        needs=(frozenset({"door_closed"}), frozenset({"car_running", "car_speed_m_s"})),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found: list[Finding] = []
        for window in windows:
            asset = window.asset
            status = list(moments(window.readings))
            if not status and asset.id not in memory.states:
                continue
            limits = thresholds.values(TUNABLES, asset, window.start_us)
            car = CarWatch(asset, memory.states.setdefault(asset.id, {}), limits, window.start_us)
            for at_us, readings in status:
                car.let_pass(at_us)
                car.hear(at_us, readings)
            car.let_pass(window.end_us)
            found += car.said
            next_us = car.next_us()
            car.leave()
            if next_us is not None:
                memory.wake_us[asset.id] = next_us
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A status report that holds all it takes: mode, standstill, closed door; a code, or the button and a person.

        See `ArrivalJudge`. A report without the mode proves nothing: the car may be under inspection.
        """
        found: list[Finding] = []
        for at_us, readings in moments(batch.readings):
            said = {r.metric for r in readings}
            if not {"service_mode", "door_closed"} <= said or not said & {"alarm_button", "fault_code"}:
                continue
            status = Status({}, fault_codes(asset))
            status.take(readings)
            still = thresholds.value(STANDSTILL.name, asset, at_us)
            if (
                status.motion() is None
                or status.moves(still)
                or status.value("door_closed") != 1.0
                or status.attended()
            ):
                continue
            code = status.entrapment_code()
            if code is not None or (status.alarm() and status.value("person_present") == 1.0):
                evidence = evidence_of_report(status, code)
                used = {STANDSTILL.name: still}
                found.append(
                    Finding(asset.id, FAILURE_MODE, at_us, Verdict.SCORED, 1.0, evidence=evidence, thresholds=used)
                )
        return found
