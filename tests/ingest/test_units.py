"""Units: what gateways write after a number becomes the metric's own unit, and nothing is guessed."""

import pytest

from ingest.metrics import METRICS
from ingest.units import CONVERSIONS, conversion


@pytest.mark.parametrize(
    ("metric", "unit", "sent", "kept"),
    [
        ("pipe_temperature_c", "Cel", 9.5, 9.5),
        ("pipe_temperature_c", "℃", 9.5, 9.5),
        ("pipe_temperature_c", "K", 273.15, 0.0),
        ("pipe_temperature_c", "℉", 212, 100.0),
        ("pressure_kpa", "Pa", 312_400, 312.4),
        ("pressure_kpa", "Mpa", 0.3124, 312.4),
        ("pressure_kpa", "兆帕", 0.3124, 312.4),
        ("pressure_kpa", "kgf/cm²", 1, 98.0665),
        ("pressure_kpa", "mmHg", 760, 101.325),
        ("velocity_rms_mm_s", "m/s", 0.0018, 1.8),
        ("flow_m3_h", "m³/h", 1.2, 1.2),
        ("flow_m3_h", "l/s", 1, 3.6),
        ("current_a", "mA", 1_500, 1.5),
        ("speed_rpm", "1/min", 1_450, 1_450),
        ("kurtosis", "/", 3, 3),
        ("rope_diameter_mm", "m", 0.0098, 9.8),
        ("car_speed_m_s", "km/h", 3.6, 1.0),
    ],
)
def test_units_as_gateways_write_them(metric: str, unit: str, sent: float, kept: float) -> None:
    """SenML's names, Chinese gateways' capitals and signs, and the units of other trades mean what they say."""
    found = conversion(METRICS[metric].unit, unit)

    assert found is not None
    assert sent * found.scale + found.offset == pytest.approx(kept)


@pytest.mark.parametrize(
    ("metric", "unit"), [("pressure_kpa", "mPa"), ("pressure_kpa", "mm"), ("current_a", "V"), ("floor", "m")]
)
def test_what_cannot_be_is_not_converted(metric: str, unit: str) -> None:
    """A millipascal is no megapascal; one capital letter is a factor of a thousand million."""
    assert conversion(METRICS[metric].unit, unit) is None


def test_every_metric_that_converts_has_its_own_unit_first() -> None:
    """What a table of conversions is for converts to itself by one."""
    for unit, table in CONVERSIONS.items():
        assert (table[unit].scale, table[unit].offset) == (1.0, 0.0)
        assert unit in {metric.unit for metric in METRICS.values()}
