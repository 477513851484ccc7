"""What became of each visitor."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.forecast.forecast import Quantiles
from server.simulation.scenario.visitors import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedReferral:
    """How a visitor was sent to another site; minutes from then on."""

    here_min: float
    """The quote for staying: half of all visitors are called sooner."""
    there_min: float
    """The quote for going, travel included: four in five are called sooner."""


@dataclass(slots=True, kw_only=True)
class VisitorRecord:
    """One visitor's day as it is written, in minutes after opening."""

    visitor: Visitor
    issued_min: float
    """When the number was taken, wherever it is for."""
    site: str = ""
    """Where the visitor is or was served."""
    window: str | None = None
    called_min: float | None = None
    left_min: float | None = None
    promise: Quantiles | None = None
    """What the predictor said where the number was taken; for who was sent it is that of the place there."""
    floor: Quantiles | None = None
    """What the same predictor says when it is given the true serving times."""
    sending: SimulatedReferral | None = None
    served: int = 0
    """How often the visitor was called to a window and left it: once, or something is wrong."""

    @property
    def wait_min(self) -> float | None:
        """From issue to call; for those who were sent the travel is in it."""
        return None if self.called_min is None else self.called_min - self.issued_min
