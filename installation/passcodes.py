"""The first passcodes of the pages of clerks and managers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from installation.answers.setup_answers import MachineRole
from installation.machine import Machine
from installation.settings_files.server_files import CountyServerHere, SiteServer
from protocol.vocabulary import Text
from server.auth.key_file import new_passcode
from server.auth.login_service import Role
from server.county.access import CountyAccess
from server.hub.access import Access

_PAGES: dict[Role, Text] = {
    "clerk": Text(zh="窗口人员口令（/clerk）", en="passcode of the clerks (/clerk)"),
    "manager": Text(zh="管理者口令（/manager）", en="passcode of the managers (/manager)"),
}
_OF_COUNTY: dict[Role, Text] = {"manager": Text(zh="县平台口令（/county）", en="passcode of the county (/county)")}


def make_passcodes(machine: Machine, roles: Sequence[MachineRole]) -> Iterator[Text]:
    """Make the passcodes that there are not yet, and yield them: nobody can read them later."""
    if MachineRole.HUB in roles:
        yield from _made(SiteServer(machine).access(), _PAGES)
    if MachineRole.COUNTY in roles:
        yield from _made(CountyServerHere(machine).access(), _OF_COUNTY)


def _made(access: Access | CountyAccess, pages: dict[Role, Text]) -> Iterator[Text]:
    for role, name in pages.items():
        if access.passcode_stamp(role) is None:
            passcode = new_passcode()
            access.set_passcode(role, passcode)
            yield Text(zh=f"{name.zh}：{passcode}", en=f"{name.en}: {passcode}")
