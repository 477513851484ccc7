"""A manager adds a device: the code on the page enrols it, and the page follows what becomes of the code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from encrypted_hall import EncryptedHall
from playwright.sync_api import Browser, expect
from real_hall import RealHall
from web_visitor import DESK, PASSCODES, Visitor

from protocol.vocabulary import DeviceKind
from runtime.enrolment.enrol_device import enrol_device


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedHall]:
    with EncryptedHall(tmp_path_factory.mktemp("hall"), with_broker=False) as hall:
        hall.access.set_passcode("manager", PASSCODES["manager"])
        yield hall


@pytest.fixture
def manager(chromium: Browser, encrypted: EncryptedHall, album: Callable[[str], Path]) -> Iterator[Visitor]:
    """A manager whose browser does not know the hall's authority, and goes on."""
    with chromium.new_context(viewport=DESK, ignore_https_errors=True, base_url=encrypted.staff_url) as context:
        context.set_default_timeout(30_000)
        visitor = Visitor(context.new_page(), encrypted, album, at=encrypted.staff_url)
        visitor.log_in("manager")
        yield visitor


def add(manager: Visitor, name: str, kind: str = "", windows: tuple[str, ...] = ()) -> None:
    page = manager.page
    page.get_by_label("设备名").fill(name)
    if kind:
        page.get_by_label("种类").click()
        page.get_by_role("option", name=kind).click()
    for window in windows:
        page.get_by_label("管哪些窗口").click()
        page.get_by_role("option", name=window).click()
        page.keyboard.press("Escape")
    manager.press("show-code")


def test_the_code_enrols_the_device_and_the_page_says_so(manager: Visitor, tmp_path: Path) -> None:
    add(manager, "kiosk-7")
    code = manager.page.locator(".code .letters")
    expect(code).to_have_text(re.compile(r"^[0-9A-Z]{6}-[0-9A-Z]{6}-[0-9A-Z]{6}$"))
    expect(manager.page.get_by_text(re.compile("还有 14:5[0-9] 有效，只能用一次"))).to_be_visible()
    expect(manager.page.get_by_text("sudo jiaohao-enrol kiosk")).to_be_visible()
    manager.picture("add-device-zh")
    _, _, kind, place, shown = manager.page.locator("code").inner_text().split()
    assert shown == code.inner_text()
    enrol_device(DeviceKind(kind), place, shown, tmp_path / "kiosk.toml")
    expect(manager.page.get_by_text("kiosk-7 已登记。")).to_be_visible()
    expect(code).to_have_count(0)
    assert manager.errors == []


def test_a_panel_is_bound_to_the_windows_that_were_chosen(manager: Visitor, tmp_path: Path) -> None:
    add(manager, "counter-1", "窗口面板")
    expect(manager.page.get_by_text("请选择这个面板管的窗口。")).to_be_visible()
    add(manager, "counter-1", windows=("2", "3"))
    _, _, kind, place, shown = manager.page.locator("code").inner_text().split()
    manager.picture("add-panel-zh")
    enrolled = enrol_device(DeviceKind(kind), place, shown, tmp_path / "window.toml")
    assert set(enrolled.answer.windows) == {"window-2", "window-3"}


def test_a_name_that_cannot_be_is_refused_and_a_code_that_is_over_goes(
    manager: Visitor, encrypted: EncryptedHall
) -> None:
    manager.go("/language/en?to=/manager")
    page = manager.page
    page.get_by_label("Name of the device").fill("Kiosk 7")
    manager.press("show-code")
    expect(page.get_by_text("cannot be a device's name: small letters, digits and hyphens")).to_be_visible()
    manager.go("/manager")  # a second press within 0.6 s would be a double click
    page.get_by_label("Name of the device").fill("kiosk-8")
    manager.press("show-code")
    expect(page.get_by_text("Good once, for 14:")).to_be_visible()
    manager.picture("add-device-en")
    (encrypted.data / "codes.json").write_text("{}", encoding="utf-8")
    expect(page.get_by_text("The code has ended")).to_be_visible()
    expect(page.locator(".code .letters")).to_have_count(0)


def test_a_hub_that_does_not_encrypt_offers_no_codes(visitor: Visitor, hall: RealHall) -> None:  # noqa: ARG001
    visitor.log_in("manager")
    expect(visitor.page.get_by_text("大屏通知")).to_be_visible()
    expect(visitor.page.get_by_text("添加设备")).to_have_count(0)
