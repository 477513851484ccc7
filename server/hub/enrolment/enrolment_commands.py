"""``jiaohao-admin code``, ``enrol`` and ``revoke``: a technician's commands about devices."""

from __future__ import annotations

import argparse

from protocol.faults import WrongValue
from protocol.vocabulary import DeviceKind, Text
from runtime.run_command import CommandFailed
from server.authority.enrolment_codes import Enrollee, code_text
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access
from server.hub.enrolment.device_enrolment import DeviceEnrolment, new_device
from server.hub.settings import HubSettings

NO_TLS = Text(
    zh="hub.toml 里没有 [tls]：请先写上并重启站点服务器，或用 jiaohao-admin enrol 手工登记",
    en="hub.toml has no [tls]: write it and restart the hub first, or enrol by hand with jiaohao-admin enrol",
)


def add_device_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options that name a new device."""
    parser.add_argument("device", help="kiosk-1, display-2, window-3, …")
    parser.add_argument("--kind", choices=[k.value for k in DeviceKind], help="when the name does not begin with it")
    parser.add_argument(
        "--window",
        action="append",
        default=[],
        help="a window that this panel serves, once for each; without it the one whose name it bears",
    )


def run_code(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    """Make a one-time code for a device. Raises CommandFailed."""
    if settings.tls is None:
        raise CommandFailed(NO_TLS)
    return code_text(device_enrolment(settings, catalogue).new_code(_device(options, catalogue)))


def run_enrol(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    """Give a device a key that is carried to it by hand. Raises CommandFailed."""
    device = _device(options, catalogue)
    key = _access(settings, catalogue).enrol(device.name, _kind(options), device.windows)
    return f'device = "{device.name}"\nkey = "{key.get_secret_value()}"'


def run_revoke(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    """End a device's key and certificates. Raises CommandFailed: it has none."""
    if not device_enrolment(settings, catalogue).revoke(options.device):
        raise CommandFailed(Text(zh=f"没有登记过 {options.device}", en=f"{options.device} has no key"))
    return f"{options.device} 的密钥已失效 / the key of {options.device} has ended"


def device_enrolment(settings: HubSettings, catalogue: Catalogue) -> DeviceEnrolment:
    """Return what enrols the devices of a hub that may be running."""
    return DeviceEnrolment(settings, _access(settings, catalogue), site=catalogue.site)


def _access(settings: HubSettings, catalogue: Catalogue) -> Access:
    access = Access(settings.data, site=catalogue.site)
    access.prepare()
    return access


def _device(options: argparse.Namespace, catalogue: Catalogue) -> Enrollee:
    try:
        return new_device(options.device, _kind(options), options.window, catalogue)
    except WrongValue as error:
        raise CommandFailed(error.text) from error


def _kind(options: argparse.Namespace) -> DeviceKind:
    kind = options.kind or options.device.split("-")[0]
    if kind not in {k.value for k in DeviceKind}:
        raise CommandFailed(
            Text(zh=f"请用 --kind 说明 {options.device} 的种类", en=f"name the kind of {options.device} with --kind")
        )
    return DeviceKind(kind)
