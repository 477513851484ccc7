"""Several halls in memory and the county's view of them: a frozen value, so that every order of events can be tried.

Entries of a hub reach the county by ``pushes``; states of referrals reach a hub by ``reconciles``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType

from journal_numbers import JournalNumbers
from plain_hall import MORNING

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.county import OriginState, Referral
from protocol.vocabulary import Language, Promise, Text
from server.domain.day import business_day
from server.domain.desk import issuance
from server.domain.events.apply import apply, apply_facts, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.referrals import reconcile, referral_origin

TRAVEL_MIN = 10.0
WAIT = Promise(low_min=30, high_min=45)


@dataclass(frozen=True, kw_only=True)
class PlainCounty:
    """Each method returns the county after something has happened in it."""

    halls: Mapping[str, Hall]
    clocks: Mapping[str, j.Moment]
    history: tuple[tuple[str, j.Entry], ...] = ()
    """Every entry of every journal, in the order they were written."""
    known_halls: Mapping[str, Hall] = field(default_factory=dict)
    """The halls as far as the county has received their journals."""
    made: int = 0
    """How many ids were made."""

    def journal(self, site: str) -> list[j.Entry]:
        """Return a site's journal."""
        return [entry for writer, entry in self.history if writer == site]

    def facts(self, site: str) -> list[j.AnyFact]:
        """Return what a site has written."""
        return [entry.fact for entry in self.journal(site)]

    def referral_states(self, site: str) -> list[Referral]:
        """Return the states of referrals in a site's view of the county now."""
        states = reconcile.referral_states(self.known_halls, site)
        return [Referral.model_validate_json(state.model_dump_json()) for state in states]

    # ------------------------------------------------------------------------------------------- what happens

    def does(self, site: str, facts: Iterable[j.AnyFact]) -> PlainCounty:
        """A hub writes these facts."""
        written = apply_facts(self.halls[site], facts, moment=self.clocks[site], actor="test", request_id=None)
        if not written:
            return self
        return replace(
            self,
            halls={**self.halls, site: written[-1].after},
            history=(*self.history, *((site, step.entry) for step in written)),
        )

    def waits(self, seconds: float) -> PlainCounty:
        """Time passes everywhere."""
        return replace(self, clocks={site: _later(clock, seconds) for site, clock in self.clocks.items()})

    def reboots(self, site: str) -> PlainCounty:
        """A hub's machine starts again: the hall is made from its journal, the monotonic clock begins anew."""
        clock = self.clocks[site]
        new = j.Moment(at=clock.at + timedelta(seconds=1), boot=f"{clock.boot}+", mono_s=1.0)
        return replace(self.restarts(site), clocks={**self.clocks, site: new})

    def restarts(self, site: str) -> PlainCounty:
        """A hub is killed and starts again: the hall is made from its journal."""
        again = empty_hall(self.halls[site].site.catalogue)
        for entry in self.journal(site):
            again = apply(again, j.Entry.model_validate_json(entry.model_dump_json()))
        assert again == self.halls[site]
        return replace(self, halls={**self.halls, site: again})

    def turns_day(self, site: str) -> PlainCounty:
        """A hub begins a new business day, if there is one."""
        turned = business_day.start_day(
            self.halls[site],
            now=self.clocks[site],
            trust=ClockTrust.CONFIRMED,
            numbers=JournalNumbers(self.journal(site)),
        )
        return self.does(site, turned)

    def ends_day(self, site: str) -> PlainCounty:
        """Somebody at a hub says that those left over from the day before are gone, if anybody is asked."""
        hall, now, trust = self.halls[site], self.clocks[site], ClockTrust.CONFIRMED
        question = business_day.day_question(hall, now=now, trust=trust)
        if question is None:
            return self.turns_day(site)
        numbers = JournalNumbers(self.journal(site))
        settled = business_day.settle_day(hall, day=question.day, gone=True, now=now, trust=trust, numbers=numbers)
        return self.does(site, settled)

    def pushes(self, site: str, *, entries: int | None = None) -> PlainCounty:
        """Some of what a hub has written reaches the county, in order; all of it by default."""
        known = self.known_halls.get(site) or empty_hall(self.halls[site].site.catalogue)
        later = [entry for entry in self.journal(site) if entry.seq > known.seq]
        for entry in later[:entries]:
            known = apply(known, entry)
        return replace(self, known_halls={**self.known_halls, site: known})

    def forgets(self, site: str) -> PlainCounty:
        """The county was restored from an old copy and knows nothing of a site."""
        return replace(self, known_halls={name: hall for name, hall in self.known_halls.items() if name != site})

    def reconciles(self, site: str, states: Iterable[Referral]) -> PlainCounty:
        """A hub reconciles with states of referrals, however old they are."""
        ids = _Ids(self.made)
        facts = reconcile.reconcile(self.halls[site], states, at=self.clocks[site], new_ticket=ids)
        return replace(self.does(site, facts), made=ids.made)

    def expires(self, site: str) -> PlainCounty:
        """A hub writes what time alone has ended."""
        return self.does(site, list(reconcile.expire_referrals(self.halls[site], at=self.clocks[site])))

    def syncs(self, site: str) -> PlainCounty:
        """The links work: the county receives every journal, and the site reconciles with its view."""
        whole = self
        for name in self.halls:
            whole = whole.pushes(name)
        return whole.reconciles(site, whole.referral_states(site))

    # ----------------------------------------------------------------------------------------------- visitors

    def issues(self, site: str, service: str = "id-card") -> tuple[PlainCounty, str]:
        """A visitor takes a number; return also the ticket."""
        ticket = f"t{self.made}"
        fact = issuance.issue(
            self.halls[site],
            service=service,
            language=Language.ZH,
            priority=None,
            ticket=ticket,
            print_device=None,
            promise=None,
            now=self.clocks[site].at,
        )
        return replace(self.does(site, [fact]), made=self.made + 1), ticket

    def offers(self, site: str, to_site: str, *, ticket: str | None, service: str = "id-card") -> PlainCounty:
        """A visitor is offered another site."""
        name = Text(zh=to_site, en=to_site)
        made = j.OfferMade(
            offer=f"o{self.made}",
            service=service,
            language=Language.ZH,
            priority=None,
            ticket=ticket,
            to_site=to_site,
            where=OtherSite(site=to_site, name=name, address=name, travel_min=int(TRAVEL_MIN)),
            here=WAIT,
            there=WAIT,
            travel_min=TRAVEL_MIN,
            saving_min=10.0,
        )
        return replace(self.does(site, [made]), made=self.made + 1)

    def accepts(
        self, site: str, to_site: str, *, ticket: str | None, service: str = "id-card"
    ) -> tuple[PlainCounty, str]:
        """A visitor is offered another site and accepts; return also the referral."""
        offer, referral = f"o{self.made}", f"r{self.made}"
        county = self.offers(site, to_site, ticket=ticket, service=service)
        at, hall = county.clocks[site], county.halls[site]
        request = referral_origin.accept_offer(hall, offer=offer, referral=referral, print_device="kiosk-1", at=at)
        return county.does(site, [request]), referral

    # ---------------------------------------------------------------------------------------------- what is true

    def paper(self, referral: str) -> j.ReferralTaken | None:
        """Return the fact behind the visitor's paper; None while no site of origin has written ``taken``."""
        taken = [e.fact for _, e in self.history if isinstance(e.fact, j.ReferralTaken) and e.fact.referral == referral]
        assert len(taken) <= 1, f"{referral} was taken twice"
        return taken[0] if taken else None

    def requested(self) -> dict[str, tuple[str, j.ReferralAsked]]:
        """Return every referral that was ever requested, with its site of origin."""
        return {e.fact.referral: (s, e.fact) for s, e in self.history if isinstance(e.fact, j.ReferralAsked)}

    def settled(self) -> bool:
        """Whether no referral is open."""
        open_ = [s for hall in self.halls.values() for s in hall.referrals.values() if s.state is OriginState.ASKED]
        return not open_ and all(self.referral_states(site) == [] for site in self.halls)


@dataclass
class _Ids:
    made: int

    def __call__(self) -> str:
        self.made += 1
        return f"p{self.made}"


def _later(clock: j.Moment, seconds: float) -> j.Moment:
    return j.Moment(at=clock.at + timedelta(seconds=seconds), boot=clock.boot, mono_s=clock.mono_s + seconds)


def county_of(described: Catalogue, *sites: str, late_s: Mapping[str, float] = MappingProxyType({})) -> PlainCounty:
    """Return halls of one description that have begun their day; the wall clocks of some are late."""
    catalogues = {site: described.model_copy(update={"site": site}) for site in sites}
    county = PlainCounty(
        halls={site: empty_hall(catalogue) for site, catalogue in catalogues.items()},
        clocks={
            site: j.Moment(at=MORNING - timedelta(seconds=late_s.get(site, 0.0)), boot=site, mono_s=1000.0 * place)
            for place, site in enumerate(sites, start=1)
        },
    )
    for site in sites:
        county = county.turns_day(site)
    return county


def everywhere(county: PlainCounty, change: Callable[[PlainCounty, str], PlainCounty]) -> PlainCounty:
    """Return the county after the same happened at every site, one after the other."""
    for site in county.halls:
        county = change(county, site)
    return county
