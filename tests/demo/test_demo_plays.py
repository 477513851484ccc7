"""``jiaohao-demo`` without a screen: from nothing to a hall full of life, and back to nothing."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from demo_run import DemoRun
from PIL import Image

STEPS = ["1-welcome", "2-departments", "3-services", "4-confirm", "5-number", "6-paper", "7-hall-screen"]


@dataclass(frozen=True)
class Played:
    """What one run of the demo left behind."""

    narration: str
    exit_code: int
    pages: dict[str, int]
    programs: set[str]
    pictures: Path
    """The first visitor's."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo, until one visitor has gone the whole way from the first touch to the hall screen, then Ctrl-C."""
    with DemoRun(tmp_path_factory.mktemp("demo"), "--speed", "40", "--seed", "7") as demo:
        [_, *_] = demo.wait_for(r"^叫号 ([A-Z]+\d+) → ", times=8)
        [picture, *_] = demo.wait_for(r"on the hall screen: (\S+)")
        pages = {address: status(address) for address in re.findall(r"http://\S+", demo.said())}
        programs = {" ".join(p.cmdline()[:3]).split("/")[-1] for p in demo.programs()}
        demo.send(signal.SIGINT)
        code = demo.end()
        yield Played(demo.said(), code, pages, programs, Path(picture).parent)


def status(address: str) -> int:
    return urllib3.request("GET", address, retries=False, timeout=10, redirect=True).status


def test_ctrl_c_ends_it_in_good_order_with_a_summary_and_no_process_is_left(played: Played) -> None:
    assert played.exit_code == 0
    summary = re.search(
        r"the demo has ended after \d+ s: (\d+) tickets, (\d+) calls, (\d+) pictures$", played.narration
    )
    assert summary
    tickets, calls, pictures = map(int, summary.groups())
    assert tickets >= calls >= 8
    assert pictures >= tickets


def test_chinese_comes_first_and_english_after_it(played: Played) -> None:
    lines = [line for line in played.narration.splitlines() if "  /  " in line]

    assert len(lines) > 20
    for line in lines:
        chinese, english = line.split("  /  ")
        assert re.search(r"[\u4e00-\u9fff]", chinese), line
        assert not re.search(r"[\u4e00-\u9fff]", english), line


def test_the_pages_it_names_answer(played: Played) -> None:
    kinds = {re.sub(r"^http://[^/]+(/\w+).*", r"\1", page): code for page, code in played.pages.items()}

    assert kinds == {"/clerk": 200, "/manager": 200, "/t": 200}


def test_every_step_of_a_visit_at_the_kiosk_has_its_picture(played: Played) -> None:
    there = {picture.stem for picture in played.pictures.glob("*.png")}

    assert there - {"3-services"} >= {"1-welcome", "2-departments"}
    for picture in played.pictures.glob("*.png"):
        with Image.open(picture) as image:
            colours = image.convert("L").histogram()
        dark, light = sum(colours[:100]), sum(colours[156:])
        assert dark > 1000, picture
        assert light > 1000, picture


def test_one_visitors_pictures_tell_the_whole_way(played: Played) -> None:
    names = sorted(picture.stem.split("-", maxsplit=1)[1] for picture in played.pictures.glob("*.png"))

    assert set(names) >= {"welcome", "departments", "confirm", "number", "paper", "hall-screen"}
