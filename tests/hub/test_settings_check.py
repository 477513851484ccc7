"""``jiaohao-hub --check`` and ``jiaohao-county --check`` name what the devices of a hall cannot draw or speak."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.county import main as county
from server.hub import main as hub

SITE = """
site = "main-hall"
name = { zh = "㮾梨街道便民服务中心", en = "Liyuan 😊" }

[[areas]]
id = "a"
name = { zh = "A区", en = "Area A" }

[[departments]]
id = "police"
name = { zh = "公安", en = "Police" }

[[services]]
id = "id-card"
letter = "A"
name = { zh = "كىملىك ئىسپات", en = "ID card" }
department = "police"
area = "a"
materials = [{ zh = "𠀀照片", en = "Photo" }]

[[windows]]
id = "window-1"
label = "1"
name = { zh = "一号", en = "One" }
area = "a"
services = ["id-card"]
"""

UNSERVED = """
[[services]]
id = "passport"
letter = "B"
name = { zh = "护照", en = "Passport" }
department = "police"
area = "a"
"""


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *, site: str) -> list[str]:
    (folder / "site.toml").write_text(site, encoding="utf-8")
    (folder / "hub.toml").write_text("# defaults\n", encoding="utf-8")
    assert hub.main(["--settings", str(folder / "hub.toml"), "--check"]) == 0
    return capsys.readouterr().out.splitlines()[2:]


def test_names_with_rare_characters_are_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, capsys, site=SITE) == []


def test_what_cannot_be_drawn_or_spoken_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = SITE.replace("公安", "བོད་公安").replace('"Photo"', '"Photo 👍🏻"').replace('label = "1"', 'label = "综1"')
    assert checked(tmp_path, capsys, site=site) == [
        (
            f"{tmp_path}/site.toml: departments[police].name: "
            "票、取号机和大屏画不出 བ (U+0F56), U+0F7C, ད (U+0F51), ་ (U+0F0B)，会显示为方框 / "
            "paper, kiosk and screen cannot draw བ (U+0F56), U+0F7C, ད (U+0F51), ་ (U+0F0B) and show a box"
        ),
        (
            f"{tmp_path}/site.toml: services[id-card].materials[0]: "
            "票、取号机和大屏画不出 🏻 (U+1F3FB)，会显示为方框 / "
            "paper, kiosk and screen cannot draw 🏻 (U+1F3FB) and show a box"
        ),
        (
            f"{tmp_path}/site.toml: windows[window-1].label: 广播读不出 综 (U+7EFC)，请用数字和字母 / "
            "the voice cannot read 综 (U+7EFC) in both languages: use digits and letters"
        ),
    ]


def test_a_missing_language_a_line_break_and_a_service_without_a_window_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = SITE.replace('zh = "一号"', 'zh = " "').replace('label = "1"', 'label = "1\\n2"')
    site = site.replace('en = "Photo"', 'en = ""').replace("\n[[windows]]", UNSERVED + "\n[[windows]]")
    assert checked(tmp_path, capsys, site=site) == [
        f"{tmp_path}/site.toml: {remark}"
        for remark in (
            "services[id-card].materials[0]: 缺少英文 / the English is missing",
            "windows[window-1].name: 缺少中文 / the Chinese is missing",
            "windows[window-1].label: 应写在一行里 / must stand on one line",
            "services[passport]: 没有窗口办理 / no window serves it",
        )
    ]


def test_a_label_that_repeats_the_words_around_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (remark,) = checked(tmp_path, capsys, site=SITE.replace('label = "1"', 'label = "3号窗口"'))
    assert remark.startswith(f"{tmp_path}/site.toml: windows[window-1].label: “号窗口”会自动加上")


def test_the_countys_names_are_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "county.toml").write_text(
        'name = { zh = "县", en = "County" }\n[[sites]]\nid = "tax"\n'
        'name = { zh = "税务\ue000", en = "Tax" }\naddress = { zh = "㮾路", en = "Road" }\n',
        encoding="utf-8",
    )
    assert county.main(["--settings", str(tmp_path / "county.toml"), "--check"]) == 0
    remarks = [line for line in capsys.readouterr().out.splitlines() if "U+" in line]
    assert remarks == [
        (
            f"{tmp_path}/county.toml: sites[tax].name: 票、取号机和大屏画不出 U+E000，会显示为方框 / "
            "paper, kiosk and screen cannot draw U+E000 and show a box"
        )
    ]
