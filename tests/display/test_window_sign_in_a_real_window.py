"""The sign above a window as people see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from protocol.vocabulary import Presence, TicketState, WindowState

TEXTS = {
    "free": ("请等候叫号", "Please wait for your number"),
    "called": ("请到本窗口", "Please come here"),
    "serving": ("办理中", "Serving"),
    "paused": ("暂停服务", "Paused"),
    "closed": ("窗口已关闭", "Closed"),
}


@pytest.mark.parametrize(("width", "height"), [("1024", "600"), ("800", "480"), ("600", "1024")])
def test_the_sign_follows_its_window(hub: Any, start_screen: Callable[..., Any], width: str, height: str) -> None:
    screen = start_screen(layout='"sign"', window='"window-3"', width=width, height=height)
    hub.publish_sign(WindowState.OPEN)

    def shows(state: str) -> None:
        screen.painted(lambda view: view["state"] == state and view["stale_since"] is None, within_s=30)
        record = screen.picture(f"sign-{width}-{state}")
        assert {"3", "户籍 · 居民身份证", *TEXTS[state]} <= set(record["words"])
        assert [word for word in record["words"] if word.endswith("…")] == []
        assert ("A017" in record["words"]) is (state in {"called", "serving"})

    screen.painted(lambda view: not view["connecting"], within_s=30)
    shows("free")
    hub.publish_sign(WindowState.OPEN, ticket="A017", ticket_state=TicketState.CALLED)
    shows("called")
    hub.publish_sign(WindowState.OPEN, ticket="A017", ticket_state=TicketState.SERVING)
    shows("serving")
    hub.publish_sign(WindowState.PAUSED)
    shows("paused")
    hub.publish_sign(WindowState.CLOSED)
    shows("closed")

    hub.leave(Presence.LOST)
    line = screen.painted(lambda view: bool(view["stale_since"]))
    old = screen.picture(f"sign-{width}-data-is-old")
    assert {f"数据停留在 {line['view']['stale_since']}", f"Data is old since {line['view']['stale_since']}"} <= set(
        old["words"]
    )
