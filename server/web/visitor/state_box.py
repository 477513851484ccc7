"""The state of a visitor's ticket as a box on the page."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.vocabulary import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBox:
    """A title and lines beneath it."""

    kind: str
    """CSS class of the box, which gives it its colour."""
    title: Text
    lines: tuple[Text, ...] = ()
    large_lines: int = 0
    """How many of the first lines are written large."""
    cancel_address: str | None = None
    """Address of the page on which the visitor cancels the ticket; None when that is not possible here."""
    cancel_text: Text | None = None
    page_there: str | None = None
    """Address of the visitor's page at another site; None when it is not known."""
