"""Accepts a hub's journal: in order, each entry once, and only entries that the hub can have written."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from protocol import journal as j
from protocol.county import JournalLine, JournalPush, JournalStretch, PushAccepted, clock_possible
from protocol.vocabulary import SiteId, Text
from runtime.fault_log import FaultLog
from server.county.intake.known_sites import KnownSites
from server.county.intake.push_refusals import PushNotAccepted, gap, rewritten
from server.county.intake.recovery import JournalRecovery, report_referrals
from server.domain.events.apply import AppliedEntry, apply, empty_hall
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.runtime.clock import Clock
from server.store.county_store import CountyStore, SiteTransaction
from server.store.faults import StoreFault, StoreRefused
from server.store.journal.heads import SiteHead
from server.store.journal.journal_lines import chain_after, entry_of

log = logging.getLogger(__name__)

REFUSAL_SHOWN_FOR = timedelta(minutes=10)
"""Time for which a refusal is shown even if entries are accepted meanwhile: two machines may use one site's key."""


class CountyInbox:
    """The only writer of the sites' journals at the county. Idempotent. Called on the threads that write."""

    def __init__(
        self, store: CountyStore, known_sites: KnownSites, *, clock: Clock, recovery: JournalRecovery | None = None
    ) -> None:
        self._store = store
        self._recovery = recovery
        self._known_sites = known_sites
        self._clock = clock
        self.fault = FaultLog(log, Text(zh="没有收下流水", en="no journal is taken"), level=logging.ERROR)
        """Lasts while the database takes no push."""

    def accept(self, site: SiteId, push: JournalPush) -> PushAccepted:
        """Apply the new entries of a push, durably. The same push again changes nothing.

        Raises PushNotAccepted (gap, journal_rewritten, clock_impossible, forged_site, invalid_entry), StoreFault.
        """
        try:
            accepted = self._accept(site, push)
        except StoreFault as fault:
            self.fault.began(fault)
            raise
        except PushNotAccepted as refusal:
            self._store.note_refusal(site, refusal.name, at=self._clock.now().at)
            self._known_sites.refresh()
            raise
        self.fault.ended()
        return accepted

    def read_stretch(self, site: SiteId, *, since: int) -> JournalStretch:
        """Return a stretch of a site's journal. Raises PushNotAccepted: gap, also while the journal is recovered.

        A hub must not take over what somebody else pushed under its name.
        """
        if self._is_recovering(site):
            raise gap(since)
        seq, chain, lines = self._store.read_stretch(site, since=since)
        if chain is None:
            raise gap(seq)
        return JournalStretch(after=since, chain=chain, entries=lines, seq=seq)

    def _is_recovering(self, site: SiteId) -> bool:
        return self._recovery is not None and self._recovery.is_due(site)

    def _accept(self, site: SiteId, push: JournalPush) -> PushAccepted:
        if push.now is not None and not clock_possible(push.now.at):
            raise _impossible(push.now.at)
        try:
            with self._store.transaction(site) as transaction:
                recovery = self._recovery if self._is_recovering(site) else None
                cut = recovery is not None and recovery.cut(transaction, site, push)
                fresh = _new_lines(transaction, site, push)
                known = self._known_sites.sites[site]
                hall = transaction.load_hall(known.hall, chain=known.head.chain)
                steps = list(_applied(site, hall, [line for line, _ in fresh]))
                transaction.append_applied(fresh, steps)
                equal = _tables_equal(transaction, push, seq=push.after + len(push.entries))
                head = self._new_head(transaction.head, push, fresh, equal)
                transaction.write_head(head)
        except StoreRefused as fault:
            raise PushNotAccepted("invalid_entry", "流水中的值不能保存", f"an entry cannot be kept: {fault}") from fault
        newest = steps[-1].after if steps else hall
        if cut:
            report_referrals(site, known.hall, newest)
            self._known_sites.put_back(site, self._known_sites.sites[site], head, newest)
        self._known_sites.update(site, newest, head)
        if recovery is not None:
            return self._recovered(recovery, site, push, head)
        if head.seq < self._known_sites.sites[site].head.seq:  # the database has lost entries that were known
            self._known_sites.refresh()
        return PushAccepted(seq=head.seq, chain=head.chain, tables_equal=equal)

    def _recovered(self, recovery: JournalRecovery, site: SiteId, push: JournalPush, head: SiteHead) -> PushAccepted:
        """Return how far the hub's own journal is confirmed; what is beyond may be somebody else's."""
        end = push.after + len(push.entries)
        if head.seq == end and push.newest in (end, None):
            recovery.finish(site)
        return PushAccepted(seq=end, chain=self._store.chain_at(site, end) or head.chain)

    def _new_head(
        self,
        old: SiteHead,
        push: JournalPush,
        fresh: Sequence[tuple[JournalLine, str]],
        equal: bool | None,  # noqa: FBT001 - a result, not an option
    ) -> SiteHead:
        now = self._clock.now().at
        head = replace(
            old,
            heard_at=now,
            hub=push.now,
            hub_seq=push.newest,
            clock_trusted=push.clock_trusted,
            version=push.version,
        )
        if not _still_shown(old, now):
            head = replace(head, refused="", refused_at=None)
        if push.entries:  # known ones too: a hub whose answer was lost has more to push
            head = replace(head, received_at=now)
        if fresh:
            line, chain = fresh[-1]
            head = replace(head, seq=line.seq, chain=chain)
        if push.check is not None and equal is not None:
            head = replace(head, tables_equal=equal, checked_seq=push.check.seq, checked_at=now)
        return head


