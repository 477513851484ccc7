"""The second part of the manager's page: a day's waits by service, by window and by hour."""

from __future__ import annotations

from datetime import date

from nicegui import ui

from protocol.text.dates import date_and_clock
from protocol.vocabulary import Language
from server.domain.views.hall_views import business_day
from server.store.queries.day_figures import DayFigures, Figures
from server.store.queries.promise_figures import PromiseFigures
from server.web.site_service import SiteReader
from server.web.staff import widgets
from server.web.staff.figures import charts, promises_table
from server.web.staff.figures.figures_table import TITLES, GroupBy, figures_table
from server.web.staff.manager import manager_text
from server.web.templates import render

QUERY_EVERY_S = 5.0
"""Age of today's figures from which they are read again, seconds."""


class FiguresSection:
    """Figures of one day. Today's are read again while tickets are issued and called."""

    def __init__(
        self, site: SiteReader, language: Language, *, day: date, csv_address: str = "/manager/figures.csv"
    ) -> None:
        self._site = site
        self._language = language
        self._day = day
        self._csv_address = csv_address
        self._read: tuple[date, int] | None = None
        self._read_at = 0.0
        self.today: Figures | None = None

    async def build(self) -> None:
        """Add the section to the page, with the figures of the chosen day."""
        days = await self._site.days()
        names = {d.isoformat(): self._day_name(d) for d in days or [self._day]}
        with ui.element("section").classes("wide"):
            with ui.element("div").classes("box"):
                widgets.heading(manager_text.STATISTICS.in_language(self._language))
                chosen = ui.select(
                    names,
                    label=manager_text.DAY.in_language(self._language),
                    value=self._day.isoformat(),
                    on_change=lambda event: self._choose(date.fromisoformat(event.value)),
                )
                chosen.props("outlined").classes("no-print day wide").mark("day")
                self._as_of = widgets.markup().classes("wide").mark("as-of")
            self._tables = ui.element("div").classes("wide").mark("figures")
        await self.refresh()

    async def refresh(self) -> None:
        """Read the figures again when the chosen day is today and something happened, but not too often."""
        today, now = business_day(self._site.hall), self._site.now().mono_s
        wanted = (self._day, self._site.hall.seq if self._day == today else 0)
        due = self._read is None or self._read[0] != self._day or now - self._read_at >= QUERY_EVERY_S
        if wanted == self._read or not due:
            return
        self._read, self._read_at = wanted, now
        figures = await self._site.figures(self._day)
        if figures.day == self._day:
            self._show(figures)
        self.today = figures.total if self._day == today else (await self._site.figures(today)).total

    async def _choose(self, day: date) -> None:
        self._day = day
        await self.refresh()

    def _day_name(self, day: date) -> str:
        today = manager_text.TODAY.in_language(self._language)
        return f"{day.isoformat()} ({today})" if day == business_day(self._site.hall) else day.isoformat()

    def _show(self, figures: DayFigures) -> None:
        at = date_and_clock(self._site.now().at, self._site.hall.site.catalogue.time_zone)
        as_of = manager_text.as_of(figures.day.isoformat(), at).in_language(self._language)
        explained = manager_text.EXPLAINED.in_language(self._language)
        self._as_of.set_content(render("manager/as_of.html", as_of=as_of, explained=explained))
        self._tables.clear()
        with self._tables:
            for by in GroupBy:
                self._add_table(figures, by)
            with ui.element("section").classes("box").mark("promises"):
                widgets.heading(promises_table.TITLE.in_language(self._language))
                widgets.markup(self._promises(figures.promises)).classes("wide")

    def _promises(self, promises: PromiseFigures) -> str:
        if not promises.checked:
            none = promises_table.NONE.in_language(self._language)
            return render("staff/paragraph.html", text=none, style="quiet")
        return render(
            "figures/promises.html",
            table=promises_table.promises_table(promises, self._language),
            caption=promises_table.TITLE.in_language(self._language),
            explained=promises_table.EXPLAINED.in_language(self._language),
        )

    def _add_table(self, figures: DayFigures, by: GroupBy) -> None:
        site, language = self._site.hall.site, self._language
        title = TITLES[by].in_language(language)
        with ui.element("section").classes("box"):
            widgets.heading(title)
            if figures.total.issued or figures.total.waits:
                options = charts.chart(figures, by, site=site, language=language)
                height = charts.height_px(figures, by, site=site)
                ui.echart(options, renderer="svg").style(f"height:{height}px;width:100%").mark(f"chart-{by.value}")
            else:
                ui.label(manager_text.EMPTY.in_language(language)).classes("quiet")
            table = figures_table(figures, by, site=site, language=language)
            widgets.markup(render("figures/table.html", table=table, caption=title)).classes("wide")
            address = f"{self._csv_address}?day={figures.day.isoformat()}&by={by.value}"
            ui.link(manager_text.CSV.in_language(language), address).classes("no-print").props("download")
