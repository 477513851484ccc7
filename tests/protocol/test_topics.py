from __future__ import annotations

import pytest

from protocol import topics


def test_every_topic_of_a_site_is_built_in_one_place() -> None:
    assert {
        topics.board("main-hall"),
        topics.sign("main-hall", "window-3"),
        topics.signs("main-hall"),
        topics.queue("main-hall", "id-card"),
        topics.notice("main-hall"),
        topics.hub_status("main-hall"),
        topics.device_status("main-hall", "kiosk-1"),
        topics.device_statuses("main-hall"),
    } == {
        "jiaohao/1/main-hall/board",
        "jiaohao/1/main-hall/window/window-3/sign",
        "jiaohao/1/main-hall/window/+/sign",
        "jiaohao/1/main-hall/service/id-card/queue",
        "jiaohao/1/main-hall/notice",
        "jiaohao/1/main-hall/hub/status",
        "jiaohao/1/main-hall/device/kiosk-1/status",
        "jiaohao/1/main-hall/device/+/status",
    }


def test_a_device_topic_is_taken_apart_again() -> None:
    assert topics.parse_device_status(topics.device_status("main-hall", "kiosk-1")) == ("main-hall", "kiosk-1")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "jiaohao/1/main-hall/board",
        "jiaohao/2/main-hall/device/kiosk-1/status",
        "other/1/main-hall/device/kiosk-1/status",
        "jiaohao/1/main-hall/device/kiosk-1/status/more",
        "jiaohao/1/main-hall/device/kiosk-1",
        "/jiaohao/1/main-hall/device/kiosk-1/status",
    ],
)
def test_another_topic_is_no_device(topic: str) -> None:
    assert topics.parse_device_status(topic) is None
