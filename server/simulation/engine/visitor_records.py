"""The record of each simulated visitor: what the metrics of a day are computed from."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.vocabulary import WindowId
from server.domain.forecast.forecast import Quantiles
from server.simulation.scenario.visitors import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedReferral:
    """The quotes by which a visitor was referred to another site; minutes from the referral."""

    here_min: float
    """Quote for staying: P50 of the wait."""
    there_min: float
    """Quote for going, travel included: P80 of the wait, or the travel time where that is longer."""


@dataclass(slots=True, kw_only=True)
class VisitorRecord:
    """One visitor's day, filled in as it happens; times in minutes after opening."""

    visitor: Visitor
    issued_min: float
    """When the ticket was issued, or the referral accepted."""
    site: str = ""
    """Hall in which the visitor is served."""
    window: WindowId | None = None
    called_min: float | None = None
    left_min: float | None = None
    promise: Quantiles | None = None
    """Forecast at issue; None for a referred visitor."""
    floor: Quantiles | None = None
    """Forecast of the same predictor with the true serving times: the error that no learning can remove."""
    referral: SimulatedReferral | None = None
    served: int = 0
    """Number of times the visitor was called to a window and left it: one at the end, or the engine has a fault."""

    @property
    def wait_min(self) -> float | None:
        """Minutes from issue to call, with the travel of a referred visitor; None without a call."""
        return None if self.called_min is None else self.called_min - self.issued_min
