"""Palette, type scale and spacing unit, one for kiosk, hall screen, ticket and web pages."""

from __future__ import annotations

INK = "#14213D"
BACKGROUND = "#F7F8FA"
ACCENT = "#0B5FFF"
CALLED = "#FFB703"
GOOD = "#1B7F5C"
WARN = "#B45309"
ALARM = "#B42318"
QUIET = "#475467"
LINE = "#D0D5DD"
WHITE = "#FFFFFF"
BOARD_BACKGROUND = "#0B1730"

KIOSK_SIZES = (28, 36, 48, 64, 96, 180)
"""Type sizes on a 1920x1080 kiosk, px; large-text mode moves each one step up."""
BOARD_SIZES = (40, 64, 96, 200)
"""Type sizes on a 1920x1080 hall screen, px."""
SPACE = 8
"""Spacing unit, px: margins and gaps are multiples of it."""
CORNER = 12
"""Radius of a rounded corner, px."""
TOUCH_TARGET = 96
"""Least height and width of anything to touch, px."""
ENGLISH_SCALE = 0.55
"""Size of English beneath Chinese as a part of the Chinese size, rounded to a size of the scale."""
