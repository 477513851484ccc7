"""Scenario files: reading, defaults and refused values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.settings import SettingsError
from server.simulation.scenario.scenario import load_scenario
from server.simulation.scenario.visitors import expected_tickets, open_minutes

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"


def changed(folder: Path, **changes: Any) -> Path:
    raw = json.loads((SCENARIOS / "county_weekday.json").read_text(encoding="utf-8"))
    path = folder / "day.json"
    path.write_text(json.dumps({**raw, **changes}), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.json")), ids=lambda p: p.stem)
def test_every_scenario_can_be_read_and_has_its_files_name(path: Path) -> None:
    assert load_scenario(path).name == path.stem


def test_ways_are_as_long_back_as_forth_unless_both_are_given(tmp_path: Path) -> None:
    scenario = load_scenario(changed(tmp_path, travel_min={"HT": 6, "PT": 9, "TP": 4}))
    assert scenario.travel == {("H", "T"): 6, ("T", "H"): 6, ("P", "T"): 9, ("T", "P"): 4}


def test_rho_is_expected_work_over_the_minutes_windows_are_open() -> None:
    scenario = load_scenario(SCENARIOS / "county_weekday.json")
    assert sum(open_minutes(s) for s in scenario.sites) == 45 * (540 - 45)
    work = sum(
        tickets * (0.94 * (0.5 + scenario.by_service[service].mean_min) + 0.06 * 1.0)
        for (_, service), tickets in expected_tickets(scenario, rho=0.9).items()
    )
    assert work / (45 * 495) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"close_min": -1}, "close_min = -1"),
        ({"rush_hour": 3}, "there is no setting rush_hour"),
        ({"travel_min": {"HX": 6}}, "travel_min = 'HX' 没有定义 / travel_min = 'HX' is not described"),
        ({"demand": [{"site": "H", "service": "pension", "tickets": 4}]}, "no window serves pension"),
        ({"disturbances": [{"kind": "flood", "from": 0, "to": 9}]}, "disturbances[1].kind = 'flood'"),
        ({"disturbances": [{"kind": "surge", "from": 9, "to": 9}]}, "must go from earlier to later"),
        ({"services": []}, "services"),
    ],
)
def test_what_is_wrong_is_reported_in_a_sentence(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match="day") as refused:
        load_scenario(changed(tmp_path, **changes))
    assert message in str(refused.value)


def test_an_unreadable_file_and_no_json_are_reported_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json: 读不到：.* / cannot be read"):
        load_scenario(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match="is not valid JSON"):
        load_scenario(tmp_path / "bad.json")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    with pytest.raises(SettingsError, match="must be a table of settings"):
        load_scenario(tmp_path / "list.json")
