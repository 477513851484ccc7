"""The line at the foot of the hall screens, set by a manager."""

from __future__ import annotations

from html import escape

from nicegui import ui

from protocol.vocabulary import Language, Text
from server.web.site_service import NotDone, SiteService
from server.web.staff import widgets
from server.web.staff.clerk.presses import new_request_id
from server.web.staff.manager import manager_text as words

LONGEST = 120
"""Characters of a line; ``protocol.vocabulary.NoticeLine`` holds the hub to the same."""


class NoticeSection:
    """Two fields and two keys."""

    def __init__(self, site: SiteService, language: Language) -> None:
        self._site = site
        self._language = language

    def build(self) -> None:
        """Lay the section out with the notice in force."""
        now = self._site.hall.notice
        with ui.element("section").classes("box no-print"):
            widgets.markup(f"<h2>{escape(words.NOTICE.in_language(self._language))}</h2>")
            with ui.element("div").classes("fields"):
                self._zh = self._field(words.NOTICE_ZH, now.zh).mark("notice-zh")
                self._en = self._field(words.NOTICE_EN, now.en).mark("notice-en")
            with ui.element("div").classes("keys"):
                widgets.primary_key("show-notice", words.SHOW_NOTICE, self._language, self._show, style="small fill")
                widgets.primary_key("remove-notice", words.REMOVE_NOTICE, self._language, self._remove, style="small")
            self._said = ui.label("").classes("said brief").props('role="status"')

    def _field(self, label: Text, value: str) -> ui.input:
        field = ui.input(label=label.in_language(self._language), value=value)
        return field.props(f"outlined maxlength={LONGEST}").classes("wide")

    async def _show(self, heard_at: float) -> None:  # noqa: ARG002 - setting the same line twice is harmless
        await self._set(Text(zh=self._zh.value.strip(), en=self._en.value.strip()))

    async def _remove(self, heard_at: float) -> None:  # noqa: ARG002 - setting the same line twice is harmless
        self._zh.set_value("")
        self._en.set_value("")
        await self._set(Text(zh="", en=""))

    async def _set(self, text: Text) -> None:
        try:
            await self._site.set_notice(text, request_id=new_request_id())
        except NotDone as refused:
            self._say(refused.message, style="wrong")
        else:
            self._say(words.NOTICE_SHOWN if text.zh or text.en else words.NOTICE_REMOVED, style="done")

    def _say(self, text: Text, *, style: str) -> None:
        self._said.set_text(text.in_language(self._language))
        self._said.classes(replace=f"said brief {style}")
