"""A new device: its name, kind and windows, and the one-time code that is typed there."""

from __future__ import annotations

from nicegui import ui

from protocol.vocabulary import DeviceKind, Language, Text
from server.authority.enrolment_codes import VALID_FOR, CodeFault
from server.web.site_service import NotDone, SiteService
from server.web.staff import widgets
from server.web.staff.devices import devices_text
from server.web.staff.manager import manager_text
from server.web.templates import render

ENROLLED = (DeviceKind.KIOSK, DeviceKind.DISPLAY, DeviceKind.WINDOW)
"""Kinds of devices that are enrolled by a code."""
USUAL_PORT = 8443
"""Port that ``jiaohao-enrol`` tries when it is given none."""


class AddDeviceSection:
    """Fields, a key, and the code while it is good. ``host`` is how this browser reaches the hub: so may the device."""

    def __init__(self, site: SiteService, language: Language, *, host: str) -> None:
        self._site = site
        self._language = language
        self._host = host
        self._shown: tuple[str, float] | None = None
        """The device whose code is shown, and until when by the hub's monotonic clock."""

    def build(self) -> None:
        """Add the section to the page of a hub that enrols by codes."""
        if self._site.devices_port is None:
            return
        with ui.element("section").classes("box no-print"):
            widgets.heading(manager_text.ADD_DEVICE.in_language(self._language))
            with ui.element("div").classes("fields"):
                self._add_fields()
            with ui.element("div").classes("keys"):
                widgets.primary_key("show-code", manager_text.SHOW_CODE, self._language, self._show, style="small fill")
            self._code = widgets.markup().classes("wide").mark("device-code")
            self._state = ui.label("").classes("said brief").props('role="status"')

    def refresh(self) -> None:
        """Count down while a code is shown, and take it away once it is used or over."""
        if self._shown is None:
            return
        device, until_s = self._shown
        fault = self._site.code_fault(device)
        if fault is None:
            self._show_state(manager_text.good_for(max(0, round(until_s - self._site.now().mono_s))), style="")
            return
        self._take_away()
        if fault is CodeFault.USED:
            self._show_state(manager_text.enrolled(device), style="done")
        else:
            self._show_state(manager_text.CODE_IS_OVER, style="wrong")

    def _add_fields(self) -> None:
        kinds = {kind: devices_text.KINDS[kind].in_language(self._language) for kind in ENROLLED}
        windows = {
            window.id: f"{window.label} {window.name.in_language(self._language)}"
            for window in self._site.hall.site.catalogue.windows
        }
        name = manager_text.DEVICE_NAME.in_language(self._language)
        self._name = ui.input(label=name, value="").props("outlined maxlength=40 placeholder=kiosk-2").classes("wide")
        self._name.mark("device-name")
        kind = manager_text.DEVICE_KIND.in_language(self._language)
        self._kind = ui.select(kinds, label=kind, value=DeviceKind.KIOSK).props("outlined").classes("wide")
        self._kind.mark("device-kind")
        served = manager_text.PANEL_WINDOWS.in_language(self._language)
        self._windows = ui.select(windows, label=served, multiple=True).props("outlined use-chips").classes("wide")
        self._windows.mark("device-windows")
        self._windows.bind_visibility_from(self._kind, "value", value=DeviceKind.WINDOW)

    async def _show(self, contact_at: float) -> None:  # noqa: ARG002 - a second code only ends the first
        kind, name = DeviceKind(self._kind.value), str(self._name.value).strip()
        windows = self._windows.value or [] if kind is DeviceKind.WINDOW else []
        self._take_away()
        if kind is DeviceKind.WINDOW and not windows:
            self._show_state(manager_text.NO_WINDOW_CHOSEN, style="wrong")
            return
        try:
            code = await self._site.new_device_code(name, kind, windows)
        except NotDone as refused:
            self._show_state(refused.message, style="wrong")
            return
        self._shown = name, self._site.now().mono_s + VALID_FOR.total_seconds()
        command = f"sudo jiaohao-enrol {kind} {self._place()} {code}"
        run = manager_text.ON_THE_DEVICE.in_language(self._language)
        self._code.set_content(render("manager/device_code.html", device=name, code=code, run=run, command=command))
        self.refresh()

    def _place(self) -> str:
        """Return the hub's address as it is typed on the device."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return self._host if self._site.devices_port == USUAL_PORT else f"{host}:{self._site.devices_port}"

    def _take_away(self) -> None:
        self._shown = None
        self._code.set_content("")

    def _show_state(self, text: Text, *, style: str) -> None:
        self._state.set_text(text.in_language(self._language))
        self._state.classes(replace=f"said brief {style}")
