"""Recovery of a journal: after a theft of a site's key its hub's own journal replaces what somebody else pushed.

A technician decides so with ``jiaohao-county recover``, which also ends the stolen key. The hub is sent back until its
chain is the county's; from the last shared entry on its own entries count, and the others are kept in a file.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from itertools import zip_longest

from protocol.county import JournalPush
from protocol.vocabulary import SiteId
from server.county.access import CountyAccess
from server.county.intake.push_refusals import gap, rewritten
from server.domain.model.hall import Hall
from server.store.county_store import SiteTransaction
from server.store.journal.journal_lines import chain_after

log = logging.getLogger(__name__)


class JournalRecovery:
    """Knows the sites that recover, and cuts their journals. Called on the threads that write."""

    def __init__(self, access: CountyAccess) -> None:
        self._access = access

    def is_due(self, site: SiteId) -> bool:
        """Whether a site's hub is to replace what others pushed under its name."""
        return self._access.is_recovering(site)

    def cut(self, transaction: SiteTransaction, site: SiteId, push: JournalPush) -> bool:
        """Cut the county's journal where the hub's own one goes another way or ends; whether anything was cut.

        Raises PushNotAccepted: gap, which sends the hub back to where the two may be the same; journal_rewritten when
        they share nothing.
        """
        shared, end = _last_shared_seq(transaction, site, push), push.after + len(push.entries)
        if shared == transaction.head.seq or (shared == end and push.newest != end):
            return False
        if shared == 0:  # a hub with an empty folder, or another's, would replace years
            raise rewritten(0)
        kept = self._access.folder / f"{site}-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.jsonl"
        count = transaction.cut(shared, kept)
        log.warning(
            "%s 第 %s 条以后的流水换成站点自己的；被换下的 %s 条在 %s / "
            "entries of %s after %s are its hub's own again; the %s that were replaced are in %s",
            *(site, shared, count, kept, site, shared, count, kept),
        )
        return True

    def finish(self, site: SiteId) -> None:
        """Note that the county has the hub's whole journal."""
        self._access.finish_recovery(site)
        log.warning("%s 的流水已恢复 / the journal of %s is recovered", site, site)


def report_referrals(site: SiteId, before: Hall | None, after: Hall | None) -> None:
    """Log today's referrals that only the replaced entries had: other sites may have acted on them."""
    if before is None or after is None:
        return
    sent = [f"{r}→{known.fact.to_site}" for r, known in before.referrals.items() if r not in after.referrals]
    kept = [f"{place.from_site}→{r}" for r, place in before.places.items() if r not in after.places]
    if sent or kept:
        log.warning(
            "%s 被换下的流水里与别的站点的转介：%s / referrals with other sites in the replaced entries of %s: %s",
            *(site, ", ".join([*sent, *kept])) * 2,
        )


def _last_shared_seq(transaction: SiteTransaction, site: SiteId, push: JournalPush) -> int:
    """Return the last number up to which the push and the county's journal are the same. Raises PushNotAccepted."""
    if push.after > transaction.head.seq:
        raise gap(transaction.head.seq)
    if push.chain != transaction.chain_at(push.after):
        raise gap(push.after // 2) if push.after else rewritten(0)
    shared, chain = push.after, push.chain
    for line, known in zip_longest(push.entries, transaction.chains(push.after, len(push.entries))):
        if line is None or known is None:
            break
        chain = chain_after(chain, site=site, line=line)
        if chain != known:
            break
        shared += 1
    return shared
