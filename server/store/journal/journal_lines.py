"""A journal's lines: the stored form of an entry, and a hash chain that reveals a later change of any line.

Each line's chain is the SHA-256 of the chain before it and the line itself, so two journals with the same chain at a
number are equal up to there. The computation never changes: the county compares what hubs wrote years ago.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from sqlalchemy import RowMapping

from protocol import journal as j
from protocol.county import JournalLine
from protocol.vocabulary import SiteId


def line_of(entry: j.Entry) -> JournalLine:
    """Return the stored form of an entry."""
    return JournalLine(
        seq=entry.seq,
        at=entry.moment.at,
        boot=entry.moment.boot,
        mono_s=entry.moment.mono_s,
        actor=entry.actor,
        request_id=entry.request_id,
        fact=entry.fact.model_dump_json(),
    )


def entry_of(line: JournalLine) -> j.Entry:
    """Return the entry of a line. Raises ValidationError: this version does not know its fact."""
    return j.Entry(
        seq=line.seq,
        moment=j.Moment(at=line.at, boot=line.boot, mono_s=line.mono_s),
        actor=line.actor,
        request_id=line.request_id,
        fact=j.FACT.validate_json(line.fact),
    )


def chain_after(chain: str, *, site: SiteId, line: JournalLine) -> str:
    """Return the chain of a line, given the chain before it."""
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [site, line.seq, at, line.boot, line.mono_s, line.actor, line.request_id, line.fact]
    return hashlib.sha256(f"{chain}\n{json.dumps(row)}".encode()).hexdigest()


def row_of(line: JournalLine, *, site: SiteId, kind: str, chain: str) -> dict[str, Any]:
    """Return the row of the table ``journal`` for a line."""
    return {
        "site": site,
        "seq": line.seq,
        "at": line.at,
        "boot": line.boot,
        "mono_s": line.mono_s,
        "actor": line.actor,
        "request_id": line.request_id,
        "kind": kind,
        "fact": line.fact,
        "chain": chain,
    }


def line_from(row: RowMapping) -> JournalLine:
    """Return the line of a row of the table ``journal``."""
    return JournalLine(
        seq=row["seq"],
        at=row["at"],
        boot=row["boot"],
        mono_s=row["mono_s"],
        actor=row["actor"],
        request_id=row["request_id"],
        fact=row["fact"],
    )
