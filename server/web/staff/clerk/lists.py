"""The side of the clerk's page: who waits, who missed the call, and who is on the way from another site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

from nicegui import ui

from protocol.vocabulary import Language, Text
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text as words
from server.web.staff.clerk.clerk_view_model import ClerkListLine, Desk

OfLine = Callable[[ClerkListLine, float], Awaitable[None]]
"""Carries out a press on one line of a list."""


class Lists:
    """Counts per service, the numbers waiting, and the numbers that missed their call, each with its keys."""

    def __init__(
        self, language: Language, *, call: OfLine, come_back: OfLine, cancel: OfLine, check_in: OfLine
    ) -> None:
        self._language = language
        self._call = call
        self._come_back = come_back
        self._cancel = cancel
        self._check_in = check_in

    def build(self) -> None:
        """Lay the lists out, empty."""
        with ui.element("section").classes("box"):
            self._counts = widgets.markup("").classes("wide").mark("counts")
            self._waiting = ui.element("div").classes("list").mark("waiting")
        with ui.element("section").classes("box"):
            widgets.markup(f"<h2>{escape(self._say(words.MISSED))}</h2>")
            self._missed = ui.element("div").classes("list").mark("missed")
        self._on_the_way = ui.element("section").classes("box")
        with self._on_the_way:
            widgets.markup(f"<h2>{escape(self._say(words.TRAVELLING))}</h2>")
            self._travelling = ui.element("div").classes("list").mark("travelling")

    def paint(self, seen: Desk) -> None:
        """Show the lists as they are now."""
        counts = "".join(self._count(name, count) for name, count in seen.waiting_of)
        self._counts.set_content(f"<h2>{escape(self._say(words.WAITING))} {seen.waiting_total}</h2>{counts}")
        self._fill(self._waiting, seen.waiting, self._waiting_keys)
        self._fill(self._missed, seen.missed, self._missed_keys)
        self._fill(self._travelling, seen.travelling, self._travelling_keys)
        self._on_the_way.set_visibility(bool(seen.travelling))

    def _count(self, name: Text, count: int) -> str:
        what = f'<span class="what">{escape(self._say(name))}</span>'
        return f'<div class="entry tally">{what}<b class="count">{count}</b></div>'

    def _fill(
        self, place: ui.element, lines: tuple[ClerkListLine, ...], add_keys: Callable[[ClerkListLine], None]
    ) -> None:
        place.clear()
        with place:
            for line in lines:
                with ui.element("div").classes("entry line"):
                    self._add_words(line)
                    add_keys(line)
            if not lines:
                ui.label(self._say(words.NONE)).classes("quiet")

    def _add_words(self, line: ClerkListLine) -> None:
        chip = f' <span class="chip">{escape(self._say(line.priority))}</span>' if line.priority else ""
        widgets.markup(f"<b>{escape(line.number)}</b>")
        issued = f"{line.since} {self._say(words.ISSUED)}"
        service = escape(self._say(line.service))
        widgets.markup(f'{service}{chip}<span class="quiet">{escape(issued)}</span>').classes("what")

    def _waiting_keys(self, line: ClerkListLine) -> None:
        self._key("call", words.CALL, self._call, line)
        self._key("cancel", words.CANCEL, self._cancel, line)

    def _missed_keys(self, line: ClerkListLine) -> None:
        if line.may_return:
            self._key("return", words.COME_BACK, self._come_back, line)
        self._key("call", words.CALL, self._call, line)

    def _travelling_keys(self, line: ClerkListLine) -> None:
        self._key("check-in", words.CHECK_IN, self._check_in, line)

    def _key(self, verb: str, text: Text, pressed: OfLine, line: ClerkListLine) -> None:
        widgets.primary_key(f"{verb}-{line.number}", text, self._language, partial(pressed, line), style="small")

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)
