"""The hub's menu as pages of tiles: departments and services in the hub's order, searchable by first letter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from protocol.answers import Department, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Language, ServiceId, Text

TILES = 9
TILES_LARGE = 6
SEARCH_BEYOND = 3
"""Number of pages beyond which the search by first letter is offered."""
OTHER_INITIAL = "#"
"""Initial of names that begin with a digit, a sign or a rare character."""

_LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"
_FIRST_CHARACTERS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
"""The first character of each letter: GB 2312 orders its 3,755 common characters by pinyin."""
_LAST_OF_GB2312 = b"\xd7\xf9"
_Named = TypeVar("_Named", Department, ServiceAnswer)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Where a visitor is in a list of tiles: the page, counted from 0, and the first letter searched for."""

    index: int = 0
    letter: str | None = None
    searching: bool = False

    def turned_to(self, index: int) -> Listing:
        """Return the same list at another page."""
        return replace(self, index=max(0, index))


@dataclass(frozen=True, kw_only=True)
class TilePage:
    """One page of tiles: entries ``first`` up to, not including, ``last`` of a list."""

    first: int
    last: int
    index: int
    count: int
    searchable: bool

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.index + 1 < self.count


def tile_page(count: int, listing: Listing, *, large: bool, whole: int) -> TilePage:
    """Return the page to show of ``count`` entries; ``whole`` is their number without a letter chosen."""
    size = TILES_LARGE if large else TILES
    pages = max(1, -(-count // size))
    index = min(listing.index, pages - 1)
    searchable = listing.letter is None and whole > SEARCH_BEYOND * size
    return TilePage(
        first=index * size, last=min(count, (index + 1) * size), index=index, count=pages, searchable=searchable
    )


def beginning_with(entries: Sequence[_Named], letter: str | None, *, language: Language) -> list[_Named]:
    """Return the entries under a letter, or all."""
    return [e for e in entries if letter is None or initial(e.name, language=language) == letter]


def initials(entries: Sequence[Department | ServiceAnswer], *, language: Language) -> list[str]:
    """Return the letters under which there is an entry, in order."""
    return sorted({initial(e.name, language=language) for e in entries})


def initial(name: Text, *, language: Language) -> str:
    """Return the letter ``A``-``Z`` of a name (of a Chinese one by pinyin), or ``#``."""
    text = name.in_language(language).strip()
    if not text:
        return OTHER_INITIAL
    first = text[0].upper()
    return first if "A" <= first <= "Z" else _pinyin_initial(first)


def _pinyin_initial(character: str) -> str:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return OTHER_INITIAL
    starts = [c.encode("gb2312") for c in _FIRST_CHARACTERS]
    if not starts[0] <= code <= _LAST_OF_GB2312:
        return OTHER_INITIAL
    return _LETTERS[bisect_right(starts, code) - 1]


def departments(menu: ServicesAnswer) -> list[Department]:
    """Return the departments that have services, in the hub's order."""
    busy = {s.department for s in menu.services}
    return [d for d in menu.departments if d.id in busy]


def services_of(menu: ServicesAnswer, department: str | None) -> list[ServiceAnswer]:
    """Return a department's services in the hub's order: most used first."""
    return [s for s in menu.services if s.department == department]


def find_service(menu: ServicesAnswer, service: ServiceId | None) -> ServiceAnswer | None:
    """Return a service of the menu, or None."""
    return next((s for s in menu.services if s.id == service), None)


def waiting_in(menu: ServicesAnswer, department: str) -> int:
    """Return how many people wait for all services of a department."""
    return sum(s.waiting for s in services_of(menu, department))


def number_letters(menu: ServicesAnswer) -> list[str]:
    """Return the letters with which numbers of this site begin, each once."""
    return sorted({letter for service in menu.services for letter in service.letter})
