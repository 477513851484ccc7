"""Draws a paper ticket: plain values in, one black and white picture out, the same on every printer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from PIL import Image

from hardware.paper import paper_strips as strips
from hardware.paper.ticket_text import (
    MATERIALS,
    QR_PURPOSE,
    REPRINT,
    date_words,
    people_ahead_words,
    promise_words,
    where_words,
)
from protocol.vocabulary import Language, Promise, Text

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
    return black_and_white(_strips(paper, width))


def black_and_white(parts: Iterator[Image.Image]) -> Image.Image:
    """Return strips under each other, of mode "1" as a printer takes them."""
    grey = strips.stack(list(parts))
    return grey.point(lambda level: 255 if level > _CUT_TO_BLACK else 0).convert("1", dither=Image.Dither.NONE)


def _strips(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield the ticket from top to bottom."""
    yield strips.blank(width, 8)
    if paper.reprint:
        yield reprint_strip(width)
    yield from name_strips(paper.hall, paper.language, width=width, size=32, small_size=22)
    yield strips.rule_strip(width)
    yield strips.number_strip(paper.number, width=width, height=NUMBER_HEIGHT)
    yield from name_strips(paper.service, paper.language, width=width, size=44, small_size=26)
    yield strips.rule_strip(width)
    yield from wait_strips(paper.people_ahead, promise_words(paper.promise), paper.language, width=width)
    yield from where_strips(where_words(paper.area), paper.language, width=width)
    yield strips.rule_strip(width)
    if paper.materials:
        yield from material_strips(paper.materials, paper.language, width=width)
        yield strips.rule_strip(width)
    if paper.qr_address:
        yield code_strip(paper.qr_address, QR_PURPOSE, paper.language, width=width)
    yield from date_strips(paper.local_time, paper.language, width=width)


def reprint_strip(width: int) -> Image.Image:
    """Return the mark at the head of a paper that was printed once more."""
    return strips.banner_strip(f"{REPRINT.zh} {REPRINT.en}", width=width, size=36)


def name_strips(text: Text, language: Language, *, width: int, size: int, small_size: int) -> Iterator[Image.Image]:
    """Yield a name in the visitor's language, bold, with the other language small beneath."""
    yield strips.text_strip(text.in_language(language), width=width, size=size, weight="bold", centred=True)
    if text.zh != text.en:
        yield strips.text_strip(text.in_language(other(language)), width=width, size=small_size, centred=True)


def wait_strips(people_ahead: int | None, wait: Text, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield who is ahead and for how long: on one line where it fits, else one under the other."""
    said = (people_ahead_words(people_ahead), wait)
    parts = [words.in_language(language) for words in said if words is not None]
    line = " · ".join(parts)
    room = width - 2 * strips.MARGIN
    fits = strips.load_font(38, "bold").getlength(line) <= room
    for words in [line] if fits else parts:
        yield strips.text_strip(words, width=width, size=38, weight="bold", centred=True)


def where_strips(where: Text, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield where to go or wait, behind an arrow."""
    yield strips.blank(width, 8)
    yield strips.arrow_strip(where.in_language(language), width=width, size=34)
    small = where.in_language(other(language))
    yield strips.text_strip(small, width=width, size=24, heading=True, left=strips.MARGIN + 64)


def material_strips(materials: Sequence[Text], language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield the list of what to bring.

    An English list keeps the Chinese names beneath, because they are what stands on the documents themselves.
    """
    yield strips.text_strip(MATERIALS.in_language(language), width=width, size=32, weight="bold", heading=True)
    yield strips.blank(width, 8)
    for material in materials:
        small = material.zh if language is Language.EN and material.zh != material.en else None
        yield strips.tick_strip(material.in_language(language), small, width=width, size=30, small_size=24)


def code_strip(address: str, purpose: Text, language: Language, *, width: int) -> Image.Image:
    """Return a QR code with the line that says what it is for: beside it, on narrow paper beneath it."""
    code = strips.qr_picture(address, at_least=QR_WIDTH)
    mine, small = purpose.in_language(language), purpose.in_language(other(language))
    beside = width >= PaperWidth.MM_80 and code.width <= width // 2
    left = code.width if beside else strips.MARGIN
    caption = (
        strips.text_strip(mine, width=width, size=30, weight="bold", heading=beside, left=left, centred=not beside),
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


def date_strips(local_time: datetime, language: Language, *, width: int) -> Iterator[Image.Image]:
    """Yield when the paper was made, at its end."""
    when = date_words(local_time)
    yield strips.text_strip(when.in_language(language), width=width, size=26, centred=True)
    yield strips.blank(width, 16)


def other(language: Language) -> Language:
    """Return the hall's other language."""
    return Language.EN if language is Language.ZH else Language.ZH
