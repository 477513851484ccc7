"""The manager's page: the hall now, and the waits of today or any day, as charts, tables and CSV."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.vocabulary import Language
from server.auth import session
from server.domain.views.hall_views import business_day
from server.web.site_service import SiteService
from server.web.staff import widgets
from server.web.staff.day_notice import DayNotice
from server.web.staff.figures import figures_table
from server.web.staff.figures.csv_file import Day, figures_csv
from server.web.staff.manager import manager_text
from server.web.staff.manager.add_device_section import AddDeviceSection
from server.web.staff.manager.figures_section import FiguresSection
from server.web.staff.manager.notice_section import NoticeSection
from server.web.staff.manager.now_section import NowSection
from server.web.staff.staff_page import staff_page
from server.web.staff.style import apply_style

REFRESH_EVERY_S = 1.0
"""Interval at which a page compares what it shows with the newest hall, seconds."""
TO_LOGIN = "/login?role=manager"


def add(site: SiteService) -> None:
    """Register the page at ``/manager``."""

    @staff_page("/manager", title="管理 · Manager")
    async def manager(request: Request) -> Response | None:
        if session.role_of(request.session, site) != "manager":
            return RedirectResponse(TO_LOGIN, status_code=303)
        language = session.language_of(request.session)
        apply_style(language)
        await _build(site, stamp=request.session["stamp"], language=language, host=request.url.hostname or "")
        return None


def router(site: SiteService) -> APIRouter:
    """Return the route of CSV files."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/manager/figures.csv")
    async def figures(request: Request, day: Day, by: figures_table.GroupBy) -> Response:
        if session.role_of(request.session, site) != "manager":
            return RedirectResponse(TO_LOGIN, status_code=303)
        return await figures_csv(site, day, by, language=session.language_of(request.session))

    return routes


async def _build(site: SiteService, *, stamp: str, language: Language, host: str) -> None:
    bar = widgets.bar(
        site.hall.site.catalogue.name.in_language(language),
        [
            (manager_text.DEVICES.in_language(language), "/manager/devices"),
            (manager_text.CLERK.in_language(language), "/clerk"),
            widgets.language_link(language, to="/manager"),
            (manager_text.LEAVE.in_language(language), "/logout"),
        ],
    )
    widgets.first_contact(site.now(), site.hall.site.catalogue.time_zone, language)
    now = NowSection(site, language, notice=NoticeSection(site, language))
    new_device = AddDeviceSection(site, language, host=host)
    day = DayNotice(site, language, role="manager")
    with ui.element("div").classes("sheet"):
        day.build(bar)
        now.build()
        new_device.build()
        figures = FiguresSection(site, language, day=business_day(site.hall))
        await figures.build()

    async def refresh() -> None:
        if site.passcode_stamp("manager") != stamp:
            ui.navigate.to(TO_LOGIN)
            return
        widgets.contact(site.now().mono_s)
        day.refresh()
        now.refresh()
        new_device.refresh()
        await figures.refresh()
        now.show_today(figures.today)

    now.show_today(figures.today)
    ui.timer(REFRESH_EVERY_S, refresh)
