"""A scenario's sites under a policy, as the catalogues that the rules read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from string import ascii_uppercase

from protocol.answers import Department, PriorityClass
from protocol.vocabulary import ServiceId, SiteId, Text, WindowId
from server.domain.model import catalogue as c
from server.simulation.scenario.policies import Policy
from server.simulation.scenario.scenario import Scenario, ScenarioSite, ScenarioWindow

PRIORITY = "protected"
"""Id of the one protected class of a scenario."""
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ONE_LIMIT_MIN = 30.0
"""Common limit of all services for a policy without urgency, minutes."""


@dataclass(frozen=True, slots=True)
class ScenarioHall:
    """One hall: a site's own, or the whole county as one."""

    id: str
    catalogue: c.Catalogue
    windows: dict[WindowId, tuple[ScenarioSite, ScenarioWindow]]
    """The scenario's site and window, by the catalogue's window id."""

    @property
    def sites(self) -> set[str]:
        """The scenario's sites that are in this hall."""
        return {site.id for site, _ in self.windows.values()}


def site_id(name: str) -> SiteId:
    """Return the id of a scenario's site in the form that the rules take."""
    return SiteId(_slug(name))


def window_id(name: str) -> WindowId:
    """Return the id of a scenario's window in the form that the rules take."""
    return WindowId(_slug(name))


def service_id(name: str) -> ServiceId:
    """Return the id of a scenario's service in the form that the rules take: ``tax_filing`` becomes ``tax-filing``."""
    return ServiceId(_slug(name))


def _slug(name: str) -> str:
    return name.lower().replace("_", "-")


def scenario_halls(scenario: Scenario, policy: Policy) -> list[ScenarioHall]:
    """Return the halls of a policy: each site's own, or one for the whole county."""
    if policy.one_hall:
        return [_hall(scenario, policy, "county", scenario.sites)]
    return [_hall(scenario, policy, s.id, [s]) for s in scenario.sites]


def _hall(scenario: Scenario, policy: Policy, name: str, sites: Sequence[ScenarioSite]) -> ScenarioHall:
    windows = {window_id(w.id): (s, w) for s in sites for w in s.windows}
    able = {service for _, w in windows.values() for service in (*w.dedicated, *w.skills)}
    catalogue = c.Catalogue(
        site=site_id(name),
        name=_same(name),
        areas=(c.Area(id="hall", name=_same("hall")),),
        departments=(Department(id="county", name=_same("county")),),
        services=tuple(
            c.Service(
                id=service_id(s.id),
                letter=_letter(place),
                name=_same(s.id),
                department="county",
                area="hall",
                expected_min=s.mean_min,
                trust_expected=True,
                limit_min=s.sla_min if policy.urgent else ONE_LIMIT_MIN,
            )
            for place, s in enumerate(scenario.services)
            if s.id in able
        ),
        hours=(c.Hours(days=EVERY_DAY, open=scenario.clock_at_zero, close=_clock(scenario, scenario.close_min)),),
        windows=tuple(_window(scenario, name, w, policy) for name, (_, w) in windows.items()),
        priorities=(PriorityClass(id=PRIORITY, name=_same(PRIORITY)),),
        rules=c.Rules(pooled=policy.pooled, no_show_after_s=0),
    )
    return ScenarioHall(id=name, catalogue=catalogue, windows=windows)


def _window(scenario: Scenario, name: WindowId, window: ScenarioWindow, policy: Policy) -> c.Window:
    own = dict.fromkeys((*window.dedicated, *window.skills) if policy.certified else window.dedicated)
    return c.Window(
        id=name,
        label=window.id,
        name=_same(window.id),
        area="hall",
        services=tuple(service_id(s) for s in own),
        skills=tuple(service_id(s) for s in window.skills if s not in own),
        breaks=tuple(
            c.Break(begin=_clock(scenario, begin), end=_clock(scenario, end))
            for begin, end in ([window.lunch] if window.lunch else [])
        ),
    )


def _clock(scenario: Scenario, minute: float) -> time:
    """Return the local time of a minute after opening."""
    hours, minutes = divmod(round(scenario.opens_min + minute), 60)
    return time(hours, minutes)


def _letter(place: int) -> str:
    """Return the letter of a place: A … Z, AA, AB …"""
    tens, ones = divmod(place, len(ascii_uppercase))
    return (ascii_uppercase[tens - 1] if tens else "") + ascii_uppercase[ones]


def _same(name: str) -> Text:
    return Text(zh=name, en=name)
