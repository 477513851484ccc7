"""The line at the foot of the hall screens, set by a manager."""

from __future__ import annotations

from nicegui import ui

from protocol.vocabulary import NOTICE_LENGTH, Language, Text
from server.web.site_service import NotDone, SiteService
from server.web.staff import widgets
from server.web.staff.manager import manager_text
from server.web.staff.presses import new_request_id


class NoticeSection:
    """Two fields and two keys."""

    def __init__(self, site: SiteService, language: Language) -> None:
        self._site = site
        self._language = language

    def build(self) -> None:
        """Add the section to the page, with the notice in force."""
        now = self._site.hall.notice
        with ui.element("section").classes("box no-print"):
            widgets.heading(manager_text.NOTICE.in_language(self._language))
            with ui.element("div").classes("fields"):
                self._zh = self._field(manager_text.NOTICE_ZH, now.zh).mark("notice-zh")
                self._en = self._field(manager_text.NOTICE_EN, now.en).mark("notice-en")
            with ui.element("div").classes("keys"):
                widgets.primary_key(
                    "show-notice", manager_text.SHOW_NOTICE, self._language, self._show, style="small fill"
                )
                widgets.primary_key(
                    "remove-notice", manager_text.REMOVE_NOTICE, self._language, self._remove, style="small"
                )
            self._result = ui.label("").classes("said brief").props('role="status"')

    def _field(self, label: Text, value: str) -> ui.input:
        limited = manager_text.at_most(label, NOTICE_LENGTH).in_language(self._language)
        field = ui.input(label=limited, value=value, validation=self._too_long)
        return field.props("outlined counter").classes("wide")

    async def _show(self, contact_at: float) -> None:  # noqa: ARG002 - setting the same line twice is harmless
        await self._set(Text(zh=self._zh.value.strip(), en=self._en.value.strip()))

    async def _remove(self, contact_at: float) -> None:  # noqa: ARG002 - setting the same line twice is harmless
        self._zh.set_value("")
        self._en.set_value("")
        await self._set(Text(zh="", en=""))

    def _too_long(self, line: str) -> str | None:
        """Return the sentence about a line that is too long; it is refused, never cut."""
        refusal = _refusal(line.strip())
        return None if refusal is None else refusal.in_language(self._language)

    async def _set(self, text: Text) -> None:
        refusal = _refusal(text.zh) or _refusal(text.en)
        if refusal is not None:
            self._show_result(refusal, style="wrong")
            return
        try:
            await self._site.set_notice(text, request_id=new_request_id())
        except NotDone as refused:
            self._show_result(refused.message, style="wrong")
        else:
            self._show_result(
                manager_text.NOTICE_SHOWN if text.zh or text.en else manager_text.NOTICE_REMOVED, style="done"
            )

    def _show_result(self, text: Text, *, style: str) -> None:
        self._result.set_text(text.in_language(self._language))
        self._result.classes(replace=f"said brief {style}")


def _refusal(line: str) -> Text | None:
    too_long = len(line) > NOTICE_LENGTH
    return manager_text.notice_too_long(len(line), NOTICE_LENGTH) if too_long else None
