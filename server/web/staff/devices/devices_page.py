"""The managers' page of a hall's devices."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from protocol.vocabulary import Language
from server.auth import session
from server.web.site_service import SiteService
from server.web.staff import widgets
from server.web.staff.devices import devices_text
from server.web.staff.devices.device_rows import device_rows
from server.web.staff.staff_page import staff_page
from server.web.staff.style import apply_style
from server.web.templates import render

ADDRESS = "/manager/devices"
TO_LOGIN = "/login?role=manager"
REFRESH_EVERY_S = 2.0
"""Interval at which the page compares what it shows with what devices have reported, seconds."""


def add(site: SiteService) -> None:
    """Register the page at ``ADDRESS``."""

    @staff_page(ADDRESS, title="设备 · Devices")
    async def devices(request: Request) -> Response | None:
        if session.role_of(request.session, site) != "manager":
            return RedirectResponse(TO_LOGIN, status_code=303)
        language = session.language_of(request.session)
        apply_style(language)
        _build(site, stamp=request.session["stamp"], language=language)
        return None


def _build(site: SiteService, *, stamp: str, language: Language) -> None:
    widgets.bar(
        f"{site.hall.site.catalogue.name.in_language(language)} · {devices_text.TITLE.in_language(language)}",
        [
            (devices_text.MANAGER.in_language(language), "/manager"),
            widgets.language_link(language, to=ADDRESS),
            (devices_text.LEAVE.in_language(language), "/logout"),
        ],
    )
    widgets.first_contact(site.now(), site.hall.site.catalogue.time_zone, language)
    with ui.element("div").classes("sheet"), ui.element("section").classes("box"):
        table = widgets.markup(_table(site, language)).classes("wide").mark("device-table")
        widgets.paragraph(devices_text.EXPLAINED.in_language(language))

    def refresh() -> None:
        if site.passcode_stamp("manager") != stamp:
            ui.navigate.to(TO_LOGIN)
            return
        widgets.contact(site.now().mono_s)
        shown = _table(site, language)
        if table.content != shown:
            table.set_content(shown)

    ui.timer(REFRESH_EVERY_S, refresh)


def _table(site: SiteService, language: Language) -> str:
    time_zone = site.hall.site.catalogue.time_zone
    rows = device_rows(site.devices(), now=site.now().at.astimezone(ZoneInfo(time_zone)), time_zone=time_zone)
    labels = [column.in_language(language) for column in devices_text.COLUMNS]
    return render("devices/table.html", rows=rows, labels=labels, nothing=devices_text.NONE, language=language)
