"""The clerk's dialogs: to which service a visitor is transferred, what a ticket is issued for, whether to cancel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from nicegui import ui

from protocol.vocabulary import Language, ServiceId, Text
from server.domain.discipline.queue_order import services_of
from server.domain.model.hall import Hall
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text
from server.web.staff.clerk.clerk_view_model import ClerkListLine
from server.web.staff.clerk.transfer_targets import TransferTarget
from server.web.templates import render

LANGUAGE_NAMES = {Language.ZH: "中文", Language.EN: "English"}
OptionT = TypeVar("OptionT", bound=str)


WITHOUT_SEARCH = 6
"""Number of services up to which a list needs no search."""


class TransferDialog:
    """Offers services to choose from; choosing one transfers at once."""

    def __init__(self, language: Language, chosen: Callable[[ServiceId, float], Awaitable[None]]) -> None:
        self._language = language
        self._chosen = chosen
        with widgets.dialog("transfer", clerk_text.TRANSFER_TO, language) as self._dialog:
            label = clerk_text.SEARCH_SERVICE.in_language(language)
            self._search = ui.input(label, on_change=lambda event: self._show_found(event.value or ""))
            self._search.props("outlined dense clearable autofocus").classes("wide").mark("transfer-search")
            self._list = ui.element("div").classes("list")
        self._keys: dict[TransferTarget, ui.button] = {}

    def open(self, targets: tuple[TransferTarget, ...]) -> None:
        """Open with these services; their keys are built only now, for a hall has dozens."""
        self._list.clear()
        with self._list:
            self._keys = {target: self._key(target) for target in targets}
            self._nothing = ui.label(clerk_text.NONE.in_language(self._language)).classes("quiet")
        self._search.set_value("")
        has_search = len(targets) > WITHOUT_SEARCH
        self._search.set_visibility(has_search)
        self._list.classes(**({"add": "searched"} if has_search else {"remove": "searched"}))
        self._show_found("")
        self._dialog.open()

    def _key(self, target: TransferTarget) -> ui.button:
        chosen = partial(self._choose, target.service)
        return widgets.primary_key(f"to-{target.service}", target.name, self._language, chosen, style="small wide")

    def _show_found(self, typed: str) -> None:
        found = [target for target in self._keys if target.is_found_by(typed)]
        for target, key in self._keys.items():
            key.set_visibility(target in found)
        if self._keys:
            self._nothing.set_visibility(not found)

    async def _choose(self, service: ServiceId, contact_at: float) -> None:
        self._dialog.close()
        await self._chosen(service, contact_at)


class CancelDialog:
    """Asks for confirmation before a ticket is cancelled."""

    def __init__(self, language: Language, confirmed: Callable[[ClerkListLine, float], Awaitable[None]]) -> None:
        self._confirmed = confirmed
        self._line: ClerkListLine | None = None
        with widgets.dialog("cancel", clerk_text.CANCEL_QUESTION, language) as self._dialog:
            self._number = ui.label("").classes("number")
            widgets.primary_key("cancel", clerk_text.CANCEL_IT, language, self._pressed, style="wide")

    def open(self, line: ClerkListLine) -> None:
        """Open the question for one ticket."""
        self._line = line
        self._number.set_text(line.number)
        self._dialog.open()

    async def _pressed(self, contact_at: float) -> None:
        self._dialog.close()
        if self._line is not None:
            await self._confirmed(self._line, contact_at)


class IssueDialog:
    """Issues a ticket to a visitor who cannot use the kiosk, and shows its number large."""

    def __init__(
        self,
        hall: Hall,
        language: Language,
        issue: Callable[[ServiceId, str | None, Language, float], Awaitable[None]],
    ) -> None:
        self._language = language
        self._issue = issue
        catalogue = hall.site.catalogue
        served = {s for w in hall.site.windows for s in services_of(hall, w).services}
        services = {s.id: f"{s.letter} {s.name.in_language(language)}" for s in catalogue.services if s.id in served}
        priorities = {"": clerk_text.NO_PRIORITY.in_language(language)}
        priorities |= {p.id: p.name.in_language(language) for p in catalogue.priorities}
        with widgets.dialog("issue", clerk_text.ISSUE, language) as self._dialog:
            service = clerk_text.SERVICE.in_language(language)
            self._service = _select(
                services, service, next(iter(services), None), search=len(services) > WITHOUT_SEARCH
            )
            self._priority = _select(priorities, clerk_text.PRIORITY.in_language(language), "")
            spoken = clerk_text.VISITORS_LANGUAGE.in_language(language)
            self._spoken = _select(LANGUAGE_NAMES, spoken, language)
            widgets.primary_key("issue-now", clerk_text.ISSUE_NOW, language, self._pressed, style="fill wide")
            self._result = widgets.markup().mark("issued")

    def open(self) -> None:
        """Open without a number and without a priority class, with the language of the page."""
        self._result.set_content("")
        self._priority.set_value("")
        self._spoken.set_value(self._language)
        self._dialog.open()

    def show_issued(self, number: str, address: str) -> None:
        """Show the number that was issued, and the address of its page."""
        html = render("clerk/issued.html", number=number, address=address, text=clerk_text, language=self._language)
        self._result.set_content(html)

    def show_refusal(self, text: Text) -> None:
        """Show why there is no number; the page behind the dialog is covered."""
        self._result.set_content(render("staff/refusal.html", text=text.in_language(self._language)))

    async def _pressed(self, contact_at: float) -> None:
        if self._service.value:
            spoken = Language(self._spoken.value)
            await self._issue(self._service.value, self._priority.value or None, spoken, contact_at)


def _select(options: Mapping[OptionT, str], label: str, value: OptionT | None, *, search: bool = False) -> ui.select:
    select = ui.select(dict(options), label=label, value=value, with_input=search)
    return select.classes("wide").props("outlined behavior=menu")
