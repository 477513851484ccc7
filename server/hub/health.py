"""What the hub answers about its own health."""

from __future__ import annotations

from protocol.answers import CountyState, HealthAnswer, PartHealth, PartState
from server.domain.views import hall_views
from server.http_server.health_report import part_of, status_of_parts
from server.hub.bootstrap import HubServices
from server.hub.replication.replicator import Replicator
from server.runtime.version import VERSION

VITAL = frozenset({"database"})
"""Parts without which no ticket can be issued."""


def hub_health(hub: HubServices) -> HealthAnswer:
    """Return the health of the hub and of its parts; writes nothing."""
    hub.writer.check()
    hub.disk.check()
    hub.clock.check()
    parts = {
        "database": part_of(hub.writer.fault),
        "disk": part_of(hub.disk.fault),
        "forecast": part_of(hub.refresher.fault),
        "broker": part_of(hub.broadcaster.fault),
        "clock": part_of(hub.clock.fault),
    }
    if hub.replicator is not None:
        parts["county"] = _county_part(hub.replicator)
    return HealthAnswer(
        status=status_of_parts(parts, vital=VITAL),
        version=VERSION,
        seq=hub.hall.seq,
        business_day=hall_views.business_day(hub.hall),
        clock_trusted=hub.clock.trusted(),
        broker_connected=hub.broadcaster.connected,
        county=None if hub.replicator is None else hub.replicator.connection,
        parts=parts,
    )


def _county_part(replicator: Replicator) -> PartHealth:
    """Return the health of the connection to the county; a county that restarts is not away yet."""
    part = part_of(replicator.fault)
    if replicator.connection.state is CountyState.JOINED and part.state is PartState.FAILED:
        return PartHealth(state=PartState.OK, since=part.since)
    return part
