"""The questions about each role, and what is assumed where nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from installation.answers.setup_answers import DEVICES, SERVERS, MachineRole
from installation.machine import Machine
from protocol.vocabulary import Text

EXAMPLES = "/usr/share/doc/jiaohao/examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupQuestion:
    """A question for one answer. ``default`` None: somebody has to answer; ``""``: it may stay open."""

    key: str
    """Name of the answer in a file of answers, with its table: ``kiosk.printer``."""
    text: Text
    default: Callable[[Machine], str | None] = lambda machine: None  # noqa: ARG005
    is_number: bool = False
    is_list: bool = False
    is_file: bool = False


def _fixed(value: str) -> Callable[[Machine], str]:
    return lambda machine: value  # noqa: ARG005


def _own_address(machine: Machine) -> str | None:
    """Return the address of this machine that a technician most probably means."""
    return next(iter(machine.run("hostname", "-I").output.split()), None) or "127.0.0.1"


_TURN = Text(zh="屏幕顺时针转多少度（0、90、180、270）", en="clockwise turn of the screen (0, 90, 180, 270)")
OWN_ADDRESS = SetupQuestion(
    key="hub_address",
    text=Text(zh="本机在大厅网络里的地址（手机扫码用）", en="address of this machine in the hall, for phones too"),
    default=_own_address,
)
HUB_ADDRESS = SetupQuestion(key="hub_address", text=Text(zh="站点服务器的地址", en="address of the hub"))
CODE = Text(zh="登记码（站点服务器上 sudo jiaohao-admin code {}）", en="code (sudo jiaohao-admin code {} at the hub)")
CODES = {
    role: SetupQuestion(key=f"{role}.code", text=Text(zh=CODE.zh.format(f"{role}-1"), en=CODE.en.format(f"{role}-1")))
    for role in DEVICES
}
OF_ROLE = {
    MachineRole.COUNTY: (
        SetupQuestion(
            key="county.county_file",
            text=Text(zh="县平台设置文件（各站点）", en="settings of the county, with its sites"),
            default=_fixed(f"{EXAMPLES}/county.toml"),
            is_file=True,
        ),
    ),
    MachineRole.HUB: (
        SetupQuestion(
            key="hub.site_file",
            text=Text(zh="场所描述文件（部门、事项、窗口）", en="site: departments, services, windows"),
            default=_fixed(f"{EXAMPLES}/main-hall.toml"),
            is_file=True,
        ),
    ),
    MachineRole.KIOSK: (
        SetupQuestion(
            key="kiosk.printer",
            text=Text(
                zh="打印机：auto（查找 USB）、none、IP 地址或设备文件",
                en="printer: auto (found on USB), none, an IP address or a device file",
            ),
            default=_fixed("auto"),
        ),
        SetupQuestion(key="kiosk.rotation", text=_TURN, default=_fixed("0"), is_number=True),
    ),
    MachineRole.DISPLAY: (
        SetupQuestion(
            key="display.window",
            text=Text(zh="窗口屏在哪个窗口上方（大屏留空）", en="window below this sign (empty: hall screen)"),
            default=_fixed(""),
        ),
        SetupQuestion(key="display.rotation", text=_TURN, default=_fixed("0"), is_number=True),
        SetupQuestion(
            key="display.volume",
            text=Text(zh="音量（百分比，留空不变）", en="volume in per cent (empty: as it is)"),
            default=_fixed(""),
            is_number=True,
        ),
    ),
    MachineRole.WINDOW: (),
}
WINDOW_OF_PANEL = SetupQuestion(
    key="window.window", text=Text(zh="窗口代号：如 window-1", en="window, such as window-1")
)
OF_COUNTY_LINK = (
    SetupQuestion(
        key="hub.county_address",
        text=Text(zh="县平台的地址（没有则留空）", en="address of the county (empty: none)"),
        default=_fixed(""),
    ),
)
COUNTY_CODE = SetupQuestion(
    key="hub.county_code",
    text=Text(zh="县平台登记码（那里 jiaohao-county code）", en="code of the site (jiaohao-county code there)"),
)
OF_NETWORK = (
    SetupQuestion(
        key="network.devices",
        text=Text(zh="设备网段，逗号分隔（留空不限）", en="networks of the devices, with commas (empty: any)"),
        default=_fixed(""),
        is_list=True,
    ),
    SetupQuestion(
        key="network.staff",
        text=Text(zh="工作人员网段，逗号分隔（留空不限）", en="networks of the staff, with commas (empty: any)"),
        default=_fixed(""),
        is_list=True,
    ),
)


def questions_for(roles: tuple[MachineRole, ...], machine: Machine, *, known_system: bool) -> Iterator[SetupQuestion]:
    """Yield the questions about roles without settings; about the system unless ``known_system``."""
    new = [role for role in MachineRole if role in roles and not machine.settings_file(role.value).exists()]
    hub_here = MachineRole.HUB in roles or machine.settings_file("hub").exists()
    new_devices = [role for role in new if role in DEVICES]
    if MachineRole.HUB in new or (MachineRole.KIOSK in new and hub_here):
        yield OWN_ADDRESS
    elif new_devices and not hub_here:
        yield HUB_ADDRESS
    for role in new:
        yield from OF_ROLE[role]
        if role is MachineRole.WINDOW and hub_here:
            yield WINDOW_OF_PANEL
        if role in DEVICES and not hub_here:
            yield CODES[role]
    if MachineRole.HUB in new and MachineRole.COUNTY not in roles:
        yield from OF_COUNTY_LINK
    if set(roles) & set(SERVERS) and not known_system:
        yield from OF_NETWORK
