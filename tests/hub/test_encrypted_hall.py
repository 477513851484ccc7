"""Devices and staff over TLS: each at a port of its own, each device with its own certificate."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from encrypted_hall import EncryptedHall
from pydantic import SecretStr
from real_hall import PATIENT_S, until
from tls_folders import shake_hands

from protocol import requests as m
from protocol import topics
from protocol.clients.hub_client import HubAway, HubClient, HubRefused, new_request_id
from protocol.clients.mqtt_client import MqttClient
from protocol.settings import SettingsError
from protocol.vocabulary import DeviceKind
from runtime.device_presence import DevicePresence
from runtime.hall_connections import broker_client, hub_client
from runtime.tls_files import device_context, server_context

SERVICE = "id-card"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedHall]:
    with EncryptedHall(tmp_path_factory.mktemp("hall")) as hall:
        yield hall


def client(hall: EncryptedHall, device: str, *, tls: Path) -> HubClient:
    return hub_client(hall.devices_address(device), tls=tls, timeout_s=PATIENT_S)


def issue(client: HubClient) -> str:
    return client.issue(m.IssueTicket(request_id=new_request_id("test"), service=SERVICE)).number


def status(hall: EncryptedHall, url: str) -> int:
    """The status of an answer to a browser that trusts the hall."""
    return read(hall, url).status


def read(hall: EncryptedHall, url: str) -> urllib3.BaseHTTPResponse:
    """Return the answer to a browser that trusts the hall."""
    page = {"Accept": "text/html"}
    with urllib3.PoolManager(ca_certs=str(hall.data / "tls" / "ca.pem"), assert_hostname="localhost") as browser:
        return browser.request("GET", url, headers=page, retries=False, redirect=False, timeout=PATIENT_S)


def test_a_kiosk_issues_a_ticket_with_its_key_and_its_certificate(hall: EncryptedHall) -> None:
    assert issue(client(hall, "kiosk-1", tls=hall.tls_folder("kiosk-1"))) == "A001"


def test_a_key_is_refused_with_another_devices_certificate_or_none(hall: EncryptedHall, tmp_path: Path) -> None:
    with pytest.raises(HubRefused) as refused:
        issue(client(hall, "kiosk-1", tls=hall.tls_folder("kiosk-2")))
    assert refused.value.answer.error == "not_own_certificate"

    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.load_verify_locations(hall.data / "tls" / "ca.pem")
    with pytest.raises(HubRefused) as refused:
        issue(HubClient(hall.devices_address("kiosk-1"), timeout_s=PATIENT_S, tls=bare))
    assert refused.value.answer.error == "not_own_certificate"

    other = EncryptedHall(tmp_path)
    with pytest.raises(HubAway):
        issue(client(hall, "kiosk-1", tls=other.tls_folder("kiosk-1")))


def test_a_monitor_needs_no_certificate_and_shows_no_other_devices(hall: EncryptedHall) -> None:
    """It is often a program that is not ours; it reads, and changes nothing."""
    hub = hall.devices_address("monitor-1")
    assert HubClient(hub, timeout_s=PATIENT_S, tls=trusting(hall)).services().services
    with pytest.raises(HubRefused) as refused:
        client(hall, "monitor-1", tls=hall.tls_folder("kiosk-2")).services()
    assert refused.value.answer.error == "not_own_certificate"


def test_each_port_serves_its_own_people(hall: EncryptedHall) -> None:
    visitors, devices, staff = hall.url, hall.devices_url, hall.staff_url
    assert [status(hall, f"{url}/healthz") for url in (visitors, devices, staff)] == [200, 200, 200]
    assert [status(hall, f"{url}/v1/services") for url in (visitors, devices, staff)] == [404, 401, 404]
    assert [status(hall, f"{url}/login") for url in (visitors, devices, staff)] == [404, 404, 200]
    pages = [read(hall, f"{url}/").data for url in (visitors, staff)]
    assert [b'href="/login"' in page for page in pages] == [False, True], (
        "the page leads to the login where there is one"
    )
    assert [status(hall, f"{url}/t/nobody") for url in (visitors, devices, staff)] == [404, 404, 404]


def test_a_program_at_another_port_is_answered_with_the_address_that_it_requested(hall: EncryptedHall) -> None:
    message = hall.request("GET", "/v1/services").json()["message"]
    assert message == {"zh": "这个端口没有 /v1/services", "en": "there is no /v1/services at this port"}


def connected(hall: EncryptedHall, device: str, *, tls: Path) -> MqttClient:
    presence = DevicePresence(site=hall.site, device=device, kind=DeviceKind.KIOSK)
    key = SecretStr(hall.key(device))
    return broker_client(hall.encrypted_broker, device=device, key=key, presence=presence, tls=tls)


def test_the_broker_knows_a_device_by_its_certificate(hall: EncryptedHall) -> None:
    """Whatever it calls itself: kiosk-2 reads the board, and its status stands under its own name only."""
    tls = hall.tls_folder("kiosk-2")
    hall.key("kiosk-2")
    boards: list[bytes] = []
    published = lambda device: topics.device_status(hall.site, device)
    kiosk = connected(hall, "kiosk-1", tls=tls)
    kiosk.subscribe(topics.board(hall.site), lambda _, payload, __: boards.append(payload))
    kiosk.start()
    try:
        until(lambda: boards, what="the board comes")
        for device in ("kiosk-1", "kiosk-2"):
            presence = DevicePresence(site=hall.site, device=device, kind=DeviceKind.KIOSK)
            kiosk.publish_retained(presence.topic, presence.online(faults=()))
        seen = hall.subscribe(topics.device_statuses(hall.site))
        until(lambda: published("kiosk-2") in seen.newest, what="kiosk-2 has published its status")
        assert published("kiosk-1") not in seen.newest
    finally:
        kiosk.stop()


def test_the_broker_refuses_what_is_not_of_the_hall(hall: EncryptedHall, tmp_path: Path) -> None:
    other = EncryptedHall(tmp_path)
    for context in (device_context(other.tls_folder("kiosk-1")), trusting(hall)):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            log_in(hall, context)


def log_in(hall: EncryptedHall, context: ssl.SSLContext) -> None:
    """Begin an MQTT connection. Raises SSLError, ConnectionError: the broker ends it."""
    broker = hall.encrypted_broker
    with (
        socket.create_connection((broker.host, broker.port), timeout=PATIENT_S) as plain,
        context.wrap_socket(plain) as encrypted,
    ):
        encrypted.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        if encrypted.recv(4) == b"":
            raise ConnectionResetError


def trusting(hall: EncryptedHall) -> ssl.SSLContext:
    """Trust the hall, and show no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(hall.data / "tls" / "ca.pem")
    return context


