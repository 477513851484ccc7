"""A site's certificate authority: whom the machines of a hall trust, and whom they do not."""

from __future__ import annotations

import os
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tls_folders import client_context, device_folder, server_context, shake_hands, shown_certificate, signing_request

from server.auth.key_file import AccessFault
from server.authority.authority import Authority, open_authority
from server.authority.certificates import DEVICE_USAGES, LEAF_LIFE, certificate_pem, hosts_of, make_leaf
from server.authority.issued_certificates import UnusableSigningRequest
from server.authority.server_certificate import ServerCertificate

NOON = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "data")


@pytest.fixture
def hub(authority: Authority, tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "tls"
    authority.write_hub_files(folder, ["hub.local", "192.0.2.10"])
    return folder


def certificate_in(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())


def test_hub_and_device_of_one_hall_trust_each_other(authority: Authority, hub: Path, tmp_path: Path) -> None:
    kiosk = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    seen = shake_hands(server_context(hub), client_context(kiosk))
    assert seen["subject"] == ((("commonName", "kiosk-1"),),)


def test_a_hub_connects_to_its_own_broker(hub: Path) -> None:
    seen = shake_hands(server_context(hub), client_context(hub))
    assert seen["subject"] == ((("commonName", "hub"),),)


def test_a_browser_that_trusts_the_authority_takes_the_hub_by_each_of_its_names(hub: Path) -> None:
    for name in ("hub.local", "192.0.2.10", "localhost", "127.0.0.1", "::1"):
        browser = ssl.create_default_context(cafile=hub / "ca.pem")
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(hub / "certificate.pem", hub / "private-key.pem")
        shake_hands(served, browser, name=name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(served, ssl.create_default_context(cafile=hub / "ca.pem"), name="bank.example")


def test_a_device_cannot_serve_as_the_hub(authority: Authority, tmp_path: Path) -> None:
    kiosk = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    panel = device_folder(tmp_path / "panel", authority, "window-1")
    with pytest.raises(ssl.SSLError, match="unsuitable certificate purpose"):
        shake_hands(server_context(panel), client_context(kiosk))


def test_a_device_cannot_sign_for_another(authority: Authority, hub: Path, tmp_path: Path) -> None:
    kiosk = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    signed = device_folder(tmp_path / "signed", authority, "window-1")
    key = serialization.load_pem_private_key((kiosk / "private-key.pem").read_bytes(), password=None)
    own = certificate_in(signed)
    forged = make_leaf(certificate_in(kiosk), key, own.public_key(), name="monitor-1", usages=DEVICE_USAGES, now=NOON)
    (signed / "certificate.pem").write_text(certificate_pem(forged) + certificate_pem(certificate_in(kiosk)))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake_hands(server_context(hub), client_context(signed))


def test_another_hall_is_refused_on_both_sides(authority: Authority, hub: Path, tmp_path: Path) -> None:
    other = open_authority(tmp_path / "other")
    other.write_hub_files(tmp_path / "other" / "tls", [])
    stranger = device_folder(tmp_path / "stranger", other, "kiosk-1")
    own = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake_hands(server_context(hub), client_context(stranger))
    (stranger / "ca.pem").write_text(authority.pem)  # so that only the hub has a reason to refuse
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake_hands(server_context(hub), client_context(stranger))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake_hands(server_context(tmp_path / "other" / "tls"), client_context(own))


def test_a_revoked_device_is_refused_and_no_other(authority: Authority, hub: Path, tmp_path: Path) -> None:
    stolen = device_folder(tmp_path / "stolen", authority, "kiosk-1")
    kept = device_folder(tmp_path / "kept", authority, "kiosk-2")
    shake_hands(server_context(hub), client_context(stolen))
    assert authority.revoke("kiosk-1")
    authority.write_revoked(hub)
    with pytest.raises(ssl.SSLError, match="certificate revoked"):
        shake_hands(server_context(hub), client_context(stolen))
    shake_hands(server_context(hub), client_context(kept))
    assert not authority.revoke("kiosk-1")
    assert not authority.revoke("kiosk-9")


def test_every_certificate_of_a_revoked_name_ends(authority: Authority, hub: Path, tmp_path: Path) -> None:
    both = [device_folder(tmp_path / name, authority, "kiosk-1") for name in ("before", "renewed")]
    authority.revoke("kiosk-1")
    authority.write_revoked(hub)
    for folder in both:
        with pytest.raises(ssl.SSLError, match="certificate revoked"):
            shake_hands(server_context(hub), client_context(folder))


def test_a_revoked_one_stays_so_in_the_next_list(authority: Authority, hub: Path, tmp_path: Path) -> None:
    first = device_folder(tmp_path / "first", authority, "kiosk-1")
    device_folder(tmp_path / "second", authority, "kiosk-2")
    authority.revoke("kiosk-1")
    open_authority(tmp_path / "data").revoke("kiosk-2")
    open_authority(tmp_path / "data").write_hub_files(hub, [])
    with pytest.raises(ssl.SSLError, match="certificate revoked"):
        shake_hands(server_context(hub), client_context(first))


@pytest.mark.parametrize("clock", [datetime(2023, 2, 14, tzinfo=UTC), datetime(2028, 11, 1, tzinfo=UTC)])
def test_a_machine_whose_clock_is_years_off_takes_both(tmp_path: Path, clock: datetime) -> None:
    authority = open_authority(tmp_path / "data", now=lambda: NOON)
    hub = tmp_path / "data" / "tls"
    authority.write_hub_files(hub, [])
    kiosk = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    for folder, purpose in ((hub, "sslserver"), (kiosk, "sslclient")):
        subprocess.run(
            [
                *("openssl", "verify", "-attime", str(int(clock.timestamp())), "-x509_strict", "-purpose", purpose),
                *("-CAfile", hub / "ca.pem", "-crl_check", "-CRLfile", hub / "crl.pem", folder / "certificate.pem"),
            ],
            check=True,
        )


def test_a_hub_whose_clock_starts_in_the_past_makes_certificates_for_the_present(tmp_path: Path) -> None:
    authority = open_authority(tmp_path / "data")
    hub = tmp_path / "data" / "tls"
    authority.write_hub_files(hub, [])
    assert certificate_in(hub).not_valid_before_utc < datetime(2021, 1, 1, tzinfo=UTC)
    assert certificate_in(hub).not_valid_after_utc > datetime.now(UTC) + LEAF_LIFE / 2


def test_the_hubs_files_stay_while_they_are_good(authority: Authority, hub: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in hub.iterdir()}
    authority.write_hub_files(hub, ["192.0.2.10", "hub.local"])
    assert {path.name: path.stat().st_mtime_ns for path in hub.iterdir()} == before
    assert set(before) == {"ca.pem", "certificate.pem", "private-key.pem", "crl.pem"}


def test_a_new_address_gets_into_the_hubs_certificate_under_the_same_key(authority: Authority, hub: Path) -> None:
    key = (hub / "private-key.pem").read_bytes()
    authority.write_hub_files(hub, ["hub.local", "192.0.2.77"])
    assert hosts_of(certificate_in(hub)) == {"hub.local", "192.0.2.77", "localhost", "127.0.0.1", "::1"}
    assert (hub / "private-key.pem").read_bytes() == key


def test_the_hub_renews_with_a_third_of_the_life_left(tmp_path: Path) -> None:
    clock = NOON
    authority = open_authority(tmp_path / "data", now=lambda: clock)
    hub = tmp_path / "data" / "tls"
    authority.write_hub_files(hub, [])
    first = certificate_in(hub)
    clock = NOON + LEAF_LIFE * 2 / 3 - timedelta(days=1)
    authority.write_hub_files(hub, [])
    assert certificate_in(hub) == first
    clock = NOON + LEAF_LIFE * 2 / 3 + timedelta(days=1)
    authority.write_hub_files(hub, [])
    assert certificate_in(hub).not_valid_after_utc == clock + LEAF_LIFE


def test_files_of_a_hub_that_were_broken_are_made_anew(authority: Authority, hub: Path, tmp_path: Path) -> None:
    (hub / "certificate.pem").write_text("")
    (hub / "crl.pem").write_text("nonsense")
    authority.write_hub_files(hub, ["hub.local"])
    kiosk = device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    shake_hands(server_context(hub), client_context(kiosk))


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        made = list(many.map(lambda _: open_authority(tmp_path / "data").pem, range(8)))
    assert len(set(made)) == 1


def test_processes_that_start_at_once_make_one_pair_of_key_and_certificate(tmp_path: Path) -> None:
    def start(_: int) -> None:
        open_authority(tmp_path / "data").write_hub_files(tmp_path / "data" / "tls", [])

    with ThreadPoolExecutor(8) as many:
        list(many.map(start, range(8)))
    server_context(tmp_path / "data" / "tls")
    issued = (tmp_path / "data" / "authority" / "issued.json").read_text()
    assert issued.count('"serial"') == 1


def test_private_keys_are_for_their_owner_alone(authority: Authority, hub: Path, tmp_path: Path) -> None:  # noqa: ARG001
    folder = tmp_path / "data" / "authority"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "authority-key.pem").stat().st_mode & 0o777 == 0o600
    assert (hub / "private-key.pem").stat().st_mode & 0o777 == 0o640


def test_what_root_makes_belongs_to_the_hubs_user(tmp_path: Path) -> None:
    """Anybody else owns what he makes."""
    owner = (4711, 4712) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, *owner)
    open_authority(data).write_hub_files(data / "tls", [])
    made = [data / "authority", *(data / "authority").iterdir(), data / "tls", *(data / "tls").iterdir()]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {owner}


