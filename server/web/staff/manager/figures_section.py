"""The second part of the manager's page: a day's waits by service, by window and by hour."""

from __future__ import annotations

from datetime import date
from html import escape
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.vocabulary import Language
from server.domain.views.hall_views import business_day
from server.store.queries.day_figures import DayFigures, Figures
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.figures import charts, promises_table
from server.web.staff.figures.figures_table import TITLES, GroupBy, as_html, figures_table
from server.web.staff.manager import manager_text as words

COUNT_EVERY_S = 5.0
"""Today's figures are at most this old."""


class FiguresSection:
    """Figures of one day. Today's are counted again while visitors come and go."""

    def __init__(
        self, site: SiteReader, language: Language, *, day: date, sheets: str = "/manager/figures.csv"
    ) -> None:
        self._site = site
        self._language = language
        self._day = day
        self._sheets_at = sheets
        self._counted: tuple[date, int] | None = None
        self._counted_at = 0.0
        self.today: Figures | None = None

    async def build(self) -> None:
        """Lay the section out with the figures of the chosen day."""
        days = await self._site.days()
        names = {d.isoformat(): self._day_name(d) for d in days or [self._day]}
        with ui.element("section").classes("wide"):
            with ui.element("div").classes("box"):
                widgets.markup(f"<h2>{escape(words.STATISTICS.in_language(self._language))}</h2>")
                chosen = ui.select(
                    names,
                    label=words.DAY.in_language(self._language),
                    value=self._day.isoformat(),
                    on_change=lambda event: self._choose(date.fromisoformat(event.value)),
                )
                chosen.props("outlined").classes("no-print day wide").mark("day")
                self._as_of = widgets.markup("").classes("wide").mark("as-of")
            self._sheets = ui.element("div").classes("wide").mark("figures")
        await self.look()

    async def look(self) -> None:
        """Count again when the chosen day is today and something happened, but not more often than needed."""
        today, now = business_day(self._site.hall), self._site.now().mono_s
        wanted = (self._day, self._site.hall.seq if self._day == today else 0)
        due = self._counted is None or self._counted[0] != self._day or now - self._counted_at >= COUNT_EVERY_S
        if wanted == self._counted or not due:
            return
        self._counted, self._counted_at = wanted, now
        figures = await self._site.figures(self._day)
        if figures.day == self._day:
            self._paint(figures)
        self.today = figures.total if self._day == today else (await self._site.figures(today)).total

    async def _choose(self, day: date) -> None:
        self._day = day
        await self.look()

    def _day_name(self, day: date) -> str:
        today = words.TODAY.in_language(self._language)
        return f"{day.isoformat()} ({today})" if day == business_day(self._site.hall) else day.isoformat()

    def _paint(self, figures: DayFigures) -> None:
        zone = ZoneInfo(self._site.hall.site.catalogue.time_zone)
        at = f"{self._site.now().at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        said = words.as_of(figures.day.isoformat(), at).in_language(self._language)
        explained = words.EXPLAINED.in_language(self._language)
        self._as_of.set_content(f'<p class="quiet"><b>{escape(said)}</b></p><p class="quiet">{escape(explained)}</p>')
        self._sheets.clear()
        with self._sheets:
            for by in GroupBy:
                self._add_sheet(figures, by)
            with ui.element("section").classes("box").mark("promises"):
                widgets.markup(f"<h2>{escape(promises_table.TITLE.in_language(self._language))}</h2>")
                widgets.markup(promises_table.as_html(figures.promises, self._language)).classes("wide")

    def _add_sheet(self, figures: DayFigures, by: GroupBy) -> None:
        offer, language = self._site.hall.site, self._language
        title = TITLES[by].in_language(language)
        with ui.element("section").classes("box"):
            widgets.markup(f"<h2>{escape(title)}</h2>")
            if figures.total.issued or figures.total.waits:
                options = charts.chart(figures, by, offer=offer, language=language)
                height = charts.height_px(figures, by, offer=offer)
                ui.echart(options, renderer="svg").style(f"height:{height}px;width:100%").mark(f"chart-{by.value}")
            else:
                ui.label(words.EMPTY.in_language(language)).classes("quiet")
            widgets.markup(as_html(figures_table(figures, by, offer=offer, language=language), caption=title)).classes(
                "wide"
            )
            address = f"{self._sheets_at}?day={figures.day.isoformat()}&by={by.value}"
            ui.link(words.CSV.in_language(language), address).classes("no-print").props("download")
