"""The built wheel holds our packages, with the data files that they need, and nothing else at the top."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from product_names import ROOMS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def test_the_top_level_is_ours_alone(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {*ROOMS, "jiaohao-0.1.0.dist-info"}


def test_fonts_clips_migrations_and_the_example_county_are_in_it(wheel: list[str]) -> None:
    needed = {
        "hardware/fonts/NotoSansSC-Regular.otf",
        "hardware/fonts/NotoSansSC-Bold.otf",
        "hardware/voice/shipped/clips.zip",
        "hardware/voice/shipped/NOTICE",
        "server/store/migrations/env.py",
        "demo/county/main-hall.toml",
        "server/web/visitor/templates/page.html",
        "server/web/staff/county/templates/sites.html",
    }
    assert needed <= set(wheel)


def test_the_packages_imported_here_are_our_own() -> None:
    for name in ("hardware", "kiosk", "display", "protocol", "runtime", "server", "demo"):
        module = __import__(name)
        assert Path(str(module.__file__)).parent == ROOT / name
