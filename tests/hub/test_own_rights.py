"""Each key is good for its own windows, tickets, print jobs, offers and requests: every route, own and foreign."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openapi_files import DOCS
from plain_hall import PlainHall, offer_made
from real_hall import SMALL_HALL, RealHall

from protocol.requests import AcceptOffer
from protocol.settings import load_settings
from protocol.vocabulary import DeviceKind
from server.domain.model.catalogue import Catalogue
from server.domain.model.refusals import OfferGone
from server.hub import admin
from server.hub import main as hub
from server.hub.access import Access
from server.hub.commands.referral_commands import Accept

OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in json.loads((DOCS / "openapi-hub.json").read_text(encoding="utf-8"))["paths"].items()
    for method, operation in methods.items()
}
OF_A_WINDOW = sorted(name for name, (_, path) in OPERATIONS.items() if "{window}" in path)
OF_A_PAPER = sorted(name for name, (_, path) in OPERATIONS.items() if "{ticket}" in path or "{job}" in path)
OF_NOBODY = {"issue_ticket", "find_offer", "accept_offer", "check_in", "windows", "board", "services", "devices"}
OF_A_NEW_DEVICE = {"authority", "enrol", "renew"}
"""Routes of a hub that encrypts; a renewal is for the device's own name, whatever is requested (``test_enrolment``)."""
FIELDS: dict[str, dict[str, str]] = {
    "transfer": {"service": "invoice"},
    "end_print": {"outcome": "printed"},
    "issue_ticket": {"service": "id-card"},
    "find_offer": {"service": "id-card"},
}


