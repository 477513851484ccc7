from __future__ import annotations

from pathlib import Path

import pytest

from protocol.settings import HubAddress, SettingsError, load_settings
from server.hub.settings import HubSettings


def sentence(path: Path, text: str | None, *, model: type[HubAddress | HubSettings] = HubAddress) -> str:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(model, path)
    return str(error.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.toml"


def test_a_file_that_says_little_leaves_the_rest_to_the_defaults(path: Path) -> None:
    path.write_text("port = 9000\n", encoding="utf-8")
    settings = load_settings(HubSettings, path).from_folder(path.parent)
    assert (settings.port, settings.data, settings.catalogue) == (9000, path.parent / "data", path.parent / "site.toml")


def test_a_missing_file_is_named(path: Path) -> None:
    why = "No such file or directory"
    assert sentence(path, None) == f"读不到设置文件 {path}: {why} / cannot read {path}: {why}"


def test_a_file_that_is_not_toml_is_named_with_the_place(path: Path) -> None:
    said = sentence(path, 'device = "kiosk-1\n')
    assert said.startswith(f"{path} 不是正确的 TOML / {path} is not valid TOML:")
    assert "line 1" in said


def test_a_file_that_is_not_utf_8_is_one_sentence_too(path: Path) -> None:
    path.write_bytes(b'device = "\xff"')
    assert "is not valid TOML" in sentence(path, None)


def test_a_missing_key_is_named(path: Path) -> None:
    assert sentence(path, 'device = "kiosk-1"\n') == f"{path}: 缺少 key / key is missing"


def test_a_key_nobody_knows_is_named(path: Path) -> None:
    said = sentence(path, 'device = "kiosk-1"\nkey = "k"\nurls = "x"\n')
    assert said == f"{path}: 没有 urls 这一项 / there is no setting urls"


def test_a_wrong_value_is_told_with_key_value_and_what_is_allowed(path: Path) -> None:
    said = sentence(path, "port = 70000\n", model=HubSettings)
    assert said == f"{path}: port = 70000 不对 / is not allowed: Input should be less than or equal to 65535"


def test_a_value_within_a_table_is_told_with_its_path(path: Path) -> None:
    assert sentence(path, '[broker]\nport = "x"\n', model=HubSettings).startswith(f"{path}: broker.port = 'x' 不对")


def test_a_secret_is_never_told(path: Path) -> None:
    said = sentence(path, 'device = "kiosk-1"\nkey = 12345\n')
    assert said.startswith(f"{path}: key = *** 不对")
    assert "12345" not in said


def test_every_wrong_key_has_its_own_line(path: Path) -> None:
    assert len(sentence(path, 'device = "Kiosk 1"\nurls = 1\n').splitlines()) == 3
