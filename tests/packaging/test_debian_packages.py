"""The Debian packages bring what the programs name as missing, in the versions that are tested."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from display.kivy_window import LIBRARIES
from hardware.fonts.faces import FONT_FILES

ROOT = Path(__file__).parents[2]
ROLES = ("hub", "county", "kiosk", "display", "window")


def pinned(lock: str) -> set[str]:
    """The packages of a lock file with their versions."""
    text = (ROOT / "lock" / f"{lock}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+==[^\s;]+)", text, re.MULTILINE))


def test_kiosk_and_screen_have_every_library_and_font() -> None:
    rules = (ROOT / "debian" / "rules").read_text(encoding="utf-8")
    found = re.search(r"^SCREEN_DEPENDS := (.+)$", rules, re.MULTILINE)
    assert found is not None
    fonts = {files.package for files in FONT_FILES.values() if files.package}
    assert {*LIBRARIES.values(), *fonts} <= set(found[1].split(", "))
    assert len(fonts) == 4


def test_what_is_installed_has_the_versions_that_are_tested() -> None:
    assert len(pinned("production")) > 60
    assert pinned("production") | pinned("build") <= pinned("demo")
    assert not {name for name in pinned("production") if name.startswith(("amqtt==", "hatchling=="))}


def test_what_is_installed_has_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(name for role in ROLES for name in extras[role])]
    names = {re.split(r"[^a-z0-9-]", name)[0] for name in needed} - {"jiaohao"}
    assert names <= {package.split("==")[0] for package in pinned("production")}


def test_every_user_of_a_unit_is_made() -> None:
    users = set(
        re.findall(r"^u (\S+)", (ROOT / "debian" / "jiaohao.sysusers").read_text(encoding="utf-8"), re.MULTILINE)
    )
    units = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "systemd").glob("*.service"))
    assert set(re.findall(r"^User=(\S+)", units, re.MULTILINE)) == users
