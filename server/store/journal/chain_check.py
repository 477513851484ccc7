"""Verifies a journal's hash chain: finds entries that are missing or are not what was written."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, select

from protocol.county import CHAIN_START
from protocol.vocabulary import SiteId
from server.store import tables as t
from server.store.journal.journal_lines import chain_after, line_from

FETCH_ROWS = 1000


def changed_entries(connection: Connection, site: SiteId, *, since: int = 0) -> Iterator[str]:
    """Yield the entries after ``since`` that break the hash chain: missing ones, and ones that were changed."""
    own = t.journal.c
    before = select(own.chain).where(own.site == site, own.seq == since)
    chain, seq = connection.execute(before).scalar() or CHAIN_START, since
    rows = select(t.journal).where(own.site == site, own.seq > since).order_by(own.seq)
    for row in connection.execute(rows.execution_options(yield_per=FETCH_ROWS)).mappings():
        if row["seq"] != seq + 1:
            yield f"journal: {seq + 1}–{row['seq'] - 1} 缺少 / missing"
        elif _chain_of(row, chain, site=site) != row["chain"]:
            yield f"journal: {row['seq']} 被改动 / was changed by hand: {row['kind']} {row['fact']:.200}"
        chain, seq = row["chain"], row["seq"]
    head = connection.execute(select(t.heads.c.seq, t.heads.c.chain).where(t.heads.c.site == site)).one_or_none()
    if head is not None and head.seq > seq:
        yield f"journal: {seq + 1}–{head.seq} 缺少 / missing"
    elif head is not None and (head.seq, head.chain) != (seq, chain):
        yield f"journal: {seq} 被改动 / was changed by hand: 不是收到的那一条 / not the entry that was taken"


def _chain_of(row: RowMapping, chain: str, *, site: SiteId) -> str | None:
    """Return the chain that a row results in; None when it holds what no entry can."""
    try:
        return chain_after(chain, site=site, line=line_from(row))
    except ValidationError:
        return None
