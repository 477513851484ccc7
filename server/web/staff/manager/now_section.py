"""The first part of the manager's page: the hall at this moment."""

from __future__ import annotations

from html import escape

from nicegui import ui

from protocol.vocabulary import Language, Promise, Text
from server.store.queries.day_figures import Figures
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.manager import manager_text as words
from server.web.staff.manager.manager_view_model import HallNow, ServiceNow, WindowNow, hall_view_model
from server.web.staff.manager.notice_section import NoticeSection


class NowSection:
    """Painted again when something differs. Devices and notice are the hub's own: the county shows neither."""

    def __init__(self, site: SiteReader, language: Language, *, notice: NoticeSection | None) -> None:
        self._site = site
        self._language = language
        self._notice = notice
        self._devices: ui.html | None = None
        self._today: Figures | None = None
        self._shown: tuple[HallNow, Figures | None, int] | None = None

    def build(self) -> None:
        """Lay the section out."""
        self._warnings = widgets.markup("").classes("wide").props('role="alert"')
        self._cards = widgets.markup("").classes("wide").mark("cards")
        with ui.element("div").classes("two"):
            with ui.element("section").classes("box"):
                widgets.markup(f"<h2>{escape(self._say(words.WINDOWS))}</h2>")
                self._windows = widgets.markup("").classes("wide").mark("windows")
            with ui.element("div"):
                if self._notice is not None:
                    with ui.element("section").classes("box"):
                        widgets.markup(f"<h2>{escape(self._say(words.DEVICES))}</h2>")
                        self._devices = widgets.markup("").classes("wide").mark("devices")
                    self._notice.build()
                with ui.element("section").classes("box"):
                    widgets.markup(f"<h2>{escape(self._say(words.SERVICES))}</h2>")
                    self._services = widgets.markup("").classes("wide").mark("services")
        self.look()

    def count(self, today: Figures | None) -> None:
        """Take over how many were issued and served today."""
        self._today = today
        self.look()

    def look(self) -> None:
        """Paint what differs from what is shown."""
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
        )
        seen = (now, self._today, len(devices))
        if seen == self._shown:
            return
        self._shown = seen
        self._warnings.set_content("".join(f'<div class="stripe">{escape(self._say(w))}</div>' for w in now.warnings))
        self._cards.set_content(self._card_row(now))
        self._windows.set_content(self._window_table(now.windows))
        self._services.set_content(self._service_table(now.services))
        if self._devices is not None:
            self._devices.set_content(self._device_list(now, count=len(devices)))

    def _card_row(self, now: HallNow) -> str:
        longest = "–" if now.longest_min is None else str(now.longest_min)
        late = " late" if now.longest_over_limit else ""
        today = self._today
        cards = (
            _card(self._say(words.WAITING), str(now.waiting)),
            _card(self._say(words.LONGEST), longest, beneath=now.longest_number or "", style=late),
            _card(self._say(words.OPEN_WINDOWS), f"{now.open_windows} / {len(now.windows)}"),
            _card(self._say(words.ISSUED), "–" if today is None else str(today.issued)),
            _card(self._say(words.SERVED), "–" if today is None else str(today.served)),
        )
        return f'<div class="cards">{"".join(cards)}</div>'

    def _window_table(self, windows: tuple[WindowNow, ...]) -> str:
        titles = (words.WINDOW, words.STATE, words.NUMBER, words.SINCE, words.CAN_CALL)
        head = "".join(f'<th scope="col">{escape(self._say(t))}</th>' for t in titles)
        rows = "".join(self._window_row(w) for w in windows)
        return (
            f'<div class="table-frame"><table class="figures words"><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def _window_row(self, window: WindowNow) -> str:
        minutes = "" if window.minutes is None else str(window.minutes)
        agreed = "" if window.agreed is None else f'<p class="agreed">{escape(self._say(window.agreed))}</p>'
        beneath = f'<tr><td colspan="5">{agreed}</td></tr>' if agreed else ""
        dot = f'<i class="dot" style="background:{window.lamp.colour}"></i>'
        return (
            f"<tr><td><b>{escape(window.label)}</b> {escape(self._say(window.name))}</td>"
            f'<td class="state">{dot}{escape(self._say(window.lamp.words))}</td>'
            f"<td><b>{escape(window.number or '')}</b></td><td>{minutes}</td><td>{window.waiting}</td></tr>{beneath}"
        )

    def _service_table(self, services: tuple[ServiceNow, ...]) -> str:
        titles = (words.SERVICE, words.WAITING_NOW, words.PROMISED_NOW)
        head = "".join(f'<th scope="col">{escape(self._say(t))}</th>' for t in titles)
        rows = "".join(
            f"<tr><td>{escape(self._say(s.name))}</td><td>{s.waiting}</td><td>{self._promise(s.promise)}</td></tr>"
            for s in services
        )
        return (
            f'<div class="table-frame"><table class="figures words" aria-label="{escape(self._say(words.SERVICES))}">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _promise(self, promise: Promise | None) -> str:
        if promise is None:
            return f'<span class="quiet">{escape(self._say(words.UNKNOWN))}</span>'
        return f"<b>{promise.low_min}–{promise.high_min}</b>"

    def _device_list(self, now: HallNow, *, count: int) -> str:
        if not now.faults:
            words_now = words.NO_FAULTS if count else words.NO_DEVICES
            return f'<p class="{"done" if count else "quiet"}">{escape(self._say(words_now))} ({count})</p>'
        rows = "".join(
            f'<div class="entry"><b class="wrong">{escape(f.device)}</b>'
            f'<span class="what">{escape(self._say(f.words))}</span></div>'
            for f in now.faults
        )
        return f"<div>{rows}</div>"

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)


def _card(title: str, figure: str, *, beneath: str = "", style: str = "") -> str:
    small = f'<span class="quiet">{escape(beneath)}</span>' if beneath else ""
    return f'<div class="card{style}">{escape(title)}<b>{escape(figure)}</b>{small}</div>'
