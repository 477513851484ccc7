"""The clerk's page: the panel's keys on a screen, for a window without a panel."""

from __future__ import annotations

from functools import partial
from html import escape

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.requests import IssueTicket
from protocol.vocabulary import Language, ServiceId, Text, WindowId, WindowState
from server.auth import session
from server.auth.login_service import Role
from server.domain.discipline.queue_order import choose
from server.domain.model.hall import Hall
from server.web.site_service import ClerkCommand, SiteService
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text as words
from server.web.staff.clerk.clerk_view_model import ClerkAction, ClerkListLine, Desk, desk
from server.web.staff.clerk.dialogs import CancelDialog, NumberDialog, TransferDialog
from server.web.staff.clerk.lists import Lists
from server.web.staff.clerk.presses import Presses
from server.web.staff.staff_page import staff_page
from server.web.staff.style import dress

LOOK_EVERY_S = 0.4
HEARD_EVERY_S = 1.0
TO_LOGIN = "/login?role=clerk"

_KEYS = (
    ClerkAction.RECALL,
    ClerkAction.START,
    ClerkAction.FINISH,
    ClerkAction.NO_SHOW,
    ClerkAction.TRANSFER,
    ClerkAction.PAUSE,
    ClerkAction.CLOSE,
)
_STATES = {
    ClerkAction.OPEN: WindowState.OPEN,
    ClerkAction.PAUSE: WindowState.PAUSED,
    ClerkAction.CLOSE: WindowState.CLOSED,
}


def add(site: SiteService) -> None:
    """Offer the page at ``/clerk``; ``?window=`` chooses a window once, ``?window=choose`` another."""

    @staff_page("/clerk", title="窗口叫号 · Clerk")
    async def clerk(request: Request, window: str = "") -> Response | None:
        role = session.role_of(request.session, site)
        if role is None:
            return RedirectResponse(TO_LOGIN, status_code=303)
        if window in (*site.hall.site.windows, "choose"):
            request.session["window"] = window
            return RedirectResponse("/clerk", status_code=303)
        language = session.language_of(request.session)
        dress(language)
        chosen = request.session.get("window")
        if chosen is not None and chosen in site.hall.site.windows:
            ClerkPage(site, window=chosen, role=role, stamp=request.session["stamp"], language=language).build()
        else:
            _choose_window(site.hall, role=role, language=language)
        return None


def _choose_window(hall: Hall, *, role: Role, language: Language) -> None:
    widgets.bar(hall.site.catalogue.name.in_language(language), _links(role, language, chosen=False))
    choices = "".join(
        f'<a href="/clerk?window={escape(w.id)}">{escape(w.label)}'
        f'<span class="other">{escape(w.name.in_language(language))}</span></a>'
        for w in hall.site.catalogue.windows
    )
    with ui.element("main").classes("sheet"):
        widgets.markup(f"<h2>{widgets.two_lines(words.CHOOSE_WINDOW, language)}</h2>")
        widgets.markup(f'<div class="choices">{choices}</div>').classes("wide")


def _links(role: Role, language: Language, *, chosen: bool) -> list[tuple[str, str]]:
    return [
        *([(words.OTHER_WINDOW.in_language(language), "/clerk?window=choose")] if chosen else []),
        *([(words.MANAGER.in_language(language), "/manager")] if role == "manager" else []),
        widgets.language_link(language, to="/clerk"),
        (words.LEAVE.in_language(language), "/logout"),
    ]


