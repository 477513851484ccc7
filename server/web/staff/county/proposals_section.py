"""The county's proposals: accepted or declined with one click; what came of them is shown later."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Literal
from zoneinfo import ZoneInfo

from nicegui import ui

from protocol.vocabulary import Language, SiteId, Text
from server.domain.county.proposal_book import ProposalRecord
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.clerk.presses import Presses
from server.web.staff.county import county_text as words
from server.web.staff.county.proposal_text import Sites, asks


class ProposalsSection:
    """Open proposals with two keys each, and a table of those that were decided."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._shown: tuple[tuple[ProposalRecord, ...], tuple[ProposalRecord, ...]] | None = None
        self._presses = Presses(county, busy=self.look, said=self._refused)

    def build(self) -> None:
        """Lay the section out."""
        widgets.markup(f"<h2>{escape(self._say(words.PROPOSALS))}</h2>")
        widgets.markup(f'<p class="quiet">{escape(self._say(words.EXPLAINED))}</p>')
        self._said = ui.label("").classes("said brief wrong").props('role="status"')
        self._open = ui.element("div").classes("wide").mark("open")
        with ui.element("section").classes("box"):
            widgets.markup(f"<h2>{escape(self._say(words.DECIDED))}</h2>")
            self._decided = widgets.markup("").classes("wide").mark("decided")
        self.look()

    def look(self) -> None:
        """Paint what differs from what is shown."""
        book = self._county.book
        waiting = book.open
        decided = tuple(reversed([p for p in book.proposals.values() if p.decision is not None]))
        if (waiting, decided) == self._shown:
            return
        sites = self._county.sites()
        if self._shown is None or waiting != self._shown[0]:
            self._open.clear()
            with self._open:
                self._paint_open(waiting, sites)
        self._decided.set_content(self._decided_table(decided, sites))
        self._shown = (waiting, decided)

    def _paint_open(self, waiting: tuple[ProposalRecord, ...], sites: Sites) -> None:
        if not waiting:
            widgets.markup(f'<section class="box"><p>{escape(self._say(words.NO_PROPOSALS))}</p></section>')
        for proposed in sorted(waiting, key=lambda p: -p.fact.saving_min):
            self._card(proposed, sites)

    def _card(self, proposed: ProposalRecord, sites: Sites) -> None:
        fact = proposed.fact
        told = [
            words.gain(fact.saving_min, fact.confidence, both=len(proposed.sites) > 1),
            words.shorter(fact.before_p90_min, fact.after_p90_min),
            *([] if fact.travel_min is None else [words.way(fact.travel_min)]),
        ]
        lines = "".join(f"<p>{escape(self._say(line))}</p>" for line in told)
        with ui.element("section").classes("box proposal").props(f'data-proposal="{fact.proposal}"'):
            widgets.markup(
                f'<p class="quiet">{escape(self._site(fact.site, sites))} · {self._time(proposed)}</p>'
                f"<h2>{escape(self._say(asks(sites, fact)))}</h2>{lines}"
            )
            with ui.element("div").classes("keys"):
                accept, decline = self._pressed(fact.proposal, "accepted"), self._pressed(fact.proposal, "declined")
                widgets.primary_key("accept", words.ACCEPT, self._language, accept, style="small fill")
                widgets.primary_key("decline", words.DECLINE, self._language, decline, style="small")

    def _pressed(self, proposal: str, decision: Literal["accepted", "declined"]) -> widgets.Pressed:
        async def decide(_request: str) -> None:
            await self._county.decide(proposal, decision)

        return partial(self._presses.carry_out, decide)

    def _decided_table(self, decided: tuple[ProposalRecord, ...], sites: Sites) -> str:
        if not decided:
            return f'<p class="quiet">{escape(self._say(words.NONE_DECIDED))}</p>'
        titles = (words.WHEN, words.PROPOSAL, words.DECISION, words.EXPECTED, words.MEASURED, words.HELPED)
        labels = [self._say(t) for t in titles]
        head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
        rows = "".join(self._decided_row(p, labels, sites) for p in decided)
        table = f'<table class="figures words stack"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        return f'{table}<p class="quiet">{escape(self._say(words.OF_WHOM))}</p>'

    def _decided_row(self, proposed: ProposalRecord, labels: list[str], sites: Sites) -> str:
        fact, measured = proposed.fact, proposed.measured
        open_end = self._say(words.LATER) if proposed.decision == "accepted" else "–"
        cells = (
            self._time(proposed),
            f"{self._site(fact.site, sites)}: {self._say(asks(sites, fact))}",
            self._say(words.DECISIONS[proposed.decision or "expired"]),
            f"{fact.before_p90_min:.0f} → {fact.after_p90_min:.0f}",
            open_end if measured is None else "–" if measured.p90_min is None else f"{measured.p90_min:.0f}",
            open_end if measured is None else str(measured.served),
        )
        inner = "".join(f'<td data-label="{escape(n)}">{escape(c)}</td>' for n, c in zip(labels, cells, strict=True))
        return f'<tr data-proposal="{escape(fact.proposal)}">{inner}</tr>'

    def _site(self, site: SiteId, sites: Sites) -> str:
        state = sites.get(site)
        return self._say(state.place.name) if state else site

    def _time(self, proposed: ProposalRecord) -> str:
        zone = ZoneInfo(self._county.time_zone)
        return f"{(proposed.decided or proposed.made).at.astimezone(zone):%m-%d %H:%M}"

    def _refused(self, message: Text | None) -> None:
        self._said.set_text("" if message is None else self._say(message))

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)
