"""The whole picture: every site's hall, folded from its journal, and when each hub was heard last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from protocol.county import PLAN_VALID_S
from protocol.journal import Moment
from protocol.vocabulary import SiteId
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.store.county_store import CountyStore
from server.store.journal.heads import SiteHead

NOTHING = SiteHead()

Changed = Callable[[Hall | None, Hall | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSite:
    """One site as this process has it."""

    head: SiteHead = NOTHING
    hall: Hall | None = None
    """None while nothing was ever heard of it."""
    heard: Moment | None = None
    """When its hub was heard last, by the county's clock."""


class KnownSites:
    """Replaced piece by piece as journals grow, here or in another process on the same database.

    ``changed`` is told of every site with new entries, the hall before and after, from any thread; of the county's own
    new entries with None.
    """

    def __init__(self, store: CountyStore, sites: Iterable[SiteId], *, clock: Clock, changed: Changed) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._lock = threading.Lock()
        self.sites: Mapping[SiteId, KnownSite] = {site: KnownSite() for site in sites}
        self.book = ProposalBook()

    @property
    def halls(self) -> dict[SiteId, Hall]:
        """Every site that has a journal, by name."""
        return {site: seen.hall for site, seen in self.sites.items() if seen.hall is not None}

    def age_s(self, site: SiteId) -> float | None:
        """Return how many seconds ago a site was heard; None when never."""
        heard = self.sites[site].heard
        return None if heard is None else self._clock.now().since(heard)

    @property
    def unheard(self) -> frozenset[SiteId]:
        """The sites whose hub was not heard for so long that nobody there waits for an answer."""
        ages = {site: self.age_s(site) for site in self.sites}
        return frozenset(site for site, age_s in ages.items() if age_s is None or age_s > PLAN_VALID_S)

    def has_all(self, site: SiteId, *, until: datetime) -> bool:
        """Whether a site's journal is here up to a moment: it goes on after it, or the hub had no more to tell since.

        A hub that was away tells its past a stretch at a time.
        """
        seen = self.sites.get(site, KnownSite())
        head, latest = seen.head, None if seen.hall is None else seen.hall.latest
        told_all = head.heard_at is not None and head.heard_at >= until and head.received_at != head.heard_at
        return told_all or (latest is not None and latest.at >= until)

    def refresh(self) -> None:
        """Bring the picture up to date from the database. Raises StoreFault."""
        for site, head in self._store.read_heads().items():
            if site == COUNTY:
                self._read_book(head)
            elif site in self.sites:
                self._refresh_site(site, head)

    def _refresh_site(self, site: SiteId, head: SiteHead) -> None:
        seen = self.sites[site]
        if head == seen.head:
            return
        hall = seen.hall
        if head.seq > (0 if hall is None else hall.seq):
            hall = self._store.load_hall(site, hall)
        self.update(site, hall, head)

    def update(self, site: SiteId, hall: Hall | None, head: SiteHead) -> None:
        """Take over what is now in the database; fewer entries than are known change nothing.

        Of two heads with as many entries the one read last counts, however their clocks stand to each other: the
        county's own may have been put back.
        """
        with self._lock:
            seen = self.sites[site]
            newer = hall is not None and (seen.hall is None or hall.seq > seen.hall.seq)
            if not newer and head.seq < seen.head.seq:
                return
            self.sites = {
                **self.sites,
                site: KnownSite(head=head, hall=hall if newer else seen.hall, heard=self._heard(seen, head)),
            }
        if newer:
            self._changed(seen.hall, hall)

    def _heard(self, seen: KnownSite, head: SiteHead) -> Moment | None:
        """Return when the hub was heard: by this machine's steady clock, save for what was so before the start."""
        if head.heard_at is None or head.heard_at == seen.head.heard_at:
            return seen.heard
        now = self._clock.now()
        at = min(head.heard_at, now.at)
        return Moment(at=at, boot="", mono_s=0.0) if seen.heard is None and seen.head.heard_at is None else now

    def _read_book(self, head: SiteHead) -> None:
        if head.seq <= self.book.seq:
            return
        with self._lock:
            book = self.book
            if book.seq == 0:  # what is older matters no more
                book = ProposalBook(seq=self._store.seq_before(COUNTY, self._clock.now().at - proposal_book.KEPT))
            for entry in self._store.read_entries(COUNTY, since=book.seq):
                book = proposal_book.apply_to_book(book, entry)
            self.book = book
        self._changed(None, None)
