"""One palette, one type scale, one spacing unit: kiosk, hall screen, ticket and web pages all take them from here."""

from __future__ import annotations

from types import MappingProxyType

INK = "#14213D"
GROUND = "#F7F8FA"
ACCENT = "#0B5FFF"
CALLED = "#FFB703"
GOOD = "#1B7F5C"
WARN = "#B45309"
ALARM = "#B42318"
QUIET = "#475467"
LINE = "#D0D5DD"
WHITE = "#FFFFFF"
BOARD_GROUND = "#0B1730"

KIOSK_SIZES = (28, 36, 48, 64, 96, 180)
"""Type sizes in px on a 1920x1080 kiosk; large-text mode moves each one step up."""
BOARD_SIZES = (40, 64, 96, 200)
"""Type sizes in px on a 1920x1080 hall screen."""
SPACE = 8
CORNER = 12
TOUCH_TARGET = 96
ENGLISH_SCALE = 0.55
"""English stands beneath Chinese at this part of its size, rounded to a size of the scale."""

STATE_COLOURS = MappingProxyType(
    {"waiting": QUIET, "called": CALLED, "serving": ACCENT, "open": GOOD, "paused": WARN, "closed": QUIET}
)
