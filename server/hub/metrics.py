"""The hub's Prometheus metrics in the text format, made from the committed state on each request."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from protocol.answers import CountyState
from protocol.vocabulary import Presence, WindowState
from server.hub.bootstrap import HubServices


def exposition(hub: HubServices) -> str:
    """Return all metrics."""
    registry = CollectorRegistry()
    hall = hub.hall
    _gauge(registry, "journal_seq", "Number of the newest journal entry", hall.seq)
    _gauge(registry, "broker_connected", "Whether the hub is connected to the broker", hub.broadcaster.connected)
    _gauge(registry, "clock_trusted", "Whether the wall clock is trusted", hub.clock.trusted())
    if hub.replicator is not None:
        county = hub.replicator.connection
        _gauge(registry, "county_joined", "Whether the county accepts the journal", county.state is CountyState.JOINED)
        _gauge(registry, "county_journal_seq", "Number of the newest entry that the county has confirmed", county.seq)
    waiting = Gauge("jiaohao_waiting_tickets", "Waiting tickets", ["service"], registry=registry)
    for service in hall.site.services:
        waiting.labels(service).set(len(hall.queues.get(service, ())))
    issued = Gauge("jiaohao_tickets_issued_today", "Tickets issued this business day", ["letter"], registry=registry)
    for letter, count in hall.counts.items():
        issued.labels(letter).set(count)
    windows = Gauge("jiaohao_windows", "Windows by state", ["state"], registry=registry)
    for state in WindowState:
        windows.labels(state.value).set(sum(hall.window(w).state is state for w in hall.site.windows))
    online = Gauge("jiaohao_device_online", "Whether a device is online", ["device"], registry=registry)
    for device in hub.devices.now().devices:
        online.labels(device.id).set(device.presence is Presence.ONLINE)
    return generate_latest(registry).decode()


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(f"jiaohao_{name}", words, registry=registry).set(value)
