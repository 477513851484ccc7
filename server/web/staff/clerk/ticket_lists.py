"""The lists of tickets on the clerk's page: who waits, who missed the call, and who is on the way from another site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from nicegui import ui

from protocol.vocabulary import Language, Text
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text
from server.web.staff.clerk.clerk_view_model import ClerkListLine, ClerkView
from server.web.templates import render

LineAction = Callable[[ClerkListLine, float], Awaitable[None]]
"""Carries out a press on one line of a list; the second argument is that of a ``widgets.PressAction``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineActions:
    """What the keys of a line do."""

    call: LineAction
    call_typed: Callable[[str, float], Awaitable[None]]
    """Calls the number that was typed."""
    return_to_queue: LineAction
    cancel: LineAction
    check_in: LineAction


class TitledList(NamedTuple):
    """A list with its title, shown or hidden as a whole."""

    whole: ui.element
    lines: ui.element


class TicketLists:
    """Counts per service, the numbers waiting, missed and on the way, each line with its keys."""

    def __init__(self, language: Language, actions: LineActions) -> None:
        self._language = language
        self._actions = actions

    def build(self) -> None:
        """Add the lists to the page, empty."""
        with ui.element("section").classes("box"):
            self._counts = widgets.markup().classes("wide").mark("counts")
            self._waiting = ui.element("div").classes("list").mark("waiting")
        with ui.element("div").classes("box"):
            with ui.element("div").classes("list"):
                self._missed = self._add_list(clerk_text.MISSED, "missed")
                self._assumed = self._add_list(clerk_text.ASSUMED_SERVED, "assumed")
                self._travelling = self._add_list(clerk_text.TRAVELLING, "travelling")
            self._add_typed_number()

    def _add_list(self, title: Text, name: str) -> TitledList:
        with ui.element("section") as whole:
            widgets.heading(title.in_language(self._language))
            return TitledList(whole, ui.element("div").mark(name))

    def _add_typed_number(self) -> None:
        with ui.element("div").classes("entry typed"):
            label = clerk_text.TYPED_NUMBER.in_language(self._language)
            self._typed = ui.input(label).props("outlined dense").classes("what").mark("typed-number")
            widgets.on_enter(self._typed, self._call_typed)
            widgets.primary_key("call-typed", clerk_text.CALL, self._language, self._call_typed, style="small")

    async def _call_typed(self, contact_at: float) -> None:
        number = self._typed.value.strip().upper()
        if number:
            self._typed.set_value("")
            await self._actions.call_typed(number, contact_at)

    def refresh(self, view: ClerkView) -> None:
        """Show the lists as they are now."""
        self._counts.set_content(render("clerk/counts.html", view=view, text=clerk_text, language=self._language))
        self._fill(self._waiting, view.waiting, self._add_waiting_keys)
        self._fill(self._missed.lines, view.missed, self._add_missed_keys)
        self._fill(self._assumed.lines, view.assumed, self._add_missed_keys)
        self._assumed.whole.set_visibility(bool(view.assumed))
        self._fill(self._travelling.lines, view.travelling, self._add_travelling_keys)
        self._travelling.whole.set_visibility(bool(view.travelling))

    def _fill(
        self, place: ui.element, lines: tuple[ClerkListLine, ...], add_keys: Callable[[ClerkListLine], None]
    ) -> None:
        place.clear()
        with place:
            for line in lines:
                with ui.element("div").classes("entry line"):
                    self._add_text(line)
                    add_keys(line)
            if not lines:
                ui.label(clerk_text.NONE.in_language(self._language)).classes("quiet")

    def _add_text(self, line: ClerkListLine) -> None:
        widgets.markup(render("clerk/line_number.html", line=line))
        service = render("clerk/line_service.html", line=line, text=clerk_text, language=self._language)
        widgets.markup(service).classes("what")

    def _add_waiting_keys(self, line: ClerkListLine) -> None:
        self._add_key("call", clerk_text.CALL, self._actions.call, line)
        self._add_key("cancel", clerk_text.CANCEL, self._actions.cancel, line)

    def _add_missed_keys(self, line: ClerkListLine) -> None:
        if line.may_return:
            self._add_key("return", clerk_text.RETURN_TO_QUEUE, self._actions.return_to_queue, line)
        self._add_key("call", clerk_text.CALL, self._actions.call, line)

    def _add_travelling_keys(self, line: ClerkListLine) -> None:
        self._add_key("check-in", clerk_text.CHECK_IN, self._actions.check_in, line)

    def _add_key(self, verb: str, text: Text, action: LineAction, line: ClerkListLine) -> None:
        key = widgets.primary_key(f"{verb}-{line.number}", text, self._language, partial(action, line), style="small")
        key.props(f'aria-label="{text.in_language(self._language)} {line.number}"')
