"""``jiaohao-admin``: the technician's commands on the hub's own machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

from protocol.settings import load_settings
from protocol.vocabulary import Text
from runtime.run_command import DONE, CommandFailed, add_settings_option, command_parser, run_command
from server.auth.key_file import new_passcode
from server.auth.login_service import Role
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access
from server.hub.backup.backup_commands import add_restore_options, run_backup, run_restore, show_key
from server.hub.day_admin import add_day_options, run_day
from server.hub.enrolment.county_joining import add_join_options, run_join
from server.hub.enrolment.enrolment_commands import add_device_options, run_code, run_enrol, run_revoke
from server.hub.settings import SETTINGS_FILE, HubSettings
from server.store.file_lock import hold_exclusively
from server.store.projection.rebuild import rebuild


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and print its answer; returns the exit code."""
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> int:
    print(options.run(options))  # noqa: T201 - this is the command's answer
    return DONE


def _of_site(
    command: Callable[[argparse.Namespace, HubSettings, Catalogue], str],
) -> Callable[[argparse.Namespace], str]:
    """Return a command that reads the hub's settings and its site's description first."""

    def run(options: argparse.Namespace) -> str:
        path: Path = options.settings
        settings = load_settings(HubSettings, path).from_folder(path.parent)
        return command(options, settings, load_settings(Catalogue, settings.catalogue))

    return run


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "jiaohao-admin", description="站点服务器管理 / keys, passcodes and tables of a hub", log_level="warning"
    )
    add_settings_option(parser, default=SETTINGS_FILE)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    code = commands.add_parser("code", help="make a one-time code that enrols a device: jiaohao-admin code kiosk-1")
    add_device_options(code)
    code.set_defaults(run=_of_site(run_code))
    enrol = commands.add_parser("enrol", help="give a device a key by hand: jiaohao-admin enrol kiosk-1")
    add_device_options(enrol)
    enrol.set_defaults(run=_of_site(run_enrol))
    revoke = commands.add_parser("revoke", help="end a device's key and certificates")
    revoke.add_argument("device")
    revoke.set_defaults(run=_of_site(run_revoke))
    joining = commands.add_parser("join", help="join the county: jiaohao-admin join 10.0.0.9 K7M2QX-09FGTW-3DHZ8A")
    add_join_options(joining)
    joining.set_defaults(run=_of_site(run_join))
    passcode = commands.add_parser("passcode", help="make a new passcode for clerks or managers")
    passcode.add_argument("role", choices=["clerk", "manager"])
    passcode.set_defaults(run=_of_site(_passcode))
    day = commands.add_parser("day", help="show clock and business day, or put a wrong day right")
    add_day_options(day)
    day.set_defaults(run=_of_site(run_day))
    backing_up = commands.add_parser("backup", help="write an encrypted backup and read it back; the hub may run")
    backing_up.set_defaults(run=_of_site(run_backup))
    showing = commands.add_parser("backup-key", help="show the key without which nobody opens a backup")
    showing.set_defaults(run=_of_site(show_key))
    restoring = commands.add_parser("restore", help="put a backup in place on a machine without data")
    add_restore_options(restoring)
    restoring.set_defaults(run=run_restore)
    rebuilding = commands.add_parser("rebuild", help="make every table again from the journal and compare")
    rebuilding.add_argument("--repair", action="store_true", help="replace the tables (stop the hub first)")
    rebuilding.set_defaults(run=_of_site(_rebuild))
    return parser


def _passcode(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    role: Role = options.role
    passcode = new_passcode()
    access = Access(settings.data, site=catalogue.site)
    access.prepare()
    access.set_passcode(role, passcode)
    return passcode


def _rebuild(options: argparse.Namespace, settings: HubSettings, catalogue: Catalogue) -> str:
    with hold_exclusively(settings.data, database=settings.database) if options.repair else nullcontext():
        report = rebuild(settings.database, catalogue, repair=options.repair)
    if report.changed:
        raise CommandFailed(Text(zh="请从备份恢复", en="restore it from a backup"), report=str(report))
    if not report.sound:
        raise CommandFailed(report=str(report))
    return str(report)


if __name__ == "__main__":
    sys.exit(main())
