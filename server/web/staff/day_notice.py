"""The question that clock and day put to the staff, on the clerk's and the manager's page: absent while all is well."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.text.dates import date_and_time, month_and_day
from protocol.vocabulary import Language, Text, TicketState
from server.auth.login_service import Role
from server.domain.day.business_day import DayQuestion
from server.domain.day.clock_question import ClockQuestion, open_question
from server.domain.model.tickets import Ticket
from server.web.site_service import SiteService
from server.web.staff import widgets
from server.web.staff.presses import Presses

NUMBERS_SHOWN = 12
"""Largest number of tickets that the question names."""

_TIME_RIGHT = Text(zh="时间正确", en="The time is right")
_GONE = Text(zh="都走了，结束那一天", en="They are gone: end that day")
_HERE = Text(zh="他们还在这里", en="They are here")
_NOT_RIGHT = Text(
    zh="不对就请告诉技术人员。取号和叫号照常；确认之前不按办公时间限制取号。",
    en="If not, please tell a technician. Numbers and calls go on; until then opening hours are not applied.",
)
_MEANING = Text(
    zh="“都走了”只取消这些号码，今天取的号不变；“还在这里”则他们保留号码，继续排队。",
    en="'Gone' cancels these numbers only, those taken today stay. 'Here' leaves them in the queue with their numbers.",
)
_GONE_QUESTION = Text(zh="确认他们都走了？取消后不能恢复。", en="Are they really gone? This cannot be undone.")
_GONE_CONFIRM = Text(zh="都走了，取消这些号码", en="Gone: cancel these numbers")

_QUESTION = Text(zh="⚠ 时钟或业务日要确认", en="⚠ Clock or day: please confirm")
_ANCHOR = "day-notice"

Question = ClockQuestion | DayQuestion


def question_text(question: Question, *, local: datetime) -> Text:
    """Return a question as people read it; ``local`` is the time that the site's clock shows."""
    if isinstance(question, ClockQuestion):
        shown = date_and_time(local)
        return Text(
            zh=f"站点时钟没有得到确认。现在是 {shown.zh} 吗？",
            en=f"The clock is not confirmed. Is it {shown.en} now?",
        )
    numbers = [t.number for t in question.tickets]
    more = "…" if len(numbers) > NUMBERS_SHOWN else ""
    day = month_and_day(month=question.day.month, day=question.day.day)
    named, count = numbers[:NUMBERS_SHOWN], len(numbers)
    still_zh, still_en = "还在队列里", "still in the queue"
    return Text(
        zh=f"{day.zh}（之前的业务日）的 {count} 位{still_zh}：{'、'.join(named)}{more}。他们还在大厅吗？",
        en=f"{count} of {day.en}, an earlier business day, {still_en}: {', '.join(named)}{more}. Are they in the hall?",
    )


def _concerned(tickets: tuple[Ticket, ...]) -> Text:
    """Return how many numbers would be cancelled, and which of them are at a window now."""
    at_window = [t.number for t in tickets if t.state in {TicketState.CALLED, TicketState.SERVING}]
    count = len(tickets)
    if not at_window:
        return Text(zh=f"将取消 {count} 个号码。", en=f"{count} numbers will be cancelled.")
    return Text(
        zh=f"将取消 {count} 个号码，其中 {'、'.join(at_window)} 正在窗口。",
        en=f"{count} numbers will be cancelled; {', '.join(at_window)} are at a window now.",
    )


class DayNotice:
    """A box with the question and its answers; it is shown as long as the question is open."""

    def __init__(self, site: SiteService, language: Language, *, role: Role) -> None:
        self._site = site
        self._language = language
        self._role = role
        self._question: Question | None = None
        self._shown_text = ""
        self._shown_at: datetime | None = None
        self._presses = Presses(site, busy_changed=lambda: None, show_refusal=self._show_refusal)

    def build(self, bar: ui.element) -> None:
        """Add the box to the page, and to its bar what leads there: the box moves no key when it comes or goes."""
        with bar:
            self._hint = ui.link(_QUESTION.in_language(self._language), f"#{_ANCHOR}").classes("hint")
        ui.link_target(_ANCHOR)
        self._box = ui.element("section").classes("in-doubt day-notice no-print").mark("day-notice")
        with self._box.props('role="alert"'):
            self._text = ui.label("")
            self._meaning = ui.label("").classes("meaning")
            with ui.element("div").classes("keys"):
                self._right = self._key("time-right", _TIME_RIGHT, self._confirm)
                self._gone = self._key("day-gone", _GONE, self._ask)
                self._here = self._key("day-here", _HERE, lambda at: self._settle(at, gone=False))
            self._refusal = ui.label("").classes("said brief wrong")
        self._build_question()
        self.refresh()

    def _build_question(self) -> None:
        """Build what is asked before so many numbers are cancelled at once."""
        with widgets.dialog("day-gone", _GONE_QUESTION, self._language) as self._dialog:
            self._concerned = ui.label("").classes("concerned")
            self._key("day-gone-confirm", _GONE_CONFIRM, self._end_day)

    def refresh(self) -> None:
        """Show the question that is open now, or none."""
        hall, now = self._site.hall, self._site.now()
        self._question = open_question(hall, now=now, trust=self._site.clock_trust)
        for shown in (self._box, self._hint):
            shown.set_visibility(self._question is not None)
        if self._question is None:
            self._shown_text = ""
            self._refusal.set_text("")
            return
        local = now.at.astimezone(ZoneInfo(hall.site.catalogue.time_zone))
        text = question_text(self._question, local=local).in_language(self._language)
        self._shown_at = now.at
        if text != self._shown_text:
            self._show(text, about_clock=isinstance(self._question, ClockQuestion))

    def _show(self, text: str, *, about_clock: bool) -> None:
        self._shown_text = text
        self._text.set_text(text)
        self._meaning.set_text((_NOT_RIGHT if about_clock else _MEANING).in_language(self._language))
        self._right.set_visibility(about_clock)
        self._gone.set_visibility(not about_clock)
        self._here.set_visibility(not about_clock)

    def _key(self, name: str, text: Text, pressed: widgets.PressAction) -> ui.button:
        return widgets.primary_key(name, text, self._language, pressed, style="small")

    def _show_refusal(self, text: Text | None) -> None:
        self._refusal.set_text("" if text is None else text.in_language(self._language))
        self.refresh()

    async def _confirm(self, contact_at: float) -> None:
        shown = self._shown_at
        if shown is not None:
            confirm = self._site.confirm_clock
            await self._presses.run(lambda key: confirm(shown, request_id=key, role=self._role), contact_at)

    async def _ask(self, contact_at: float) -> None:  # noqa: ARG002 - nothing is sent
        asked = self._question
        if isinstance(asked, DayQuestion):
            self._concerned.set_text(_concerned(asked.tickets).in_language(self._language))
            self._dialog.open()

    async def _end_day(self, contact_at: float) -> None:
        self._dialog.close()
        await self._settle(contact_at, gone=True)

    async def _settle(self, contact_at: float, *, gone: bool) -> None:
        asked = self._question
        if isinstance(asked, DayQuestion):
            settle = self._site.settle_day
            await self._presses.run(
                lambda key: settle(asked.day, gone=gone, request_id=key, role=self._role), contact_at
            )
