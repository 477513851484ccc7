"""The hub knows what was announced: screens report it with their status, and it holds over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journal_audit import Journal
from real_hall import RealHall, until

from protocol import topics
from protocol.clients.mqtt_client import MqttClient
from protocol.requests import IssueTicket
from protocol.retained_messages import AnnouncedCall, DeviceStatus, Sign
from protocol.vocabulary import DeviceKind, Presence

AFTER_S = 500


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RealHall]:
    with RealHall(tmp_path, changes={"no_show_after_s = 0": f"no_show_after_s = {AFTER_S}"}) as hall:
        yield hall


@contextmanager
def at_the_broker(hall: RealHall, device: str) -> Iterator[MqttClient]:
    """Connect as a device with its own key."""
    client = MqttClient(hall.broker.address, username=device, password=hall.key(device))
    client.start()
    until(lambda: client.connected, what=f"{device} is at the broker")
    try:
        yield client
    finally:
        client.stop()


def report(
    client: MqttClient, hall: RealHall, *announced: AnnouncedCall, kind: DeviceKind = DeviceKind.DISPLAY
) -> None:
    """Publish a status that reports announcements."""
    device = f"{kind}-1"
    status = DeviceStatus(
        device=device,
        kind=kind,
        presence=Presence.ONLINE,
        boot="boot-1",
        version="1",
        as_of=datetime.now(UTC),
        announced=list(announced),
    )
    client.publish_retained(topics.device_status(hall.site, device), status.model_dump_json().encode())


def press(hall: RealHall, action: str) -> tuple[int, str]:
    """Press a key at window 1; return the answer's status and the name of its error."""
    request = {"request_id": f"announced-{action}"}
    answer = hall.request("POST", f"/v1/windows/window-1/{action}", request, device="window-1")
    return answer.status, answer.json().get("error", "")


def call(hall: RealHall) -> int:
    """Issue a number and call it at window 1; return the call's ``call_seq``."""
    hall.client("kiosk-1").issue(IssueTicket(request_id="announced-issue", service="id-card"))
    assert [press(hall, action) for action in ("open", "call-next")] == [(200, "")] * 2
    return hall.client("monitor-1").board().calls[0].call_seq


def announcements(hall: RealHall) -> list[dict[str, object]]:
    return [line.fact for line in Journal.of(hall.data / "hall.sqlite").lines if line.kind == "ticket_announced"]


def test_an_announcement_is_journalled_once_and_the_sign_counts_from_it_over_a_restart(hall: RealHall) -> None:
    signs, topic = hall.subscribe(topics.signs(hall.site)), topics.sign(hall.site, "window-1")
    call_seq = call(hall)
    waiting = signs.wait_for(topic, Sign, lambda sign: sign.ticket is not None)
    assert waiting.no_show_in_s is not None
    with at_the_broker(hall, "display-1") as screen:
        for _ in range(2):
            report(screen, hall, AnnouncedCall(call_seq=call_seq, ago_s=100.0))
        published = signs.wait_for(topic, Sign, lambda sign: (sign.no_show_in_s or AFTER_S) <= AFTER_S - 100)
        assert [fact["device"] for fact in announcements(hall)] == ["display-1"]

        assert press(hall, "no-show") == (409, "no_show_too_soon")

        hall.restart_hub()
        again = signs.wait_for(topic, Sign, lambda sign: sign.as_of > published.as_of)
        assert again.no_show_in_s is not None
        assert again.no_show_in_s <= AFTER_S - 100
        assert len(announcements(hall)) == 1


def test_what_was_announced_while_the_hub_was_away_is_written_when_it_is_back(hall: RealHall) -> None:
    call_seq = call(hall)
    hall.hub.stop()
    with at_the_broker(hall, "display-1") as screen:
        report(screen, hall, AnnouncedCall(call_seq=call_seq, ago_s=3.0))
        hall.start_hub()
        assert until(lambda: announcements(hall), what="the announcement is written")[0]["ago_s"] == 3.0


def test_only_a_screen_announces(hall: RealHall) -> None:
    call_seq = call(hall)
    with at_the_broker(hall, "kiosk-1") as kiosk, at_the_broker(hall, "display-1") as screen:
        report(kiosk, hall, AnnouncedCall(call_seq=call_seq, ago_s=0.0), kind=DeviceKind.KIOSK)
        until(
            lambda: b'"online"' in hall.request("GET", "/v1/devices", device="monitor-1").data,
            what="the kiosk's status",
        )
        assert announcements(hall) == []
        report(screen, hall, AnnouncedCall(call_seq=call_seq, ago_s=0.0))
        until(lambda: announcements(hall), what="the screen's report is written")
