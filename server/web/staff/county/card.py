"""One figure of the county on a card."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.vocabulary import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A figure with its title above and a remark beneath."""

    title: Text
    figure: str
    beneath: Text | None = None
    late: bool = False
    """Whether the figure needs attention; it is shown in red."""