def _new_lines(transaction: SiteTransaction, site: SiteId, push: JournalPush) -> list[tuple[JournalLine, str]]:
    """Return the lines that the county lacks, each with its chain; those it has must have the same chain.

    Raises PushNotAccepted: gap, journal_rewritten, clock_impossible.
    """
    seq = transaction.head.seq
    if push.after > seq:
        raise gap(seq)
    chain, last_known = push.chain, min(seq, push.after + len(push.entries))
    if chain != _chain_at(transaction, push.after):
        raise rewritten(push.after)
    fresh = []
    for number, line in enumerate(push.entries, start=push.after + 1):
        if line.seq != number:
            raise gap(min(seq, number - 1))
        if not clock_possible(line.at):
            raise _impossible(line.at, seq=line.seq)
        chain = chain_after(chain, site=site, line=line)
        if line.seq > seq:
            fresh.append((line, chain))
        elif line.seq == last_known and chain != _chain_at(transaction, line.seq):
            raise rewritten(line.seq)
    return fresh


def _chain_at(transaction: SiteTransaction, seq: int) -> str | None:
    """Return the chain at a number; the head, which is read already, has that of the newest entry."""
    return transaction.head.chain if seq == transaction.head.seq else transaction.chain_at(seq)


def _applied(site: SiteId, hall: Hall | None, lines: Sequence[JournalLine]) -> Iterator[AppliedEntry]:
    """Yield each line as an entry applied to the hall.

    Raises PushNotAccepted: clock_impossible, forged_site, invalid_entry.
    """
    for line in lines:
        try:
            entry = entry_of(line)
            before = _empty_hall_of(entry) if hall is None else hall
            hall = apply(before, entry)
        except Exception as error:  # applying a fact that cannot have happened may raise anything
            raise PushNotAccepted(
                "invalid_entry",
                f"第 {line.seq} 条流水不成立",
                f"entry {line.seq} cannot be: {type(error).__name__}: {error}"[:300],
                seq=line.seq,
            ) from error
        fact = entry.fact
        if isinstance(fact, j.DayStarted | j.DayMoved) and not clock_possible(datetime.combine(fact.day, time(), UTC)):
            raise _impossible(fact.day, seq=line.seq)
        if hall.site.catalogue.site != site:
            raise PushNotAccepted(
                "forged_site",
                f"第 {line.seq} 条流水是站点 {hall.site.catalogue.site} 的，不是 {site} 的",
                f"entry {line.seq} is of the site {hall.site.catalogue.site}, not of {site}",
                seq=line.seq,
            )
        yield AppliedEntry(before=before, entry=entry, after=hall)


def _empty_hall_of(entry: j.Entry) -> Hall:
    """Return the hall before its first entry, which must be the site's catalogue."""
    if not isinstance(entry.fact, j.CatalogueChanged):
        raise TypeError("a journal begins with the site's description")
    return empty_hall(Catalogue.model_validate(entry.fact.catalogue))


def _tables_equal(transaction: SiteTransaction, push: JournalPush, *, seq: int) -> bool | None:
    """Return whether the hub's tables equal the county's; None when they cannot be compared at the same entry."""
    if push.check is None or push.check.seq != seq or transaction.head.seq > seq:
        return None
    return transaction.digest(push.check.day) == push.check.tables


def _still_shown(head: SiteHead, now: datetime) -> bool:
    """Whether a refusal is still shown although entries are accepted; a gap is not, once it is closed."""
    lately = head.refused_at is not None and abs(now - head.refused_at) < REFUSAL_SHOWN_FOR
    return lately and head.refused != "gap"


def _impossible(at: date, *, seq: int | None = None) -> PushNotAccepted:
    """Return the refusal of an entry's time; without ``seq``, of the push's own."""
    zh, en = ("推送的时间", "the push") if seq is None else (f"第 {seq} 条流水的时间", f"entry {seq}")
    return PushNotAccepted(
        "clock_impossible",
        f"{zh}是 {at:%Y-%m-%d}，不可能，请校准站点服务器的时钟",
        f"{en} is dated {at:%Y-%m-%d}, which cannot be; put the hub's clock right",
        seq=seq,
    )
