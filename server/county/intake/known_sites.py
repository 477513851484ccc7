"""Cache of all sites in this process: each hall, folded from its journal, and its hub's last contact."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce

from protocol import journal as j
from protocol.county import PLAN_VALID_S
from protocol.journal import Moment
from protocol.vocabulary import SiteId
from server.domain.county import proposal_book
from server.domain.county.proposal_book import COUNTY, ProposalBook
from server.domain.events.apply import apply
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.store.county_store import CountyStore
from server.store.journal.heads import SiteHead
from server.store.journal.site_news import SiteNews

log = logging.getLogger(__name__)

EMPTY_HEAD = SiteHead()

_SITE_LOST = (
    "数据库丢了 %s 的流水 %s–%s，等站点重新上报 / the database lost entries %s–%s of %s: its hub is to push them again"
)
_BOOK_LOST = (
    "数据库丢了县平台自己的流水 %s–%s，其中的决定请重做 / "
    "the database lost entries %s–%s of the county's own journal: make the decisions in them again"
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCounty:
    """The county's own journal as this process knows it."""

    head: SiteHead = EMPTY_HEAD
    book: ProposalBook = field(default_factory=ProposalBook)


class KnownSites:
    """A cache of the database that grows with the journals, whichever process writes them.

    Safe to use from several threads: ``sites`` and ``county`` are replaced whole. Any thread calls ``on_change``.
    """

    def __init__(self, store: CountyStore, sites: Iterable[SiteId], *, clock: Clock, on_change: OnChange) -> None:
        self._store = store
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.Lock()
        self.sites: Mapping[SiteId, KnownSite] = {site: KnownSite() for site in sites}
        self.county = KnownCounty()

    @property
    def book(self) -> ProposalBook:
        """The proposals and what became of them."""
        return self.county.book

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
        """Read what was written since, here or by another process, and what the database has lost. Raises StoreFault.

        What is known was committed before the database is read, so a journal that has less there has lost entries: the
        database was restored from a copy, or a standby that was behind took its place.
        """
        known, county = self.sites, self.county
        heads = {site: one.head for site, one in known.items()}
        for site, news in self._store.read_news({**heads, COUNTY: county.head}).items():
            if site == COUNTY:
                self._refresh_county(county, news)
            else:
                self._refresh_site(site, known[site], news)

    def _refresh_site(self, site: SiteId, known: KnownSite, news: SiteNews) -> None:
        if news.entries is not None:
            self.update(site, _folded(known.hall, news.entries), news.head)
            return
        lost = range(news.head.seq + 1, known.head.seq + 1)
        if lost and not _is_replaced(known.head, news.head):
            self._store.note_hub_seq(site, known.head.seq)
            log.error(_SITE_LOST, site, lost[0], lost[-1], lost[0], lost[-1], site)
        self.put_back(site, known, *self._store.load_site(site))

    def put_back(self, site: SiteId, known: KnownSite, head: SiteHead, hall: Hall | None) -> None:
        """Take over a state that does not follow the known one, unless a push was accepted meanwhile."""
        with self._lock:
            if self.sites[site] is not known:
                return
            self.sites = {**self.sites, site: self._updated(known, hall, head)}
        self._on_change(known.hall, hall)

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
            self.sites = {**self.sites, site: self._updated(known, hall if newer else known.hall, head)}
        if newer:
            self._on_change(known.hall, hall)

    def _updated(self, known: KnownSite, hall: Hall | None, head: SiteHead) -> KnownSite:
        return replace(known, head=head, hall=hall, last_contact=self._last_contact(known, head))

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

    def _refresh_county(self, known: KnownCounty, news: SiteNews) -> None:
        with self._lock:
            if self.county is not known:  # another thread has read on
                return
            lost = range(news.head.seq + 1, known.head.seq + 1)
            if lost:
                log.error(_BOOK_LOST, lost[0], lost[-1], lost[0], lost[-1])
            self.county = KnownCounty(head=news.head, book=self._next_book(known.book, news))
        self._on_change(None, None)

    def _next_book(self, book: ProposalBook, news: SiteNews) -> ProposalBook:
        if news.entries is not None:
            return reduce(proposal_book.apply_to_book, news.entries, book)
        # at the start, too; older entries no longer matter
        book = ProposalBook(seq=self._store.seq_before(COUNTY, self._clock.now().at - proposal_book.KEPT))
        entries = self._store.read_entries(COUNTY, since=book.seq)
        return reduce(proposal_book.apply_to_book, (e for e in entries if e.seq <= news.head.seq), book)


def _is_replaced(known: SiteHead, head: SiteHead) -> bool:
    """Whether a journal is shorter because its hub has no more, and said so since: it recovered from a theft."""
    is_later = known.heard_at is not None and head.heard_at is not None and head.heard_at > known.heard_at
    return is_later and head.hub_seq == head.seq


def _folded(hall: Hall | None, entries: Iterable[j.Entry]) -> Hall | None:
    return None if hall is None else reduce(apply, entries, hall)
