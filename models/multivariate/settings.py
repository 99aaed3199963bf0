"""Multivariate settings: what of asset.multivariate may be turned."""

from models.thresholds import Tunable

FAILURE_MODE = "asset.multivariate"

KEPT = Tunable(
    f"{FAILURE_MODE}.kept_share",
    "1",
    0.5,
    0.99,
    0.9,
    "chosen by: components that hold nine tenths of the variance are what is common to the channels",
)
RAISE = Tunable(
    f"{FAILURE_MODE}.raise_sigma",
    "sigma",
    2.0,
    20.0,
    6.0,
    "chosen by: no false order in simulated communities of seeds 3 and 4 (general.md)",
)
TUNABLES = (KEPT, RAISE)
