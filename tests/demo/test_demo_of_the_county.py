"""``jiaohao-demo`` with the whole county: seven hubs, an offer that is accepted, a cable that is cut and healed."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from demo_run import DemoRun

from demo.sites import BRANCHES

pytestmark = pytest.mark.timeout(400)  # nine servers start on a small machine

GOES = r"^→ 访客接受建议，拿着 ([A-Z]+\d+) 去"
CALLED = r"^→ ([A-Z]+\d+) 在\S+ \d+ 号窗口叫到了"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """The demo, until somebody was called at another site and the tax branch's cable was cut and healed."""
    folder = tmp_path_factory.mktemp("demo")
    with DemoRun(folder, "--speed", "40", "--seed", "3", "--cut", "tax", "--cut-for", "4", county=True) as demo:
        demo.wait_for(r"the county has caught up with Zhuxi County Tax Centre$", within_s=200)
        demo.wait_for(CALLED, within_s=200)
        yield demo


def test_who_accepts_an_offer_goes_there_checks_in_and_is_called(county: DemoRun) -> None:
    called = re.findall(CALLED, county.said(), re.MULTILINE)

    for number in called:
        steps = [line.split("  /  ")[0] for line in county.said().splitlines() if f" {number} " in line]
        story = [step for step in steps if step.startswith("→")]
        assert [re.search("去|报到|叫到", step)[0] for step in story] == ["去", "报到", "叫到"]  # type: ignore[index]


def test_every_site_has_a_hub_of_its_own_and_one_county_knows_them_all(county: DemoRun) -> None:
    commands = [" ".join(program.cmdline()) for program in county.programs()]
    hubs = [re.search(r"([a-z-]+)/settings/hub.toml", command) for command in commands]
    [server] = re.findall(r"county's page +(http://\S+)/manager", county.said())
    health = urllib3.request("GET", f"{server}/healthz", retries=False).json()

    assert {found[1] for found in hubs if found} == {"main-hall", *BRANCHES}
    assert (health["sites"], health["heard"]) == (7, 7)


def test_a_branch_that_is_cut_off_goes_on_and_is_caught_up_with(county: DemoRun) -> None:
    order = [
        county.said().index(words)
        for words in (
            "the cable from Zhuxi County Tax Centre to the county is cut for 4 s",
            "journal entries by itself",
            "the county has caught up with Zhuxi County Tax Centre",
        )
    ]

    assert order == sorted(order)


def test_killed_outright_it_leaves_no_process(county: DemoRun) -> None:
    county.send(signal.SIGKILL)

    assert county.end() == -signal.SIGKILL


def test_a_cut_needs_the_county(tmp_path: Path) -> None:
    with DemoRun(tmp_path, "--cut", "tax") as demo:
        assert demo.end() == 1
        assert demo.said() == (
            "✗ --cut 要演示全县，请去掉 --one-hall 和 --hall / --cut needs the county: leave --one-hall and --hall out\n"
        )
