"""The lists of tickets on the clerk's page: who waits, who missed the call, and who is on the way from another site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

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
        with ui.element("section").classes("box"):
            widgets.heading(clerk_text.MISSED.in_language(self._language))
            self._missed = ui.element("div").classes("list").mark("missed")
            with ui.element("div").classes("entry"):
                label = clerk_text.TYPED_NUMBER.in_language(self._language)
                self._typed = ui.input(label).props("outlined dense").classes("what").mark("typed-number")
                widgets.on_enter(self._typed, self._call_typed)
                widgets.primary_key("call-typed", clerk_text.CALL, self._language, self._call_typed, style="small")
        self._taken_as_served = ui.element("section").classes("box")
        with self._taken_as_served:
            widgets.heading(clerk_text.ASSUMED_SERVED.in_language(self._language))
            self._assumed = ui.element("div").classes("list").mark("assumed")
        self._on_the_way = ui.element("section").classes("box")
        with self._on_the_way:
            widgets.heading(clerk_text.TRAVELLING.in_language(self._language))
            self._travelling = ui.element("div").classes("list").mark("travelling")

    async def _call_typed(self, contact_at: float) -> None:
        number = self._typed.value.strip().upper()
        if number:
            self._typed.set_value("")
            await self._actions.call_typed(number, contact_at)

    def refresh(self, view: ClerkView) -> None:
        """Show the lists as they are now."""
        self._counts.set_content(render("clerk/counts.html", view=view, text=clerk_text, language=self._language))
        self._fill(self._waiting, view.waiting, self._add_waiting_keys)
        self._fill(self._missed, view.missed, self._add_missed_keys)
        self._fill(self._assumed, view.assumed, self._add_missed_keys)
        self._taken_as_served.set_visibility(bool(view.assumed))
        self._fill(self._travelling, view.travelling, self._add_travelling_keys)
        self._on_the_way.set_visibility(bool(view.travelling))

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
