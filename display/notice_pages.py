"""Splits a notice that is longer than the foot of the screen into pieces, shown in turn. Pure."""

from __future__ import annotations

from functools import lru_cache, partial

from hardware.fonts.bidi_levels import keep_direction
from hardware.fonts.lettering import Weight, text_length
from hardware.paper.text_wrapping import wrap_balanced
from protocol import theme
from protocol.vocabulary import Text

FOOT_PX = 1824
"""Room of the foot of a screen of 1920 px, px."""
CHINESE_PX, ENGLISH_PX = theme.BOARD_SIZES[1], theme.BOARD_SIZES[0]


def notice_piece(notice: Text, *, at: float, piece_s: float, width: int = FOOT_PX) -> Text:
    """Return the piece of a notice that stands at ``at`` (monotonic seconds), each language turning on its own."""
    turn = int(at // piece_s)
    return Text(
        zh=_piece(notice.zh, turn, width=width, size=CHINESE_PX, weight="bold"),
        en=_piece(notice.en, turn, width=width, size=ENGLISH_PX, weight="regular"),
    )


def _piece(text: str, turn: int, *, width: int, size: int, weight: Weight) -> str:
    pieces = _pieces(text, width=width, size=size, weight=weight)
    return pieces[turn % len(pieces)]


@lru_cache(maxsize=8)
def _pieces(text: str, *, width: int, size: int, weight: Weight) -> tuple[str, ...]:
    """Break a notice once: the same one is shown again and again."""
    if not text:
        return ("",)
    measure = partial(text_length, size=size, weight=weight)
    return tuple(keep_direction(piece, of=text) for piece in wrap_balanced(text, measure=measure, width=width))
