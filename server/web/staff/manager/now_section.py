"""The first part of the manager's page: the hall at this moment."""

from __future__ import annotations

from nicegui import ui

from protocol.vocabulary import Language, Text
from server.store.queries.day_figures import Figures
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.manager import manager_text
from server.web.staff.manager.manager_view_model import HallNow, hall_view_model
from server.web.staff.manager.notice_section import NoticeSection
from server.web.templates import render

_WINDOW_COLUMNS = (
    manager_text.WINDOW,
    manager_text.STATE,
    manager_text.NUMBER,
    manager_text.SINCE,
    manager_text.CAN_CALL,
)
_SERVICE_COLUMNS = (manager_text.SERVICE, manager_text.WAITING_NOW, manager_text.PROMISED_NOW)


class NowSection:
    """The hall now, updated when something differs. Devices and notice are the hub's own: the county shows neither."""

    def __init__(self, site: SiteReader, language: Language, *, notice: NoticeSection | None) -> None:
        self._site = site
        self._language = language
        self._notice = notice
        self._devices: ui.html | None = None
        self._today: Figures | None = None
        self._shown: tuple[HallNow, Figures | None, int] | None = None

    def build(self) -> None:
        """Add the section to the page."""
        self._warnings = widgets.markup().classes("wide").props('role="alert"')
        self._cards = widgets.markup().classes("wide").mark("cards")
        with ui.element("div").classes("two"):
            with ui.element("section").classes("box"):
                self._add_heading(manager_text.WINDOWS)
                self._windows = widgets.markup().classes("wide").mark("windows")
            with ui.element("div"):
                if self._notice is not None:
                    with ui.element("section").classes("box"):
                        self._add_heading(manager_text.DEVICES)
                        self._devices = widgets.markup().classes("wide").mark("devices")
                    self._notice.build()
                with ui.element("section").classes("box"):
                    self._add_heading(manager_text.SERVICES)
                    self._services = widgets.markup().classes("wide").mark("services")
        self.refresh()

    def show_today(self, today: Figures | None) -> None:
        """Show how many tickets were issued and served today."""
        self._today = today
        self.refresh()

    def refresh(self) -> None:
        """Update the section when something differs from what is shown."""
        site = self._site
        devices = site.devices()
        now = hall_view_model(
            site.hall,
            devices,
            site.promises(),
            at=site.now(),
            clock_trusted=site.clock_trusted,
            broker_connected=site.broker_connected,
            county=site.county,
            past_closing=site.past_closing(),
        )
        current = (now, self._today, len(devices))
        if current != self._shown:
            self._shown = current
            self._show(now, devices=len(devices))

    def _show(self, now: HallNow, *, devices: int) -> None:
        self._warnings.set_content(render("staff/stripes.html", warnings=now.warnings, language=self._language))
        self._cards.set_content(self._render("manager/cards.html", now, today=self._today))
        self._windows.set_content(self._render("manager/windows.html", now, labels=self._labels(_WINDOW_COLUMNS)))
        labels = self._labels(_SERVICE_COLUMNS)
        self._services.set_content(self._render("manager/services.html", now, labels=labels))
        if self._devices is not None:
            self._devices.set_content(self._render("manager/devices.html", now, devices=devices))

    def _render(self, template: str, now: HallNow, **values: object) -> str:
        return render(template, now=now, text=manager_text, language=self._language, **values)

    def _labels(self, columns: tuple[Text, ...]) -> list[str]:
        return [column.in_language(self._language) for column in columns]

    def _add_heading(self, text: Text) -> None:
        widgets.heading(text.in_language(self._language))
