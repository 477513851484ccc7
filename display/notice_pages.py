"""A notice longer than the foot of the screen is shown piece by piece, never cut. Pure."""

from __future__ import annotations

import unicodedata
from functools import partial

from hardware.paper.text_wrapping import wrap_balanced
from protocol import theme
from protocol.vocabulary import Text

FOOT_PX = 1824
CHINESE_PX, ENGLISH_PX = theme.BOARD_SIZES[1], theme.BOARD_SIZES[0]
LATIN_EM = 0.62
"""Upper bound of the mean width of Latin letters in Noto Sans, bold, em; a wide sign is 1 em."""


def notice_piece(notice: Text, *, at: float, piece_s: float) -> Text:
    """Return the piece of a notice that stands at ``at`` (monotonic seconds), each language turning on its own."""
    turn = int(at // piece_s)
    return Text(zh=_piece(notice.zh, turn, size_px=CHINESE_PX), en=_piece(notice.en, turn, size_px=ENGLISH_PX))


def _piece(text: str, turn: int, *, size_px: int) -> str:
    pieces = wrap_balanced(text, measure=partial(_width, size_px=size_px), width=FOOT_PX) if text else [text]
    return pieces[turn % len(pieces)]


def _width(text: str, *, size_px: int) -> float:
    """Return an upper estimate of a text's width, px."""
    return sum(size_px * (1.0 if unicodedata.east_asian_width(sign) in "WF" else LATIN_EM) for sign in text)
