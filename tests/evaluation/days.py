"""The scenarios of the evaluation: the example weekday, variants of its county, and disturbed days."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from server.simulation.scenario.scenario import Scenario, load_scenario

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"
WEEKDAY = load_scenario(SCENARIOS / "county_weekday.json")
TWINS = load_scenario(SCENARIOS / "herding_twins.json")
FAR_MIN = 35.0
"""Minutes added to all travel times where branches are far."""

MORNING_RUSH = {"kind": "surge", "services": ["tax_filing", "invoice"], "from": 60, "to": 180, "factor": 2}
SLOW_SYSTEM = [
    {"kind": "slowdown", "site": "P", "from": 90, "to": 240, "factor": 1.5},
    {"kind": "slowdown", "site": "H", "from": 120, "to": 210, "factor": 1.3},
]
CLOSED_OVER_NOON = [{"kind": "window_closed", "site": site, "from": 195, "to": 285} for site in ("R", "V", "C")]


def far_branches() -> Scenario:
    """Return the weekday of a county where no site with the same services is near."""
    ways = {pair: minutes + FAR_MIN for pair, minutes in WEEKDAY.travel_min.items()}
    return _changed({"name": "far_branches", "travel_min": ways})


def other_days() -> Mapping[str, Scenario]:
    """Return the weekday with disturbances unknown to the halls: the same visitors, and more where a rush adds some."""
    return {
        "tax rush, twice the visitors 9:30 to 11:30": _changed({"disturbances": [MORNING_RUSH]}),
        "slow systems at two sites in the morning": _changed({"disturbances": SLOW_SYSTEM}),
        "three branches closed over noon": _changed({"disturbances": CLOSED_OVER_NOON}),
    }


def _changed(changes: Mapping[str, Any]) -> Scenario:
    described = WEEKDAY.model_dump(mode="json", by_alias=True)
    return Scenario.model_validate({**described, **changes})
