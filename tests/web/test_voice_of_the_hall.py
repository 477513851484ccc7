"""What clerks and managers see of the hall's voice: what is announced, from when nobody comes, how far it is behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from plain_hall import PlainHall
from playwright.sync_api import expect
from real_hall import RealHall, until
from web_visitor import PASSCODES, Visitor, press_panel

from protocol import topics
from protocol.answers import TicketAnswer
from protocol.clients.mqtt_client import MqttClient
from protocol.retained_messages import AnnouncedCall, DeviceStatus
from protocol.vocabulary import DeviceKind, Presence
from server.domain.desk.announcements import announced
from server.domain.model.catalogue import Catalogue
from server.web.staff.clerk.called_line import called_line, is_no_show_early
from server.web.staff.manager.manager_view_model import VoiceNow, hall_view_model

Issue = Callable[..., TicketAnswer]


@pytest.fixture
def plain(small_catalogue: Catalogue) -> PlainHall:
    rules = small_catalogue.rules.model_copy(update={"no_show_after_s": 20.0})
    plain = PlainHall(small_catalogue.model_copy(update={"rules": rules}))
    plain.open()
    for _ in range(3):
        plain.issue()
    return plain


def speak(plain: PlainHall, *, index: int = 0) -> None:
    reported = AnnouncedCall(call_seq=plain.hall.calls[index].call_seq, ago_s=0.0)
    plain.do(announced(plain.hall, [reported], device="screen-1"))


def line(plain: PlainHall) -> tuple[str, bool]:
    shown = called_line(plain.hall, "window-1", at=plain.moment)
    return shown.zh, is_no_show_early(plain.hall, "window-1", at=plain.moment)


def voice(plain: PlainHall) -> VoiceNow | None:
    now = hall_view_model(plain.hall, [], {}, at=plain.moment, clock_trusted=True, broker_connected=True, county=None)
    return now.voice


def test_a_clerk_sees_whether_the_number_was_announced_and_from_when_nobody_comes(plain: PlainHall) -> None:
    assert line(plain) == ("", False)
    plain.call_next()
    assert line(plain) == ("20 秒后可按“过号”", True)
    plain.call_next("window-2")
    speak(plain)
    assert line(plain) == ("正在等待播报，30 秒后可按“过号”", True)
    plain.wait(8)
    speak(plain, index=1)
    plain.wait(5.5)
    assert line(plain) == ("已播报 5 秒，15 秒后可按“过号”", True)
    plain.wait(15)
    assert line(plain) == ("已播报 20 秒", False)
    plain.start()
    assert line(plain) == ("", False)


def test_a_manager_sees_how_far_the_voice_is_behind(plain: PlainHall) -> None:
    assert voice(plain) is None
    plain.call_next()
    plain.call_next("window-2")
    plain.wait(4)
    speak(plain, index=1)
    assert voice(plain) == VoiceNow(lag_s=4, waiting=1, is_late=False)
    plain.wait(30)
    assert voice(plain) == VoiceNow(lag_s=34, waiting=1, is_late=True)
    speak(plain)
    plain.wait(601)
    assert voice(plain) == VoiceNow(lag_s=None, waiting=0, is_late=False)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_no_show_key_waits_for_the_announcement(
    hall: RealHall, visitor: Visitor, issue: Issue, language: str
) -> None:
    hall.describe(hall.site_file.read_text(encoding="utf-8"), {"no_show_after_s = 0": "no_show_after_s = 500"})
    hall.restart_hub()
    issue("id-card")
    press_panel(hall, "window-1", "open")
    visitor.at_window("window-1", language=language)
    visitor.press("call-next")
    waits = {"zh": "秒后可按“过号”", "en": "no-show in"}[language]
    expect(visitor.page.get_by_text(waits)).to_be_visible()
    expect(visitor.page.locator('[data-key="no-show"]')).to_be_disabled()
    screen = MqttClient(hall.broker.address, username="display-1", password=hall.key("display-1"))
    screen.start()
    until(lambda: screen.connected, what="the screen is at the broker")
    call_seq = hall.client("monitor-1").board().calls[0].call_seq
    status = DeviceStatus(
        device="display-1",
        kind=DeviceKind.DISPLAY,
        presence=Presence.ONLINE,
        boot="boot-1",
        version="1",
        as_of=datetime.now(UTC),
        announced=[AnnouncedCall(call_seq=call_seq, ago_s=0.0)],
    )
    screen.publish_retained(topics.device_status(hall.site, "display-1"), status.model_dump_json().encode())
    spoken = {"zh": "已播报", "en": "Announced"}[language]
    expect(visitor.page.get_by_text(spoken)).to_be_visible()
    visitor.picture(f"clerk-announced-{language}")
    hall.access.set_passcode("manager", PASSCODES["manager"])
    visitor.go("/logout")
    visitor.log_in("manager")
    visitor.go(f"/language/{language}?to=/manager")
    behind = {"zh": "0 个待播报", "en": "0 to be announced"}[language]
    expect(visitor.page.get_by_text(behind)).to_be_visible()
    visitor.picture(f"manager-voice-{language}")
    screen.stop()
