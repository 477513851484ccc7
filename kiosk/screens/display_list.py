"""A kiosk page as a display list: boxes, lines of text, a QR code, and the places a finger can choose. Plain values.

Lengths are px of the design, counted from the top left corner: 1920x1080, or 1080x1920 upright, with more room in the
direction in which the real screen is longer. ``scale`` turns them into px of the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.state.events import Anywhere, Touch
from kiosk.state.kiosk_state import Page


@dataclass(frozen=True)
class Rect:
    """A place on the page."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point lies inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, dx: float, dy: float) -> Rect:
        """Return the same place with a margin left free."""
        return Rect(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A filled place; ``edge`` is the colour of its edge, ``corner`` the radius of its corners."""

    rect: Rect
    fill: str
    edge: str | None = None
    corner: float = 0
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line of text. ``x`` is its left end, middle or right end, depending on ``align``; ``y`` its middle."""

    text: str
    x: float
    y: float
    size: int
    colour: str
    bold: bool = False
    align: str = "left"


@dataclass(frozen=True, kw_only=True)
class QrCode:
    """A QR code."""

    rect: Rect
    content: str


@dataclass(frozen=True, kw_only=True)
class TouchTarget:
    """A place where a finger chooses ``touch``; ``text`` is what is written there."""

    rect: Rect
    touch: Touch
    text: str


DisplayItem = Box | TextLine | QrCode


@dataclass(frozen=True, kw_only=True)
class DisplayList:
    """A whole page, ready to be painted."""

    page: Page
    width: float
    height: float
    items: tuple[DisplayItem, ...]
    targets: tuple[TouchTarget, ...]

    def touch_at(self, x: float, y: float) -> Touch:
        """Return what a finger at a point chooses; the topmost target wins."""
        return next((t.touch for t in reversed(self.targets) if t.rect.contains(x, y)), Anywhere())

    @property
    def texts(self) -> tuple[str, ...]:
        """Every line that can be read."""
        return tuple(item.text for item in self.items if isinstance(item, TextLine))


@dataclass(frozen=True, kw_only=True)
class ScreenFormat:
    """How the design lies on a real screen of ``width_px`` x ``height_px``."""

    width_px: int
    height_px: int

    @property
    def upright(self) -> bool:
        """Whether the screen stands on its short side."""
        return self.height_px > self.width_px

    @property
    def scale(self) -> float:
        """Screen px per px of the design."""
        wide, high = (1080, 1920) if self.upright else (1920, 1080)
        return min(self.width_px / wide, self.height_px / high)

    @property
    def width(self) -> float:
        """The width of the page in px of the design."""
        return self.width_px / self.scale

    @property
    def height(self) -> float:
        """The height of the page in px of the design."""
        return self.height_px / self.scale