@pytest.mark.parametrize("lost", ["authority-key.pem", "authority.pem"])
def test_an_authority_of_which_a_part_is_lost_says_so(authority: Authority, tmp_path: Path, lost: str) -> None:  # noqa: ARG001
    (tmp_path / "data" / "authority" / lost).write_text("")
    with pytest.raises(AccessFault, match=f"{lost} is broken or missing, restore it from a backup"):
        open_authority(tmp_path / "data")


@pytest.mark.parametrize("deleted", ["authority-key.pem", "authority.pem", "issued.json"])
def test_an_authority_of_which_a_file_is_deleted_says_so(authority: Authority, tmp_path: Path, deleted: str) -> None:
    device_folder(tmp_path / "kiosk", authority, "kiosk-1")
    authority.revoke("kiosk-1")
    (tmp_path / "data" / "authority" / deleted).unlink()
    with pytest.raises(AccessFault, match=f"{deleted} is broken or missing, restore it from a backup"):
        open_authority(tmp_path / "data")


@pytest.mark.parametrize("written", [["authority-key.pem"], ["authority-key.pem", "issued.json"]])
def test_an_authority_that_a_power_cut_left_half_made_is_made_anew(tmp_path: Path, written: list[str]) -> None:
    open_authority(tmp_path / "half")
    (tmp_path / "data" / "authority").mkdir(parents=True)
    for name in written:
        (tmp_path / "half" / "authority" / name).rename(tmp_path / "data" / "authority" / name)
    open_authority(tmp_path / "data").write_hub_files(tmp_path / "data" / "tls", [])
    server_context(tmp_path / "data" / "tls")


