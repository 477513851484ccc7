"""The first of the county's pages: every site now."""

from __future__ import annotations

from html import escape
from zoneinfo import ZoneInfo

from protocol.vocabulary import Language, Text
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text as words
from server.web.staff.county.county_view_model import HubLinkState, SiteRow, county_view_model

STYLES = {
    HubLinkState.THERE: "done",
    HubLinkState.AWAY: "wrong",
    HubLinkState.NEVER: "quiet",
    HubLinkState.REFUSED: "wrong",
}


class SitesSection:
    """Painted again when something differs."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._shown: tuple[str, str] | None = None

    def build(self) -> None:
        """Lay the section out."""
        self._cards = widgets.markup("").classes("wide").mark("cards")
        self._table = widgets.markup("").classes("wide box").mark("sites")
        widgets.markup(f'<p class="quiet">{escape(self._say(words.HINT))}</p>')
        self.look()

    def look(self) -> None:
        """Paint what differs from what is shown."""
        rows = county_view_model(self._county.sites(), at=self._county.now())
        painted = (self._card_row(rows), self._site_table(rows))
        if painted != self._shown:
            self._shown = painted
            self._cards.set_content(painted[0])
            self._table.set_content(painted[1])

    def _card_row(self, rows: tuple[SiteRow, ...]) -> str:
        there = sum(r.link is HubLinkState.THERE for r in rows)
        longest = max((r for r in rows if r.longest_min is not None), key=lambda r: r.longest_min or 0, default=None)
        old = sum(r.waiting or 0 for r in rows if r.since is not None)
        cards = (
            self._card(
                words.PEOPLE_WAITING,
                str(sum(r.waiting or 0 for r in rows)),
                beneath=self._say(words.as_it_stood(old)) if old else "",
            ),
            self._card(
                words.LONGEST,
                "–" if longest is None else str(longest.longest_min),
                beneath=self._say(longest.name) if longest else "",
                late=longest is not None and longest.longest_over_limit,
            ),
            self._card(words.ON_THE_WAY, str(sum(r.travelling for r in rows))),
            self._card(words.SITES_THERE, f"{there} / {len(rows)}", late=there < len(rows)),
            self._card(words.TO_DECIDE, str(len(self._county.book.open))),
        )
        return f'<div class="cards">{"".join(cards)}</div>'

    def _card(self, title: Text, figure: str, *, beneath: str = "", late: bool = False) -> str:
        small = f'<span class="quiet">{escape(beneath)}</span>' if beneath else ""
        return (
            f'<div class="card{" late" if late else ""}">{escape(self._say(title))}<b>{escape(figure)}</b>{small}</div>'
        )

    def _site_table(self, rows: tuple[SiteRow, ...]) -> str:
        titles = (
            words.SITE,
            words.LINK,
            words.WAITING,
            words.LONGEST,
            words.NEW_VISITOR,
            words.OPEN_WINDOWS,
            words.EQUAL,
        )
        labels = [self._say(t) for t in titles]
        head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
        body = "".join(self._row(r, labels) for r in rows)
        return (
            f'<table class="figures words stack" aria-label="{escape(self._say(words.SITES))}">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _row(self, row: SiteRow, labels: list[str]) -> str:
        known = row.waiting is not None
        cells = (
            f'<a href="/county/site/{escape(row.site)}"><b>{escape(self._say(row.name))}</b></a>'
            if known
            else f"<b>{escape(self._say(row.name))}</b>",
            self._link(row),
            self._waiting(row),
            self._longest(row),
            self._new_visitor(row),
            f"{row.open_windows} / {row.windows}" if known else "–",
            self._equal(row),
        )
        inner = "".join(f'<td data-label="{escape(n)}">{c}</td>' for n, c in zip(labels, cells, strict=True))
        old = "" if row.since is None else ' class="old"'
        return f'<tr data-site="{escape(row.site)}"{old}>{inner}</tr>'

    def _link(self, row: SiteRow) -> str:
        state = f'<b class="sign {STYLES[row.link]}">{escape(self._say(words.LINKS[row.link]))}</b>'
        if row.since is not None:
            zone = ZoneInfo(self._county.time_zone)
            told = self._say(words.said(f"{row.since.astimezone(zone):%m-%d %H:%M}"))
        else:
            told = "" if row.age_s is None else self._say(words.ago(row.age_s - row.age_s % 5))
        fault = f'<span class="beneath wrong">{escape(self._say(row.fault))}</span>' if row.fault else ""
        clock = "" if row.clock_trusted else self._say(words.CLOCK)
        told, clock = (f'<span class="beneath">{escape(m)}</span>' if m else "" for m in (told, clock))
        return state + told + fault + clock

    def _waiting(self, row: SiteRow) -> str:
        if row.waiting is None:
            return "–"
        way = f'<span class="beneath">+{row.travelling} {escape(self._say(words.TRAVELLING))}</span>'
        return f"<b>{row.waiting}</b>" + (way if row.travelling else "")

    def _longest(self, row: SiteRow) -> str:
        if row.longest_min is None:
            return "–"
        if not row.longest_over_limit:
            return str(row.longest_min)
        told = escape(self._say(words.OVER_LIMIT))
        return f'<b class="wrong">{row.longest_min}</b><span class="beneath wrong">▲ {told}</span>'

    def _new_visitor(self, row: SiteRow) -> str:
        if row.p80_min is None or row.p80_service is None:
            return "–"
        return f'<b>{row.p80_min}</b><span class="beneath">{escape(self._say(row.p80_service))}</span>'

    def _equal(self, row: SiteRow) -> str:
        if row.checked is None:
            return f'<span class="quiet">{escape(self._say(words.NOT_CHECKED))}</span>'
        zone = ZoneInfo(self._county.time_zone)
        time = f"{row.checked.at.astimezone(zone):%H:%M:%S}"
        told = words.equal(row.checked.seq, time) if row.checked.equal else words.differs(row.checked.seq, time)
        return f'<span class="{"done" if row.checked.equal else "wrong"}">{escape(self._say(told))}</span>'

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)
