"""A new device gets key, certificate and settings from its hub by a code, and nobody else does."""

from __future__ import annotations

import resource
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from encrypted_hall import EncryptedHall
from ports import free_port
from real_hall import PATIENT_S, RealHall
from tls_folders import age_certificate, device_folder, signing_request

from display.settings import DisplaySettings
from hardware.panel.window_settings import WindowSettings
from kiosk.settings import KioskSettings
from protocol.answers import EnrolmentAnswer
from protocol.clients import enrolment_client
from protocol.clients.enrolment_client import EnrolmentFault, ServerPlace
from protocol.clients.hub_client import HubAway, HubRefused
from protocol.enrolment_code import new_code, parse_code
from protocol.faults import WrongValue
from protocol.settings import SettingsError, load_settings
from protocol.vocabulary import DeviceKind
from runtime.enrolment import enrol_command
from runtime.enrolment.certificate_renewal import RENEWED_WITH_LEFT, certified_device, renew_if_due
from runtime.enrolment.enrol_device import enrol_device, parse_place
from runtime.hall_connections import hub_client
from server.authority.authority import open_authority
from server.authority.certificates import RENEWED_WITH_LEFT as HUBS_RENEWED_WITH_LEFT
from server.hub import admin


class CodedHall(EncryptedHall):
    """An encrypted hall whose technician makes codes."""

    def code(self, device: str, *options: str, capsys: pytest.CaptureFixture[str]) -> str:
        """Return the code that ``jiaohao-admin code`` prints."""
        assert admin.main(["--settings", str(self.settings), "code", device, *options]) == 0
        return capsys.readouterr().out.splitlines()[0]

    @property
    def place(self) -> str:
        """The address that a technician types."""
        return self.devices_url.removeprefix("https://")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodedHall]:
    with CodedHall(tmp_path_factory.mktemp("hall"), with_broker=False) as hall:
        yield hall


@pytest.fixture
def code(hall: CodedHall, capsys: pytest.CaptureFixture[str]) -> str:
    return hall.code("kiosk-1", capsys=capsys)


def certificate_in(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())


def services(settings: Path) -> None:
    """Request the menu as the device of a settings file."""
    device = certified_device(settings)
    assert device is not None
    hub_client(device.hub, tls=device.folder, timeout_s=PATIENT_S).services()


