"""What balancing saved: the account of seven days, honest about those it hurt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import escape
from typing import TypeVar
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.messages import Language, Text
from server.domain.savings import Accepted, Savings
from server.store.database import StoreFault
from server.web import county_words as words
from server.web import pieces, savings_words
from server.web.proposal_words import Sites, asks
from server.web.savings_sheet import REASONS, Writer
from server.web.served_county import County

log = logging.getLogger(__name__)

Row = TypeVar("Row")

WEEK = timedelta(days=6)
WEEKS_BACK = 8
ROWS_SHOWN = 100
"""The latest of each table; all are in the file."""


def writer(sites: Sites, time_zone: str, language: Language) -> Writer:
    """Return how the rows of an account are written for a reader."""

    def name(site: str, service: str | None) -> Text:
        state = sites.get(site)
        if state is None:
            return Text(zh=site, en=site)
        if service is None:
            return state.place.name
        known = state.picture.hall.offer.services if state.picture else {}
        return known[service].name if service in known else Text(zh=service, en=service)

    return Writer(language, ZoneInfo(time_zone), name)


class SavingsSection:
    """The account of the seven days that end with the chosen one."""

    def __init__(self, county: County, language: Language) -> None:
        self._county = county
        self._language = language
        self._last = county.now().at.astimezone(ZoneInfo(county.time_zone)).date()

    async def build(self) -> None:
        """Lay the section out with this week's account."""
        names = {str(d): f"{d - WEEK} – {d}" for d in self._ends()}
        with ui.element("section").classes("box"):
            pieces.markup(f"<h2>{escape(self._say(words.SAVINGS))}</h2>")
            chosen = ui.select(
                names,
                label=self._say(savings_words.WEEK),
                value=str(self._last),
                on_change=lambda event: self._choose(date.fromisoformat(event.value)),
            )
            chosen.props("outlined").classes("no-print day wide").mark("week")
            pieces.markup(f'<p class="quiet">{escape(self._say(savings_words.EXPLAINED))}</p>')
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
                pieces.markup(f'<p class="wrong" role="alert">{escape(self._say(savings_words.UNREADABLE))}</p>')
            else:
                self._paint(account, last)

    def _paint(self, account: Savings, last: date) -> None:
        sites = self._county.sites()
        write = writer(sites, self._county.time_zone, self._language)
        heads = list(write.head())
        pieces.markup(self._cards(account)).classes("wide")
        self._table(savings_words.WORSE_OFF, heads, account.worse_off, write.sent, savings_words.NOBODY_HURT)
        self._table(savings_words.MISSED, heads, account.missed, write.sent, savings_words.NONE_MISSED)
        self._accepted(account.accepted, write, sites)
        self._table(savings_words.SENT, heads, account.sent, write.sent, savings_words.NOBODY_SENT)
        self._table(savings_words.STAYED, heads, account.declined, write.declined, savings_words.NOBODY_STAYED)
        self._nothing(account)
        address = f"/county/savings.csv?first={last - WEEK}&last={last}"
        ui.link(self._say(savings_words.CSV), address).classes("no-print").props("download")

    def _cards(self, account: Savings) -> str:
        hurt = sum(-(s.saved_min or 0) for s in account.worse_off)
        waited = account.declined_waited_min
        cards = (
            (savings_words.SAVED, f"{account.saved_min:.0f}", savings_words.judged(len(account.judged))),
            (savings_words.HURT, str(len(account.worse_off)), savings_words.lost(hurt)),
            (savings_words.MISSED_SHORT, str(len(account.missed)), savings_words.of(len(account.judged))),
            (
                savings_words.OFFERS,
                str(account.offers),
                savings_words.answers(len(account.sent), len(account.declined)),
            ),
            (savings_words.STAYED_WAITED, "–" if waited is None else f"{waited:.0f}", savings_words.MEAN),
        )
        inner = "".join(
            f'<div class="card">{escape(self._say(title))}<b>{escape(figure)}</b>'
            f'<span class="quiet">{escape(self._say(beneath))}</span></div>'
            for title, figure, beneath in cards
        )
        return f'<div class="cards">{inner}</div>'

    def _accepted(self, accepted: tuple[Accepted, ...], write: Writer, sites: Sites) -> None:
        heads = (
            words.WHEN,
            words.SITE,
            words.PROPOSAL,
            savings_words.BEFORE,
            words.EXPECTED,
            words.MEASURED,
            words.HELPED,
        )
        self._table(
            savings_words.ACCEPTED,
            [self._say(h) for h in heads],
            accepted,
            lambda row: self._accepted_row(row, write, sites),
            savings_words.NONE_ACCEPTED,
            beneath=words.OF_WHOM,
        )

    def _accepted_row(self, row: Accepted, write: Writer, sites: Sites) -> tuple[str, ...]:
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
        lines = [(REASONS.get(r, Text(zh=r, en=r)), n) for r, n in sorted(account.came_to_nothing.items())]
        told = "".join(f"<p>{escape(self._say(reason))}: <b>{count}</b></p>" for reason, count in lines)
        left = f"<p>{escape(self._say(savings_words.LEFT))}: <b>{account.left}</b></p>" if account.left else ""
        if told or left:
            heading = escape(self._say(savings_words.CAME_TO_NOTHING))
            pieces.markup(f'<section class="box"><h2>{heading}</h2>{told}{left}</section>').classes("wide")

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
            rest = f'<p class="quiet">{escape(self._say(savings_words.more(more)))}</p>' if more > 0 else ""
            head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
            body = "".join(f"<tr>{_cells(labels, write(row))}</tr>" for row in rows[-ROWS_SHOWN:])
            table = f'<table class="figures words stack" aria-label="{escape(self._say(title))}">'
            table += f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            said = f'<p class="quiet">{escape(self._say(beneath))}</p>' if beneath else ""
            inner = f'<div class="table-frame">{table}</div>{rest}{said}'
        heading = f"{escape(self._say(title))} ({len(rows)})"
        pieces.markup(f'<section class="box"><h2>{heading}</h2>{inner}</section>').classes("wide")

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)


def _cells(labels: list[str], row: tuple[str, ...]) -> str:
    pairs = zip(labels, row, strict=True)
    return "".join(f'<td data-label="{escape(label)}">{escape(cell) or "–"}</td>' for label, cell in pairs)
