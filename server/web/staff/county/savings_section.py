"""The account of what balancing saved in seven days, with the visitors who lost by it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.text.dates import date_and_clock
from protocol.vocabulary import Language, ServiceId, SiteId, Text
from runtime.fault_log import FaultLog
from server.domain.county.savings import AcceptedProposal, Savings
from server.store.faults import StoreFault
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text, savings_text
from server.web.staff.county.card import Card
from server.web.staff.county.proposal_text import Sites, proposal_sentence
from server.web.staff.county.savings_rows import REASONS, RowWriter
from server.web.templates import render

log = logging.getLogger(__name__)

_READING = FaultLog(log, Text(zh="节省情况读不出来", en="the savings cannot be read"))

Row = TypeVar("Row")

WEEK = timedelta(days=6)
"""Distance between the first and the last of seven days."""
WEEKS_BACK = 8
"""Number of weeks that can be chosen, this one included."""
ROWS_SHOWN = 100
"""Number of the latest rows that a table shows; the CSV file holds all."""


def row_writer(sites: Sites, time_zone: str, language: Language) -> RowWriter:
    """Return the writer of an account's rows; a site or service that is gone keeps its id."""

    def name(site: SiteId, service: ServiceId | None) -> Text:
        status = sites.get(site)
        if status is None:
            return Text(zh=site, en=site)
        if service is None:
            return status.place.name
        known = status.state.hall.site.services if status.state else {}
        return known[service].name if service in known else Text(zh=service, en=service)

    return RowWriter(language, ZoneInfo(time_zone), name)


class SavingsSection:
    """The account of the seven days that end with the chosen one."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._last = county.now().at.astimezone(ZoneInfo(county.time_zone)).date()

    async def build(self) -> None:
        """Add the section to the page, with this week's account."""
        names = {str(d): f"{d - WEEK} – {d}" for d in self._ends()}
        with ui.element("section").classes("box"):
            widgets.heading(self._own(county_text.SAVINGS))
            chosen = ui.select(
                names,
                label=self._own(savings_text.WEEK),
                value=str(self._last),
                on_change=lambda event: self._choose(date.fromisoformat(event.value)),
            )
            chosen.props("outlined").classes("no-print day wide").mark("week")
            widgets.paragraph(self._own(savings_text.EXPLAINED))
        self._account = ui.element("div").classes("wide").mark("account")
        await self._choose(self._last)

    def _ends(self) -> list[date]:
        return [self._last - timedelta(days=7 * back) for back in range(WEEKS_BACK)]

    async def _choose(self, last: date) -> None:
        """Show the seven days that end with ``last``, unless others are chosen while they are read."""
        self._chosen = last
        try:
            account = await self._county.savings(last - WEEK, last)
        except StoreFault as fault:
            _READING.began(fault)
            account = None
        else:
            _READING.ended()
        if self._chosen != last:
            return
        self._account.clear()
        with self._account:
            if account is None:
                widgets.markup(render("staff/refusal.html", text=self._own(savings_text.UNREADABLE)))
            else:
                self._show(account, last)

    def _show(self, account: Savings, last: date) -> None:
        sites = self._county.sites()
        writer = row_writer(sites, self._county.time_zone, self._language)
        heads = list(writer.head())
        cards = render("county/cards.html", cards=_cards(account), language=self._language)
        widgets.markup(cards).classes("wide")
        self._add_table(savings_text.WORSE_OFF, heads, account.worse_off, writer.referred, savings_text.NOBODY_HURT)
        self._add_table(savings_text.MISSED, heads, account.missed, writer.referred, savings_text.NONE_MISSED)
        self._add_accepted(account.accepted, writer, sites)
        self._add_table(savings_text.SENT, heads, account.referred, writer.referred, savings_text.NOBODY_SENT)
        self._add_table(savings_text.STAYED, heads, account.declined, writer.declined, savings_text.NOBODY_STAYED)
        self._add_came_to_nothing(account)
        address = f"/county/savings.csv?first={last - WEEK}&last={last}"
        ui.link(self._own(savings_text.CSV), address).classes("no-print").props("download")

    def _add_accepted(self, accepted: tuple[AcceptedProposal, ...], writer: RowWriter, sites: Sites) -> None:
        heads = (
            county_text.WHEN,
            county_text.SITE,
            county_text.PROPOSAL,
            savings_text.BEFORE,
            county_text.EXPECTED,
            county_text.MEASURED,
            county_text.HELPED,
        )
        self._add_table(
            savings_text.ACCEPTED,
            [self._own(h) for h in heads],
            accepted,
            lambda row: self._accepted_row(row, writer, sites),
            savings_text.NONE_ACCEPTED,
            explained=county_text.P90_EXPLAINED,
        )

    def _accepted_row(self, row: AcceptedProposal, writer: RowWriter, sites: Sites) -> tuple[str, ...]:
        return (
            date_and_clock(row.at, writer.zone),
            self._own(writer.name(row.site, None)),
            self._own(proposal_sentence(sites, row)),
            f"{row.before_p90_min:.0f}",
            f"{row.expected_p90_min:.0f}",
            "" if row.measured_p90_min is None else f"{row.measured_p90_min:.0f}",
            "" if row.served is None else str(row.served),
        )

    def _add_came_to_nothing(self, account: Savings) -> None:
        reasons = [(REASONS.get(r, Text(zh=r, en=r)), count) for r, count in sorted(account.failed.items())]
        if reasons or account.unresolved:
            html = render(
                "county/came_to_nothing.html",
                reasons=reasons,
                left=account.unresolved,
                text=savings_text,
                language=self._language,
            )
            widgets.markup(html).classes("wide")

    def _add_table(
        self,
        title: Text,
        labels: list[str],
        rows: Sequence[Row],
        write: Callable[[Row], tuple[str, ...]],
        none: Text,
        *,
        explained: Text | None = None,
    ) -> None:
        """Add a table of the latest rows; only these are written."""
        more = len(rows) - ROWS_SHOWN
        html = render(
            "county/account_table.html",
            title=self._own(title),
            count=len(rows),
            labels=labels,
            rows=[write(row) for row in rows[-ROWS_SHOWN:]],
            empty=self._own(none),
            more=self._own(savings_text.more(more)) if more > 0 else None,
            explained=self._own(explained) if explained else None,
        )
        widgets.markup(html).classes("wide")

    def _own(self, text: Text) -> str:
        return text.in_language(self._language)


def _cards(account: Savings) -> tuple[Card, ...]:
    lost_min = sum(-(visit.saved_min or 0) for visit in account.worse_off)
    waited_min = account.declined_waited_min
    judged = len(account.called)
    return (
        Card(title=savings_text.SAVED, figure=f"{account.saved_min:.0f}", beneath=savings_text.judged(judged)),
        Card(title=savings_text.HURT, figure=str(len(account.worse_off)), beneath=savings_text.lost(lost_min)),
        Card(title=savings_text.MISSED_SHORT, figure=str(len(account.missed)), beneath=savings_text.of(judged)),
        Card(
            title=savings_text.OFFERS,
            figure=str(account.offers),
            beneath=savings_text.answers(len(account.referred), len(account.declined)),
        ),
        Card(
            title=savings_text.STAYED_WAITED,
            figure="–" if waited_min is None else f"{waited_min:.0f}",
            beneath=savings_text.MEAN,
        ),
    )
