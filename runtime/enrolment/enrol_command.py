"""``jiaohao-enrol``: makes this machine a device of a hall, by a one-time code, and renews its certificate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from protocol.clients.enrolment_client import Enrolled, clock_text
from protocol.faults import BilingualFault, WrongValue
from protocol.vocabulary import Text
from runtime.enrolment.certificate_renewal import certified_device, renew_if_due, restart_unit
from runtime.enrolment.device_files import tls_folder_of
from runtime.enrolment.enrol_device import ENROLLED_KINDS, enrol_device, settings_file_of
from runtime.run_command import DONE, CommandFailed, command_parser, run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = command_parser(
        "jiaohao-enrol",
        description="用登记码登记本机 / enrol this machine by a code of the hub",
        log_level="warning",
    )
    commands = parser.add_subparsers(required=True, metavar="kiosk|display|window|renew")
    for kind in ENROLLED_KINDS:
        enrolling = commands.add_parser(kind.value, help=f"jiaohao-enrol {kind} 10.0.0.5 K7M2QX-09FGTW-3DHZ8A")
        enrolling.add_argument("hub", metavar="HUB", help="站点服务器的地址 / the hub's address")
        enrolling.add_argument("code", metavar="CODE", help="登记码 / the code")
        enrolling.add_argument("--settings", type=Path, metavar="FILE", default=settings_file_of(kind))
        enrolling.set_defaults(run=_enrol, kind=kind)
    renewing = commands.add_parser("renew", help="renew certificates with a third of their life left; a timer runs it")
    renewing.add_argument(
        "settings", type=Path, metavar="FILE", nargs="*", default=[settings_file_of(kind) for kind in ENROLLED_KINDS]
    )
    renewing.set_defaults(run=_renew)
    return run_command(parser, lambda options: _print(options.run(options)), arguments, failures=(WrongValue,))


def _print(lines: list[str]) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return DONE


def _enrol(options: argparse.Namespace) -> list[str]:
    enrolled = enrol_device(options.kind, options.hub, options.code, options.settings)
    return [text.on_one_line() for text in _done(enrolled, options.settings)]


def _done(enrolled: Enrolled, settings: Path) -> list[Text]:
    answer, folder = enrolled.answer, tls_folder_of(settings)
    lines = [
        Text(
            zh=f"已登记为 {answer.site} 的 {answer.device}：设置在 {settings}，证书在 {folder}",
            en=f"enrolled as {answer.device} of {answer.site}: settings in {settings}, certificate in {folder}",
        )
    ]
    if enrolled.clock_off is not None:
        lines.append(clock_text(enrolled.clock_off))
    check = f"jiaohao-{answer.kind} --settings {settings} --check"
    return [*lines, Text(zh=f"下一步：{check}", en=f"next: {check}")]


def _renew(options: argparse.Namespace) -> list[str]:
    """Renew what is due, each device by itself. Raises CommandFailed: not every one could be."""
    lines, failed = [], []
    for settings in filter(Path.exists, options.settings):
        try:
            device = certified_device(settings)
            if device is not None and renew_if_due(device):
                restart_unit(settings)
                lines.append(f"{settings}: 证书已更新 / the certificate was renewed")
        except (OSError, ValueError) as error:
            failed.append(_failure(settings, error))
    if failed:
        raise CommandFailed(*failed, report="\n".join(lines))
    return lines


def _failure(settings: Path, error: Exception) -> Text:
    reason = error.text if isinstance(error, BilingualFault) else Text(zh=str(error), en=str(error))
    return Text(
        zh=f"{settings}: 证书没有更新：{reason.zh}", en=f"{settings}: the certificate was not renewed: {reason.en}"
    )


if __name__ == "__main__":
    sys.exit(main())