class TwoOfEach:
    """A hall in which ticket and job are kiosk-1's and the visitor stands at window-1."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.ticket = desk.issue()
        desk.press("window-1", "open")
        desk.press("window-1", "call-next")

    def send(self, operation: str, *, device: str, request_id: str | None = None, **path: str) -> Any:
        """Send a sound request, about the ticket, the job and window-1 unless ``path`` names others."""
        method, template = OPERATIONS[operation]
        ticket = self.ticket
        own = {"ticket": ticket["id"], "job": ticket["print_job"]["job"], "window": "window-1", "number": "A999"}
        where = template.format(**(own | path))
        if method == "GET":
            return self.desk.hall.request("GET", where, device=device)
        fields = FIELDS.get(operation, {})
        return self.desk.request(where.removeprefix("/v1"), device=device, request_id=request_id, **fields)

    def state(self) -> Any:
        """Return all that a request could have changed."""
        return self.desk.get("/board")["seq"], self.desk.get("/windows"), self.desk.get(f"/tickets/{self.ticket['id']}")


@pytest.fixture
def two(desk: Any) -> TwoOfEach:
    return TwoOfEach(desk)


def without_times(state: Any) -> str:
    return json.dumps([state[0], {**state[1], "as_of": ""}, state[2]], sort_keys=True)


def test_every_route_with_something_of_a_device_in_it_is_tried() -> None:
    assert set(OF_A_WINDOW) | set(OF_A_PAPER) | OF_NOBODY | OF_A_NEW_DEVICE | {"health", "metrics"} == set(OPERATIONS)


@pytest.mark.parametrize("operation", OF_A_WINDOW)
def test_a_panel_acts_at_its_own_windows_alone(two: TwoOfEach, operation: str) -> None:
    before = without_times(two.state())
    for device in ("window-2", "kiosk-1", "kiosk-2", "display-1", "monitor-1"):
        refused = two.send(operation, device=device)
        expected = "not_own_window" if device == "window-2" else "not_allowed"
        assert (refused.status, refused.json()["error"]) == (403, expected)
    of_no_window = two.send(operation, device="window-2", window="window-77")
    assert of_no_window.data == two.send(operation, device="window-2").data, "it does not say which windows there are"
    assert without_times(two.state()) == before
    assert two.send(operation, device="window-1").status in {200, 404, 409}


@pytest.mark.parametrize("operation", OF_A_PAPER)
@pytest.mark.parametrize("device", ["kiosk-2", "window-2", "display-1"])
def test_a_paper_is_its_own_devices_alone(two: TwoOfEach, operation: str, device: str) -> None:
    before = without_times(two.state())
    foreign = two.send(operation, device=device)
    assert foreign.status in {403, 404}
    assert foreign.data == two.send(operation, device=device, ticket="never-issued", job="never-issued.1").data
    assert without_times(two.state()) == before
    assert two.send(operation, device="kiosk-1").status in {200, 409}


def test_a_panel_moves_only_who_is_at_its_window(two: TwoOfEach) -> None:
    two.desk.press("window-1", "no-show")
    for operation in ("return_to_queue", "cancel_ticket", "ticket"):
        assert two.send(operation, device="window-2").status == 404
    assert two.send("ticket", device="window-1").json()["state"] == "no_show"
    assert two.send("return_to_queue", device="window-1").json()["state"] == "waiting"
    assert two.send("cancel_ticket", device="window-1").status == 404, "who waits is at no window"


def test_an_ended_ticket_is_still_shown_to_its_kiosk_alone(two: TwoOfEach) -> None:
    assert two.send("end_print", device="kiosk-1").status == 200
    assert two.send("cancel_ticket", device="kiosk-1").status == 200
    answered = {device: two.send("ticket", device=device).status for device in ("kiosk-1", "kiosk-2", "monitor-1")}
    assert answered == {"kiosk-1": 200, "kiosk-2": 404, "monitor-1": 200}


@pytest.mark.parametrize("operation", sorted(name for name, (method, _) in OPERATIONS.items() if method == "POST"))
def test_no_device_gets_the_answer_to_another_ones_request(two: TwoOfEach, operation: str) -> None:
    kind = "window" if operation in OF_A_WINDOW else "kiosk"
    request_id = f"of-the-first-{operation}"
    own = two.send(operation, device=f"{kind}-1", request_id=request_id)
    foreign = two.send(operation, device=f"{kind}-2", request_id=request_id)
    assert (foreign.status, foreign.json()["error"]) != (own.status, own.json().get("error")) or own.status != 200
    if own.status == 200:
        refusals = {"request_id_reused", "not_own_window", "unknown_ticket", "unknown_print"}
        assert foreign.json()["error"] in refusals


def test_lists_show_a_device_what_is_its_own(two: TwoOfEach) -> None:
    def listed(path: str, device: str) -> list[str]:
        return [one["id"] for one in two.desk.get(path, device=device)[path[1:]]]

    assert listed("/windows", "window-2") == ["window-2"]
    assert listed("/windows", "monitor-1") == ["window-1", "window-2", "window-3"]
    assert listed("/devices", "kiosk-2") == ["kiosk-2"]
    assert {"kiosk-1", "kiosk-2", "window-1", "window-2"} <= set(listed("/devices", "monitor-1"))


def test_a_panel_serves_several_windows_by_list(shared_hall: RealHall) -> None:
    key = shared_hall.access.enrol("counter-1", DeviceKind.WINDOW, ["window-2", "window-3"]).get_secret_value()
    opened = {
        window: shared_hall.request(
            "POST", f"/v1/windows/{window}/open", {"request_id": f"counter-{window}"}, key=key
        ).status
        for window in ("window-1", "window-2", "window-3")
    }
    assert opened == {"window-1": 403, "window-2": 200, "window-3": 200}
    assert [w["id"] for w in shared_hall.request("GET", "/v1/windows", key=key).json()["windows"]] == [
        "window-2",
        "window-3",
    ]


def test_an_access_file_without_lists_binds_a_panel_to_the_window_of_its_name(tmp_path: Path) -> None:
    access = Access(tmp_path, site="main-hall")
    access.prepare()
    key = access.enrol("window-5", DeviceKind.WINDOW).get_secret_value()
    old = json.loads((tmp_path / "access.json").read_text(encoding="utf-8"))
    del old["devices"]["window-5"]["windows"]
    (tmp_path / "access.json").write_text(json.dumps(old), encoding="utf-8")
    again = Access(tmp_path, site="main-hall")
    held = again.holder_of(key)
    assert held is not None
    assert held.windows == {"window-5"}
    assert again.unbound_panels() == []


def test_a_panel_of_an_earlier_version_with_another_name_still_works_and_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with RealHall(tmp_path, with_broker=False, start_hub=False) as hall:
        key = hall.access.enrol("counter-9", DeviceKind.WINDOW).get_secret_value()
        hall.start_hub()
        for window in ("window-1", "window-2"):
            request = {"request_id": f"of-an-old-panel-{window}"}
            assert hall.request("POST", f"/v1/windows/{window}/open", request, key=key).status == 200
        assert hall.access.unbound_panels() == ["counter-9"]
        command = "jiaohao-admin enrol counter-9 --kind window --window …"
        named = f"面板 counter-9 的密钥对所有窗口有效：用 {command} 重新登记"
        assert named in hall.hub.output()
        hub.main(["--settings", str(hall.settings), "--check"])
        assert f"{named} / the key of the panel counter-9 is good for every window: bind it with {command}" in (
            capfd.readouterr().out
        )


def test_enrolling_names_the_windows_of_a_panel(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.toml").write_text(SMALL_HALL.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "hub.toml").write_text("# defaults\n", encoding="utf-8")

    def enrol(*command: str) -> tuple[int, str]:
        code = admin.main(["--settings", str(tmp_path / "hub.toml"), "enrol", *command])
        return code, "".join(capfd.readouterr())

    assert enrol("window-3")[0] == 0
    code, text = enrol("counter", "--kind", "window", "--window", "window-1", "--window", "window-2")
    assert code == 0
    held = Access(tmp_path / "data", site="main-hall").holder_of(text.split('"')[3])
    assert held is not None
    assert held.windows == {"window-1", "window-2"}
    for wrong in (["window-9"], ["counter", "--kind", "window"], ["kiosk-1", "--window", "window-1"]):
        code, text = enrol(*wrong)
        assert code == 1
        assert "--window" in text


def test_a_kiosk_accepts_only_its_own_offers() -> None:
    hall = PlainHall(load_settings(Catalogue, SMALL_HALL), at=datetime(2026, 3, 2, 1, tzinfo=UTC))
    made = offer_made("an-offer", to_site="tax")
    hall.do([made], actor="kiosk-1")

    def accept(actor: str) -> Accept:
        request = AcceptOffer(request_id="accept-an-offer", offer="an-offer")
        return Accept(request=request, actor=actor, referral="r1", prints=True)

    with pytest.raises(OfferGone):
        accept("kiosk-2").decide(hall.hall, hall.moment)
    assert accept("kiosk-1").decide(hall.hall, hall.moment).facts
