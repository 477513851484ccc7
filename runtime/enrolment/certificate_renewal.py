"""Renews the certificates of this machine's devices when a third of their life is left; the key stays."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from protocol.clients.enrolment_client import TIMEOUT_S, signing_request
from protocol.clients.hub_client import HubClient
from protocol.requests import RenewCertificate
from protocol.settings import HubAddress, SettingsError
from protocol.vocabulary import Text
from runtime.enrolment.device_files import FILE_MODE, read_settings_file
from runtime.owned_files import replace_file
from runtime.tls_files import CERTIFICATE, PRIVATE_KEY, device_context

RENEWED_WITH_LEFT = timedelta(days=2 * 365) / 3
"""Time left with which a device renews its certificate: a third of the life that a hub gives it."""


class CertifiedDevice(NamedTuple):
    """A device with a certificate, as its settings file describes it."""

    settings: Path
    folder: Path
    hub: HubAddress


def certified_device(settings: Path) -> CertifiedDevice | None:
    """Return the device of a settings file; None for one without a certificate. Raises SettingsError."""
    values: Mapping[str, Any] = read_settings_file(settings).unwrap()
    if "tls" not in values:
        return None
    at_top = {"url": values.get("hub_url"), "device": values.get("device"), "key": values.get("key")}
    try:
        hub = HubAddress.model_validate(values.get("hub", at_top))
    except ValidationError as error:
        missing = Text(
            zh="没有登记过的设备的 url、device、key：请重新登记",
            en="has no url, device and key: enrol this device again",
        )
        raise SettingsError(settings, missing) from error
    return CertifiedDevice(settings, settings.parent / values["tls"], hub)


def renew_if_due(device: CertifiedDevice, *, now: datetime | None = None) -> bool:
    """Fetch the next certificate when it is time; return whether there is a new one.

    Raises HubError, SettingsError, OSError.
    """
    certificate = device.folder / CERTIFICATE
    left = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc - (now or datetime.now(UTC))
    if left > RENEWED_WITH_LEFT:
        return False
    key = serialization.load_pem_private_key((device.folder / PRIVATE_KEY).read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingsError(device.folder / PRIVATE_KEY, _NO_KEY)
    client = HubClient(device.hub, timeout_s=TIMEOUT_S, tls=device_context(device.folder))
    answer = client.renew_certificate(RenewCertificate(csr=signing_request(key)))
    replace_file(certificate, answer.certificate, mode=FILE_MODE)
    return True


_NO_KEY = Text(zh="不是登记时写下的私钥：请重新登记", en="is not the key of the enrolment: enrol this device again")


def restart_unit(settings: Path) -> None:
    """Restart the program of a settings file, when it is a running unit, so that it shows the new certificate."""
    if Path("/run/systemd/system").is_dir():
        unit = f"jiaohao-{settings.stem}.service"
        subprocess.run(["/usr/bin/systemctl", "try-restart", unit], check=False)  # noqa: S603 - no shell