def test_a_kiosk_is_enrolled_by_a_code_alone(hall: CodedHall, code: str, tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text('# by the stairs\n[printer]\ndriver = "none" # comes in May\n', encoding="utf-8")
    enrolled = enrol_device(DeviceKind.KIOSK, hall.place, code.lower(), settings)
    assert enrolled.clock_off is None
    services(settings)
    text = settings.read_text(encoding="utf-8")
    assert text.startswith("# by the stairs\n")
    assert 'driver = "none" # comes in May\n' in text
    written = load_settings(KioskSettings, settings)
    assert (written.site, written.hub.device, written.hub.url) == (hall.site, "kiosk-1", hall.devices_url)
    assert (written.public_url, written.broker.port) == (hall.url, 8883)
    assert written.tls == tmp_path / "tls" / "kiosk"
    assert {path.name for path in written.tls.iterdir()} == {"ca.pem", "certificate.pem", "private-key.pem"}
    assert certificate_in(written.tls).subject.rfc4514_string() == "CN=kiosk-1"


def test_files_with_keys_are_for_nobody_else(hall: CodedHall, code: str, tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text("# was readable by everybody\n", encoding="utf-8")
    settings.chmod(0o644)
    enrol_device(DeviceKind.KIOSK, hall.place, code, settings)
    folder = tmp_path / "tls" / "kiosk"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (settings, folder, folder / "private-key.pem")}
    assert modes == {"kiosk.toml": 0o640, "kiosk": 0o750, "private-key.pem": 0o640}


def test_a_screen_and_a_panel_get_what_their_kind_needs(
    hall: CodedHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screen, panel = tmp_path / "display.toml", tmp_path / "window.toml"
    enrol_device(DeviceKind.DISPLAY, hall.place, hall.code("display-1", capsys=capsys), screen)
    written = load_settings(DisplaySettings, screen)
    assert (written.device, written.hub_url, written.tls) == ("display-1", hall.devices_url, tmp_path / "tls/display")
    services(screen)

    panel.write_text("[keys]\ncall = 17\n[lamp]\nred = 5\ngreen = 6\nblue = 13\n", encoding="utf-8")
    windows = ("--kind", "window", "--window", "window-2", "--window", "window-3")
    enrol_device(DeviceKind.WINDOW, hall.place, hall.code("counter-1", *windows, capsys=capsys), panel)
    assert load_settings(WindowSettings, panel).window == "window-2"
    panel.write_text(panel.read_text().replace('"window-2"', '"window-3"'), encoding="utf-8")
    enrol_device(DeviceKind.WINDOW, hall.place, hall.code("counter-1", *windows, capsys=capsys), panel)
    assert load_settings(WindowSettings, panel).window == "window-3"


def test_the_command_reports_in_both_languages_and_what_is_next(
    hall: CodedHall, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "kiosk.toml"
    assert enrol_command.main(["kiosk", hall.place, code, "--settings", str(settings)]) == 0
    done, following = capsys.readouterr().out.splitlines()
    assert done.startswith(f"已登记为 {hall.site} 的 kiosk-1")
    assert f"enrolled as kiosk-1 of {hall.site}: settings in {settings}" in done
    assert following.endswith(f"next: jiaohao-kiosk --settings {settings} --check")


def test_enrolling_again_ends_what_the_device_had(
    hall: CodedHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = (tmp_path / name / "kiosk.toml" for name in ("before", "after"))
    for settings in (before, after):
        settings.parent.mkdir()
        enrol_device(DeviceKind.KIOSK, hall.place, hall.code("kiosk-3", capsys=capsys), settings)
    services(after)
    with pytest.raises(HubRefused, match="unknown_key"):
        services(before)
    assert certificate_in(before.parent / "tls/kiosk").serial_number in revoked(hall)
    assert certificate_in(after.parent / "tls/kiosk").serial_number not in revoked(hall)


def revoked(hall: RealHall) -> set[int]:
    return {one.serial_number for one in x509.load_pem_x509_crl((hall.data / "tls" / "crl.pem").read_bytes())}


def test_a_revoked_device_is_out_at_once(hall: CodedHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "kiosk.toml"
    enrol_device(DeviceKind.KIOSK, hall.place, hall.code("kiosk-4", capsys=capsys), settings)
    services(settings)
    assert admin.main(["--settings", str(hall.settings), "revoke", "kiosk-4"]) == 0
    with pytest.raises((HubRefused, HubAway)):
        services(settings)
    assert certificate_in(tmp_path / "tls/kiosk").serial_number in revoked(hall)
    assert admin.main(["--settings", str(hall.settings), "revoke", "kiosk-4"]) == 1


def refusal(hall: CodedHall, code: str, kind: DeviceKind = DeviceKind.KIOSK) -> str:
    with pytest.raises(EnrolmentFault) as refused:
        enrolment_client.enrol(parse_place(hall.place), parse_code(code), kind)
    return refused.value.text.en


def test_a_code_is_good_once(hall: CodedHall, code: str, tmp_path: Path) -> None:
    enrol_device(DeviceKind.KIOSK, hall.place, code, tmp_path / "kiosk.toml")
    assert refusal(hall, code) == "the code has been used already, please get a new one"


def test_a_code_for_another_kind_is_refused_and_stays_good(hall: CodedHall, code: str, tmp_path: Path) -> None:
    assert refusal(hall, code, DeviceKind.DISPLAY) == "the code is for a device of another kind, or for another site"
    enrol_device(DeviceKind.KIOSK, hall.place, code, tmp_path / "kiosk.toml")


def test_an_old_code_has_expired(hall: CodedHall, code: str) -> None:
    kept = hall.data / "codes.json"
    shown = f"{datetime.now(UTC) - timedelta(minutes=16):%Y-%m-%dT%H:%M:%SZ}"
    codes = kept.read_text(encoding="utf-8")
    selected = codes.index(f'"{parse_code(code).selector}"')
    begin = codes.index('"shown": "', selected) + len('"shown": "')
    kept.write_text(codes[:begin] + shown + codes[codes.index('"', begin) :], encoding="utf-8")
    assert refusal(hall, code) == "the code is older than 15 minutes, please get a new one"


def test_a_mistyped_code_is_found_on_the_device_and_costs_no_try(hall: CodedHall, code: str, tmp_path: Path) -> None:
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    for _ in range(9):
        assert "the code does not fit the certificate of" in refusal(hall, wrong)
    enrol_device(DeviceKind.KIOSK, hall.place, code, tmp_path / "kiosk.toml")


def test_of_two_machines_with_one_code_one_is_enrolled(hall: CodedHall, code: str) -> None:
    def enrol(_: int) -> bool:
        try:
            enrolment_client.enrol(parse_place(hall.place), parse_code(code), DeviceKind.KIOSK)
        except EnrolmentFault:
            return False
        return True

    with ThreadPoolExecutor(4) as many:
        assert sum(many.map(enrol, range(4))) == 1


def posted(hall: CodedHall, secret: str, csr: str | None = None, *, source: str = "127.0.0.1") -> tuple[int, str]:
    """Status and name of the answer to a request that no client of ours sends."""
    body = {"secret": secret, "kind": "kiosk", "csr": csr or signing_request().decode(), "hub": "localhost"}
    answer = hall.post_devices("/v1/enrolments", body, source=source)
    return answer.status, answer.json().get("error", "")


def test_guessing_is_slowed_per_address_and_ends_only_the_code_guessed_at(
    hall: CodedHall, capsys: pytest.CaptureFixture[str]
) -> None:
    guessed, other = (parse_code(hall.code(name, capsys=capsys)) for name in ("kiosk-1", "kiosk-2"))
    wrong = guessed.secret[:-1] + ("7" if guessed.secret[-1] != "7" else "8")
    tries = [posted(hall, wrong, source="127.0.0.2") for _ in range(5)]
    assert tries == [(403, "wrong_code")] * 5
    assert posted(hall, other.secret, source="127.0.0.2") == (429, "too_many_tries")
    assert posted(hall, guessed.secret) == (403, "code_tried_too_often")
    assert posted(hall, other.secret) == (200, "")
    assert "127.0.0.2: 登记码不对 / wrong_code" in hall.hub.output()


def test_a_request_that_cannot_be_signed_uses_no_code_up(hall: CodedHall, code: str) -> None:
    secret = parse_code(code).secret
    assert posted(hall, secret, "nonsense") == (422, "unusable_request")
    assert posted(hall, secret) == (200, "")


def test_a_code_makes_no_other_device_than_its_own(hall: CodedHall, code: str) -> None:
    body = {"secret": parse_code(code).secret, "kind": "kiosk", "hub": "localhost"}
    answer = hall.post_devices(
        "/v1/enrolments", {**body, "csr": signing_request(name="window-1").decode()}, source="127.0.0.1"
    )
    enrolled = EnrolmentAnswer.model_validate_json(answer.data)
    issued = x509.load_pem_x509_certificate(enrolled.certificate.encode())
    assert (enrolled.device, issued.subject.rfc4514_string()) == ("kiosk-1", "CN=kiosk-1")


@contextmanager
def tls_server(folder: Path, authority: str) -> Iterator[list[str]]:
    """A server with the certificate of a folder that claims to be of an authority; yields what it was sent."""
    received: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(authority.encode())

        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_error(500)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "private-key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    received.append(f"127.0.0.1:{server.server_address[1]}")
    try:
        yield received
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize("shown", ["its own authority", "the hall's authority"])
def test_whoever_is_in_between_never_gets_the_code(hall: CodedHall, code: str, tmp_path: Path, shown: str) -> None:
    other = open_authority(tmp_path / "data")
    other.write_hub_files(tmp_path / "data" / "tls", [])
    authority = other.pem if shown == "its own authority" else hall.authority.pem
    with tls_server(tmp_path / "data" / "tls", authority) as received:
        place = parse_place(received.pop())
        with pytest.raises(EnrolmentFault, match="another server"):
            enrolment_client.enrol(place, parse_code(code), DeviceKind.KIOSK)
        assert received == []


def test_a_device_of_the_hall_cannot_pose_as_the_hub(hall: CodedHall, code: str, tmp_path: Path) -> None:
    insider = device_folder(tmp_path / "insider", hall.authority, "window-1")
    with tls_server(insider, hall.authority.pem) as received:
        place = parse_place(received.pop())
        with pytest.raises(EnrolmentFault, match="is not of the hub that made the code"):
            enrolment_client.enrol(place, parse_code(code), DeviceKind.KIOSK)
        assert received == []


def test_what_answers_may_be_no_hub_or_nothing(hall: CodedHall, code: str) -> None:
    parsed = parse_code(code)
    with pytest.raises(EnrolmentFault, match=r"does not answer at port .*: is the hub on, is the address right"):
        enrolment_client.enrol(ServerPlace("127.0.0.1", free_port()), parsed, DeviceKind.KIOSK)
    with pytest.raises(EnrolmentFault, match="does not answer at port"):  # it does, but without TLS
        enrolment_client.enrol(ServerPlace("127.0.0.1", hall.port), parsed, DeviceKind.KIOSK)
    with (
        tls_server(hall.data / "tls", "<html>login</html>") as received,
        pytest.raises(EnrolmentFault, match="is no hub: check the address"),
    ):
        enrolment_client.enrol(parse_place(received.pop()), parsed, DeviceKind.KIOSK)


def test_a_hub_that_cannot_keep_a_device_says_why_and_the_code_stays_good(
    hall: CodedHall, code: str, tmp_path: Path
) -> None:
    limit = resource.prlimit(hall.hub.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(hall.hub.pid, resource.RLIMIT_FSIZE, (0, limit[1]))
    try:
        with pytest.raises(EnrolmentFault, match="the hub: nothing was saved"):
            enrolment_client.enrol(parse_place(hall.place), parse_code(code), DeviceKind.KIOSK)
    finally:
        resource.prlimit(hall.hub.pid, resource.RLIMIT_FSIZE, limit)
    enrol_device(DeviceKind.KIOSK, hall.place, code, tmp_path / "kiosk.toml")


def test_a_clock_far_off_is_one_sentence(tmp_path: Path) -> None:
    ended = open_authority(tmp_path / "data", now=lambda: datetime(2020, 6, 1, tzinfo=UTC))
    ended.write_hub_files(tmp_path / "data" / "tls", [])
    code = new_code(ended.der)
    with tls_server(tmp_path / "data" / "tls", ended.pem) as received:
        place = parse_place(received.pop())
        with pytest.raises(EnrolmentFault, match="when the hub's certificate is not valid: set the clocks of both"):
            enrolment_client.enrol(place, code, DeviceKind.KIOSK)


def test_wrong_files_are_found_before_the_code_is_used_up(hall: CodedHall, code: str, tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text("[printer\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        enrol_device(DeviceKind.KIOSK, hall.place, code, settings)
    with pytest.raises(FileNotFoundError):
        enrol_device(DeviceKind.KIOSK, hall.place, code, tmp_path / "nowhere" / "kiosk.toml")
    settings.unlink()
    enrol_device(DeviceKind.KIOSK, hall.place, code, settings)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("10.0.0.5", ServerPlace("10.0.0.5", 8443)),
        (" hub.local ", ServerPlace("hub.local", 8443)),
        ("https://10.0.0.5:9443/", ServerPlace("10.0.0.5", 9443)),
        ("fd00::5", ServerPlace("fd00::5", 8443)),
        ("[fd00::5]:9443", ServerPlace("fd00::5", 9443)),
    ],
)
def test_a_hub_is_named_as_people_type_it(typed: str, place: ServerPlace) -> None:
    assert parse_place(typed) == place


@pytest.mark.parametrize("typed", ["", "hub local", "10.0.0.5:x", "http://10.0.0.5", "10.0.0.5/manager"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(WrongValue, match="is no address of a server"):
        parse_place(typed)


def test_a_device_renews_its_certificate_under_its_own_key(hall: CodedHall, code: str, tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    enrol_device(DeviceKind.KIOSK, hall.place, code, settings)
    device = certified_device(settings)
    assert device is not None
    first = certificate_in(device.folder)
    due = first.not_valid_after_utc - RENEWED_WITH_LEFT
    assert not renew_if_due(device, now=due - timedelta(days=1))
    assert renew_if_due(device, now=due + timedelta(days=1))
    renewed = certificate_in(device.folder)
    assert renewed.serial_number != first.serial_number
    assert (renewed.public_key(), renewed.subject) == (first.public_key(), first.subject)
    services(settings)


def test_hub_and_device_renew_at_the_same_age() -> None:
    assert RENEWED_WITH_LEFT == HUBS_RENEWED_WITH_LEFT


def test_the_renewing_command_renews_what_is_due_and_names_what_could_not_be(
    hall: CodedHall, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    due, broken, absent = (tmp_path / f"{name}.toml" for name in ("due", "broken", "absent"))
    enrol_device(DeviceKind.KIOSK, hall.place, code, due)
    age_certificate(tmp_path / "tls/due", hall.data)
    broken.write_text('tls = "nowhere"\n[hub]\nurl = "https://127.0.0.1:1"\n', encoding="utf-8")
    assert enrol_command.main(["renew", str(broken), str(due), str(absent)]) == 1
    reported = capsys.readouterr().err
    assert f"{due}: 证书已更新 / the certificate was renewed" in reported
    assert f"{broken}: the certificate was not renewed" in reported
    assert certificate_in(tmp_path / "tls/due").not_valid_after_utc > datetime.now(UTC) + timedelta(days=729)
    assert enrol_command.main(["renew", str(due)]) == 0
    assert capsys.readouterr().out == ""
    services(due)


def test_a_hub_that_does_not_encrypt_makes_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RealHall(tmp_path, with_broker=False) as hall:
        assert admin.main(["--settings", str(hall.settings), "code", "kiosk-1"]) == 1
        assert "hub.toml has no [tls]" in capsys.readouterr().err
        assert hall.request("GET", "/v1/authority").json()["error"] == "tls_off"
        assert not (hall.data / "authority").exists()