def test_a_device_trusts_nobody_but_the_hub_of_its_hall(hall: EncryptedHall, tmp_path: Path) -> None:
    """Not a hub of another hall, and not a device of its own."""
    other = EncryptedHall(tmp_path)
    for folder in (other.data / "tls", hall.tls_folder("window-1")):
        impostor = server_context(folder, asks_for_certificate=False)
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(impostor, device_context(hall.tls_folder("kiosk-1")))


def test_settings_that_do_not_go_together_are_one_sentence(hall: EncryptedHall, tmp_path: Path) -> None:
    tls = hall.tls_folder("kiosk-1")
    with pytest.raises(SettingsError, match=r"hub\.url.*https://"):
        hub_client(hall.address("kiosk-1"), tls=tls)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=r"ca\.pem"):
        device_context(tmp_path / "empty")
    (tls / "private-key.pem").write_bytes((hall.tls_folder("kiosk-2") / "private-key.pem").read_bytes())
    with pytest.raises(SettingsError, match="enrol again"):
        device_context(tls)


def test_a_revoked_certificate_is_refused_by_the_broker_when_it_reads_its_files_again(tmp_path: Path) -> None:
    with EncryptedHall(tmp_path) as hall:
        hall.key("kiosk-2")
        lost, kept = connected(hall, "kiosk-1", tls=hall.tls_folder("kiosk-1")), hall.tls_folder("kiosk-2")
        lost.start()
        try:
            until(lambda: lost.connected, what="the device is connected")
            hall.authority.revoke("kiosk-1")
            hall.authority.write_revoked(hall.data / "tls")
            hall.broker.reload()
            with pytest.raises((ssl.SSLError, ConnectionError)):
                log_in(hall, device_context(tmp_path / "tls-kiosk-1"))
            log_in(hall, device_context(kept))
        finally:
            lost.stop()


def test_a_hub_that_does_not_encrypt_never_loads_what_takes_ten_megabytes() -> None:
    code = "import server.hub.main, sys; sys.exit('cryptography' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
