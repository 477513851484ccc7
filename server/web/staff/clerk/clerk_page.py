"""The clerk's page: the panel's keys on a screen, for a window without a panel."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.requests import IssueTicket
from protocol.vocabulary import Language, ServiceId, Text, WindowAction, WindowId, WindowState
from server.auth import session
from server.auth.login_service import Role
from server.domain.discipline.queue_order import choose_ticket
from server.domain.model.hall import Hall
from server.web.site_service import SiteService
from server.web.staff import widgets
from server.web.staff.clerk import clerk_text
from server.web.staff.clerk.called_line import called_line, is_no_show_early
from server.web.staff.clerk.clerk_view_model import ClerkListLine, ClerkView, clerk_view
from server.web.staff.clerk.dialogs import CancelDialog, IssueDialog, TransferDialog
from server.web.staff.clerk.ticket_lists import LineActions, TicketLists
from server.web.staff.clerk.transfer_targets import transfer_targets
from server.web.staff.day_notice import DayNotice
from server.web.staff.devices.device_faults import DeviceRemark, reported_faults
from server.web.staff.presses import Presses
from server.web.staff.staff_page import staff_page
from server.web.staff.style import apply_style
from server.web.templates import render

REFRESH_EVERY_S = 0.4
"""Interval at which a page compares what it shows with the newest hall, seconds."""
CONTACT_EVERY_S = 1.0
"""Interval at which a page is given the time of its last contact, seconds."""
TO_LOGIN = "/login?role=clerk"
EMPTY_LINE = "\u00a0"
"""Text that keeps the place of a line, so that the keys below it do not move."""

_KEYS = (
    WindowAction.RECALL,
    WindowAction.START,
    WindowAction.FINISH,
    WindowAction.NO_SHOW,
    WindowAction.TRANSFER,
    WindowAction.PAUSE,
    WindowAction.CLOSE,
)
_STATES = {
    WindowAction.OPEN: WindowState.OPEN,
    WindowAction.PAUSE: WindowState.PAUSED,
    WindowAction.CLOSE: WindowState.CLOSED,
}


def add(site: SiteService) -> None:
    """Register the page at ``/clerk``; ``?window=`` chooses a window once, ``?window=choose`` another."""

    @staff_page("/clerk", title="窗口叫号 · Clerk")
    async def clerk(request: Request, window: str = "") -> Response | None:
        role = session.role_of(request.session, site)
        if role is None:
            return RedirectResponse(TO_LOGIN, status_code=303)
        if window in (*site.hall.site.windows, "choose"):
            request.session["window"] = window
            return RedirectResponse("/clerk", status_code=303)
        language = session.language_of(request.session)
        apply_style(language)
        chosen = request.session.get("window")
        if chosen is not None and chosen in site.hall.site.windows:
            ClerkPage(site, window=chosen, role=role, stamp=request.session["stamp"], language=language).build()
        else:
            _choose_window(site.hall, role=role, language=language)
        return None


def _choose_window(hall: Hall, *, role: Role, language: Language) -> None:
    widgets.bar(hall.site.catalogue.name.in_language(language), _links(role, language, chosen=False))
    with ui.element("div").classes("sheet"):
        widgets.question(clerk_text.CHOOSE_WINDOW, language)
        windows = render("clerk/windows.html", windows=hall.site.catalogue.windows, language=language)
        widgets.markup(windows).classes("wide")


def _links(role: Role, language: Language, *, chosen: bool) -> list[tuple[str, str]]:
    return [
        *([(clerk_text.OTHER_WINDOW.in_language(language), "/clerk?window=choose")] if chosen else []),
        *([(clerk_text.MANAGER.in_language(language), "/manager")] if role == "manager" else []),
        widgets.language_link(language, to="/clerk"),
        (clerk_text.LEAVE.in_language(language), "/logout"),
    ]


class ClerkPage:
    """One clerk's open page. It shows what the hub has committed, never what a press is expected to do."""

    def __init__(self, site: SiteService, *, window: WindowId, role: Role, stamp: str, language: Language) -> None:
        self._site = site
        self._window = window
        self._role = role
        self._stamp = stamp
        self._language = language
        self._hall = site.hall
        self._view: ClerkView = clerk_view(self._hall, window)
        self._contact_at = 0.0
        self._reason = ""
        self._called_text = ""
        self._shown_faults: tuple[DeviceRemark, ...] = ()
        self._no_show_early = False
        self._keys: dict[WindowAction, ui.button] = {}
        self._presses = Presses(site, busy_changed=self._busy_changed, show_refusal=self._show_refusal)
        actions = LineActions(
            call=lambda line, contact_at: self._call_number(line.number, contact_at),
            call_typed=self._call_number,
            return_to_queue=self._return_to_queue,
            cancel=self._confirm_cancel,
            check_in=self._check_in,
        )
        self._lists = TicketLists(language, actions)
        self._day = DayNotice(site, language, role=role)

    def build(self) -> None:
        """Build the page once; afterwards only what changes is updated."""
        catalogue_window = self._hall.site.windows[self._window]
        label = clerk_text.window(catalogue_window.label).in_language(self._language)
        title = f"{label} · {catalogue_window.name.in_language(self._language)}"
        bar = widgets.bar(title, _links(self._role, self._language, chosen=True))
        widgets.first_contact(self._site.now(), self._site.hall.site.catalogue.time_zone, self._language)
        with ui.element("div").classes("sheet"), ui.element("div").classes("console"):
            with ui.element("div"):
                self._build_state()
                self._build_keys()
                self._build_bar_notices(bar)
            with ui.element("div").classes("lists"):
                self._lists.build()
        self._transfer = TransferDialog(self._language, self._transfer_to)
        self._issue = IssueDialog(self._hall, self._language, self._issue_ticket)
        self._cancel = CancelDialog(self._language, self._cancel_ticket)
        self._show_view()
        self._show_called()
        self._show_next()
        self._show_faults()
        ui.timer(REFRESH_EVERY_S, self._refresh)

    def _build_bar_notices(self, bar: ui.element) -> None:
        """Add what the bar shows beside the title: device faults, and the question about clock and day."""
        with bar:
            self._faults = widgets.markup().classes("hint faults no-print").mark("device-faults")
        self._faults.props('role="status"')
        self._day.build(bar)

    def _build_state(self) -> None:
        with ui.element("section").classes("box").props('aria-live="polite"'):
            self._agreed = widgets.markup().mark("agreed")
            self._lamp = widgets.markup().mark("lamp")
            with ui.element("div").classes("now"):
                self._now = widgets.markup().mark("now")
                self._build_in_doubt()
            self._called = widgets.markup().mark("called")
            self._next = widgets.markup().classes("next").mark("next")

    def _build_in_doubt(self) -> None:
        """Add the question about the visitor before, beside the number: no key moves when it comes or goes."""
        self._in_doubt = ui.element("section").classes("in-doubt").mark("in-doubt").props('aria-live="polite"')
        with self._in_doubt:
            self._question = ui.label("")
            with ui.element("div").classes("keys"):
                for action in (WindowAction.CONFIRM_SERVED, WindowAction.CONFIRM_ABSENT):
                    self._add_key(action, style="small")
                widgets.primary_key(
                    "call-in-doubt", clerk_text.CALL, self._language, self._call_in_doubt, style="small"
                )

    def _build_keys(self) -> None:
        with ui.element("div").classes("keys"):
            for action in (WindowAction.CALL_NEXT, WindowAction.OPEN):
                self._add_key(action, style="main")
            for action in _KEYS:
                self._add_key(action)
            widgets.primary_key("issue", clerk_text.ISSUE, self._language, self._open_issue)
        self._refusal = ui.label("").classes("said wrong").props('role="alert"')

    def _add_key(self, action: WindowAction, *, style: str = "") -> None:
        pressed = self._open_transfer if action is WindowAction.TRANSFER else partial(self._pressed, action)
        self._keys[action] = widgets.primary_key(
            action.value, clerk_text.KEYS[action], self._language, pressed, style=style
        )

    # ------------------------------------------------------------------------------------------------ showing

    def _refresh(self) -> None:
        """Update the page when something was committed since the last refresh."""
        if self._site.passcode_stamp(self._role) != self._stamp:
            ui.navigate.to(TO_LOGIN)
            return
        now = self._site.now().mono_s
        if now - self._contact_at >= CONTACT_EVERY_S:
            self._contact_at = now
            widgets.contact(now)
            self._day.refresh()
            self._show_faults()
            self._show_called()
            self._show_next()
        if self._site.hall is self._hall:
            return
        self._hall = self._site.hall
        if self._window not in self._hall.site.windows:
            ui.navigate.to("/clerk?window=choose")
            return
        before, self._view = self._view, clerk_view(self._hall, self._window)
        if self._view != before:
            self._show_view()
        self._show_called()
        self._show_next()

    def _show_view(self) -> None:
        self._agreed.set_content(self._render("clerk/agreed.html"))
        self._lamp.set_content(self._render("clerk/lamp.html"))
        self._now.set_content(self._render("clerk/number.html"))
        self._enable_keys()
        self._show_in_doubt()
        self._lists.refresh(self._view)

    def _render(self, template: str) -> str:
        return render(template, view=self._view, text=clerk_text, language=self._language)

    def _show_called(self) -> None:
        """Show whether the called visitor was announced, and let the no-show key work when it may."""
        at = self._site.now()
        early = is_no_show_early(self._hall, self._window, at=at)
        if early != self._no_show_early:
            self._no_show_early = early
            self._enable_keys()
        shown = called_line(self._hall, self._window, at=at).in_language(self._language) or EMPTY_LINE
        if shown != self._called_text:
            self._called_text = shown
            self._called.set_content(render("staff/paragraph.html", text=shown, style="quiet"))

    def _show_next(self) -> None:
        """Show whom the next call would be for, and why."""
        choice = choose_ticket(self._hall, window=self._window, at=self._site.now())
        reason = "" if choice is None else clerk_text.next_call(choice.why).in_language(self._language)
        if reason != self._reason:
            self._reason = reason
            self._next.set_content(render("staff/paragraph.html", text=reason, style="quiet") if reason else "")

    def _show_faults(self) -> None:
        """Show what devices report, such as a kiosk without paper, in the bar: it moves no key."""
        faults = reported_faults(self._site.devices())
        if faults != self._shown_faults:
            self._shown_faults = faults
            self._faults.set_content(render("clerk/device_faults.html", faults=faults, language=self._language))
        self._faults.set_visibility(bool(faults))

    def _show_in_doubt(self) -> None:
        line = self._view.in_doubt
        self._in_doubt.set_visibility(line is not None)
        if line is not None:
            self._question.set_text(clerk_text.in_doubt(line.number).in_language(self._language))

    def _enable_keys(self) -> None:
        for action, button in self._keys.items():
            early = action is WindowAction.NO_SHOW and self._no_show_early
            widgets.enable(button, on=action in self._view.actions and not early)
        is_open = WindowAction.OPEN not in self._view.actions
        self._keys[WindowAction.CALL_NEXT].set_visibility(is_open)
        self._keys[WindowAction.OPEN].set_visibility(not is_open)

    def _busy_changed(self) -> None:
        """Show at once that a press is under way, and the hall that came of it."""
        self._enable_keys()
        if not self._presses.under_way:
            self._refresh()

    def _show_refusal(self, text: Text | None) -> None:
        self._refusal.set_text("" if text is None else text.in_language(self._language))
        if text is not None:
            self._issue.show_refusal(text)

    # ------------------------------------------------------------------------------------------------ pressing

    async def _pressed(self, action: WindowAction, contact_at: float) -> None:
        if action in _STATES:
            set_window = partial(self._site.set_window, _STATES[action], window=self._window, role=self._role)
            await self._presses.run(lambda request_id: set_window(request_id=request_id), contact_at)
        else:
            press = partial(self._site.press, action, window=self._window, role=self._role)
            await self._presses.run(lambda request_id: press(request_id=request_id), contact_at)

    async def _call_number(self, number: str, contact_at: float) -> None:
        call = partial(self._site.call_number, number, window=self._window, role=self._role)
        await self._presses.run(lambda request_id: call(request_id=request_id), contact_at)

    async def _call_in_doubt(self, contact_at: float) -> None:
        if self._view.in_doubt is not None:
            await self._call_number(self._view.in_doubt.number, contact_at)

    async def _return_to_queue(self, line: ClerkListLine, contact_at: float) -> None:
        return_to_queue = partial(self._site.return_to_queue, line.ticket, role=self._role)
        await self._presses.run(lambda request_id: return_to_queue(request_id=request_id), contact_at)

    async def _check_in(self, line: ClerkListLine, contact_at: float) -> None:
        check_in = partial(self._site.check_in, line.ticket, role=self._role)
        await self._presses.run(lambda request_id: check_in(request_id=request_id), contact_at)

    async def _cancel_ticket(self, line: ClerkListLine, contact_at: float) -> None:
        cancel = partial(self._site.cancel, line.ticket, role=self._role)
        await self._presses.run(lambda request_id: cancel(request_id=request_id), contact_at)

    async def _transfer_to(self, service: ServiceId, contact_at: float) -> None:
        transfer = partial(self._site.transfer, service, window=self._window, role=self._role)
        await self._presses.run(lambda request_id: transfer(request_id=request_id), contact_at)

    async def _issue_ticket(
        self, service: ServiceId, priority: str | None, language: Language, contact_at: float
    ) -> None:
        async def issue(request_id: str) -> None:
            command = IssueTicket(request_id=request_id, service=service, priority=priority, language=language)
            ticket = await self._site.issue(command, role=self._role)
            self._issue.show_issued(ticket.number, ticket.page)

        await self._presses.run(issue, contact_at)

    async def _confirm_cancel(self, line: ClerkListLine, contact_at: float) -> None:  # noqa: ARG002 - opens a dialog only
        self._cancel.open(line)

    async def _open_transfer(self, contact_at: float) -> None:  # noqa: ARG002 - opens a dialog only
        self._transfer.open(transfer_targets(self._hall, self._window))

    async def _open_issue(self, contact_at: float) -> None:  # noqa: ARG002 - opens a dialog only
        self._issue.open()
