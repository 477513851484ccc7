"""``jiaohao-admin``: what a technician does at the hub's own machine."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from protocol.settings import SettingsError, load_settings, sentence_of
from protocol.vocabulary import DeviceKind
from server.auth.key_file import new_passcode
from server.auth.login_service import Role
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access, DeviceName
from server.hub.settings import HubSettings
from server.store.file_lock import hold_exclusively
from server.store.projection.rebuild import rebuild


def main() -> None:
    """Run one command; what is wrong is one sentence and exit code 2."""
    arguments = _arguments().parse_args()
    try:
        settings = load_settings(HubSettings, arguments.settings).from_folder(arguments.settings.parent)
        catalogue = load_settings(Catalogue, settings.catalogue)
        print(arguments.run(arguments, settings, catalogue))  # noqa: T201 - this is the command's answer
    except (SettingsError, OSError) as error:
        print(f"jiaohao-admin: {sentence_of(error)}", file=sys.stderr)  # noqa: T201 - one sentence for the technician
        sys.exit(2)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, default=Path("/etc/jiaohao/hub.toml"), help="the hub's hub.toml")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    enrol = commands.add_parser("enrol", help="give a device its key: jiaohao-admin enrol kiosk-1")
    enrol.add_argument("device", help="kiosk-1, display-2, window-3, …")
    enrol.add_argument("--kind", choices=[k.value for k in DeviceKind], help="when the name does not begin with it")
    enrol.set_defaults(run=_enrol)
    revoke = commands.add_parser("revoke", help="end a device's key")
    revoke.add_argument("device")
    revoke.set_defaults(run=_revoke)
    passcode = commands.add_parser("passcode", help="make a new passcode for clerks or managers")
    passcode.add_argument("role", choices=["clerk", "manager"])
    passcode.set_defaults(run=_passcode)
    check = commands.add_parser("check", help="check hub.toml and the site's description")
    check.set_defaults(run=_check)
    again = commands.add_parser("rebuild", help="make every table again from the journal and compare")
    again.add_argument("--repair", action="store_true", help="replace the tables (stop the hub first)")
    again.set_defaults(run=_rebuild)
    return parser


def _access(settings: HubSettings, catalogue: Catalogue) -> Access:
    access = Access(settings.data, site=catalogue.site)
    access.prepare()
    return access


def _enrol(arguments: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    kind = arguments.kind or arguments.device.split("-")[0]
    if kind not in {k.value for k in DeviceKind}:
        raise SettingsError(f"请用 --kind 说明 {arguments.device} 的种类 / say with --kind what {arguments.device} is")
    try:
        device = TypeAdapter(DeviceName).validate_python(arguments.device)
    except ValidationError as error:
        raise SettingsError(
            f"{arguments.device!r} 不能作为设备名：小写字母、数字和连字符，例如 kiosk-1 / "
            "cannot be a device's name: small letters, digits and hyphens, such as kiosk-1"
        ) from error
    key = _access(settings, catalogue).enrol(device, DeviceKind(kind))
    return f'device = "{arguments.device}"\nkey = "{key.get_secret_value()}"'


def _revoke(arguments: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    if not _access(settings, catalogue).revoke(arguments.device):
        raise SettingsError(f"没有登记过 {arguments.device} / {arguments.device} has no key")
    return f"{arguments.device} 的密钥已失效 / the key of {arguments.device} has ended"


def _passcode(arguments: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    role: Role = arguments.role
    passcode = new_passcode()
    _access(settings, catalogue).set_passcode(role, passcode)
    return passcode


def _check(arguments: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:  # noqa: ARG001
    return (
        f"{catalogue.name.zh}: {len(catalogue.departments)} 个部门，{len(catalogue.services)} 个事项，"
        f"{len(catalogue.windows)} 个窗口 / {len(catalogue.departments)} departments, "
        f"{len(catalogue.services)} services, {len(catalogue.windows)} windows"
    )


def _rebuild(arguments: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    with hold_exclusively(settings.data) if arguments.repair else nullcontext():
        report = rebuild(settings.database, catalogue, repair=arguments.repair)
    if report.changed:
        sys.exit(f"{report}\n请从备份恢复 / restore it from a backup")
    if not report.sound:
        sys.exit(str(report))
    return str(report)


if __name__ == "__main__":
    main()
