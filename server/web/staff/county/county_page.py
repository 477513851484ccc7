"""The county's pages for its managers: all sites, one site, proposals, and what balancing saved."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.vocabulary import SiteId
from server.auth import session
from server.domain.views.hall_views import business_day
from server.http_server import errors
from server.web.county_service import CountyService
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.county.page_frame import HOME, PROPOSALS, SAVINGS, TO_LOGIN, PageFrame
from server.web.staff.county.proposals_section import ProposalsSection
from server.web.staff.county.savings_rows import account_rows
from server.web.staff.county.savings_section import SavingsSection, row_writer
from server.web.staff.county.sites_section import SitesSection
from server.web.staff.figures import figures_table
from server.web.staff.figures.csv_file import Day, csv_file, csv_text, figures_csv
from server.web.staff.manager.figures_section import FiguresSection
from server.web.staff.manager.now_section import NowSection
from server.web.staff.staff_page import staff_page

LONGEST_ACCOUNT = timedelta(days=92)
"""Length of the longest account that one file holds: a quarter of a year."""


def add(county: CountyService) -> None:
    """Register the pages."""

    @staff_page(HOME, title="全县 · County")
    async def overview(request: Request) -> Response | None:
        frame = PageFrame(county, request, at=HOME)
        if frame.redirect is None:
            with frame.content():
                section = SitesSection(county, frame.language)
                section.build()
            frame.refresh_with(section.refresh)
        return frame.redirect

    @staff_page(PROPOSALS, title="调窗建议 · Proposals")
    async def proposals(request: Request) -> Response | None:
        frame = PageFrame(county, request, at=PROPOSALS)
        if frame.redirect is None:
            with frame.content():
                section = ProposalsSection(county, frame.language)
                section.build()
            frame.refresh_with(section.refresh)
        return frame.redirect

    @staff_page(SAVINGS, title="分流节省报告 · Savings")
    async def savings(request: Request) -> Response | None:
        frame = PageFrame(county, request, at=SAVINGS)
        if frame.redirect is None:
            with frame.content():
                await SavingsSection(county, frame.language).build()
            frame.refresh_with(lambda: None)
        return frame.redirect

    @staff_page(HOME + "/site/{site}", title="中心 · Site")
    async def one_site(request: Request, site: SiteId) -> Response | None:
        frame = PageFrame(county, request, at=f"{HOME}/site/{site}")
        shown = county.site(site)
        if frame.redirect is not None or shown is None:
            return frame.redirect or RedirectResponse(HOME, status_code=303)
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
            return _wrong_period(request)
        account = await county.savings(first, last)
        writer = row_writer(county.sites(), county.time_zone, session.language_of(request.session))
        content = await asyncio.to_thread(lambda: csv_text(account_rows(account, writer)))
        return csv_file(content, name=f"savings-{first}-{last}")

    @routes.get(HOME + "/site/{site}/figures.csv")
    async def figures(request: Request, site: SiteId, day: Day, by: figures_table.GroupBy) -> Response:
        shown = county.site(site)
        if session.role_of(request.session, county) != "manager" or shown is None:
            return RedirectResponse(TO_LOGIN, status_code=303)
        return await figures_csv(shown, day, by, language=session.language_of(request.session))

    return routes


def _wrong_period(request: Request) -> Response:
    most = LONGEST_ACCOUNT.days
    answer = errors.error_answer(
        "invalid_period",
        f"请选 1 到 {most} 天，第一天不晚于最后一天",
        f"ask for 1 to {most} days, the first no later than the last",
    )
    return errors.answer_request(request, 422, answer)


async def _build_site(frame: PageFrame, shown: SiteReader, site: SiteId) -> None:
    """Build the page of one site as its own managers see it, without what only they can do."""
    with frame.content():
        name = shown.hall.site.catalogue.name.in_language(frame.language)
        ui.label(name).classes("site-name").props('role="heading" aria-level="2"')
        widgets.paragraph(frame.version_of(site))
        warning = widgets.markup().classes("wide").props('role="alert"')
        now = NowSection(shown, frame.language, notice=None)
        now.build()
        csv_address = f"{HOME}/site/{site}/figures.csv"
        figures = FiguresSection(shown, frame.language, day=business_day(shown.hall), csv_address=csv_address)
        await figures.build()
    now.show_today(figures.today)
    warning.set_content(frame.stale_warning(site))

    async def refresh() -> None:
        warning.set_content(frame.stale_warning(site))
        now.refresh()
        await figures.refresh()
        now.show_today(figures.today)

    frame.refresh_with(refresh)
