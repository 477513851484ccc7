"""A kiosk and a screen that are mounted turned draw and take touches as if they stood upright."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from equipped_hall import EquippedHall, always_open
from PIL import Image, ImageChops

WIDTH, HEIGHT = 1024, 768
DIFFERENT_AT_MOST = 0.01
"""Largest share of pixels in which two pictures of one page may differ: a clock, edges of letters."""


def seen(picture: Path, *, rotation: int = 0) -> Image.Image:
    """Return what somebody sees on a screen that is mounted turned against the drawing."""
    with Image.open(picture) as glass:
        assert glass.size == ((WIDTH, HEIGHT) if rotation else glass.size), "the glass keeps its shape"
        return glass.convert("RGB").rotate(rotation, expand=True)


def check_same(turned: Image.Image, plain: Image.Image) -> None:
    assert turned.size == plain.size
    grey = ImageChops.difference(turned, plain).convert("L")
    different = sum(grey.histogram()[32:])
    assert different <= DIFFERENT_AT_MOST * grey.width * grey.height, f"{different} pixels differ"


def on_glass(x: float, y: float, rotation: int, width: int, height: int) -> tuple[float, float]:
    """Return where a finger meets the glass for a place (x, y) of a page of this size."""
    return {0: (x, y), 90: (height - 1 - y, x), 180: (width - 1 - x, height - 1 - y), 270: (y, width - 1 - x)}[rotation]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("hall")
    with EquippedHall(folder, catalogue=always_open(folder)) as running:
        yield running


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_kiosk(hall: EquippedHall, tmp_path: Path, rotation: int) -> None:
    page = (WIDTH, HEIGHT) if rotation == 180 else (HEIGHT, WIDTH)
    turned = hall.start_kiosk(window=f"width = {WIDTH}\nheight = {HEIGHT}\nrotation = {rotation}\n")
    plain = hall.start_kiosk(window=f"width = {page[0]}\nheight = {page[1]}\n")
    for kiosk, path in ((turned, tmp_path / "turned.png"), (plain, tmp_path / "plain.png")):
        kiosk.finger.wait_for_page("welcome")
        kiosk.finger.save_picture(path)
    check_same(seen(tmp_path / "turned.png", rotation=rotation), seen(tmp_path / "plain.png"))

    start = next(t for t in plain.finger.state()["targets"] if t["touch"] == "start")
    turned.finger.touch_at(*on_glass(start["x"] + start["w"] / 2, start["y"] + start["h"] / 2, rotation, *page))
    turned.finger.wait_for_page("department")
    turned.stop()
    plain.stop()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_screen(hall: EquippedHall, tmp_path: Path, rotation: int) -> None:
    page = (WIDTH, HEIGHT) if rotation == 180 else (HEIGHT, WIDTH)
    turned = hall.start_screen(more=f"width = {WIDTH}\nheight = {HEIGHT}\nrotation = {rotation}")
    turned.picture(tmp_path / "turned.png")
    turned.stop()
    plain = hall.start_screen(more=f"width = {page[0]}\nheight = {page[1]}")
    plain.picture(tmp_path / "plain.png")
    plain.stop()
    check_same(seen(tmp_path / "turned.png", rotation=rotation), seen(tmp_path / "plain.png"))
