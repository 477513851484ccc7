"""Ticket numbers: counted per letter and business day from 1."""

from __future__ import annotations


def ticket_number(letter: str, count: int) -> str:
    """Return the number as printed and called: ``A017``; beyond 999 it has a fourth digit, ``A1000``."""
    return f"{letter}{count:03d}"
