"""The first of the county's pages: every site now."""

from __future__ import annotations

from types import MappingProxyType

from protocol.text.dates import clock_with_seconds, day_and_clock
from protocol.vocabulary import Language, Text
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text
from server.web.staff.county.card import Card
from server.web.staff.county.county_view_model import HubLinkState, SiteRow, county_view_model
from server.web.templates import render

STYLES = MappingProxyType(
    {
        HubLinkState.THERE: "done",
        HubLinkState.AWAY: "wrong",
        HubLinkState.NEVER: "quiet",
        HubLinkState.REFUSED: "wrong",
    }
)
"""CSS class of each state of a site's link."""
AGE_STEP_S = 5
"""Step in which the age of a site's figures is shown, seconds: a figure that changed every second would distract."""
_COLUMNS = (
    county_text.SITE,
    county_text.LINK,
    county_text.WAITING,
    county_text.LONGEST,
    county_text.NEW_VISITOR,
    county_text.OPEN_WINDOWS,
    county_text.EQUAL,
)


class SitesSection:
    """Cards of the whole county and a row for every site, updated when something differs."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._shown: tuple[str, str] | None = None

    def build(self) -> None:
        """Add the section to the page."""
        self._cards = widgets.markup().classes("wide").mark("cards")
        self._table = widgets.markup().classes("wide box").mark("sites")
        widgets.paragraph(county_text.HINT.in_language(self._language))
        self.refresh()

    def refresh(self) -> None:
        """Update the section when something differs from what is shown."""
        rows = county_view_model(self._county.sites(), at=self._county.now())
        cards = render("county/cards.html", cards=self._county_cards(rows), language=self._language)
        current = (cards, self._site_table(rows))
        if current != self._shown:
            self._shown = current
            self._cards.set_content(current[0])
            self._table.set_content(current[1])

    def _county_cards(self, rows: tuple[SiteRow, ...]) -> tuple[Card, ...]:
        there = sum(row.link is HubLinkState.THERE for row in rows)
        known = [(row, row.figures) for row in rows if row.figures is not None]
        longest = max(
            ((row, figures) for row, figures in known if figures.longest_min is not None),
            key=lambda pair: pair[1].longest_min or 0,
            default=None,
        )
        stale = sum(figures.waiting for row, figures in known if row.since is not None)
        return (
            Card(
                title=county_text.PEOPLE_WAITING,
                figure=str(sum(figures.waiting for _, figures in known)),
                beneath=county_text.of_stale_figures(stale) if stale else None,
            ),
            Card(
                title=county_text.LONGEST,
                figure="–" if longest is None else str(longest[1].longest_min),
                beneath=longest[0].name if longest else None,
                late=longest is not None and longest[1].longest_over_limit,
            ),
            Card(title=county_text.ON_THE_WAY, figure=str(sum(row.travelling for row in rows))),
            Card(title=county_text.SITES_CONNECTED, figure=f"{there} / {len(rows)}", late=there < len(rows)),
            Card(title=county_text.TO_DECIDE, figure=str(len(self._county.book.open))),
        )

    def _site_table(self, rows: tuple[SiteRow, ...]) -> str:
        return render(
            "county/sites.html",
            rows=rows,
            labels=[column.in_language(self._language) for column in _COLUMNS],
            ages={row.site: self._age(row) for row in rows},
            comparisons={row.site: self._comparison(row) for row in rows},
            styles=STYLES,
            text=county_text,
            language=self._language,
        )

    def _age(self, row: SiteRow) -> Text | None:
        if row.since is not None:
            return county_text.since(day_and_clock(row.since, self._county.time_zone))
        return None if row.age_s is None else county_text.ago(row.age_s - row.age_s % AGE_STEP_S)

    def _comparison(self, row: SiteRow) -> Text | None:
        if row.checked is None:
            return None
        time = clock_with_seconds(row.checked.at, self._county.time_zone)
        return (county_text.equal if row.checked.equal else county_text.different)(row.checked.seq, time)
