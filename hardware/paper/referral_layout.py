"""Draws the paper of a place held at another site: where to go, the number there, until when, and how to check in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image

from hardware.paper import paper_strips as strips
from hardware.paper import ticket_layout as ticket
from hardware.paper.ticket_layout import NUMBER_HEIGHT, PaperWidth
from hardware.paper.ticket_text import (
    PLEASE_GO,
    check_in_words,
    kept_until_words,
    travel_words,
    wait_there_words,
    where_words,
)
from protocol.answers import OtherSite
from protocol.vocabulary import Language, Promise, Text


@dataclass(frozen=True, kw_only=True)
class ReferralPaper:
    """Everything that stands on the paper of a referred visitor.

    ``issued_at`` and ``kept_until`` are aware; ``time_zone`` is the hall's (an IANA name). ``area`` is where to wait at
    the other site. ``qr_address`` is the whole address of the ticket's page, for phones and for the scanner there.
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

    def local(self, moment: datetime) -> datetime:
        """Return a moment on the hall's clock."""
        return moment.astimezone(ZoneInfo(self.time_zone))


def draw_referral(paper: ReferralPaper, *, width: PaperWidth = PaperWidth.MM_80) -> Image.Image:
    """Return the paper as a picture of mode "1", ``width`` px wide and as long as its words need."""
    return ticket.black_and_white(_strips(paper, width))


def _strips(paper: ReferralPaper, width: int) -> Iterator[Image.Image]:
    """Yield the paper from top to bottom: the way, the number, what to bring, the code."""
    language = paper.language
    yield strips.blank(width, 8)
    if paper.reprint:
        yield ticket.reprint_strip(width)
    yield strips.banner_strip(f"{PLEASE_GO.zh} {PLEASE_GO.en}", width=width, size=36)
    size = 52 if width >= PaperWidth.MM_80 else 40
    yield from ticket.name_strips(paper.site.name, language, width=width, size=size, small_size=28)
    yield from _way(paper, width)
    yield strips.rule_strip(width)
    yield strips.number_strip(paper.number, width=width, height=NUMBER_HEIGHT)
    yield from ticket.name_strips(paper.service, language, width=width, size=44, small_size=26)
    yield strips.rule_strip(width)
    yield from ticket.wait_strips(paper.people_ahead, wait_there_words(paper.promise), language, width=width)
    yield from ticket.where_strips(where_words(paper.area), language, width=width)
    yield strips.rule_strip(width)
    yield ticket.code_strip(paper.qr_address, check_in_words(paper.number), language, width=width)
    yield from ticket.name_strips(
        kept_until_words(paper.local(paper.kept_until)), language, width=width, size=44, small_size=26
    )
    yield strips.rule_strip(width)
    if paper.materials:
        yield from ticket.material_strips(paper.materials, language, width=width)
        yield strips.rule_strip(width)
    yield from ticket.date_strips(paper.local(paper.issued_at), language, width=width)


def _way(paper: ReferralPaper, width: int) -> Iterator[Image.Image]:
    """Yield the address behind an arrow, then directions and travel time; each with the other language beneath."""
    mine, left = paper.language, strips.MARGIN + 64
    yield from ticket.where_strips(paper.site.address, mine, width=width)
    lines: tuple[tuple[Text, int, strips.Weight], ...] = (
        (paper.site.directions, 30, "regular"),
        (travel_words(paper.site.travel_min), 34, "bold"),
    )
    for words, size, weight in lines:
        small = words.in_language(ticket.other(mine))
        if said := words.in_language(mine):
            yield strips.text_strip(said, width=width, size=size, weight=weight, heading=True, left=left)
        if small and small != said:
            yield strips.text_strip(small, width=width, size=24, heading=True, left=left)
