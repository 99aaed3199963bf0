"""Metrics: every metric a reading may carry, its unit, what it can be, and how it may move and keep still."""

import math
from dataclasses import dataclass

_HOUR_S = 3_600.0
_DAY_S = 24 * _HOUR_S


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name (which carries the unit), what is believed of it, and what a sound sensor of it does.

    Attributes:
        name: Such as `pressure_kpa`.
        unit: As people write it.
        low: Below it a value is not believed.
        high: Above it a value is not believed.
        step: More than this from one reading to the next is a jump, in the metric's unit; infinite: it may.
        rate: What it may move besides a step, in its unit a second, however far apart the readings are.
        still_s: So long it may keep exactly one value, in seconds; infinite: for ever (codes, switches, counters,
            set points). A series that has kept still longer before, and moved on by itself, may do so again.
        rests_at: At or under this amount it may keep still for `rest_s`: nothing flows, nothing turns. Negative: it
            has no rest.
        rest_s: How long it may rest, in seconds.
        driven: It belongs to a machine, and may keep still while that one stands.
        compared: Neighbours measure the same, so one that drifts away from all of them is at fault itself. Never the
            indicator of a failure: a riser that grows loud beside quiet ones leaks.
        drift: How far from its neighbours it may move slowly, in its unit; meant where `compared`.
    """

    name: str
    unit: str
    low: float
    high: float
    step: float = math.inf
    rate: float = 0.0
    still_s: float = math.inf
    rests_at: float = -1.0
    rest_s: float = math.inf
    driven: bool = False
    compared: bool = False
    drift: float = math.inf


# Stillness, steps, rates and drifts are chosen by what sensors on the market do: fine ones do not repeat themselves at
# all, and coarse ones teach their own habits (`series_quality`). A burst, a pump that starts and a drill next door are
# steps that a sensor may make once; what makes them again and again has a loose contact.
METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        # Pipes (DOMAIN 1.1). Ranges: chosen by what the sensors on the market can output. A pipe that has burst or was
        # shut off shows 0 kPa for as long as that lasts; after a day somebody should look, whatever it is.
        Metric(
            "pressure_kpa",
            "kPa",
            -100.0,
            10_000.0,
            step=300.0,
            still_s=2 * _HOUR_S,
            rests_at=0.0,
            rest_s=_DAY_S,
            compared=True,
            drift=30.0,
        ),
        # Under the least flow that the meter of a small riser measures (ISO 4064-1: Q1 = Q3 / R, 2.5 and 125) a drip
        # behind a closed valve shows the same few litres for hours.
        Metric("flow_m3_h", "m3/h", -1_000.0, 10_000.0, still_s=6 * _HOUR_S, rests_at=0.02),
        Metric("pipe_vibration_um_s2", "um/s2", 0.0, 1e8, step=1e6, still_s=2 * _HOUR_S, rests_at=0.0, rest_s=_DAY_S),
        # Of the same record: half of its power lies below. From hum to hiss is a jump, and a logger's bins are coarse.
        Metric("pipe_vibration_median_hz", "Hz", 0.0, 50_000.0),
        Metric(
            "pipe_temperature_c",
            "C",
            -60.0,
            150.0,
            step=15.0,
            rate=0.2,
            still_s=3 * _DAY_S,
            compared=True,
            drift=5.0,
        ),
        # Elevators (GB/T 24476 items, DOMAIN 2.1). Booleans are 0 and 1.
        Metric("service_mode", "code", 0.0, 7.0),
        Metric("car_running", "bool", 0.0, 1.0),
        Metric("car_direction", "code", 0.0, 2.0),
        Metric("door_zone", "bool", 0.0, 1.0),
        Metric("door_closed", "bool", 0.0, 1.0),
        Metric("person_present", "bool", 0.0, 1.0),
        Metric("alarm_button", "bool", 0.0, 1.0),
        Metric("floor", "floor", -20.0, 300.0),
        Metric("car_speed_m_s", "m/s", -20.0, 20.0),
        Metric("fault_code", "code", 0.0, 65_535.0),
        Metric("trips_total", "count", 0.0, 4_294_967_295.0),
        Metric("running_time_h", "h", 0.0, 4_294_967_295.0),
        Metric("rope_diameter_mm", "mm", 0.0, 100.0),  # DOMAIN 2.2; as a caliper or a rope tester tells it
        # What is measured once a trip, a stop or a door cycle (DOMAIN 2.4), with `floor` in the same sample. No series
        # in time: floors, loads and directions take turns, so nothing is a jump and nothing stands still.
        Metric("trip_direction", "code", 0.0, 2.0),
        Metric("car_load_percent", "%", 0.0, 200.0),
        Metric("door_close_time_s", "s", 0.0, 300.0),
        Metric("door_open_time_s", "s", 0.0, 300.0),
        Metric("doorway_blocked", "bool", 0.0, 1.0),  # the light curtain was broken while the door closed
        Metric("door_reopens_count", "count", 0.0, 1_000.0),
        Metric("door_motor_current_a", "A", 0.0, 100.0),
        Metric("door_energy_j", "J", 0.0, 100_000.0),  # of one cycle, opened and closed
        Metric("door_lock_delay_ms", "ms", 0.0, 60_000.0),  # from the closed position to the lock's contact
        Metric("levelling_error_mm", "mm", -2_000.0, 2_000.0),
        Metric("brake_release_time_ms", "ms", 0.0, 10_000.0),
        Metric("brake_close_time_ms", "ms", 0.0, 10_000.0),
        Metric("stopping_distance_mm", "mm", 0.0, 20_000.0),
        Metric("motor_current_a", "A", 0.0, 1_000.0),
        Metric("machine_temperature_c", "C", -60.0, 300.0),
        Metric("ride_vertical_a95_m_s2", "m/s2", 0.0, 50.0),
        Metric("ride_vertical_pk_pk_m_s2", "m/s2", 0.0, 100.0),
        Metric("ride_horizontal_a95_m_s2", "m/s2", 0.0, 50.0),
        Metric("ride_horizontal_pk_pk_m_s2", "m/s2", 0.0, 100.0),
        Metric("rope_tension_spread_percent", "%", 0.0, 200.0),  # the rope furthest from the mean
        Metric("rope_slip_percent", "%", 0.0, 100.0),  # encoder against car travel
        # Broken wires of the worst lay, some six rope diameters long (DOMAIN 2.2).
        Metric("broken_wires_spread_count", "count", 0.0, 1_000.0),
        Metric("broken_wires_strand_count", "count", 0.0, 1_000.0),
        Metric("broken_wires_adjacent_count", "count", 0.0, 1_000.0),
        Metric("broken_wires_valley_count", "count", 0.0, 1_000.0),
        # Pumps (DOMAIN 3). At rest: what other pumps shake through the floor, and what a converter draws by itself.
        Metric("velocity_rms_mm_s", "mm/s", 0.0, 1_000.0, step=30.0, still_s=_HOUR_S, rests_at=0.1, driven=True),
        Metric("acceleration_rms_m_s2", "m/s2", 0.0, 10_000.0, step=300.0, still_s=_HOUR_S, rests_at=0.1, driven=True),
        Metric("envelope_rms_m_s2", "m/s2", 0.0, 10_000.0, step=300.0, still_s=_HOUR_S, rests_at=0.1, driven=True),
        Metric("kurtosis", "1", 0.0, 1_000.0, step=100.0, still_s=_HOUR_S, driven=True),
        # The strongest line of the envelope's spectrum: which part of a bearing it is follows from geometry and speed.
        Metric("envelope_peak_m_s2", "m/s2", 0.0, 10_000.0, rests_at=0.1, driven=True),
        Metric("envelope_peak_hz", "Hz", 0.0, 100_000.0),
        Metric("speed_rpm", "rpm", 0.0, 60_000.0, rests_at=60.0),  # a converter tells its set point
        Metric("current_a", "A", 0.0, 10_000.0, still_s=6 * _HOUR_S, rests_at=0.5),
        # Of the three phases, where a meter tells them apart.
        Metric("current_l1_a", "A", 0.0, 10_000.0, still_s=6 * _HOUR_S, rests_at=0.5),
        Metric("current_l2_a", "A", 0.0, 10_000.0, still_s=6 * _HOUR_S, rests_at=0.5),
        Metric("current_l3_a", "A", 0.0, 10_000.0, still_s=6 * _HOUR_S, rests_at=0.5),
        Metric(
            "voltage_v",
            "V",
            0.0,
            100_000.0,
            still_s=6 * _HOUR_S,
            rests_at=0.0,
            rest_s=_DAY_S,
            compared=True,
            drift=12.0,
        ),
        Metric(
            "bearing_temperature_c",
            "C",
            -60.0,
            300.0,
            step=15.0,
            rate=0.2,
            still_s=6 * _HOUR_S,
            driven=True,
        ),
        Metric(
            "winding_temperature_c",
            "C",
            -60.0,
            300.0,
            step=15.0,
            rate=0.2,
            still_s=6 * _HOUR_S,
            driven=True,
        ),
        # Gauge, before the pump, so that a suction lift is negative; a tank that nobody draws from keeps its level. The
        # pressure after the pump is `pressure_kpa`.
        Metric("suction_pressure_kpa", "kPa", -101.0, 10_000.0, step=300.0, still_s=_DAY_S),
        Metric("starts_total", "count", 0.0, 4_294_967_295.0),
        Metric("pump_running", "bool", 0.0, 1.0),
        Metric(
            "fluid_temperature_c",
            "C",
            -60.0,
            300.0,
            step=15.0,
            rate=0.2,
            still_s=3 * _DAY_S,
            compared=True,
            drift=5.0,
        ),
        # Surroundings. A dry sump shows the same level for years.
        Metric("water_level_mm", "mm", -1_000.0, 50_000.0),
        Metric("water_present", "bool", 0.0, 1.0),  # an immersion sensor on a floor that ought to be dry
        Metric("pit_water_present", "bool", 0.0, 1.0),  # the same in an elevator's pit
        Metric("rain_mm", "mm", 0.0, 100.0),  # since its gauge spoke last
        Metric(
            "air_temperature_c", "C", -60.0, 80.0, step=15.0, rate=0.1, still_s=3 * _DAY_S, compared=True, drift=5.0
        ),
    )
}
