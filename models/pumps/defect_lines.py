"""Defect lines: the frequencies at which each part of a rolling bearing knocks once it is damaged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

PARTS = ("outer_ring", "inner_ring", "cage", "ball")

_SLIP = 0.03
"""Of a line's frequency. Chosen by: rolling elements slip by 1 to 2 % (Randall, Antoni 2011, "Rolling element bearing
diagnostics - a tutorial", MSSP 25), and a monitor tells its speed to 1 %."""
_HARMONICS = (1, 2)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A bearing's geometry.

    Attributes:
        balls: Rolling elements.
        ball_mm: Their diameter.
        pitch_mm: Pitch diameter.
        angle_rad: Contact angle.
    """

    balls: float
    ball_mm: float
    pitch_mm: float
    angle_rad: float

    def lines_hz(self, rpm: float) -> dict[str, float]:
        """The frequency of each part of `PARTS` at a speed.

        Source:
            DOMAIN 3: BPFO = n/2 fr (1 - (d/D) cos phi), BPFI = n/2 fr (1 + (d/D) cos phi), FTF = fr/2 (1 - (d/D) cos
            phi), BSF = D/(2d) fr (1 - ((d/D) cos phi)^2).

        Example:
            >>> {part: round(hz, 1) for part, hz in Geometry(9, 9.525, 46.0, 0.0).lines_hz(1800.0).items()}
            {'outer_ring': 107.0, 'inner_ring': 163.0, 'cage': 11.9, 'ball': 69.3}
        """
        turns_hz, share = rpm / 60.0, self.ball_mm / self.pitch_mm * math.cos(self.angle_rad)
        return {
            "outer_ring": self.balls / 2.0 * turns_hz * (1.0 - share),
            "inner_ring": self.balls / 2.0 * turns_hz * (1.0 + share),
            "cage": turns_hz / 2.0 * (1.0 - share),
            "ball": self.pitch_mm / (2.0 * self.ball_mm) * turns_hz * (1.0 - share**2),
        }

    def part_at(self, rpm: float, peak_hz: float) -> str:
        """The part that knocks at a frequency or at half of it; empty if it is none's.

        Example:
            >>> bearing_6206 = Geometry(9, 9.525, 46.0, 0.0)
            >>> bearing_6206.part_at(1800.0, 108.0), bearing_6206.part_at(1800.0, 30.0)
            ('outer_ring', '')
        """
        found = [
            (abs(peak_hz / (n * hz) - 1.0), part)
            for part, hz in self.lines_hz(rpm).items()
            for n in _HARMONICS
            if hz > 0
        ]
        away, part = min(found, default=(math.inf, ""))
        return part if away <= _SLIP else ""


def geometry_of(limits: Mapping[str, float | str]) -> Geometry | None:
    """The bearing's geometry as the registry tells it; None unless balls and both diameters are there."""
    names = ("bearing_balls", "bearing_ball_diameter_mm", "bearing_pitch_diameter_mm")
    if not all(name in limits for name in names):
        return None
    angle = math.radians(float(limits.get("bearing_contact_angle_degree", 0.0)))
    balls, ball, pitch = (float(limits[name]) for name in names)
    return Geometry(balls, ball, pitch, angle)
