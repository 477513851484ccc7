"""Figures for monitoring in Prometheus' text form, read from the picture when asked."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from server.county.intake.known_sites import KnownSites


def exposition(picture: KnownSites) -> str:
    """Return all figures, by site."""
    registry = CollectorRegistry()
    seq = _gauge(registry, "seq", "Number of the newest journal entry")
    age = _gauge(registry, "age_seconds", "How long ago the hub was heard")
    waiting = _gauge(registry, "waiting", "Waiting tickets")
    equal = _gauge(registry, "tables_equal", "Whether the hub's tables were the county's at the last comparison")
    trusted = _gauge(registry, "clock_trusted", "Whether the hub trusts its clock")
    refused = _gauge(registry, "refused", "Whether entries with the site's key are refused, or were lately")
    for site, seen in picture.sites.items():
        seq.labels(site).set(seen.head.seq)
        refused.labels(site).set(bool(seen.head.refused))
        heard_s = picture.age_s(site)
        if heard_s is not None:
            age.labels(site).set(heard_s)
            trusted.labels(site).set(seen.head.clock_trusted)
        if seen.head.tables_equal is not None:
            equal.labels(site).set(seen.head.tables_equal)
        if seen.hall is not None:
            waiting.labels(site).set(sum(map(len, seen.hall.queues.values())))
    return generate_latest(registry).decode()


def _gauge(registry: CollectorRegistry, name: str, words: str) -> Gauge:
    return Gauge(f"jiaohao_county_site_{name}", words, ["site"], registry=registry)
