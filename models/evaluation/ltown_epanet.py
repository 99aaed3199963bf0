"""L-Town in EPANET: the official network with its leaks, stepped through WNTR.

WNTR is a development dependency and is imported in this file alone, when a town is built.
"""

import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelError
from models.evaluation.ltown_network import NETWORK_FILE, Leak
from models.pipes.network_relations import Floats

STEP_S = 300
STEPS_A_DAY = 288
WEEK = 7 * STEPS_A_DAY

_FLOWS = ("p227", "p235", "PUMP_1")
_TANK = "T1"

_DISCHARGE = 0.75
"""Source: BattLeDIM's dataset generator (KIOS-Research/BattLeDIM, 6db304b): a leak of area
A loses 0.75 A sqrt(2 g h), its diameter grows evenly from start to peak. On 2019 within 0.5 % of the official flows."""
_GRAVITY = 9.81


class MissingWntrError(ModelError):
    """EPANET is not at hand."""

    def __init__(self) -> None:
        super().__init__("simulating L-Town needs WNTR: pip install wntr six, or make .venv/.ready-dev")


def emitters(leaks: Sequence[Leak], at_us: int) -> list[float]:
    """What EPANET multiplies the root of the pressure in metres with, to get each leak's m3/h at this time."""
    found: list[float] = []
    for leak in leaks:
        grown = (at_us - leak.start_us) / (leak.peak_us - leak.start_us) if leak.peak_us > leak.start_us else 1.0
        diameter = leak.diameter_m * min(1.0, grown)
        flow = _DISCHARGE * math.pi * (diameter / 2) ** 2 * math.sqrt(2 * _GRAVITY) * 3600
        found.append(flow if leak.start_us <= at_us <= leak.end_us else 0.0)
    return found


class Town:
    """The official network, a node in the middle of each leaking pipe, every demand to be set step by step.

    Args:
        folder: Of the data set.
        leaks: Those to simulate.

    Attributes:
        nodes: Those that draw water.
        patterns: By category of demand, its official week, shape (2016,).
        base: By category, each node's mean demand, m3/h.
        xy: Where the nodes are, shape (nodes, 2).

    Raises:
        MissingWntrError: WNTR is not installed.
    """

    def __init__(self, folder: Path, leaks: Sequence[Leak]) -> None:
        try:
            import wntr  # noqa: PLC0415 -- a development dependency
        except ImportError as error:
            raise MissingWntrError from error
        self._wntr, self._leaks = wntr, tuple(leaks)
        self._model: Any = wntr.network.WaterNetworkModel(str(folder / NETWORK_FILE))
        self.nodes: list[str] = list(self._model.junction_name_list)
        self.base: dict[str, Floats] = {}
        for n, name in enumerate(self.nodes):
            for demand in self._model.get_node(name).demand_timeseries_list:
                row = self.base.setdefault(demand.pattern_name, np.zeros(len(self.nodes)))
                row[n] += demand.base_value * 3600
        weeks = {name: np.array(self._model.get_pattern(name).multipliers, float) for name in self.base}
        self.patterns: dict[str, Floats] = {name: np.resize(week, WEEK) for name, week in weeks.items()}
        self.xy = np.array([self._model.get_node(name).coordinates for name in self.nodes])
        self._prepare()

    def run(self, loggers: Sequence[str], first_us: int, demands: Callable[[int], Floats], days: int) -> Floats:
        """What the devices would say without noise.

        Args:
            loggers: Nodes.
            first_us: The first midnight, microseconds since the epoch.
            demands: By day, each node's demand at each step, m3/h, shape (288, nodes).
            days: How many.

        Returns:
            Pressures in metres, p227, p235 and pump in m3/h, the tank's level in metres, shape (steps, loggers + 4).
        """
        self._model.options.time.duration = days * 86_400 - STEP_S
        rows = np.zeros((days * STEPS_A_DAY, len(loggers) + len(_FLOWS) + 1))
        with tempfile.TemporaryDirectory() as scratch:
            epanet = self._opened(scratch)
            said = self._said(epanet, loggers)
            at_s, wanted = 0, demands(0)
            while True:
                # Between the steps lie those that the tank's switch adds.
                on_step = at_s % STEP_S == 0
                if on_step:
                    day, of_day = divmod(at_s // STEP_S, STEPS_A_DAY)
                    wanted = demands(day) if of_day == 0 else wanted
                    self._set(epanet, wanted[of_day], first_us + at_s * 1_000_000)
                epanet.ENrunH()
                if on_step:
                    rows[at_s // STEP_S] = [read(index, what) for read, index, what in said]
                until_s = epanet.ENnextH()
                if until_s <= 0:
                    break
                at_s += until_s
            epanet.ENcloseH()
            epanet.ENclose()
        return rows

    def _prepare(self) -> None:
        for leak in self._leaks:
            names = (f"{leak.pipe}_after", f"{leak.pipe}_leak")
            self._wntr.morph.split_pipe(self._model, leak.pipe, *names, return_copy=False)
        for name in self._model.junction_name_list:
            node = self._model.get_node(name)
            node.demand_timeseries_list.clear()
            node.add_demand(1e-9, None)  # without any, EPANET would have none that could be set
        self._model.options.hydraulic.demand_model = "DDA"
        self._model.options.hydraulic.pattern = None

    def _opened(self, scratch: str) -> Any:
        path = f"{scratch}/town"
        self._wntr.network.io.write_inpfile(self._model, f"{path}.inp", units="CMH")
        epanet = self._wntr.epanet.toolkit.ENepanet()
        epanet.ENopen(f"{path}.inp", f"{path}.rpt", f"{path}.bin")
        epanet.ENopenH()
        epanet.ENinitH(0)
        self._drawing = [epanet.ENgetnodeindex(name) for name in self.nodes]
        self._leaking = [epanet.ENgetnodeindex(f"{leak.pipe}_leak") for leak in self._leaks]
        return epanet

    def _said(self, epanet: Any, loggers: Sequence[str]) -> list[tuple[Callable[[int, int], float], int, int]]:
        """How each column of a row is read."""
        what = self._wntr.epanet.util.EN
        said = [(epanet.ENgetnodevalue, epanet.ENgetnodeindex(name), what.PRESSURE) for name in loggers]
        said += [(epanet.ENgetlinkvalue, epanet.ENgetlinkindex(name), what.FLOW) for name in _FLOWS]
        return [*said, (epanet.ENgetnodevalue, epanet.ENgetnodeindex(_TANK), what.PRESSURE)]

    def _set(self, epanet: Any, wanted: Floats, at_us: int) -> None:
        what = self._wntr.epanet.util.EN
        for node, value in zip(self._drawing, wanted.tolist(), strict=True):
            epanet.ENsetnodevalue(node, what.BASEDEMAND, value)
        for node, value in zip(self._leaking, emitters(self._leaks, at_us), strict=True):
            epanet.ENsetnodevalue(node, what.EMITTER, value)
