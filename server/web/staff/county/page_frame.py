"""What all pages of the county share: the check of the role, the bar, and a refresh every second."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import ui

from protocol.text.dates import day_and_clock
from protocol.vocabulary import SiteId, Text
from server.auth import session
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text
from server.web.staff.county.county_view_model import county_view_model
from server.web.staff.style import apply_style
from server.web.templates import render

HOME = "/county"
PROPOSALS = f"{HOME}/proposals"
SAVINGS = f"{HOME}/savings"
TO_LOGIN = "/login?role=manager"
REFRESH_EVERY_S = 1.0
"""Interval at which a page compares what it shows with the county, seconds."""


class PageFrame:
    """The frame of one page that is being built at the address ``at``."""

    def __init__(self, county: CountyService, request: Request, *, at: str) -> None:
        self._county = county
        self._at = at
        self.language = session.language_of(request.session)
        self._stamp = request.session.get("stamp")
        allowed = session.role_of(request.session, county) == "manager"
        self.redirect = None if allowed else RedirectResponse(TO_LOGIN, status_code=303)
        """Where a browser goes in which no manager has logged in; None where one has."""

    def content(self) -> ui.element:
        """Add the bar, and return the element beneath it that the page is built in."""
        apply_style(self.language)
        links = ((county_text.SITES, HOME), (county_text.PROPOSALS, PROPOSALS), (county_text.SAVINGS, SAVINGS))
        widgets.bar(
            self._own(self._county.name),
            [
                *((self._own(text), path) for text, path in links),
                widgets.language_link(self.language, to=self._at),
                (self._own(county_text.LEAVE), "/logout"),
            ],
        )
        widgets.first_contact(self._county.now(), self._county.time_zone, self.language)
        return ui.element("div").classes("sheet")

    def refresh_with(self, refresh: Callable[[], Awaitable[None] | None]) -> None:
        """Call ``refresh`` every second; the page goes to the login when the passcode is a new one."""

        async def tick() -> None:
            if self._county.passcode_stamp("manager") != self._stamp:
                ui.navigate.to(TO_LOGIN)
                return
            widgets.contact(self._county.now().mono_s)
            refreshing = refresh()
            if refreshing is not None:
                await refreshing

        ui.timer(REFRESH_EVERY_S, tick)

    def stale_warning(self, site: SiteId) -> str:
        """Return a warning as HTML when the figures of a site are out of date, otherwise an empty string."""
        row = next((r for r in county_view_model(self._county.sites(), at=self._county.now()) if r.site == site), None)
        if row is None or row.since is None:
            return ""
        away = county_text.away(day_and_clock(row.since, self._county.time_zone))
        return render("county/stale.html", text=self._own(away))

    def version_of(self, site: SiteId) -> str:
        """Return the version that a site's hub last reported; empty while it has reported none."""
        state = self._county.sites().get(site)
        return self._own(county_text.version(state.version)) if state and state.version else ""

    def _own(self, text: Text) -> str:
        return text.in_language(self.language)
