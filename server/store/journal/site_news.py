"""What became of the journals since they were read: new entries, or another past.

A database that was restored or failed over may have lost its newest entries. Each journal is therefore checked to go on
from the entry that was read last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from protocol import journal as j
from protocol.county import JournalLine
from protocol.vocabulary import SiteId
from server.store import tables as t
from server.store.journal.heads import SiteHead, head_from_row
from server.store.journal.journal_lines import chain_after, entry_of, line_from


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNews:
    """The present head of a site that is not the known one, and how its journal goes on."""

    head: SiteHead
    entries: tuple[j.Entry, ...] | None
    """The entries after the known ones; None when the journal does not go on from them and is to be read anew."""


def read_heads(connection: Connection) -> dict[SiteId, SiteHead]:
    """Return the head of every site, by site."""
    return {row["site"]: head_from_row(row) for row in connection.execute(select(t.heads)).mappings()}


def read_news(connection: Connection, known: Mapping[SiteId, SiteHead]) -> dict[SiteId, SiteNews]:
    """Return what differs from the known heads, by site; two queries, however many sites there are."""
    heads = read_heads(connection)
    present = {site: heads.get(site, SiteHead()) for site in known}
    longer = {site: head.seq for site, head in known.items() if 0 < head.seq < present[site].seq}
    lines = _lines_after(connection, longer)
    return {
        site: SiteNews(head=head, entries=_continuation(site, known[site], head, lines[site]))
        for site, head in present.items()
        if head != known[site]
    }


def _lines_after(connection: Connection, seqs: Mapping[SiteId, int]) -> Mapping[SiteId, list[JournalLine]]:
    """Return the lines after a number of each site, in order."""
    lines: dict[SiteId, list[JournalLine]] = defaultdict(list)
    if seqs:
        own = t.journal.c
        later = or_(*((own.site == site) & (own.seq > seq) for site, seq in seqs.items()))
        for row in connection.execute(select(t.journal).where(later).order_by(own.site, own.seq)).mappings():
            lines[row["site"]].append(line_from(row))
    return lines


def _continuation(
    site: SiteId, known: SiteHead, head: SiteHead, lines: Iterable[JournalLine]
) -> tuple[j.Entry, ...] | None:
    """Return the entries that lead from the known head to the present one; None when they do not."""
    chain, entries = known.chain, []
    for line in lines:
        chain = chain_after(chain, site=site, line=line)
        entries.append(entry_of(line))
    return tuple(entries) if (known.seq + len(entries), chain) == (head.seq, head.chain) else None
