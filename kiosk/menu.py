"""What the tiles of a page stand for: departments and services in the hub's order, cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from kiosk.initials import initial
from protocol.answers import Department, ServiceAnswer, ServicesAnswer
from protocol.vocabulary import Language, Text

TILES = 9
TILES_LARGE = 6
SEARCH_BEYOND = 3
"""A search by first letter is offered only where there are more pages than this."""


class Named(Protocol):
    """Something with a name to look it up by."""

    @property
    def name(self) -> Text:
        """The name in both languages."""


Entry = TypeVar("Entry", bound=Named)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Where a visitor stands in a list of tiles."""

    leaf: int = 0
    letter: str | None = None
    searching: bool = False

    def turned(self, leaf: int) -> Listing:
        """Return the same list at another page."""
        return replace(self, leaf=max(0, leaf))


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One page of tiles: entries ``first`` to ``last`` of a list."""

    first: int
    last: int
    leaf: int
    leaves: int
    searchable: bool

    @property
    def has_more(self) -> bool:
        """Whether there is a page after this one."""
        return self.leaf + 1 < self.leaves


def shelf(count: int, listing: Listing, *, large: bool, whole: int) -> Shelf:
    """Cut ``count`` entries into pages; ``whole`` is how many there are without a letter chosen."""
    size = TILES_LARGE if large else TILES
    leaves = max(1, -(-count // size))
    leaf = min(listing.leaf, leaves - 1)
    searchable = listing.letter is None and whole > SEARCH_BEYOND * size
    return Shelf(first=leaf * size, last=min(count, (leaf + 1) * size), leaf=leaf, leaves=leaves, searchable=searchable)


def beginning_with(entries: Sequence[Entry], letter: str | None, *, language: Language) -> list[Entry]:
    """Return the entries under a letter, or all."""
    return [e for e in entries if letter is None or initial(e.name, language=language) == letter]


def letters(entries: Sequence[Named], *, language: Language) -> list[str]:
    """Return the letters under which there is something, in order."""
    return sorted({initial(e.name, language=language) for e in entries})


def departments(menu: ServicesAnswer) -> list[Department]:
    """Return the departments that have something to offer, in the hub's order."""
    busy = {s.department for s in menu.services}
    return [d for d in menu.departments if d.id in busy]


def services_of(menu: ServicesAnswer, department: str | None) -> list[ServiceAnswer]:
    """Return a department's services, most used first as the hub has them."""
    return [s for s in menu.services if s.department == department]


def find_service(menu: ServicesAnswer, service: str | None) -> ServiceAnswer | None:
    """Return a service of the menu, or None."""
    return next((s for s in menu.services if s.id == service), None)


def waiting_in(menu: ServicesAnswer, department: str) -> int:
    """Return how many wait for all services of a department."""
    return sum(s.waiting for s in services_of(menu, department))
