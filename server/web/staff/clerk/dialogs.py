"""The clerk's questions: to which service a visitor goes on, for what a number is taken, whether one is withdrawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from html import escape

from nicegui import ui

from protocol.vocabulary import Language, ServiceId, Text
from server.domain.discipline.queue_order import takes
from server.domain.model.hall import Hall
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text as words
from server.web.staff.clerk.clerk_view_model import ClerkListLine


class TransferDialog:
    """Asks for a service; choosing one transfers at once."""

    def __init__(self, language: Language, chosen: Callable[[ServiceId, float], Awaitable[None]]) -> None:
        self._language = language
        self._chosen = chosen
        with widgets.dialog() as self._dialog, ui.card().classes("wide"):
            widgets.markup(f"<h2>{widgets.two_lines(words.TRANSFER_TO, language)}</h2>")
            self._list = ui.element("div").classes("list")
            _back(self._dialog, language)

    def open(self, services: tuple[tuple[ServiceId, Text], ...]) -> None:
        """Ask for one of these services (id, name); they are laid out only now, for a hall has dozens."""
        self._list.clear()
        with self._list:
            for service, name in services:
                widgets.primary_key(
                    f"to-{service}", name, self._language, partial(self._choose, service), style="small wide"
                )
        self._dialog.open()

    async def _choose(self, service: ServiceId, heard_at: float) -> None:
        self._dialog.close()
        await self._chosen(service, heard_at)


class CancelDialog:
    """Asks once more before a number is withdrawn."""

    def __init__(self, language: Language, confirmed: Callable[[ClerkListLine, float], Awaitable[None]]) -> None:
        self._confirmed = confirmed
        self._line: ClerkListLine | None = None
        with widgets.dialog() as self._dialog, ui.card().classes("wide"):
            widgets.markup(f"<h2>{widgets.two_lines(words.CANCEL_THIS, language)}</h2>")
            self._number = ui.label("").classes("number")
            widgets.primary_key("cancel", words.CANCEL_IT, language, self._pressed, style="wide")
            _back(self._dialog, language)

    def open(self, line: ClerkListLine) -> None:
        """Ask about one number."""
        self._line = line
        self._number.set_text(line.number)
        self._dialog.open()

    async def _pressed(self, heard_at: float) -> None:
        self._dialog.close()
        if self._line is not None:
            await self._confirmed(self._line, heard_at)


class NumberDialog:
    """Takes a number for a visitor who cannot use the kiosk, and shows it large."""

    def __init__(
        self, hall: Hall, language: Language, take: Callable[[ServiceId, str | None, float], Awaitable[None]]
    ) -> None:
        self._language = language
        self._take = take
        catalogue = hall.site.catalogue
        served = {s for w in hall.site.windows for s in takes(hall, w).services}
        services = {s.id: f"{s.letter} {s.name.in_language(language)}" for s in catalogue.services if s.id in served}
        priorities = {"": words.NO_PRIORITY.in_language(language)}
        priorities |= {p.id: p.name.in_language(language) for p in catalogue.priorities}
        with widgets.dialog() as self._dialog, ui.card().classes("wide"):
            widgets.markup(f"<h2>{widgets.two_lines(words.TAKE_NUMBER, language)}</h2>")
            self._service = _select(services, words.SERVICE.in_language(language), next(iter(services), None))
            self._priority = _select(priorities, words.PRIORITY.in_language(language), "")
            widgets.primary_key("take", words.TAKE, language, self._pressed, style="fill wide")
            self._shown = widgets.markup("").mark("taken")
            _back(self._dialog, language)

    def open(self) -> None:
        """Ask."""
        self._shown.set_content("")
        self._priority.set_value("")
        self._dialog.open()

    def show(self, number: str, address: str) -> None:
        """Show the number taken, with the address of its page."""
        said = escape(words.TAKEN.in_language(self._language))
        page = words.TICKET_PAGE.in_language(self._language)
        self._shown.set_content(
            f'<p class="done">{said}</p><div class="number">{escape(number)}</div>'
            f'<a href="{escape(address)}" target="_blank" rel="noreferrer">{escape(page)}</a>'
        )

    def refuse(self, text: Text) -> None:
        """Say why there is no number; the page behind is covered."""
        self._shown.set_content(f'<p class="wrong" role="alert">{escape(text.in_language(self._language))}</p>')

    async def _pressed(self, heard_at: float) -> None:
        if self._service.value:
            await self._take(self._service.value, self._priority.value or None, heard_at)


def _select(options: Mapping[str, str] | Mapping[ServiceId, str], label: str, value: str | None) -> ui.select:
    return ui.select(dict(options), label=label, value=value).classes("wide").props("outlined")


def _back(dialog: ui.dialog, language: Language) -> None:
    text = words.BACK.in_language(language)
    ui.button(text, color=None, on_click=dialog.close).props("unelevated no-caps").classes("key small wide")