def test_a_device_gets_a_certificate_only_for_a_p256_key_that_it_has(authority: Authority) -> None:
    large = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([])
    of_rsa = x509.CertificateSigningRequestBuilder().subject_name(name).sign(large, hashes.SHA256())
    good = x509.load_pem_x509_csr(signing_request()).public_bytes(serialization.Encoding.DER)
    forged = bytes([*good[:-1], good[-1] ^ 1])
    unusable = [
        b"",
        "登记".encode(),
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        authority.pem.encode(),
        of_rsa.public_bytes(serialization.Encoding.PEM),
        signing_request(ec.generate_private_key(ec.SECP384R1())),
        x509.load_der_x509_csr(forged).public_bytes(serialization.Encoding.PEM),
    ]
    for request in unusable:
        with pytest.raises(UnusableSigningRequest):
            authority.issue_device(request, "kiosk-1")


def test_a_device_is_never_named_like_the_hub(authority: Authority) -> None:
    with pytest.raises(ValueError, match="no device's"):
        authority.issue_device(signing_request(), "hub")


def test_the_name_is_the_hubs_choice_not_the_devices(authority: Authority) -> None:
    issued = x509.load_pem_x509_certificate(authority.issue_device(signing_request(name="hub"), "kiosk-1"))
    assert issued.subject.rfc4514_string() == "CN=kiosk-1"


def test_a_renewed_certificate_is_served_without_a_restart(tmp_path: Path) -> None:
    """The contexts of a running server show it to the next connection."""
    certificate = ServerCertificate(tmp_path, [])
    before = shown_certificate(certificate.devices)
    certificate.renew()
    assert shown_certificate(certificate.devices) == before, "it is not due"
    (tmp_path / "tls" / "certificate.pem").unlink()
    certificate.renew()
    renewed = shown_certificate(certificate.devices)
    assert renewed != before
    assert shown_certificate(certificate.staff) == renewed
