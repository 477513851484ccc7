"""A window's label of any length is shown whole, in its own place, on every screen; a page mark too."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from picture_folder import picture_folder
from PIL import Image

from display.announcing import Announcing
from display.layouts.hall_places import LYING, UPRIGHT, hall_places
from display.layouts.places import Place, design_size
from display.layouts.whole_text import LEADING, fit_whole
from display.view_models import HallView, ScreenView, hall_view, sign_view
from hardware.fonts.lettering import text_length
from protocol.retained_messages import Board, Call, ServiceQueue, Sign
from protocol.vocabulary import Promise, ServiceId, SiteId, Text, TicketState, WindowId, WindowState
from runtime.hub_liveness import HubLiveness

NOW = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
SHAPES = ((1920, 1080), (1280, 720), (1080, 1920), (720, 1280))
LABELS = {
    "names": ("社会保障综合服务专窗", "企业开办综合受理窗口", "3号窗口", "综合", "B楼12", "不动产登记综合服务3"),
    "english": ("INTERNATIONAL 12", "Foreign affairs 3", "12A", "A-12", "VIP", "7"),
    "usual": ("25", "12", "3", "4", "5", "6"),
}
SHOWN = {
    "names": {"社会保障综合服务专窗", "企业开办综合受理", "3", "号窗口", "窗口", "综合", "B楼12"},
    "english": set(LABELS["english"]),
    "usual": {*LABELS["usual"], "号窗口"},
}
AREA = Text(zh="A区 1楼", en="Area A, 1st floor")


def hall(labels: tuple[str, ...], numbers: str, *, is_open: bool) -> HallView:
    """A board of fifteen pages, of which the fourteenth is shown."""
    calls = [
        Call(
            number=f"{numbers}{turn + 1:03d}",
            window=WindowId(f"window-{turn + 1}"),
            window_label=label,
            area=AREA,
            call_seq=len(labels) - turn,
            called_at=NOW,
        )
        for turn, label in enumerate(labels)
    ]
    waiting = [
        ServiceQueue(
            service=ServiceId(f"service-{turn}"),
            letter="A",
            name=Text(zh="居民身份证办理", en="Resident ID card"),
            waiting=12,
            promise=Promise(low_min=20, high_min=35),
        )
        for turn in range(60)
    ]
    name = Text(zh="竹溪县政务服务中心", en="Zhuxi Government Service Centre")
    board = Board(seq=1, as_of=NOW, site=SiteId("hall"), name=name, calls=calls, waiting=waiting, open=is_open)
    shown = Announcing().with_board(board, replayed=True, at=0.0)
    return hall_view(shown, HubLiveness(), notice=None, now=NOW, at=13 * 8.0, page_s=8.0).model_copy(
        update={"stale_since": None}
    )


def sign(label: str) -> ScreenView:
    name = Text(zh="户籍 · 居民身份证", en="Household register, ID cards")
    shown = Sign(
        seq=1,
        as_of=NOW,
        window=WindowId("window-1"),
        label=label,
        name=name,
        state=WindowState.OPEN,
        ticket="WW017",
        ticket_state=TicketState.CALLED,
    )
    return sign_view(shown, HubLiveness(), now=NOW, at=0.0).model_copy(update={"stale_since": None})


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape[0]}x{shape[1]}")
def painted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[int, int], Path]:
    """Return the shape of a screen and the folder with what it showed."""
    width, height = request.param
    folder = picture_folder(f"labels-{width}x{height}", otherwise=tmp_path_factory.mktemp("views"))
    views = {
        f"hall-{name}-{numbers}": hall(labels, numbers, is_open=name != "english")
        for name, labels in LABELS.items()
        for numbers in ("A", "WW", "WW1")
    }
    signs = {f"sign-{turn}": sign(label) for turn, label in enumerate(LABELS["names"] + LABELS["english"])}
    (folder / "views").write_bytes(pickle.dumps({**views, **signs}))
    program = Path(__file__).with_name("paint_views.py")
    subprocess.run(
        [sys.executable, str(program), str(folder / "views"), str(folder), str(width), str(height)], check=True
    )
    return (width, height), folder


def words(folder: Path, view: str) -> list[str]:
    found: list[str] = json.loads((folder / f"{view}.json").read_text(encoding="utf-8"))
    return found


def colours_in(picture: Image.Image, place: Place, scale: float) -> int:
    """How many colours a place of the design has; its edges are left out."""
    box = (place.left + 2, place.top + 2, place.right - 2, place.top + place.height - 2)
    return len(picture.crop(tuple(round(edge * scale) for edge in box)).getcolors(maxcolors=1 << 20) or ())


@pytest.mark.parametrize("numbers", ["A", "WW", "WW1"])
@pytest.mark.parametrize("name", LABELS)
def test_the_newest_call_and_its_label_stay_in_their_row(
    painted: tuple[tuple[int, int], Path], name: str, numbers: str
) -> None:
    shape, folder = painted
    size = design_size(shape, lying=LYING, upright=UPRIGHT)
    row = hall_places(size).newest.row
    beside = Place(
        row.right, row.top, (size.width if size.is_upright else hall_places(size).rule.left) - row.right, 250
    )
    with Image.open(folder / f"hall-{name}-{numbers}.png") as picture:
        assert colours_in(picture, beside, shape[0] / size.width) == 1
    assert SHOWN[name] - {"号窗口", "窗口"} <= set(words(folder, f"hall-{name}-{numbers}"))
    assert SHOWN[name] <= set(words(folder, f"hall-{name}-A"))


@pytest.mark.parametrize("name", LABELS)
def test_an_arrow_and_a_label_do_not_lie_on_each_other(painted: tuple[tuple[int, int], Path], name: str) -> None:
    shape, folder = painted
    size = design_size(shape, lying=LYING, upright=UPRIGHT)
    with Image.open(folder / f"hall-{name}-WW.png") as picture:
        for older in hall_places(size).older:
            label = older.label
            between = Place(label.left - 5, label.top + 8, 6, label.height - 16)
            assert colours_in(picture, between, shape[0] / size.width) == 1


def test_a_page_mark_of_two_digits_is_whole(painted: tuple[tuple[int, int], Path]) -> None:
    _, folder = painted
    for name in LABELS:
        shown = words(folder, f"hall-{name}-A")
        assert "14/15" in shown
        assert not [word for word in shown if word.endswith("…")]


def test_a_sign_shows_its_label_and_name_whole(painted: tuple[tuple[int, int], Path]) -> None:
    _, folder = painted
    for turn in range(len(LABELS["names"] + LABELS["english"])):
        assert not [word for word in words(folder, f"sign-{turn}") if word.endswith("…")]
    assert {"3", "号窗口"} <= set(words(folder, "sign-2"))


@pytest.mark.parametrize(
    "text", ["社会保障综合服务专窗", "INTERNATIONAL 12", "B楼3", "企业开办一站式服务专区综合", "7"]
)
@pytest.mark.parametrize(("width", "height"), [(160, 112), (426, 224), (1000, 224), (144, 102)])
def test_a_text_fits_its_place_whole(text: str, width: int, height: int) -> None:
    lines, size = fit_whole(text, width=width, height=height, size=200, weight="bold")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_length(line, size=size, weight="bold") <= width for line in lines)
    assert len(lines) == 1 or len(lines) * size * LEADING <= height


@pytest.mark.parametrize(
    ("text", "lines"), [("12A", 1), ("A-12", 1), ("十二", 1), ("不动产登记综合服务", 2), ("Foreign affairs", 2)]
)
def test_a_short_text_stays_on_one_line_and_no_word_is_broken(text: str, lines: int) -> None:
    assert len(fit_whole(text, width=160, height=112, size=96, weight="bold")[0]) == lines
