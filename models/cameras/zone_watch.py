"""Zone watch: the vehicles in one zone, from their entry until they have gone."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from ingest.readings import Event, Still
from ingest.registry import Asset
from models.cameras.dwell_rule import SECOND_US, DwellRule
from models.cameras.two_wheelers import Kind, hear_kind, kind, surest
from models.cameras.vehicles import Vehicle, absorb, elected, matches, new_vehicle, same_plate, settle, vote
from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, Finding, Verdict
from models.thresholds import ThresholdBook

REPEATED_US = 60 * SECOND_US
"""Frigate speaks of every object at least this often. Source: DOMAIN 4.2."""
REPEAT_US = 30 * SECOND_US
"""A vehicle that still stands is said again at the next word of its camera after this long. Chosen by: half of what
Frigate takes, so that every such word counts; a policy that holds needs to hear it again."""
MOST_VEHICLES = 50
"""Remembered at once, as many present and as many gone, a zone. Chosen by: more than one camera overlooks; with plates
some 60 kB of state."""
MOST_STILLS = 8
"""Stills kept to choose from. Chosen by: one a minute and vehicle, and the latest counts."""
_IN, _OUT, _ENDED = "in", "out", "ended"


class ZoneWatch:
    """One zone and the vehicles in it; time is what `let_pass` and `hear` say it is.

    Attributes:
        said: The findings so far.
    """

    def __init__(self, rule: DwellRule, asset: Asset, state: State, thresholds: ThresholdBook, start_us: int) -> None:
        self.said: list[Finding] = []
        self._rule = rule
        self._asset = asset
        self._now_us = start_us
        self._values = thresholds.values(rule.tunables, asset, start_us)
        self._limit_s = self._values[rule.limits[str(asset.limits["zone_kind"])].name]
        self._permits = frozenset(str(asset.limits.get("permits", "")).split())
        self._heard_us: dict[str, int] = state.setdefault("heard_us", {})
        self._vehicles: list[Vehicle] = state.setdefault("vehicles", [])
        self._gone: list[dict[str, Any]] = state.setdefault("gone", [])
        self._stills: list[list[Any]] = state.setdefault("stills", [])

    def see(self, still: Still) -> None:
        """Keep a picture of vehicles to choose from; it never makes anything fire."""
        if still.label not in self._rule.labels:
            return
        shot = [still.at_us, still.sha256]
        self._stills.append(shot)
        self._stills.sort()
        del self._stills[:-MOST_STILLS]
        for vehicle in self._vehicles:
            vehicle["entry_still"] = _nearest([vehicle["entry_still"], shot], vehicle["since_us"])
            if vehicle["raised_us"] is not None and shot != vehicle["entry_still"]:
                vehicle["late_still"] = _nearest([vehicle["late_still"], shot], vehicle["raised_us"])

    def hear(self, event: Event) -> None:
        """Take in one event of a camera."""
        self._now_us = event.at_us
        self._heard_us[event.device] = event.at_us
        for vehicle in self._vehicles:
            if vehicle["unsure"] and vehicle["watched_us"] is None and vehicle["camera"] == event.device:
                vehicle["watched_us"] = event.at_us  # the camera is back: a word about it is due again
        said = event.attributes
        held = next((v for v in self._vehicles if said["id"] in v["tracks"]), None)
        if event.kind == "camera.object":
            if said.get("false_positive") or not self._counts(said):
                return
            held = self._follow(held, event)
        if held is not None and self._rule.doubt is not None and hear_kind(held, said):
            self._reconsider(held)
        if held is not None and vote(held, said, self._value("plate_score")):
            self._recognise(held)

    def let_pass(self, until_us: int) -> None:
        """Let time pass up to, not including, `until_us`, and do what falls due on the way."""
        while (due := self._due()) is not None and due[0] < until_us:
            self._now_us = max(self._now_us, due[0])
            vehicle = self._vehicles[due[2]]
            if vehicle["absent_us"] is not None:
                self._drop(vehicle)
            elif due[1]:
                self._raise(vehicle)
            else:
                self._miss(vehicle)

    def next_us(self) -> int | None:
        """The next moment at which something changes though nothing is heard, or None."""
        due = self._due()
        return None if due is None else due[0]

    def _due(self) -> tuple[int, bool, int] | None:
        """What comes next: when, whether it is a violation (silence goes first), and whose."""
        coming: list[tuple[int, bool, int]] = []
        for number, vehicle in enumerate(self._vehicles):
            if vehicle["absent_us"] is not None:
                coming.append((vehicle["absent_us"] + self._us("absent_s"), False, number))
                continue
            if vehicle["watched_us"] is not None:
                coming.append((vehicle["watched_us"] + self._us("silent_s"), False, number))
            stays = self._rule.passing_too or vehicle["stood"] is not None
            if vehicle["raised_us"] is None and stays and not self._let_be(vehicle):
                coming.append((vehicle["since_us"] + round(self._limit(vehicle) * SECOND_US), True, number))
        return min(coming, default=None)

    def _follow(self, vehicle: Vehicle | None, event: Event) -> Vehicle | None:
        """Note where the event puts its vehicle; the vehicle, or None when it is none of this zone's."""
        said, now_us = event.attributes, event.at_us
        track, inside = said["id"], self._asset.limits.get("zone") in said["zones"]
        ended = said["type"] == "end"
        if vehicle is None:
            if not inside or ended:
                return None
            vehicle = self._found_again(event) or self._enter(event)
        elif vehicle["tracks"][track] == _ENDED:
            return vehicle
        vehicle["tracks"][track] = _ENDED if ended else _IN if inside else _OUT
        if vehicle["tracks"][track] == _IN:
            self._stay(vehicle, said)
        elif vehicle["absent_us"] is None and _IN not in vehicle["tracks"].values():
            vehicle |= {"absent_us": now_us, "lost": inside, "watched_us": None}
        return vehicle

    def _found_again(self, event: Event) -> Vehicle | None:
        """The vehicle that a new track is, if any; an older track counts again once it is spoken of again.

        A camera that restarts never says that the older one has ended.
        """
        vehicle = next((v for v in self._vehicles if self._is_same(v, event)), None)
        if vehicle is not None:
            vehicle["tracks"] = {one: _OUT if now == _IN else now for one, now in vehicle["tracks"].items()}
        return vehicle

    def _enter(self, event: Event) -> Vehicle:
        vehicle = new_vehicle(event)
        vehicle["entry_still"] = _nearest(self._stills, event.at_us)
        self._vehicles.append(vehicle)
        if len(self._vehicles) > MOST_VEHICLES:
            self._vehicles.remove(min(self._vehicles, key=lambda v: v["seen_us"]))
        return vehicle

    def _stay(self, vehicle: Vehicle, said: Mapping[str, Any]) -> None:
        """The vehicle is there, by a word of now."""
        vehicle |= {"seen_us": self._now_us, "watched_us": self._now_us, "absent_us": None}
        moved = settle(vehicle, said["box"], stationary=bool(said.get("stationary")))
        if moved and not self._rule.passing_too and vehicle["raised_us"] is None:
            vehicle |= {"since_us": self._now_us, "entry_still": _nearest(self._stills, self._now_us)}
        lasting = vehicle["raised_us"] is not None and self._now_us - vehicle["said_us"] >= REPEAT_US
        if vehicle["unsure"] or lasting:
            self._raise(vehicle)

    def _counts(self, said: Mapping[str, Any]) -> bool:
        """Whether the camera tells of a vehicle that the rule is about, and is sure enough of it."""
        if said["label"] not in self._rule.labels:
            return False
        sure, least = said.get("top_score"), self._rule.least_score
        return least is None or not isinstance(sure, int | float) or sure >= self._values[least.name]

    def _is_same(self, vehicle: Vehicle, event: Event) -> bool:
        """Whether a new track is this vehicle: where it stood or, if passing counts, the one just lost from sight."""
        return matches(vehicle, event) or (self._rule.passing_too and vehicle["absent_us"] is not None)

    def _reconsider(self, vehicle: Vehicle) -> None:
        """Its camera says what it is, or something else than before: more urgent, or no matter at all."""
        if vehicle["raised_us"] is None or vehicle["unsure"]:
            return
        if kind(vehicle) is Kind.BICYCLE:
            vehicle["raised_us"] = None
            self._say(vehicle, Verdict.SCORED, 0.0)
        else:
            self._raise(vehicle)

    def _recognise(self, vehicle: Vehicle) -> None:
        """A plate was read: a vehicle that had gone out of sight with the same one is the same vehicle."""
        plate = elected(vehicle)
        for other in self._vehicles:
            known = elected(other)
            away = other["absent_us"] is not None or other["unsure"]
            if other is vehicle or not away or not known or not plate:
                continue
            if same_plate(known[1]["near"], plate[1]["near"]):
                self._vehicles.remove(vehicle)
                if absorb(other, vehicle)["unsure"]:
                    self._raise(other)
                return

    def _miss(self, vehicle: Vehicle) -> None:
        """Nothing was said of it for too long: it has gone if its camera spoke of others, else nobody can tell."""
        spoke_us = self._heard_us.get(vehicle["camera"], 0)
        if spoke_us - (vehicle["watched_us"] or 0) >= REPEATED_US:
            vehicle |= {"absent_us": vehicle["seen_us"], "lost": True, "watched_us": None}
        elif vehicle["raised_us"] is None:
            self._vehicles.remove(vehicle)
        else:
            vehicle["watched_us"] = None
            if not vehicle["unsure"]:
                vehicle["unsure"] = True
                self._say(vehicle, Verdict.UNKNOWN)

    def _drop(self, vehicle: Vehicle) -> None:
        """Absent for long enough."""
        self._vehicles.remove(vehicle)
        if vehicle["raised_us"] is None:
            return
        self._gone[:] = [g for g in self._recent() if g["subject"] != vehicle["subject"]][-MOST_VEHICLES + 1 :]
        plate = elected(vehicle)
        if plate is not None:
            self._gone.append(
                {
                    "subject": vehicle["subject"],
                    "near": plate[1]["near"],
                    "seen_us": vehicle["seen_us"],
                    "visits": vehicle["visits"],
                }
            )
        self._say(vehicle, Verdict.SCORED, 0.0)

    def _raise(self, vehicle: Vehicle) -> None:
        """It has stood too long, still does, or is seen again after nobody could tell."""
        vehicle["unsure"] = False
        if vehicle["raised_us"] is None:
            vehicle["raised_us"] = self._now_us
            others = [s for s in self._stills if s != vehicle["entry_still"]]
            vehicle["late_still"] = _nearest(others, self._now_us)
            plate = elected(vehicle)
            before = [g for g in self._recent() if plate and same_plate(g["near"], plate[1]["near"])]
            track = sha256(f"{self._asset.id} {vehicle['first']}".encode()).hexdigest()
            own = plate[0] if plate else track
            vehicle["subject"] = before[-1]["subject"] if before else own[:12]
            vehicle["visits"] = 1 + (before[-1]["visits"] if before else 0)
        self._say(vehicle, Verdict.SCORED, 1.0, self._evidence(vehicle))

    def _recent(self) -> list[dict[str, Any]]:
        """Those that had stood too long and left within the time in which the same plate is the same matter."""
        oldest_us = self._now_us - round(self._value("same_plate_h") * 3600) * SECOND_US
        return [g for g in self._gone if g["seen_us"] >= oldest_us]

    def _let_be(self, vehicle: Vehicle) -> bool:
        """Whether it may stand there: it has a permit, or is what the rule is not about."""
        permitted = bool(self._permits) and not self._permits.isdisjoint(vehicle["plates"])
        return permitted or (self._rule.doubt is not None and kind(vehicle) is Kind.BICYCLE)

    def _limit(self, vehicle: Vehicle) -> float:
        """How long it may stand there, in seconds; longer while nobody says what it is."""
        doubt = self._rule.doubt
        return self._limit_s if doubt is None or kind(vehicle) is not Kind.OPEN else self._values[doubt.name]

    def _evidence(self, vehicle: Vehicle) -> Evidence:
        shots = [s for s in (vehicle["entry_still"], vehicle["late_still"]) if s is not None]
        stood_s, limit_s = (self._now_us - vehicle["since_us"]) / SECOND_US, self._limit(vehicle)
        score = surest(vehicle)
        named = [] if score is None else [Contribution("e_bike_score", score, "1", None, 0.5)]
        return Evidence(
            contributions=(Contribution(self._rule.measure, stood_s, "s", limit_s, 1.0 - 0.5 * len(named)), *named),
            counterfactual=Counterfactual(self._rule.measure, limit_s, "s"),
            stills=tuple(str(s[1]) for s in sorted(shots)),
            facts=self._facts(vehicle),
        )

    def _facts(self, vehicle: Vehicle) -> dict[str, float | str]:
        plate = elected(vehicle)
        facts: dict[str, float | str] = {
            "zone": str(self._asset.limits.get("zone", "")),
            "zone_kind": str(self._asset.limits["zone_kind"]),
            "label": vehicle["label"],
            "visits": float(vehicle["visits"]),
        }
        if self._rule.doubt is not None:
            facts["sign"] = f"two_wheeler_{kind(vehicle)}"
        return facts if plate is None else facts | {"plate_masked": plate[1]["masked"]}

    def _say(
        self, vehicle: Vehicle, verdict: Verdict, score: float | None = None, evidence: Evidence | None = None
    ) -> None:
        vehicle["said_us"] = self._now_us
        self.said.append(
            Finding(
                self._asset.id,
                self._rule.failure_mode,
                self._now_us,
                verdict,
                score,
                severity=int(bool(score) and self._rule.doubt is not None and kind(vehicle) is Kind.E_BIKE),
                subject=vehicle["subject"],
                evidence=evidence,
                thresholds=self._values,
            )
        )

    def _value(self, name: str) -> float:
        return self._values[f"{self._rule.failure_mode}.{name}"]

    def _us(self, name: str) -> int:
        return round(self._value(name) * SECOND_US)


def _nearest(shots: Sequence[list[Any] | None], at_us: int) -> list[Any] | None:
    """The shot ([at_us, sha256]) nearest to a time; of two as near the earlier."""
    return min((s for s in shots if s is not None), key=lambda s: (abs(s[0] - at_us), s), default=None)
