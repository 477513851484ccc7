"""The county's proposals: accepted or declined with one click; measured results follow."""

from __future__ import annotations

from functools import partial
from typing import Literal

from nicegui import ui

from protocol.text.dates import day_and_clock
from protocol.vocabulary import Language, SiteId, Text
from server.domain.county.proposal_book import ProposalRecord
from server.web.county_service import CountyService
from server.web.staff import widgets
from server.web.staff.county import county_text
from server.web.staff.county.proposal_text import Sites, proposal_sentence
from server.web.staff.presses import Presses
from server.web.templates import render

_COLUMNS = (
    county_text.WHEN,
    county_text.PROPOSAL,
    county_text.DECISION,
    county_text.EXPECTED,
    county_text.MEASURED,
    county_text.HELPED,
)


class ProposalsSection:
    """Open proposals with two keys each, and a table of those that were decided."""

    def __init__(self, county: CountyService, language: Language) -> None:
        self._county = county
        self._language = language
        self._shown: tuple[tuple[ProposalRecord, ...], tuple[ProposalRecord, ...]] | None = None
        self._presses = Presses(county, busy_changed=self.refresh, show_refusal=self._show_refusal)

    def build(self) -> None:
        """Add the section to the page."""
        widgets.heading(self._own(county_text.PROPOSALS))
        widgets.paragraph(self._own(county_text.EXPLAINED))
        self._refusal = ui.label("").classes("said brief wrong").props('role="status"')
        self._open = ui.element("div").classes("wide").mark("open")
        with ui.element("section").classes("box"):
            widgets.heading(self._own(county_text.DECIDED))
            self._decided = widgets.markup().classes("wide").mark("decided")
        self.refresh()

    def refresh(self) -> None:
        """Update what differs from what is shown."""
        book = self._county.book
        waiting = book.open
        decided = tuple(reversed([p for p in book.proposals.values() if p.decision is not None]))
        if (waiting, decided) == self._shown:
            return
        sites = self._county.sites()
        if self._shown is None or waiting != self._shown[0]:
            self._open.clear()
            with self._open:
                self._show_open(waiting, sites)
        self._decided.set_content(self._decided_table(decided, sites))
        self._shown = (waiting, decided)

    def _show_open(self, waiting: tuple[ProposalRecord, ...], sites: Sites) -> None:
        if not waiting:
            widgets.markup(render("county/boxed.html", text=self._own(county_text.NO_PROPOSALS)))
        for proposed in sorted(waiting, key=lambda p: -p.fact.saving_min):
            self._add_proposal(proposed, sites)

    def _add_proposal(self, proposed: ProposalRecord, sites: Sites) -> None:
        fact = proposed.fact
        html = render(
            "county/proposal.html",
            site=self._site(fact.site, sites),
            time=self._time(proposed),
            proposal=proposal_sentence(sites, fact),
            lines=[
                county_text.expected_saving(fact.saving_min, fact.confidence, both=len(proposed.sites) > 1),
                county_text.p90_change(fact.before_p90_min, fact.after_p90_min),
                *([] if fact.travel_min is None else [county_text.travel_deducted(fact.travel_min)]),
            ],
            language=self._language,
        )
        with ui.element("section").classes("box proposal").props(f'data-proposal="{fact.proposal}"'):
            widgets.markup(html)
            with ui.element("div").classes("keys"):
                accept, decline = self._decide(fact.proposal, "accepted"), self._decide(fact.proposal, "declined")
                widgets.primary_key("accept", county_text.ACCEPT, self._language, accept, style="small fill")
                widgets.primary_key("decline", county_text.DECLINE, self._language, decline, style="small")

    def _decide(self, proposal: str, decision: Literal["accepted", "declined"]) -> widgets.PressAction:
        async def decide(_request: str) -> None:
            await self._county.decide(proposal, decision)

        return partial(self._presses.run, decide)

    def _decided_table(self, decided: tuple[ProposalRecord, ...], sites: Sites) -> str:
        if not decided:
            return render("staff/paragraph.html", text=self._own(county_text.NONE_DECIDED), style="quiet")
        return render(
            "county/decided.html",
            labels=[self._own(column) for column in _COLUMNS],
            rows=[(proposed.fact.proposal, self._decided_row(proposed, sites)) for proposed in decided],
            explained=self._own(county_text.P90_EXPLAINED),
        )

    def _decided_row(self, proposed: ProposalRecord, sites: Sites) -> tuple[str, ...]:
        fact, measured = proposed.fact, proposed.measured
        pending = self._own(county_text.LATER) if proposed.decision == "accepted" else "–"
        return (
            self._time(proposed),
            f"{self._site(fact.site, sites)}: {self._own(proposal_sentence(sites, fact))}",
            self._own(county_text.DECISIONS[proposed.decision or "expired"]),
            f"{fact.before_p90_min:.0f} → {fact.after_p90_min:.0f}",
            pending if measured is None else "–" if measured.p90_min is None else f"{measured.p90_min:.0f}",
            pending if measured is None else str(measured.served),
        )

    def _site(self, site: SiteId, sites: Sites) -> str:
        state = sites.get(site)
        return self._own(state.place.name) if state else site

    def _time(self, proposed: ProposalRecord) -> str:
        return day_and_clock((proposed.decided or proposed.made).at, self._county.time_zone)

    def _show_refusal(self, message: Text | None) -> None:
        self._refusal.set_text("" if message is None else self._own(message))

    def _own(self, text: Text) -> str:
        return text.in_language(self._language)
