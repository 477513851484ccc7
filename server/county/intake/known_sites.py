"""Cache of all sites in this process: each hall, folded from its journal, and its hub's last contact."""

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

EMPTY_HEAD = SiteHead()

OnChange = Callable[[Hall | None, Hall | None], None]
"""Called with a site's hall before and after new entries; with None twice after new entries of the county's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSite:
    """One site in this process's cache."""

    head: SiteHead = EMPTY_HEAD
    hall: Hall | None = None
    """None while the county has no journal of the site."""
    last_contact: Moment | None = None
    """When its hub was last in contact, by the county's clock."""


class KnownSites:
    """A cache of the database that grows with the journals, whichever process writes them.

    Safe to use from several threads: ``sites`` and ``book`` are replaced whole. Any thread calls ``on_change``.
    """

    def __init__(self, store: CountyStore, sites: Iterable[SiteId], *, clock: Clock, on_change: OnChange) -> None:
        self._store = store
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self.sites: Mapping[SiteId, KnownSite] = {site: KnownSite() for site in sites}
        self.book = ProposalBook()

    @property
    def halls(self) -> dict[SiteId, Hall]:
        """The hall of every site that has a journal, by site."""
        return {site: known.hall for site, known in self.sites.items() if known.hall is not None}

    def age_s(self, site: SiteId) -> float | None:
        """Return how many seconds ago a site was in contact; None when never."""
        last_contact = self.sites[site].last_contact
        return None if last_contact is None else self._clock.now().since(last_contact)

    @property
    def silent_sites(self) -> frozenset[SiteId]:
        """The sites whose hub has been out of contact for longer than the time limit of a referral's answer."""
        ages = {site: self.age_s(site) for site in self.sites}
        return frozenset(site for site, age_s in ages.items() if age_s is None or age_s > PLAN_VALID_S)

    def has_all(self, site: SiteId, *, until: datetime) -> bool:
        """Whether a site's journal is complete here up to a moment: it has a later entry, or its hub had no more.

        A hub that was away pushes its backlog in batches.
        """
        known = self.sites.get(site, KnownSite())
        head, latest = known.head, None if known.hall is None else known.hall.latest
        had_no_more = head.heard_at is not None and head.heard_at >= until and head.received_at != head.heard_at
        return had_no_more or (latest is not None and latest.at >= until)

    def refresh(self) -> None:
        """Read what was written since, here or by another process. Raises StoreFault."""
        for site, head in self._store.read_heads().items():
            if site == COUNTY:
                self._refresh_book(head)
            elif site in self.sites:
                self._refresh_site(site, head)

    def _refresh_site(self, site: SiteId, head: SiteHead) -> None:
        known = self.sites[site]
        if head == known.head:
            return
        hall = known.hall
        if head.seq > (0 if hall is None else hall.seq):
            hall = self._store.load_hall(site, hall)
        self.update(site, hall, head)

    def update(self, site: SiteId, hall: Hall | None, head: SiteHead) -> None:
        """Take over a committed state of a site; one with fewer entries than are known changes nothing.

        Of two heads with equally many entries the one read last counts, whatever their times: the county's own clock
        may have been put back.
        """
        with self._lock:
            known = self.sites[site]
            newer = hall is not None and (known.hall is None or hall.seq > known.hall.seq)
            if not newer and head.seq < known.head.seq:
                return
            updated = KnownSite(
                head=head, hall=hall if newer else known.hall, last_contact=self._last_contact(known, head)
            )
            self.sites = {**self.sites, site: updated}
        if newer:
            self._on_change(known.hall, hall)

    def _last_contact(self, known: KnownSite, head: SiteHead) -> Moment | None:
        """Return when the hub was last in contact: by this machine's monotonic clock, except for what was so before
        the start, of which only the wall clock's time is known.
        """
        if head.heard_at is None or head.heard_at == known.head.heard_at:
            return known.last_contact
        now = self._clock.now()
        at = min(head.heard_at, now.at)
        before_start = known.last_contact is None and known.head.heard_at is None
        return Moment(at=at, boot="", mono_s=0.0) if before_start else now

    def _refresh_book(self, head: SiteHead) -> None:
        if head.seq <= self.book.seq:
            return
        with self._lock:
            book = self.book
            if book.seq == 0:  # older entries no longer matter
                book = ProposalBook(seq=self._store.seq_before(COUNTY, self._clock.now().at - proposal_book.KEPT))
            for entry in self._store.read_entries(COUNTY, since=book.seq):
                book = proposal_book.apply_to_book(book, entry)
            self.book = book
        self._on_change(None, None)
