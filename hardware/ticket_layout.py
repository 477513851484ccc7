"""Draws a paper ticket: plain values in, one black and white picture out, the same on every printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from PIL import Image

from hardware import paper_strips as strips
from hardware.ticket_words import (
    MATERIALS,
    QR_PURPOSE,
    REPRINT,
    date_words,
    people_ahead_words,
    promise_words,
    where_words,
)
from protocol.messages import Language, Promise, Text

NUMBER_HEIGHT = 200
QR_WIDTH = 200
_CUT_TO_BLACK = 150
"""Grey up to here prints black: thin strokes stay whole on thermal paper."""


class PaperWidth(IntEnum):
    """Printable dots across the two paper rolls of ticket printers (8 dots per mm)."""

    MM_80 = 576
    MM_58 = 384


@dataclass(frozen=True, kw_only=True)
class TicketPaper:
    """Everything that stands on one paper ticket.

    ``issued_at`` is aware; ``time_zone`` is the hall's (an IANA name). ``people_ahead`` and ``promise`` are None
    while the hub cannot tell. ``area`` names the floor too. ``qr_address`` is the whole address of the ticket's page;
    empty leaves the QR code out.
    """

    number: str
    hall: Text
    service: Text
    area: Text
    issued_at: datetime
    time_zone: str
    qr_address: str
    people_ahead: int | None = None
    promise: Promise | None = None
    materials: tuple[Text, ...] = ()
    language: Language = Language.ZH
    reprint: bool = False

    @property
    def local_time(self) -> datetime:
        """When the number was taken, on the hall's clock."""
        return self.issued_at.astimezone(ZoneInfo(self.time_zone))


def draw_ticket(paper: TicketPaper, *, width: PaperWidth = PaperWidth.MM_80) -> Image.Image:
    """Return the ticket as a picture of mode "1", ``width`` px wide and as long as its words need."""
    grey = strips.stack(list(_strips(paper, width)))
    return grey.point(lambda level: 255 if level > _CUT_TO_BLACK else 0).convert("1", dither=Image.Dither.NONE)


def _strips(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield the ticket from top to bottom."""
    yield strips.blank(width, 8)
    if paper.reprint:
        yield strips.banner_strip(f"{REPRINT.zh} {REPRINT.en}", width=width, size=36)
    yield from _both(paper.hall, paper.language, width=width, size=32, small_size=22)
    yield strips.rule_strip(width)
    yield strips.number_strip(paper.number, width=width, height=NUMBER_HEIGHT)
    yield from _both(paper.service, paper.language, width=width, size=44, small_size=26)
    yield strips.rule_strip(width)
    yield from _wait(paper, width)
    yield from _where(paper, width)
    yield strips.rule_strip(width)
    if paper.materials:
        yield from _materials(paper, width)
        yield strips.rule_strip(width)
    if paper.qr_address:
        yield _qr(paper, width)
    when = date_words(paper.local_time)
    yield strips.text_strip(when.in_language(paper.language), width=width, size=26, centred=True)
    yield strips.blank(width, 16)


def _both(text: Text, language: Language, *, width: int, size: int, small_size: int) -> Iterator[Image.Image]:
    """Yield a name in the visitor's language, bold, with the other language small beneath."""
    yield strips.text_strip(text.in_language(language), width=width, size=size, weight="bold", centred=True)
    if text.zh != text.en:
        yield strips.text_strip(text.in_language(_other(language)), width=width, size=small_size, centred=True)


def _wait(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield who is ahead and for how long: on one line where it fits, else one under the other."""
    said = (people_ahead_words(paper.people_ahead), promise_words(paper.promise))
    parts = [words.in_language(paper.language) for words in said if words is not None]
    line = " · ".join(parts)
    room = width - 2 * strips.MARGIN
    fits = strips.load_font(38, "bold").getlength(line) <= room
    for words in [line] if fits else parts:
        yield strips.text_strip(words, width=width, size=38, weight="bold", centred=True)


def _where(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield where to wait, behind an arrow."""
    where = where_words(paper.area)
    yield strips.blank(width, 8)
    yield strips.arrow_strip(where.in_language(paper.language), width=width, size=34)
    small = where.in_language(_other(paper.language))
    yield strips.text_strip(small, width=width, size=24, heading=True, left=strips.MARGIN + 64)


def _materials(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield the list of what to bring.

    An English list keeps the Chinese names beneath, because they are what stands on the documents themselves.
    """
    yield strips.text_strip(MATERIALS.in_language(paper.language), width=width, size=32, weight="bold", heading=True)
    yield strips.blank(width, 8)
    for material in paper.materials:
        small = material.zh if paper.language is Language.EN and material.zh != material.en else None
        words = material.in_language(paper.language)
        yield strips.tick_strip(words, small, width=width, size=30, small_size=24)


def _qr(paper: TicketPaper, width: int) -> Image.Image:
    """Return the QR code with the line that says what it is for: beside it, on narrow paper beneath it."""
    code = strips.qr_picture(paper.qr_address, at_least=QR_WIDTH)
    purpose, small = QR_PURPOSE.in_language(paper.language), QR_PURPOSE.in_language(_other(paper.language))
    beside = width >= PaperWidth.MM_80 and code.width <= width // 2
    left = code.width if beside else strips.MARGIN
    caption = (
        strips.text_strip(purpose, width=width, size=30, weight="bold", heading=beside, left=left, centred=not beside),
        strips.text_strip(small, width=width, size=24, heading=beside, left=left, centred=not beside),
    )
    words = strips.stack(caption)
    if not beside:
        strip = strips.blank(width, code.height)
        strip.paste(code, ((width - code.width) // 2, 0))
        return strips.stack([strip, words, strips.blank(width, 10)])
    strip = strips.blank(width, max(code.height, words.height))
    strip.paste(words, (0, (strip.height - words.height) // 2))
    strip.paste(code, (0, (strip.height - code.height) // 2))
    return strip


def _other(language: Language) -> Language:
    """Return the hall's other language."""
    return Language.EN if language is Language.ZH else Language.ZH
