"""Where things stand on a screen of any shape: px of a design that fills the window, lying or upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A rectangle; ``left`` and ``top`` count from the upper left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.left + self.width

    def below(self, down: int, *, height: int | None = None) -> Place:
        """Return a place ``down`` px lower, as wide."""
        return Place(self.left, self.top + down, self.width, self.height if height is None else height)


@dataclass(frozen=True, kw_only=True)
class DesignSize:
    """The drawing area of a layout: never smaller than its design, larger in the direction in which a window is."""

    width: int
    height: int

    @property
    def is_upright(self) -> bool:
        """Whether the screen stands on its short side."""
        return self.height > self.width


def design_size(window: tuple[float, float], *, lying: tuple[int, int], upright: tuple[int, int]) -> DesignSize:
    """Return the size of a design that fills a window (px), of the two that a layout is made for."""
    wide, high = max(1.0, window[0]), max(1.0, window[1])
    least = upright if high > wide else lying
    scale = min(wide / least[0], high / least[1])
    return DesignSize(width=max(least[0], round(wide / scale)), height=max(least[1], round(high / scale)))
