"""The county's pages for its managers: all sites, one site, proposals, and what balancing saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import escape
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.vocabulary import SiteId, Text
from server.auth import session
from server.domain.views.hall_views import business_day
from server.http_server import errors
from server.web.county_service import CountyService
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.county import county_text as words
from server.web.staff.county.county_view_model import county_view_model
from server.web.staff.county.proposals_section import ProposalsSection
from server.web.staff.county.savings_csv import as_csv
from server.web.staff.county.savings_section import SavingsSection, writer
from server.web.staff.county.sites_section import SitesSection
from server.web.staff.figures import figures_table
from server.web.staff.figures.csv_file import Day, csv_file, figures_csv
from server.web.staff.manager.figures_section import FiguresSection
from server.web.staff.manager.now_section import NowSection
from server.web.staff.staff_page import staff_page
from server.web.staff.style import dress

HOME = "/county"
PROPOSALS = f"{HOME}/proposals"
SAVINGS = f"{HOME}/savings"
TO_LOGIN = "/login?role=manager"
LOOK_EVERY_S = 1.0
LONGEST_ACCOUNT = timedelta(days=92)
"""A quarter of a year at once."""


def add(county: CountyService) -> None:
    """Offer the pages."""

    @staff_page(HOME, title="全县 · County")
    async def overview(request: Request) -> Response | None:
        frame = _Frame(county, request, at=HOME)
        if frame.way_out is None:
            with frame.sheet():
                section = SitesSection(county, frame.language)
                section.build()
            frame.keep_looking(section.look)
        return frame.way_out

    @staff_page(PROPOSALS, title="调窗建议 · Proposals")
    async def proposals(request: Request) -> Response | None:
        frame = _Frame(county, request, at=PROPOSALS)
        if frame.way_out is None:
            with frame.sheet():
                section = ProposalsSection(county, frame.language)
                section.build()
            frame.keep_looking(section.look)
        return frame.way_out

    @staff_page(SAVINGS, title="分流节省报告 · Savings")
    async def savings(request: Request) -> Response | None:
        frame = _Frame(county, request, at=SAVINGS)
        if frame.way_out is None:
            with frame.sheet():
                await SavingsSection(county, frame.language).build()
            frame.keep_looking(lambda: None)
        return frame.way_out

    @staff_page(HOME + "/site/{site}", title="中心 · Site")
    async def one_site(request: Request, site: SiteId) -> Response | None:
        frame = _Frame(county, request, at=f"{HOME}/site/{site}")
        shown = county.site(site)
        if frame.way_out is not None or shown is None:
            return frame.way_out or RedirectResponse(HOME, status_code=303)
        await _build_site(frame, shown, site)
        return None


def router(county: CountyService) -> APIRouter:
    """Return the routes of CSV files."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(SAVINGS + ".csv")
    async def savings(request: Request, first: Day, last: Day) -> Response:
        if session.role_of(request.session, county) != "manager":
            return RedirectResponse(TO_LOGIN, status_code=303)
        if not timedelta() <= last - first < LONGEST_ACCOUNT:
            return _wrong_period()
        account = await county.savings(first, last)
        write = writer(county.sites(), county.time_zone, session.language_of(request.session))
        return csv_file(await asyncio.to_thread(as_csv, account, write), name=f"savings-{first}-{last}")

    @routes.get(HOME + "/site/{site}/figures.csv")
    async def figures(request: Request, site: SiteId, day: Day, by: figures_table.GroupBy) -> Response:
        shown = county.site(site)
        if session.role_of(request.session, county) != "manager" or shown is None:
            return RedirectResponse(TO_LOGIN, status_code=303)
        return await figures_csv(shown, day, by, language=session.language_of(request.session))

    return routes


def _wrong_period() -> Response:
    most = LONGEST_ACCOUNT.days
    return errors.error(
        422,
        "invalid_period",
        f"请选 1 到 {most} 天，第一天不晚于最后一天",
        f"ask for 1 to {most} days, the first no later than the last",
    )


class _Frame:
    """What all pages share: the way in, the bar, and a look every second."""

    def __init__(self, county: CountyService, request: Request, *, at: str) -> None:
        self._county = county
        self._at = at
        self.language = session.language_of(request.session)
        self._stamp = request.session.get("stamp")
        allowed = session.role_of(request.session, county) == "manager"
        self.way_out = None if allowed else RedirectResponse(TO_LOGIN, status_code=303)

    def sheet(self) -> ui.element:
        """Return the page's sheet beneath its bar."""
        dress(self.language)
        links = ((words.SITES, HOME), (words.PROPOSALS, PROPOSALS), (words.SAVINGS, SAVINGS))
        widgets.bar(
            self._say(self._county.name),
            [
                *((self._say(text), path) for text, path in links),
                widgets.language_link(self.language, to=self._at),
                (self._say(words.LEAVE), "/logout"),
            ],
        )
        widgets.first_heard(self._county.now().mono_s)
        return ui.element("main").classes("sheet")

    def keep_looking(self, look: Callable[[], Awaitable[None] | None]) -> None:
        """Look again every second, and leave when the passcode is a new one."""

        async def again() -> None:
            if self._county.passcode_stamp("manager") != self._stamp:
                ui.navigate.to(TO_LOGIN)
                return
            widgets.heard(self._county.now().mono_s)
            looking = look()
            if looking is not None:
                await looking

        ui.timer(LOOK_EVERY_S, again)

    def age_of(self, site: SiteId) -> str:
        """Return a warning when what is shown of a site is old."""
        row = next((r for r in county_view_model(self._county.sites(), at=self._county.now()) if r.site == site), None)
        if row is None or row.since is None:
            return ""
        time = f"{row.since.astimezone(ZoneInfo(self._county.time_zone)):%m-%d %H:%M}"
        return f'<div class="stripe">▲ {escape(self._say(words.away(time)))}</div>'

    def version_of(self, site: SiteId) -> str:
        """Return what a site's hub said last of its version."""
        state = self._county.sites().get(site)
        return self._say(words.version(state.version)) if state and state.version else ""

    def _say(self, text: Text) -> str:
        return text.in_language(self.language)


async def _build_site(frame: _Frame, shown: SiteReader, site: SiteId) -> None:
    """One site as its own managers see it, without what only they can do."""
    with frame.sheet():
        name = shown.hall.site.catalogue.name.in_language(frame.language)
        ui.label(name).classes("site-name").props('role="heading" aria-level="2"')
        widgets.markup(f'<p class="quiet">{escape(frame.version_of(site))}</p>')
        age = widgets.markup("").classes("wide").props('role="alert"')
        now = NowSection(shown, frame.language, notice=None)
        now.build()
        sheets = f"{HOME}/site/{site}/figures.csv"
        figures = FiguresSection(shown, frame.language, day=business_day(shown.hall), sheets=sheets)
        await figures.build()
    now.count(figures.today)
    age.set_content(frame.age_of(site))

    async def look() -> None:
        age.set_content(frame.age_of(site))
        now.look()
        await figures.look()
        now.count(figures.today)

    frame.keep_looking(look)
