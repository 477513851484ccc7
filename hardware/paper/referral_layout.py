"""Draws the paper of a place held at another site: where to go, the number there, until when, and how to check in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image

from hardware.fonts.lettering import Weight
from hardware.paper import paper_blocks as blocks
from hardware.paper import paper_strips as strips
from hardware.paper.paper_text import (
    PLEASE_GO,
    called_elsewhere_text,
    check_in_text,
    kept_until_text,
    travel_text,
    where_text,
)
from hardware.paper.paper_width import PaperWidth
from protocol.answers import OtherSite
from protocol.vocabulary import Language, Promise, Text


@dataclass(frozen=True, kw_only=True)
class ReferralPaper:
    """Everything that stands on the paper of a referred visitor.

    ``issued_at`` and ``kept_until`` are aware; ``time_zone`` is that of the hall that prints (an IANA name), while a
    place is kept until a time of the other site. ``area`` is where to wait there. ``qr_address`` is the whole address
    of the ticket's page, for phones and for the scanner there.
    """

    number: str
    site: OtherSite
    service: Text
    area: Text
    issued_at: datetime
    kept_until: datetime
    time_zone: str
    qr_address: str
    people_ahead: int
    promise: Promise | None = None
    materials: tuple[Text, ...] = ()
    language: Language = Language.ZH
    reprint: bool = False

    @property
    def local_time(self) -> datetime:
        """When the place was granted, on the clock of the hall that prints."""
        return self.issued_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def kept_until_there(self) -> datetime:
        """Until when the place is kept, on the clock of the other site."""
        return self.kept_until.astimezone(ZoneInfo(self.site.time_zone))


def draw_referral(paper: ReferralPaper, *, width: PaperWidth = PaperWidth.MM_80) -> Image.Image:
    """Return the paper as a picture of mode "1", ``width`` px wide and as long as its text needs."""
    return blocks.join_black_and_white(_strips(paper, width))


def _strips(paper: ReferralPaper, width: int) -> Iterator[Image.Image]:
    """Yield the paper from top to bottom: the way, the number, what to bring, the QR code."""
    language = paper.language
    yield strips.draw_blank(width, 8)
    if paper.reprint:
        yield blocks.draw_reprint_mark(width)
    yield strips.draw_banner(f"{PLEASE_GO.zh} {PLEASE_GO.en}", width=width, size=36)
    size = 52 if width >= PaperWidth.MM_80 else 40
    yield from blocks.draw_name(paper.site.name, language, width=width, size=size, small_size=28)
    yield from _draw_way(paper, width)
    yield strips.draw_rule(width)
    yield strips.draw_number(paper.number, width=width, height=blocks.NUMBER_HEIGHT)
    yield from blocks.draw_name(paper.service, language, width=width, size=44, small_size=26)
    yield strips.draw_rule(width)
    yield from blocks.draw_wait(paper.people_ahead, called_elsewhere_text(paper.promise), language, width=width)
    yield from blocks.draw_where(where_text(paper.area), language, width=width)
    yield strips.draw_rule(width)
    yield blocks.draw_code(paper.qr_address, check_in_text(paper.number), language, width=width)
    yield from blocks.draw_name(kept_until_text(paper.kept_until_there), language, width=width, size=44, small_size=26)
    yield strips.draw_rule(width)
    if paper.materials:
        yield from blocks.draw_materials(paper.materials, language, width=width)
        yield strips.draw_rule(width)
    yield from blocks.draw_date(paper.local_time, language, width=width)


def _draw_way(paper: ReferralPaper, width: int) -> Iterator[Image.Image]:
    """Yield the address behind an arrow, then directions and travel time; each with the other language below."""
    mine, left = paper.language, strips.MARGIN + strips.ARROW_WIDTH
    yield from blocks.draw_where(paper.site.address, mine, width=width)
    lines: tuple[tuple[Text, int, Weight], ...] = (
        (paper.site.directions, 30, "regular"),
        (travel_text(paper.site.travel_min), 34, "bold"),
    )
    for text, size, weight in lines:
        small = text.in_language(blocks.other_language(mine))
        if large := text.in_language(mine):
            yield strips.draw_text(large, width=width, size=size, weight=weight, heading=True, left=left)
        if small and small != large:
            yield strips.draw_text(small, width=width, size=24, heading=True, left=left)
