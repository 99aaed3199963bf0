"""Units: the units a device may send a metric in, and how each becomes the metric's own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversion:
    """value in the metric's unit = value as sent * scale + offset."""

    scale: float
    offset: float = 0.0


_STANDARD_GRAVITY_M_S2 = 9.80665  # CGPM 1901, exact
_PSI_KPA = 6.894757293168361  # lbf/in2 from the exact pound and inch (NIST SP 811, appendix B.8)

CONVERSIONS: dict[str, dict[str, Conversion]] = {
    "kPa": {
        "Pa": Conversion(1e-3),
        "hPa": Conversion(0.1),
        "mbar": Conversion(0.1),
        "kPa": Conversion(1.0),
        "bar": Conversion(100.0),
        "MPa": Conversion(1_000.0),
        "psi": Conversion(_PSI_KPA),
        "mH2O": Conversion(_STANDARD_GRAVITY_M_S2),
        "mmHg": Conversion(0.133322387415),  # conventional, NIST SP 811, appendix B.8
        "kgf/cm2": Conversion(_STANDARD_GRAVITY_M_S2 * 10),
    },
    "m3/h": {
        "m3/h": Conversion(1.0),
        "m3/s": Conversion(3_600.0),
        "L/s": Conversion(3.6),
        "L/min": Conversion(0.06),
        "L/h": Conversion(1e-3),
        "m3/min": Conversion(60.0),
    },
    "mm/s": {
        "um/s": Conversion(1e-3),
        "mm/s": Conversion(1.0),
        "cm/s": Conversion(10.0),
        "m/s": Conversion(1_000.0),
        "in/s": Conversion(25.4),
    },
    "m/s": {
        "mm/s": Conversion(1e-3),
        "cm/s": Conversion(0.01),
        "m/s": Conversion(1.0),
        "m/min": Conversion(1 / 60),
        "km/h": Conversion(1 / 3.6),
    },
    "m/s2": {
        "um/s2": Conversion(1e-6),
        "mm/s2": Conversion(1e-3),
        "m/s2": Conversion(1.0),
        "g": Conversion(_STANDARD_GRAVITY_M_S2),
        "mg": Conversion(_STANDARD_GRAVITY_M_S2 * 1e-3),
    },
    "um/s2": {
        "um/s2": Conversion(1.0),
        "mm/s2": Conversion(1e3),
        "m/s2": Conversion(1e6),
        "g": Conversion(_STANDARD_GRAVITY_M_S2 * 1e6),
        "mg": Conversion(_STANDARD_GRAVITY_M_S2 * 1e3),
    },
    "C": {"C": Conversion(1.0), "F": Conversion(5 / 9, -160 / 9), "K": Conversion(1.0, -273.15)},
    "rpm": {"rpm": Conversion(1.0), "Hz": Conversion(60.0), "rad/s": Conversion(60 / 6.283185307179586)},
    "A": {"mA": Conversion(1e-3), "A": Conversion(1.0), "kA": Conversion(1e3)},
    "V": {"mV": Conversion(1e-3), "V": Conversion(1.0), "kV": Conversion(1e3)},
    "s": {"ms": Conversion(1e-3), "s": Conversion(1.0), "min": Conversion(60.0)},
    "ms": {"us": Conversion(1e-3), "ms": Conversion(1.0), "s": Conversion(1e3)},
    "J": {"J": Conversion(1.0), "kJ": Conversion(1e3), "Wh": Conversion(3_600.0)},
    "%": {"1": Conversion(100.0), "%": Conversion(1.0)},
    "mm": {"um": Conversion(1e-3), "mm": Conversion(1.0), "cm": Conversion(10.0), "m": Conversion(1e3)},
}
"""By the metric's unit, then by the unit on the wire; a unit that is missing here is only sent as it is."""

# As SenML (RFC 8428, 12.1, and RFC 8798), meters and gateways write them. Case is kept apart where it means something
# (mPa is no MPa), and given up where the other reading is no pressure anybody sends (Mpa).
_SPELLINGS: dict[str, str] = {
    spelling: unit
    for unit, spellings in {
        "Pa": "pa",
        "kPa": "KPa KPA Kpa kpa 千帕",
        "MPa": "Mpa MPA 兆帕",
        "bar": "Bar BAR",
        "psi": "PSI Psi",
        "kgf/cm2": "kgf/cm² kg/cm2 kg/cm²",
        "m3/h": "m³/h m^3/h M3/H m3/hr",
        "m3/s": "m³/s m^3/s",
        "m3/min": "m³/min",
        "L/s": "l/s",
        "L/min": "l/min LPM lpm",
        "L/h": "l/h",
        "mm/s": "MM/S",
        "um/s": "μm/s µm/s",
        "m/s2": "m/s² m/s^2",
        "mm/s2": "mm/s² mm/s^2",
        "um/s2": "μm/s2 µm/s2 μm/s² µm/s²",
        "C": "Cel °C ℃ degC",
        "F": "°F ℉ degF",
        "rpm": "RPM r/min 1/min",
        "Hz": "1/s",
        "um": "μm µm",
        "1": "/",
    }.items()
    for spelling in spellings.split()
}


def conversion(unit: str, sent_in: str) -> Conversion | None:
    """How a value sent in one unit becomes another, or None if it cannot.

    Args:
        unit: The metric's own unit.
        sent_in: The unit on the wire, in the spelling of `CONVERSIONS` or another that is in use.

    Example:
        >>> conversion("kPa", "MPa").scale, conversion("C", "℃").scale
        (1000.0, 1.0)
        >>> conversion("ms", "s").scale, conversion("%", "/").scale
        (1000.0, 100.0)
        >>> conversion("kPa", "mm/s")
    """
    sent_in = _SPELLINGS.get(sent_in, sent_in)
    if unit == sent_in:
        return Conversion(1.0)
    return CONVERSIONS.get(unit, {}).get(sent_in)
