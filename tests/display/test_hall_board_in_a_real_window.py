"""The hall board as people see it: a real window, a real broker, and the picture's own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest
from PIL import Image, ImageChops

from protocol.retained_messages import ServiceQueue
from protocol.vocabulary import Presence, Text


def numbers(view: dict[str, Any]) -> list[str]:
    return [row["number"] for row in view["rows"]]


def test_a_day_on_the_hall_board(hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any]) -> None:
    screen = start_screen(highlight_s="4.0")
    first = screen.painted(lambda view: view["connecting"], within_s=30)
    assert "正在连接，请稍候" in first["words"]

    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1 and view["stale_since"] is None)
    empty = screen.picture("hall-1-empty")
    assert {"暂无叫号", "No calls yet", "现在无人等候", "Nobody is waiting"} <= set(empty["words"])
    assert "竹溪县政务服务中心  Zhuxi Government Service Centre" in empty["words"]

    hub.waiting = busy_queues
    hub.call("A017", "3")
    hub.publish_board()
    line = screen.painted(lambda view: numbers(view) == ["A017"])
    assert line["view"]["calling"]
    one = screen.picture("hall-2-one-call")
    assert one["view"]["caption"] == {"zh": "请 A017 号到 3 号窗口", "en": "Number A017, please go to window 3"}
    assert {"A017", "→", "3", "号窗口", "A区 1楼", "Area A, 1st floor"} <= set(one["words"])
    assert {"请 A017 号到 3 号窗口", "Number A017, please go to window 3"} <= set(one["words"])
    assert [row["letter"] for row in one["view"]["waiting"]] in (["A", "B", "C", "D"], ["E", "F", "G"])
    screen.painted(lambda view: numbers(view) == ["A017"] and not view["calling"])

    hub.call("B003", "12", area=Text(zh="C区 2楼", en="Area C, 2nd floor"))
    hub.call("A018", "4")
    hub.call("C120", "7")
    painted = len(screen.lines())
    hub.publish_board()
    screen.painted(lambda view: numbers(view)[:1] == ["B003"])
    together = screen.picture("hall-3-three-at-once")
    assert set(numbers(together["view"])) == {"B003", "A018", "C120", "A017"}
    beside = screen.painted(lambda view: view["highlighted"] == 2)
    assert numbers(beside["view"])[:2] == ["A018", "B003"]
    screen.picture("hall-10-two-highlighted")
    screen.painted(lambda view: numbers(view) == ["C120", "A018", "B003", "A017"] and not view["calling"])
    highlights = [line["view"]["rows"][0]["number"] for line in screen.lines()[painted:] if line["view"]["calling"]]
    assert list(dict.fromkeys(highlights)) == ["B003", "A018", "C120"]

    hub.call("D045", "9")
    hub.call("E007", "11")
    hub.publish_board()
    hub.publish_notice(
        "今天下午 4 点至 5 点系统维护，社保业务暂停办理。", "Social security pauses today from 4 to 5 pm."
    )
    screen.painted(lambda view: len(view["rows"]) == 6 and not view["calling"] and view["notice"]["zh"] != "")
    six = screen.picture("hall-4-six-calls-and-notice")
    assert numbers(six["view"]) == ["E007", "D045", "C120", "A018", "B003", "A017"]
    assert "Social security pauses today from 4 to 5 pm." in six["words"]

    page_2 = screen.painted(lambda view: view["page"] == 2)
    assert "Treatment away from home" in page_2["words"]

    hub.county_away_since = datetime(2026, 11, 22, 8, 4, tzinfo=UTC)
    hub.publish_board()
    screen.painted(lambda view: view["county_away_since"] is not None)
    away = screen.picture("hall-9-county-away")
    since = away["view"]["county_away_since"]
    assert {f"县平台自 {since} 起暂时断开，", "本厅照常办理"} <= set(away["words"])
    assert {f"County link down since {since};", "this hall works as usual"} <= set(away["words"])
    cut = [word for word in away["words"] if word.endswith("…")]
    assert all("mortgage" in word or "抵押权" in word for word in cut), cut

    hub.open = False
    hub.publish_board()
    screen.painted(lambda view: not view["open"])
    assert "停止取号 No new tickets" in screen.picture("hall-5-closed")["words"]

    hub.leave(Presence.OFFLINE)
    screen.painted(lambda view: bool(view["stale_since"]))


def test_long_words_stay_inside_their_places_and_a_number_is_never_cut(
    hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any]
) -> None:
    screen = start_screen(highlight_s="1.0")
    hub.waiting = busy_queues[3:]
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1 and view["stale_since"] is None, within_s=30)
    area = Text(zh="二楼东侧不动产登记综合等候区", en="Floor 2 east, real estate waiting area")
    hub.call("AA017", "12", area=area)
    hub.call("WW018", "25", area=area)
    hub.publish_notice(
        "为方便群众，本中心周六上午九点至十二点正常办理居民身份证、社会保障卡、不动产登记等业务。",
        "On Saturdays from 9 to 12 we are open for ID cards, social security cards, real estate and more services.",
    )
    hub.publish_board()
    screen.painted(lambda view: view["rows"] and view["rows"][0]["number"] == "WW018" and not view["calling"])
    record = screen.picture("hall-7-long-words")
    assert {"AA017", "WW018", "12", "25"} <= set(record["words"])
    assert set(record["view"]["notice"].values()) <= set(record["words"])
    hub.call("AA019", "12", area=area)
    hub.publish_board()
    screen.painted(lambda view: numbers(view)[:1] == ["AA019"] and not view["calling"])
    assert "号窗口" in screen.picture("hall-8-two-letters")["words"]


@pytest.mark.parametrize("shape", [(1920, 1080), (1080, 1920)])
def test_the_label_of_a_window_is_never_cut(hub: Any, start_screen: Callable[..., Any], shape: tuple[int, int]) -> None:
    """Half a label can name another window."""
    screen = start_screen(highlight_s="1.0", width=str(shape[0]), height=str(shape[1]))
    labels = ["12A", "A-12", "十二", "88", "B楼3", "7"]
    for turn, label in enumerate(labels):
        hub.call(f"A{turn + 1:03d}", label, window=f"window-{turn + 1}")
    hub.publish_board()
    screen.painted(lambda view: len(view["rows"]) == len(labels) and not view["calling"], within_s=60)
    words = screen.picture(f"hall-labels-{shape[0]}")["words"]
    assert set(labels) <= set(words)


def test_a_zone_of_the_hall_shows_and_announces_only_its_own(
    hub: Any, start_screen: Callable[..., Any], until: Callable[..., Any]
) -> None:
    screen = start_screen(
        width="640",
        height="360",
        highlight_s="1.0",
        only_windows='["window-3"]',
        each_announcement=True,
    )
    hub.publish_board()
    screen.painted(lambda view: view["seq"] == 1, within_s=30)
    hub.call("A017", "4")
    hub.call("A018", "3")
    hub.publish_board()
    screen.painted(lambda view: numbers(view) == ["A018"] and not view["calling"])
    captions = [line["view"]["caption"] for line in screen.lines() if line["view"]["calling"]]
    assert [caption for caption, _ in groupby(captions)] == [
        {"zh": "请 A018 号到 3 号窗口", "en": "Number A018, please go to window 3"}
    ]
    [saved] = until(screen.announcement_pictures, what="the picture of the announcement")
    assert numbers(saved["view"]) == ["A018"]


def test_old_data_is_covered_and_right_again_soon_after_the_brokers_return(
    mosquitto: Any, hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any]
) -> None:
    screen = start_screen()
    hub.waiting = busy_queues
    hub.call("A017", "3")
    hub.call("A018", "4")
    hub.publish_board()
    screen.painted(lambda view: numbers(view) == ["A018", "A017"] and view["stale_since"] is None, within_s=30)

    mosquitto.stop()
    screen.painted(lambda view: bool(view["stale_since"]))
    covered = screen.picture("hall-6-data-is-old")
    since = covered["view"]["stale_since"]
    assert {f"数据停留在 {since}", f"Data is old since {since}"} <= set(covered["words"])

    painted = len(screen.lines())
    mosquitto.start()
    line = screen.painted(lambda view: view["stale_since"] is None, after=painted, within_s=15)
    assert numbers(line["view"]) == ["A018", "A017"]
    assert not line["view"]["calling"]


def test_a_rare_character_is_seen_as_itself_and_one_that_no_face_has_is_reported(
    hub: Any, start_screen: Callable[..., Any], until: Callable[..., Any]
) -> None:
    screen = start_screen(width="960", height="540")
    seen: dict[str, bytes] = {}
    for name in ("㮾梨", "㵘梨", "ەنە", "😊📢"):
        hub.name = Text(zh=f"{name}街道便民服务中心", en="Township hall")
        hub.publish_notice(name, f"{name} 3")
        hub.publish_board()
        screen.painted(lambda view, name=name: view["notice"]["zh"] == name and view["name"]["zh"] == hub.name.zh)
        seen[name] = Image.open(screen.picture_file(f"hall-rare-{len(seen)}").with_suffix(".png")).tobytes()
    assert len(set(seen.values())) == len(seen), "two boxes are alike, two characters are not"
    assert hub.devices["screen-1"].faults == []

    hub.publish_notice("\ue000", "")
    screen.painted(lambda view: view["notice"]["zh"] == "\ue000")
    fault = Text(zh="这些字符显示为方框：U+E000", en="these characters are drawn as boxes: U+E000")
    until(lambda: fault in hub.devices["screen-1"].faults, what="the staff are informed")


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (768, 1366), (1200, 1600), (1600, 1200)])
def test_a_screen_of_any_shape_is_filled_and_nothing_that_matters_is_cut(
    hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any], width: int, height: int
) -> None:
    screen = start_screen(width=str(width), height=str(height), highlight_s="1.0", page_s="3.0")
    hub.waiting = busy_queues
    for number, window in (("A017", "3"), ("B003", "12"), ("A018", "4"), ("C120", "7"), ("D045", "9"), ("WW018", "25")):
        hub.call(number, window)
    notice = Text(
        zh="为方便群众，本中心周六上午九点至十二点正常办理居民身份证、社会保障卡等业务。",
        en="On Saturdays from 9 to 12 we are open for ID cards, social security cards and more services.",
    )
    hub.publish_notice(notice.zh, notice.en)
    hub.publish_board()
    screen.painted(
        lambda view: len(view["rows"]) == 6 and view["notice"]["zh"] and view["stale_since"] is None, within_s=30
    )
    file = screen.picture_file(f"hall-{width}x{height}")
    with Image.open(file.with_suffix(".png")) as picture:
        backdrop, foot = picture.getpixel((width // 2, 1)), picture.getpixel((width // 2, height - 2))
        assert backdrop != foot
        assert {picture.getpixel((x, height - 2)) for x in (0, width - 1)} == {foot}, (
            "the foot is as wide as the screen"
        )
        ink = ImageChops.difference(picture, Image.new("RGB", picture.size, backdrop))
        left, top, right, _ = ink.crop((0, 0, width, height * 4 // 5)).getbbox() or (width, height, 0, 0)
        assert top < height * 0.03
        assert left < width * 0.05
        assert right > width * 0.95
    words = json.loads(file.read_text(encoding="utf-8"))["words"]
    assert {"WW018", "25", "号窗口", "A区 1楼", "Area A, 1st floor", "A017", "3"} <= set(words)
    cut = [word for word in words if word.endswith("…")]
    assert all("mortgage" in word or "抵押权" in word for word in cut), cut


def test_old_data_and_a_county_away_are_readable_upright(
    hub: Any, busy_queues: list[ServiceQueue], start_screen: Callable[..., Any]
) -> None:
    screen = start_screen(width="1080", height="1920", page_s="3.0")
    hub.waiting = busy_queues
    hub.call("A017", "3")
    hub.county_away_since = datetime(2026, 11, 22, 8, 4, tzinfo=UTC)
    hub.publish_board()
    screen.painted(lambda view: view["county_away_since"] and view["stale_since"] is None, within_s=30)
    words = screen.picture("hall-upright-county-away")["words"]
    assert any(word.startswith("县平台自") and word.endswith("本厅照常办理") for word in words)
    assert any(word.startswith("County link down since") and word.endswith("works as usual") for word in words)

    hub.leave(Presence.LOST)
    line = screen.painted(lambda view: bool(view["stale_since"]))
    since = line["view"]["stale_since"]
    old = screen.picture("hall-upright-data-is-old")["words"]
    assert {f"数据停留在 {since}", f"Data is old since {since}", "请听工作人员叫号"} <= set(old)
