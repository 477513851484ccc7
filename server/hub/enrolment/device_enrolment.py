"""Enrols devices by one-time codes, renews their certificates, and ends what they have."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from protocol.answers import CertificateAnswer, EnrolmentAnswer
from protocol.enrolment_code import EnrolmentCode
from protocol.faults import WrongValue
from protocol.requests import EnrolDevice
from protocol.settings import server_url
from protocol.vocabulary import DeviceKind, SiteId, WindowId
from server.authority.enrolment_codes import CodeFault, Enrollee, EnrolmentCodes
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access, DeviceName
from server.hub.settings import HubSettings, HubTls

if TYPE_CHECKING:
    from server.authority.authority import Authority

log = logging.getLogger(__name__)


class DeviceEnrolment:
    """Keys, certificates and codes of a site together. All methods may take 50 ms; they raise AccessFault, OSError."""

    def __init__(self, settings: HubSettings, access: Access, *, site: SiteId) -> None:
        self._settings = settings
        self._access = access
        self._site = site
        self._codes = EnrolmentCodes(settings.data)

    @property
    def tls(self) -> HubTls | None:
        """The ports of a hub that encrypts; without them nobody is enrolled over the network."""
        return self._settings.tls

    @cached_property
    def authority(self) -> Authority:
        """The authority that signs the certificates."""
        from server.authority.authority import open_authority  # noqa: PLC0415 - loads cryptography

        return open_authority(self._settings.data)

    def certificates(self) -> dict[str, datetime]:
        """Return the end of each device's newest certificate; none at a hub that does not encrypt."""
        return {} if self._settings.tls is None else self.authority.newest_ends()

    def new_code(self, device: Enrollee) -> EnrolmentCode:
        """Return a code with which this device is enrolled once, within a quarter of an hour."""
        return self._codes.issue(device, authority=self.authority.der)

    def fault_of_code(self, name: str) -> CodeFault | None:
        """Return why the newest code of a device is not good any more; None while it is."""
        return self._codes.fault_of(name)

    def enrol(self, request: EnrolDevice, *, tls: HubTls) -> EnrolmentAnswer:
        """Enrol the device that a code is for; what it had before ends.

        Raises CodeRefused, UnusableSigningRequest.
        """
        csr = request.csr.encode()
        self.authority.check_request(csr)  # a request that cannot be signed uses no code up
        device = self._codes.redeem(request.secret, lambda enrollee: enrollee.kind is request.kind)
        self._end_certificates(device.name)
        key = self._access.enrol(device.name, request.kind, device.windows)
        log.info("%s 已用登记码登记 / was enrolled by a code", device.name)
        return EnrolmentAnswer(
            device=device.name,
            kind=request.kind,
            site=self._site,
            windows=list(device.windows),
            key=key.get_secret_value(),
            certificate=self.authority.issue_device(csr, device.name).decode("ascii"),
            authority=self.authority.pem,
            devices_port=tls.devices_port,
            broker_port=tls.broker_port,
            public_url=server_url(request.hub, self._settings.port),
        )

    def renew(self, device: str, csr: str) -> CertificateAnswer:
        """Return a new certificate of a device; the one that it has stays good. Raises UnusableSigningRequest."""
        return CertificateAnswer(certificate=self.authority.issue_device(csr.encode(), device).decode("ascii"))

    def revoke(self, device: str) -> bool:
        """End a device's key and its certificates; False when it had neither."""
        had_certificates = self._settings.tls is not None and self._end_certificates(device)
        return self._access.revoke(device) or had_certificates

    def _end_certificates(self, device: str) -> bool:
        """Revoke what a device has. Before its key: with the keys the broker reads the list again."""
        ended = self.authority.revoke(device)
        if ended:
            self.authority.write_revoked(self._settings.tls_folder)
        return ended


def new_device(name: str, kind: DeviceKind, windows: Sequence[WindowId], catalogue: Catalogue) -> Enrollee:
    """Return a device to be enrolled; a panel without windows is bound to the one whose name it bears.

    Raises WrongValue: it cannot have this name, or the site has no such window.
    """
    try:
        device = TypeAdapter(DeviceName).validate_python(name)
    except ValidationError as error:
        raise WrongValue(
            f"{name!r} 不能作为设备名：小写字母、数字和连字符，例如 kiosk-1",
            f"{name!r} cannot be a device's name: small letters, digits and hyphens, such as kiosk-1",
        ) from error
    return Enrollee(name=device, kind=kind, windows=_panel_windows(name, kind, windows, catalogue))


def _panel_windows(
    name: str, kind: DeviceKind, windows: Sequence[WindowId], catalogue: Catalogue
) -> tuple[WindowId, ...]:
    if kind is not DeviceKind.WINDOW:
        if windows:
            raise WrongValue(
                f"--window 只用于窗口面板，{name} 是 {kind}", f"--window is for panels, {name} is a {kind}"
            )
        return ()
    bound, known = windows or [WindowId(name)], [window.id for window in catalogue.windows]
    unknown = [window for window in bound if window not in known]
    if unknown:
        names = ", ".join(known)
        raise WrongValue(
            f"本站点没有窗口 {unknown[0]}，只有：{names}；请用 --window 说明 {name} 管哪些窗口",
            f"the site has no window {unknown[0]}, only: {names}; name those of {name} with --window",
        )
    return tuple(bound)