class ClerkPage:
    """One clerk's open page. It paints what the hub has committed, never what was hoped for."""

    def __init__(self, site: SiteService, *, window: WindowId, role: Role, stamp: str, language: Language) -> None:
        self._site = site
        self._window = window
        self._role = role
        self._stamp = stamp
        self._language = language
        self._hall = site.hall
        self._desk: Desk = desk(self._hall, window)
        self._heard = 0.0
        self._why = ""
        self._keys: dict[ClerkAction, ui.button] = {}
        self._presses = Presses(site, busy=self._paint_pressed, said=self._say)
        self._lists = Lists(
            language,
            call=self._call_number,
            come_back=self._come_back,
            cancel=self._ask_to_cancel,
            check_in=self._check_in,
        )

    def build(self) -> None:
        """Lay the page out once; afterwards only what changes is painted."""
        described = self._hall.site.windows[self._window]
        label = Text(zh=f"{described.label} 号窗口", en=f"Window {described.label}").in_language(self._language)
        title = f"{label} · {described.name.in_language(self._language)}"
        widgets.bar(title, _links(self._role, self._language, chosen=True))
        widgets.first_heard(self._site.now().mono_s)
        with ui.element("main").classes("sheet"), ui.element("div").classes("desk"):
            with ui.element("div"):
                self._build_state()
                self._build_keys()
            with ui.element("div"):
                self._lists.build()
        self._transfer = TransferDialog(self._language, self._transfer_to)
        self._number = NumberDialog(self._hall, self._language, self._take_number)
        self._cancel = CancelDialog(self._language, self._cancel_ticket)
        self._paint()
        self._paint_next()
        ui.timer(LOOK_EVERY_S, self._look)

    def _build_state(self) -> None:
        with ui.element("section").classes("box").props('aria-live="polite"'):
            self._agreed = widgets.markup("").mark("agreed")
            self._lamp = widgets.markup("").mark("lamp")
            self._now = widgets.markup("").mark("now")
            self._next = widgets.markup("").mark("next")

    def _build_keys(self) -> None:
        with ui.element("div").classes("keys"):
            for action in (ClerkAction.CALL_NEXT, ClerkAction.OPEN):
                self._add_key(action, style="main")
            for action in _KEYS:
                self._add_key(action)
            widgets.primary_key("take-number", words.TAKE_NUMBER, self._language, self._open_number)
        self._said = ui.label("").classes("said wrong").props('role="alert"')

    def _add_key(self, action: ClerkAction, *, style: str = "") -> None:
        pressed = self._open_transfer if action is ClerkAction.TRANSFER else partial(self._pressed, action)
        self._keys[action] = widgets.primary_key(action.value, words.KEYS[action], self._language, pressed, style=style)

    # ------------------------------------------------------------------------------------------------ painting

    def _look(self) -> None:
        """Paint when something was committed since the last look."""
        if self._site.passcode_stamp(self._role) != self._stamp:
            ui.navigate.to(TO_LOGIN)
            return
        now = self._site.now().mono_s
        if now - self._heard >= HEARD_EVERY_S:
            self._heard = now
            widgets.heard(now)
            self._paint_next()
        if self._site.hall is self._hall:
            return
        self._hall = self._site.hall
        if self._window not in self._hall.site.windows:
            ui.navigate.to("/clerk?window=choose")
            return
        before, self._desk = self._desk, desk(self._hall, self._window)
        if self._desk != before:
            self._paint()
        self._paint_next()

    def _paint(self) -> None:
        self._paint_state()
        self._paint_keys()
        self._lists.paint(self._desk)

    def _paint_next(self) -> None:
        """Say whom the next call would be for, and why."""
        choice = choose(self._hall, window=self._window, at=self._site.now())
        why = "" if choice is None else words.following(choice.why).in_language(self._language)
        if why != self._why:
            self._why = why
            self._next.set_content(f'<p class="quiet">{escape(why)}</p>' if why else "")

    def _paint_state(self) -> None:
        seen, language = self._desk, self._language
        told = ""
        if seen.agreed is not None:
            told = f'<p class="agreed">{escape(seen.agreed.in_language(language))}</p>'
        elif seen.helps is not None:
            told = f'<p class="helps"><b>{escape(seen.helps.in_language(language))}</b></p>'
        self._agreed.set_content(told)
        since = f" · {words.SINCE.in_language(language)} {seen.since}" if seen.since else ""
        of = f"{seen.service.in_language(language)}{since}" if seen.service else ""
        chip = f' <span class="chip">{escape(seen.priority.in_language(language))}</span>' if seen.priority else ""
        self._lamp.set_content(
            f'<div class="lamp"><i style="background:{seen.lamp.colour}"></i>'
            f'{widgets.two_lines(seen.lamp.words, language)}<span class="of">{escape(of)}{chip}</span></div>'
        )
        nobody = f'<div class="number none">{escape(words.NOBODY.in_language(language))}</div>'
        self._now.set_content(f'<div class="number">{escape(seen.number)}</div>' if seen.number else nobody)

    def _paint_keys(self) -> None:
        for action, button in self._keys.items():
            button.set_enabled(action in self._desk.actions and not self._presses.under_way)
        is_open = ClerkAction.OPEN not in self._desk.actions
        self._keys[ClerkAction.CALL_NEXT].set_visibility(is_open)
        self._keys[ClerkAction.OPEN].set_visibility(not is_open)

    def _paint_pressed(self) -> None:
        """Show at once that a press is under way, and what came of it."""
        self._paint_keys()
        if not self._presses.under_way:
            self._look()

    def _say(self, text: Text | None) -> None:
        self._said.set_text("" if text is None else text.in_language(self._language))
        if text is not None:
            self._number.refuse(text)

    # ------------------------------------------------------------------------------------------------ pressing

    async def _pressed(self, action: ClerkAction, heard_at: float) -> None:
        if action in _STATES:
            set_window = partial(self._site.set_window, _STATES[action], window=self._window, role=self._role)
            await self._presses.carry_out(lambda request_id: set_window(request_id=request_id), heard_at)
        else:
            press = partial(self._site.press, ClerkCommand(action.value), window=self._window, role=self._role)
            await self._presses.carry_out(lambda request_id: press(request_id=request_id), heard_at)

    async def _call_number(self, line: ClerkListLine, heard_at: float) -> None:
        call = partial(self._site.call_number, line.number, window=self._window, role=self._role)
        await self._presses.carry_out(lambda request_id: call(request_id=request_id), heard_at)

    async def _come_back(self, line: ClerkListLine, heard_at: float) -> None:
        come_back = partial(self._site.come_back, line.ticket, role=self._role)
        await self._presses.carry_out(lambda request_id: come_back(request_id=request_id), heard_at)

    async def _check_in(self, line: ClerkListLine, heard_at: float) -> None:
        check_in = partial(self._site.check_in, line.ticket, role=self._role)
        await self._presses.carry_out(lambda request_id: check_in(request_id=request_id), heard_at)

    async def _cancel_ticket(self, line: ClerkListLine, heard_at: float) -> None:
        cancel = partial(self._site.cancel, line.ticket, role=self._role)
        await self._presses.carry_out(lambda request_id: cancel(request_id=request_id), heard_at)

    async def _transfer_to(self, service: ServiceId, heard_at: float) -> None:
        transfer = partial(self._site.transfer, service, window=self._window, role=self._role)
        await self._presses.carry_out(lambda request_id: transfer(request_id=request_id), heard_at)

    async def _take_number(self, service: ServiceId, priority: str | None, heard_at: float) -> None:
        async def take(request_id: str) -> None:
            asked = IssueTicket(request_id=request_id, service=service, priority=priority, language=self._language)
            ticket = await self._site.take_number(asked, role=self._role)
            self._number.show(ticket.number, ticket.page)

        await self._presses.carry_out(take, heard_at)

    async def _ask_to_cancel(self, line: ClerkListLine, heard_at: float) -> None:  # noqa: ARG002 - a question asks the hub nothing
        self._cancel.open(line)

    async def _open_transfer(self, heard_at: float) -> None:  # noqa: ARG002 - a question asks the hub nothing
        self._transfer.open(self._desk.others)

    async def _open_number(self, heard_at: float) -> None:  # noqa: ARG002 - a question asks the hub nothing
        self._number.open()
