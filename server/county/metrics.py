"""The county's Prometheus metrics in the text format, made from the known sites on each request."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from server.county.intake.known_sites import KnownSites


def exposition(known_sites: KnownSites) -> str:
    """Return all metrics, by site."""
    registry = CollectorRegistry()
    seq = _gauge(registry, "journal_seq", "Number of the newest journal entry")
    age = _gauge(registry, "contact_age_seconds", "Seconds since the hub's last contact")
    waiting = _gauge(registry, "waiting_tickets", "Waiting tickets")
    missing = _gauge(
        registry, "missing_entries", "Number of entries that the hub is known to have and the county lacks"
    )
    equal = _gauge(registry, "tables_equal", "Whether the hub's tables equalled the county's at the last comparison")
    trusted = _gauge(registry, "clock_trusted", "Whether the hub trusts its clock")
    refused = _gauge(registry, "refused", "Whether the county refuses entries with the site's key, or did lately")
    for site, known in known_sites.sites.items():
        seq.labels(site).set(known.head.seq)
        missing.labels(site).set(len(known.head.missing))
        refused.labels(site).set(bool(known.head.refused))
        age_s = known_sites.age_s(site)
        if age_s is not None:
            age.labels(site).set(age_s)
            trusted.labels(site).set(known.head.clock_trusted)
        if known.head.tables_equal is not None:
            equal.labels(site).set(known.head.tables_equal)
        if known.hall is not None:
            waiting.labels(site).set(sum(map(len, known.hall.queues.values())))
    return generate_latest(registry).decode()


def _gauge(registry: CollectorRegistry, name: str, text: str) -> Gauge:
    return Gauge(f"jiaohao_county_site_{name}", text, ["site"], registry=registry)
