"""What a server answers about its own parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from protocol.answers import PartHealth, PartState
from runtime.fault_log import FaultLog

OK, DEGRADED, FAILED = "ok", "degraded", "failed"


def part_of(fault: FaultLog) -> PartHealth:
    """Return the health of the part that ``fault`` is about."""
    state = PartState.FAILED if fault.cause else PartState.OK
    return PartHealth(state=state, since=fault.since, cause=fault.cause or None)


def status_of_parts(parts: Mapping[str, PartHealth], *, vital: Collection[str]) -> str:
    """Return ``failed`` when a part fails without which the server is of no use, ``degraded`` when another does."""
    failed = {name for name, part in parts.items() if part.state is PartState.FAILED}
    if failed & set(vital):
        return FAILED
    return DEGRADED if failed else OK
