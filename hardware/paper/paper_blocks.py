"""Blocks that tickets and referral papers share: each takes both languages and puts the visitor's own first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from PIL import Image

from hardware.fonts.lettering import text_length
from hardware.paper import paper_strips as strips
from hardware.paper.paper_text import MATERIALS, REPRINT, date_text, people_ahead_text
from hardware.paper.paper_width import PaperWidth
from protocol.vocabulary import Language, Text

NUMBER_HEIGHT = 200
"""Height of the digits of a number, px."""
QR_WIDTH = 200
"""Least width of a QR code without its quiet zone, px."""
_CUT_TO_BLACK = 150
"""Brightest grey that prints black: thin strokes stay whole on thermal paper."""


def join_black_and_white(blocks: Iterable[Image.Image]) -> Image.Image:
    """Return strips joined from top to bottom, of mode "1" as a printer takes them."""
    grey = strips.stack(list(blocks))
    return grey.point(lambda level: 255 if level > _CUT_TO_BLACK else 0).convert("1", dither=Image.Dither.NONE)


def draw_reprint_mark(width: int) -> Image.Image:
    """Return the mark at the head of a reprint."""
    return strips.draw_banner(f"{REPRINT.zh} {REPRINT.en}", width=width, size=36)


def draw_name(text: Text, language: Language, *, width: int, size: int, small_size: int) -> Iterator[Image.Image]:
    """Yield a name in the visitor's language, bold, with the other language small below."""
    yield strips.draw_text(text.in_language(language), width=width, size=size, weight="bold", centred=True)
    if text.zh != text.en:
        yield strips.draw_text(text.in_language(other_language(language)), width=width, size=small_size, centred=True)


def draw_wait(people_ahead: int | None, wait: Text, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield who is ahead and for how long: on one line where it fits, else one under the other."""
    texts = (people_ahead_text(people_ahead), wait)
    parts = [text.in_language(language) for text in texts if text is not None]
    line = " · ".join(parts)
    room = width - 2 * strips.MARGIN
    fits = text_length(line, size=38, weight="bold") <= room
    for part in [line] if fits else parts:
        yield strips.draw_text(part, width=width, size=38, weight="bold", centred=True)


def draw_where(where: Text, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield where to go or wait, behind an arrow."""
    yield strips.draw_blank(width, 8)
    yield strips.draw_arrow(where.in_language(language), width=width, size=34)
    small = where.in_language(other_language(language))
    yield strips.draw_text(small, width=width, size=24, heading=True, left=strips.MARGIN + strips.ARROW_WIDTH)


def draw_materials(materials: Sequence[Text], language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield the list of what to bring.

    An English list keeps the Chinese names below, because those are printed on the documents themselves.
    """
    yield strips.draw_text(MATERIALS.in_language(language), width=width, size=32, weight="bold", heading=True)
    yield strips.draw_blank(width, 8)
    for material in materials:
        small = material.zh if language is Language.EN and material.zh != material.en else None
        yield strips.draw_tick_box(material.in_language(language), small, width=width, size=30, small_size=24)


def draw_code(address: str, purpose: Text, language: Language, *, width: int) -> Image.Image:
    """Return a QR code with its purpose: to the right of it, on narrow paper below it."""
    code = strips.draw_qr_code(address, at_least=QR_WIDTH)
    mine, small = purpose.in_language(language), purpose.in_language(other_language(language))
    is_wide = width >= PaperWidth.MM_80 and code.width <= width // 2
    left = code.width if is_wide else strips.MARGIN
    caption = (
        strips.draw_text(mine, width=width, size=30, weight="bold", heading=is_wide, left=left, centred=not is_wide),
        strips.draw_text(small, width=width, size=24, heading=is_wide, left=left, centred=not is_wide),
    )
    text = strips.stack(caption)
    if not is_wide:
        strip = strips.draw_blank(width, code.height)
        strip.paste(code, ((width - code.width) // 2, 0))
        return strips.stack([strip, text, strips.draw_blank(width, 10)])
    strip = strips.draw_blank(width, max(code.height, text.height))
    strip.paste(text, (0, (strip.height - text.height) // 2))
    strip.paste(code, (0, (strip.height - code.height) // 2))
    return strip


def draw_date(local_time: datetime, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield the date and time at the end of a paper."""
    when = date_text(local_time)
    yield strips.draw_text(when.in_language(language), width=width, size=26, centred=True)
    yield strips.draw_blank(width, 16)


def other_language(language: Language) -> Language:
    """Return the hall's other language."""
    return Language.EN if language is Language.ZH else Language.ZH
