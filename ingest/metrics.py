"""Metrics: every metric a reading may carry, its unit, and what it can physically be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name (which carries the unit), unit and the closed range outside which a value is not believed."""

    name: str
    unit: str
    low: float
    high: float


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        # Pipes (DOMAIN 1.1). Ranges: chosen by what the sensors on the market can output.
        Metric("pressure_kpa", "kPa", -100.0, 10_000.0),
        Metric("flow_m3_h", "m3/h", -1_000.0, 10_000.0),
        Metric("pipe_vibration_um_s2", "um/s2", 0.0, 1e8),
        Metric("pipe_temperature_c", "C", -60.0, 150.0),
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
        # Pumps (DOMAIN 3).
        Metric("velocity_rms_mm_s", "mm/s", 0.0, 1_000.0),
        Metric("acceleration_rms_m_s2", "m/s2", 0.0, 10_000.0),
        Metric("envelope_rms_m_s2", "m/s2", 0.0, 10_000.0),
        Metric("kurtosis", "1", 0.0, 1_000.0),
        Metric("speed_rpm", "rpm", 0.0, 60_000.0),
        Metric("current_a", "A", 0.0, 10_000.0),
        Metric("voltage_v", "V", 0.0, 100_000.0),
        Metric("bearing_temperature_c", "C", -60.0, 300.0),
        Metric("fluid_temperature_c", "C", -60.0, 300.0),
        # Surroundings.
        Metric("air_temperature_c", "C", -60.0, 80.0),
    )
}
