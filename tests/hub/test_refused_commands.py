"""What changed nothing is not written down, is remembered for a while, and one key cannot send any number of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from real_hall import RealHall

from server.hub.commands.remembered import UNCHANGED_KEPT_MAX, UNCHANGED_KEPT_S, UnchangedAnswers
from server.store.site_store import RememberedAnswer

LIMIT = 30
ANSWER = RememberedAnswer(command="issue", status=409, answer="{}")


def call_next(hall: RealHall, number: int) -> int:
    """Press "call next" in a hall where nobody waits; return the status."""
    body = {"request_id": f"refused-{number:04}"}
    return hall.request("POST", "/v1/windows/window-1/call-next", body, device="window-1").status


def stored_requests(hall: RealHall) -> set[str]:
    with sqlite3.connect(hall.data / "hall.sqlite") as connection:
        found = {request_id for (request_id,) in connection.execute("SELECT request_id FROM requests")}
    connection.close()
    return found


def test_only_what_changed_something_is_stored(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False) as hall:
        for number in range(20):
            assert call_next(hall, number) == 409
        opened = {"request_id": "opened-1"}
        for _ in range(2):
            assert hall.request("POST", "/v1/windows/window-1/open", opened, device="window-1").status == 200
        again = {"request_id": "opened-again"}
        assert hall.request("POST", "/v1/windows/window-1/open", again, device="window-1").status == 200
        reused = hall.request("POST", "/v1/windows/window-1/close", again, device="window-1")
        assert (reused.status, reused.json()["error"]) == (409, "request_id_reused"), "it is remembered all the same"
        hall.hub.stop()
        assert stored_requests(hall) == {"opened-1"}


def test_one_key_is_slowed_down_in_words_and_no_other_one(tmp_path: Path) -> None:
    with RealHall(tmp_path, with_broker=False, limits={"commands_per_minute": LIMIT}) as hall:
        assert [call_next(hall, number) for number in range(LIMIT)] == [409] * LIMIT
        body = {"request_id": "one-too-many"}
        refused = hall.request("POST", "/v1/windows/window-1/call-next", body, device="window-1")
        assert (refused.status, refused.json()["error"]) == (429, "too_many_commands")
        wait_s = refused.headers["Retry-After"]
        assert 1 <= int(wait_s) <= 60
        assert f"请 {wait_s} 秒后再试" in refused.json()["message"]["zh"]
        issue = {"request_id": "another-key", "service": "id-card"}
        assert hall.request("POST", "/v1/tickets", issue, device="kiosk-1").status == 200
        assert hall.request("GET", "/v1/windows", device="window-1").status == 200, "reading is no command"


def test_what_changed_nothing_is_kept_for_a_while_and_in_a_bounded_number() -> None:
    answers = UnchangedAnswers()
    answers.keep({"first": ANSWER}, at=0.0)
    assert answers.get("first", at=UNCHANGED_KEPT_S - 1) is ANSWER
    assert answers.get("first", at=UNCHANGED_KEPT_S) is None
    for number in range(3 * UNCHANGED_KEPT_MAX):
        answers.keep({f"request-{number}": ANSWER}, at=1.0)
    kept = [answers.get(f"request-{number}", at=2.0) is ANSWER for number in range(3 * UNCHANGED_KEPT_MAX)]
    assert kept == [False] * 2 * UNCHANGED_KEPT_MAX + [True] * UNCHANGED_KEPT_MAX
