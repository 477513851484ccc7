"""``/healthz`` is true of every part, and 503 while no ticket can be issued; an outage is few lines in the log."""

from __future__ import annotations

import json
import resource
import signal
import socket
from pathlib import Path

import psutil
from real_hall import SMALL_HALL, RealHall, until


def health(hall: RealHall) -> tuple[int, str, dict[str, str]]:
    """Return status of the answer, status in it, and the state of each part."""
    answer = hall.request("GET", "/healthz")
    body = json.loads(answer.data)
    return answer.status, body["status"], {name: part["state"] for name, part in body["parts"].items()}


def issue(hall: RealHall, number: int) -> int:
    body = {"request_id": f"health-{number}", "service": "id-card"}
    return hall.request("POST", "/v1/tickets", body, device="kiosk-1").status


def is_vital_part_down(hall: RealHall) -> bool:
    status, whole, parts = health(hall)
    return (status, whole, parts["database"]) == (503, "failed", "failed")


def test_a_sound_hall_is_ok_in_every_part(real_hall: RealHall) -> None:
    sound = dict.fromkeys(("database", "disk", "forecast", "broker", "clock"), "ok")
    until(lambda: health(real_hall) == (200, "ok", sound), what="all parts are ok")


def test_a_disk_that_takes_no_bytes_is_503_until_it_does_and_few_log_lines(real_hall: RealHall) -> None:
    assert issue(real_hall, 0) == 200
    limit = resource.prlimit(real_hall.hub.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(real_hall.hub.pid, resource.RLIMIT_FSIZE, (0, limit[1]))
    before = real_hall.hub.output().count("\n")
    assert [issue(real_hall, number) for number in range(1, 40)] == [503] * 39
    assert is_vital_part_down(real_hall)
    assert real_hall.hub.output().count("\n") - before <= 5
    assert "Traceback" not in real_hall.hub.output()
    resource.prlimit(real_hall.hub.pid, resource.RLIMIT_FSIZE, limit)
    until(lambda: health(real_hall)[0] == 200, what="the hub is well by itself")
    assert issue(real_hall, 50) == 200


def test_a_database_file_that_is_gone_is_503_and_no_ticket_is_lost_in_it(real_hall: RealHall) -> None:
    (real_hall.data / "hall.sqlite").rename(real_hall.data / "away.sqlite")
    assert is_vital_part_down(real_hall)
    assert issue(real_hall, 1) == 503
    (real_hall.data / "away.sqlite").rename(real_hall.data / "hall.sqlite")
    assert issue(real_hall, 2) == 200
    assert health(real_hall)[0] == 200


def test_a_dead_forecast_and_a_broker_that_is_away_are_shown_and_tickets_go_on(real_hall: RealHall) -> None:
    real_hall.broker.kill()
    until(lambda: health(real_hall)[2]["broker"] == "failed", what="the broker is away")
    assert health(real_hall)[:2] == (200, "degraded")
    assert issue(real_hall, 1) == 200
    real_hall.broker.start()
    until(lambda: health(real_hall)[2]["broker"] == "ok", what="the broker is back")

    def forecasters() -> list[psutil.Process]:
        children = psutil.Process(real_hall.hub.pid).children()
        return [child for child in children if "server.runtime.forecast_worker" in child.cmdline()]

    def is_failed() -> bool:
        for child in forecasters():
            child.send_signal(signal.SIGKILL)
        return health(real_hall)[2]["forecast"] == "failed"

    until(is_failed, what="the forecast fails")
    assert issue(real_hall, 2) == 200


def test_systemd_is_notified_when_the_hub_serves_and_not_before(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with RealHall(tmp_path, with_broker=False, start_hub=False, environment=environment) as hall:
            hall.site_file.write_text("", encoding="utf-8")
            hall.hub.start()
            until(lambda: not hall.hub.running, what="it ends")
            hall.describe(SMALL_HALL.read_text(encoding="utf-8"), {})
            hall.hub.start()
            assert systemd.recv(100) == b"READY=1"
            assert health(hall)[0] == 200


def test_a_health_request_writes_nothing(real_hall: RealHall) -> None:
    changed = {path: path.stat().st_mtime_ns for path in real_hall.data.iterdir()}
    for _ in range(20):
        health(real_hall)
    assert {path: path.stat().st_mtime_ns for path in real_hall.data.iterdir()} == changed
