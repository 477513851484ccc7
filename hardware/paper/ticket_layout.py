"""Draws a paper ticket: plain values in, one black and white picture out, the same on every printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image

from hardware.paper import paper_blocks as blocks
from hardware.paper import paper_strips as strips
from hardware.paper.paper_text import QR_PURPOSE, promise_text, where_text
from hardware.paper.paper_width import PaperWidth
from protocol.text.waits import closing_note
from protocol.vocabulary import Language, Promise, Text


@dataclass(frozen=True, kw_only=True)
class TicketPaper:
    """Everything that stands on one paper ticket.

    ``issued_at`` is aware; ``time_zone`` is the hall's (an IANA name). ``people_ahead`` and ``promise`` are None
    while the hub does not know. ``area`` names the floor too. ``qr_address`` is the whole address of the ticket's page;
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
        """When the number was issued, on the hall's clock."""
        return self.issued_at.astimezone(ZoneInfo(self.time_zone))


def draw_ticket(paper: TicketPaper, *, width: PaperWidth = PaperWidth.MM_80) -> Image.Image:
    """Return the ticket as a picture of mode "1", ``width`` px wide and as long as its text needs."""
    return blocks.join_black_and_white(_strips(paper, width))


def _strips(paper: TicketPaper, width: int) -> Iterator[Image.Image]:
    """Yield the ticket from top to bottom."""
    yield strips.draw_blank(width, 8)
    if paper.reprint:
        yield blocks.draw_reprint_mark(width)
    yield from blocks.draw_name(paper.hall, paper.language, width=width, size=32, small_size=22)
    yield strips.draw_rule(width)
    yield strips.draw_number(paper.number, width=width, height=blocks.NUMBER_HEIGHT)
    yield from blocks.draw_name(paper.service, paper.language, width=width, size=44, small_size=26)
    yield strips.draw_rule(width)
    yield from blocks.draw_wait(paper.people_ahead, promise_text(paper.promise), paper.language, width=width)
    if (note := closing_note(paper.promise)) is not None:
        yield strips.draw_text(note.in_language(paper.language), width=width, size=38, weight="bold", centred=True)
    yield from blocks.draw_where(where_text(paper.area), paper.language, width=width)
    yield strips.draw_rule(width)
    if paper.materials:
        yield from blocks.draw_materials(paper.materials, paper.language, width=width)
        yield strips.draw_rule(width)
    if paper.qr_address:
        yield blocks.draw_code(paper.qr_address, QR_PURPOSE, paper.language, width=width)
    yield from blocks.draw_date(paper.local_time, paper.language, width=width)
