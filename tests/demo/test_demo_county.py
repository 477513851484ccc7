"""``jiaohao-demo`` with the whole county: seven hubs, an offer that is accepted, a cable that is cut and healed."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from demo_run import DemoRun

from demo.setup.descriptions import BRANCHES

pytestmark = pytest.mark.timeout(400)  # eight servers start on a small machine

CALLED = r"^→ ([A-Z]+\d+) 在\S+ \d+ 号窗口叫到了"


@dataclass(frozen=True)
class Played:
    """What one run of the county showed, until it was killed."""

    narration: str
    commands: list[str]
    health: dict[str, Any]
    """The county's."""
    exit_code: int


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo, until a visitor was called at another site and the tax branch's cable was cut and healed."""
    folder = tmp_path_factory.mktemp("demo")
    with DemoRun(folder, "--speed", "40", "--seed", "3", "--cut", "tax", "--cut-for", "4", county=True) as demo:
        demo.wait_for(r"the county has caught up with Zhuxi County Tax Centre$", within_s=200)
        demo.wait_for(CALLED, within_s=200)
        [server] = re.findall(r"county's page +(http://\S+)/county", demo.output())
        health = urllib3.request("GET", f"{server}/healthz", retries=False).json()
        commands = [" ".join(program.cmdline()) for program in demo.programs()]
        demo.send(signal.SIGKILL)
        return Played(narration=demo.output(), commands=commands, health=health, exit_code=demo.end())


def test_who_accepts_an_offer_goes_there_checks_in_and_is_called(played: Played) -> None:
    narrated = "\n".join(line for line in played.narration.splitlines() if "暂时不能" not in line)  # tried again
    for number in re.findall(CALLED, narrated, re.MULTILINE):
        steps = re.findall(rf"^→ .*{number}.*?(去|报到|叫到)", narrated, re.MULTILINE)
        assert steps == ["去", "报到", "叫到"]


def test_every_site_has_a_hub_of_its_own_and_one_county_knows_them_all(played: Played) -> None:
    hubs = [re.search(r"([a-z-]+)/settings/hub\.toml", command) for command in played.commands]

    assert {found[1] for found in hubs if found} == {"main-hall", *BRANCHES}
    assert (played.health["sites"], played.health["heard"]) == (7, 7)


def test_a_branch_that_is_cut_off_goes_on_and_is_caught_up_with(played: Played) -> None:
    places = [
        played.narration.index(words)
        for words in (
            "the cable from Zhuxi County Tax Centre to the county is cut for 4 s",
            "journal entries by itself",
            "the county has caught up with Zhuxi County Tax Centre",
        )
    ]

    assert places == sorted(places)


def test_killed_outright_it_leaves_no_process(played: Played) -> None:
    assert played.exit_code == -signal.SIGKILL


def test_a_cut_needs_the_county(tmp_path: Path) -> None:
    with DemoRun(tmp_path, "--cut", "tax") as demo:
        assert demo.end() == 1
        assert "--cut needs the county: leave --one-hall and --hall out" in demo.output()
