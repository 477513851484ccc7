"""What balancing saved: the account of seven days, honest about those it hurt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import escape
from typing import TypeVar
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.vocabulary import Language, ServiceId, SiteId, Text
from server.domain.county.savings import AcceptedProposal, Savings
from server.store.faults import StoreFault
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text as words
from server.web.staff.county import savings_text
from server.web.staff.county.proposal_text import Sites, asks
from server.web.staff.county.savings_csv import REASONS, Writer

log = logging.getLogger(__name__)

Row = TypeVar("Row")

WEEK = timedelta(days=6)
WEEKS_BACK = 8
ROWS_SHOWN = 100
"""The latest of each table; all are in the file."""


def writer(sites: Sites, time_zone: str, language: Language) -> Writer:
    """Return how the rows of an account are written for a reader."""

    def name(site: SiteId, service: ServiceId | None) -> Text:
        state = sites.get(site)
        if state is None:
            return Text(zh=site, en=site)
        if service is None:
            return state.place.name
        known = state.picture.hall.site.services if state.picture else {}
        return known[service].name if service in known else Text(zh=service, en=service)

    return Writer(language, ZoneInfo(time_zone), name)


class SavingsSection:
    """The account of the seven days that end with the chosen one."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._last = county.now().at.astimezone(ZoneInfo(county.time_zone)).date()

    async def build(self) -> None:
        """Lay the section out with this week's account."""
        names = {str(d): f"{d - WEEK} – {d}" for d in self._ends()}
        with ui.element("section").classes("box"):
            widgets.markup(f"<h2>{escape(self._say(words.SAVINGS))}</h2>")
            chosen = ui.select(
                names,
                label=self._say(savings_text.WEEK),
                value=str(self._last),
                on_change=lambda event: self._choose(date.fromisoformat(event.value)),
            )
            chosen.props("outlined").classes("no-print day wide").mark("week")
            widgets.markup(f'<p class="quiet">{escape(self._say(savings_text.EXPLAINED))}</p>')
        self._account = ui.element("div").classes("wide").mark("account")
        await self._choose(self._last)

    def _ends(self) -> list[date]:
        return [self._last - timedelta(days=7 * back) for back in range(WEEKS_BACK)]

    async def _choose(self, last: date) -> None:
        """Show the seven days that end with this one, unless others are chosen before they are read."""
        self._chosen = last
        try:
            account = await self._county.savings(last - WEEK, last)
        except StoreFault:
            log.exception("the account could not be read")
            account = None
        if self._chosen != last:
            return
        self._account.clear()
        with self._account:
            if account is None:
                widgets.markup(f'<p class="wrong" role="alert">{escape(self._say(savings_text.UNREADABLE))}</p>')
            else:
                self._paint(account, last)

    def _paint(self, account: Savings, last: date) -> None:
        sites = self._county.sites()
        write = writer(sites, self._county.time_zone, self._language)
        heads = list(write.head())
        widgets.markup(self._cards(account)).classes("wide")
        self._table(savings_text.WORSE_OFF, heads, account.worse_off, write.sent, savings_text.NOBODY_HURT)
        self._table(savings_text.MISSED, heads, account.missed, write.sent, savings_text.NONE_MISSED)
        self._accepted(account.accepted, write, sites)
        self._table(savings_text.SENT, heads, account.referred, write.sent, savings_text.NOBODY_SENT)
        self._table(savings_text.STAYED, heads, account.declined, write.declined, savings_text.NOBODY_STAYED)
        self._nothing(account)
        address = f"/county/savings.csv?first={last - WEEK}&last={last}"
        ui.link(self._say(savings_text.CSV), address).classes("no-print").props("download")

    def _cards(self, account: Savings) -> str:
        hurt = sum(-(s.saved_min or 0) for s in account.worse_off)
        waited = account.declined_waited_min
        cards = (
            (savings_text.SAVED, f"{account.saved_min:.0f}", savings_text.judged(len(account.called))),
            (savings_text.HURT, str(len(account.worse_off)), savings_text.lost(hurt)),
            (savings_text.MISSED_SHORT, str(len(account.missed)), savings_text.of(len(account.called))),
            (
                savings_text.OFFERS,
                str(account.offers),
                savings_text.answers(len(account.referred), len(account.declined)),
            ),
            (savings_text.STAYED_WAITED, "–" if waited is None else f"{waited:.0f}", savings_text.MEAN),
        )
        inner = "".join(
            f'<div class="card">{escape(self._say(title))}<b>{escape(figure)}</b>'
            f'<span class="quiet">{escape(self._say(beneath))}</span></div>'
            for title, figure, beneath in cards
        )
        return f'<div class="cards">{inner}</div>'

    def _accepted(self, accepted: tuple[AcceptedProposal, ...], write: Writer, sites: Sites) -> None:
        heads = (
            words.WHEN,
            words.SITE,
            words.PROPOSAL,
            savings_text.BEFORE,
            words.EXPECTED,
            words.MEASURED,
            words.HELPED,
        )
        self._table(
            savings_text.ACCEPTED,
            [self._say(h) for h in heads],
            accepted,
            lambda row: self._accepted_row(row, write, sites),
            savings_text.NONE_ACCEPTED,
            beneath=words.OF_WHOM,
        )

    def _accepted_row(self, row: AcceptedProposal, write: Writer, sites: Sites) -> tuple[str, ...]:
        return (
            f"{row.at.astimezone(write.zone):%Y-%m-%d %H:%M}",
            self._say(write.name(row.site, None)),
            self._say(asks(sites, row)),
            f"{row.before_p90_min:.0f}",
            f"{row.expected_p90_min:.0f}",
            "" if row.measured_p90_min is None else f"{row.measured_p90_min:.0f}",
            "" if row.served is None else str(row.served),
        )

    def _nothing(self, account: Savings) -> None:
        lines = [(REASONS.get(r, Text(zh=r, en=r)), n) for r, n in sorted(account.failed.items())]
        told = "".join(f"<p>{escape(self._say(reason))}: <b>{count}</b></p>" for reason, count in lines)
        left = (
            f"<p>{escape(self._say(savings_text.LEFT))}: <b>{account.unresolved}</b></p>" if account.unresolved else ""
        )
        if told or left:
            heading = escape(self._say(savings_text.CAME_TO_NOTHING))
            widgets.markup(f'<section class="box"><h2>{heading}</h2>{told}{left}</section>').classes("wide")

    def _table(
        self,
        title: Text,
        labels: list[str],
        rows: Sequence[Row],
        write: Callable[[Row], tuple[str, ...]],
        none: Text,
        *,
        beneath: Text | None = None,
    ) -> None:
        """Lay the latest rows out; only these are written."""
        if not rows:
            inner = f"<p>{escape(self._say(none))}</p>"
        else:
            more = len(rows) - ROWS_SHOWN
            rest = f'<p class="quiet">{escape(self._say(savings_text.more(more)))}</p>' if more > 0 else ""
            head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
            body = "".join(f"<tr>{_cells(labels, write(row))}</tr>" for row in rows[-ROWS_SHOWN:])
            table = f'<table class="figures words stack" aria-label="{escape(self._say(title))}">'
            table += f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            said = f'<p class="quiet">{escape(self._say(beneath))}</p>' if beneath else ""
            inner = f'<div class="table-frame">{table}</div>{rest}{said}'
        heading = f"{escape(self._say(title))} ({len(rows)})"
        widgets.markup(f'<section class="box"><h2>{heading}</h2>{inner}</section>').classes("wide")

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)


def _cells(labels: list[str], row: tuple[str, ...]) -> str:
    pairs = zip(labels, row, strict=True)
    return "".join(f'<td data-label="{escape(label)}">{escape(cell) or "–"}</td>' for label, cell in pairs)
