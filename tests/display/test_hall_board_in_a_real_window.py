"""The hall board as people see it: a real window, a real broker, and the picture's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.messages import Presence, Text, Waiting


def numbers(view: dict[str, Any]) -> list[str]:
    return [row["number"] for row in view["rows"]]


def test_a_day_on_the_hall_board(hub: Any, busy_queues: list[Waiting], start_screen: Callable[..., Any]) -> None:
    screen = start_screen(highlight_s="1.0")
    first = screen.painted(lambda view: view["connecting"], within_s=30)
    assert "正在连接，请稍候" in first["words"]

    hub.show()
    screen.painted(lambda view: view["seq"] == 1 and view["stale_since"] is None)
    empty = screen.picture("hall-1-empty")
    assert {"暂无叫号", "No calls yet", "现在无人等候", "Nobody is waiting"} <= set(empty["words"])
    assert "竹溪县政务服务中心  Zhuxi Government Service Centre" in empty["words"]

    hub.waiting = busy_queues
    hub.call("A017", "3")
    hub.show()
    line = screen.painted(lambda view: numbers(view) == ["A017"])
    assert line["view"]["calling"]
    one = screen.picture("hall-2-one-call")
    assert one["view"]["caption"] == {"zh": "请 A017 号到 3 号窗口", "en": "Number A017, please go to window 3"}
    assert {"A017", "→", "3", "号窗口", "一楼 A 区", "Floor 1, area A"} <= set(one["words"])
    assert {"请 A017 号到 3 号窗口", "Number A017, please go to window 3"} <= set(one["words"])
    assert [row["letter"] for row in one["view"]["waiting"]] in (["A", "B", "C", "D"], ["E", "F", "G"])
    screen.painted(lambda view: numbers(view) == ["A017"] and not view["calling"])

    hub.call("B003", "12", area=Text(zh="二楼 B 区", en="Floor 2, area B"))
    hub.call("A018", "4")
    hub.call("C120", "7")
    hub.show()
    painted = len(screen.lines())
    screen.painted(lambda view: numbers(view)[:1] == ["B003"])
    together = screen.picture("hall-3-three-at-once")
    assert set(numbers(together["view"])) == {"B003", "A018", "C120", "A017"}
    screen.painted(lambda view: numbers(view) == ["C120", "A018", "B003", "A017"] and not view["calling"])
    highlights = [
        line["view"]["rows"][0]["number"] for line in screen.lines()[painted - 1 :] if line["view"]["calling"]
    ]
    assert list(dict.fromkeys(highlights)) == ["B003", "A018", "C120"]

    hub.call("D045", "9")
    hub.call("E007", "11")
    hub.show()
    hub.say("今天下午 4 点至 5 点系统维护，社保业务暂停办理。", "Social security pauses today from 4 to 5 pm.")
    screen.painted(lambda view: len(view["rows"]) == 6 and not view["calling"] and view["notice"]["zh"] != "")
    six = screen.picture("hall-4-six-calls-and-notice")
    assert numbers(six["view"]) == ["E007", "D045", "C120", "A018", "B003", "A017"]
    assert "Social security pauses today from 4 to 5 pm." in six["words"]

    hub.open = False
    hub.show()
    screen.painted(lambda view: not view["open"])
    assert "停止取号 No new tickets" in screen.picture("hall-5-closed")["words"]

    hub.leave(Presence.OFFLINE)
    screen.painted(lambda view: bool(view["stale_since"]))


def test_old_data_is_covered_and_right_again_within_3_s_of_the_brokers_return(
    mosquitto: Any, hub: Any, busy_queues: list[Waiting], start_screen: Callable[..., Any]
) -> None:
    screen = start_screen()
    hub.waiting = busy_queues
    hub.call("A017", "3")
    hub.call("A018", "4")
    hub.show()
    screen.painted(lambda view: numbers(view) == ["A018", "A017"] and view["stale_since"] is None, within_s=30)

    mosquitto.stop()
    screen.painted(lambda view: bool(view["stale_since"]))
    covered = screen.picture("hall-6-data-is-old")
    since = covered["view"]["stale_since"]
    assert {f"数据停留在 {since}", f"Data is old since {since}"} <= set(covered["words"])

    painted = len(screen.lines())
    mosquitto.start()
    line = screen.painted(lambda view: view["stale_since"] is None, after=painted, within_s=3.0)
    assert numbers(line["view"]) == ["A018", "A017"]
    assert not line["view"]["calling"]
