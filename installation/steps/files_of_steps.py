"""The steps that are files: watchdog, locked screen, printer rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from installation.answers.complete_answers import read
from installation.machine import Machine
from installation.steps.step import FileStep
from protocol.vocabulary import Text

RELOAD_UNITS = ("systemctl", "daemon-reload")
WATCHDOG = "/dev/watchdog"
WATCHDOG_S = 15
PRINTER_GROUP = "jiaohao-kiosk"


def watchdog_step(machine: Machine) -> FileStep:
    """The hardware starts a machine again that hangs as a whole."""
    return FileStep(
        machine,
        purpose=Text(zh="整机死机时由硬件看门狗重启", en="the hardware watchdog starts a hanging machine again"),
        files={"/etc/systemd/system.conf.d/jiaohao.conf": f"[Manager]\nRuntimeWatchdogSec={WATCHDOG_S}s\n"},
        commands=[("systemctl", "daemon-reexec")],
    )


def broker_tls_step(machine: Machine) -> FileStep:
    """The broker serves devices on other machines, encrypted; it can start when the hub has made its certificate."""
    return FileStep(
        machine,
        purpose=Text(zh="消息服务器为其他机器上的设备加密服务", en="the broker serves devices elsewhere, encrypted"),
        files={"/etc/mosquitto/conf.d/jiaohao-tls.conf": Path("/usr/share/jiaohao/mosquitto-jiaohao-tls.conf")},
        commands=[("systemctl", "restart", "mosquitto.service")],
    )


def locked_screen_step(machine: Machine) -> FileStep:
    """Nobody leaves a screen by its keyboard: what a scanner or a visitor types never reaches a login."""
    never = Path("/dev/null")
    return FileStep(
        machine,
        purpose=Text(
            zh="屏幕上不能按键退出、切换控制台或重启", en="no key leaves the screen, shows another console or reboots"
        ),
        files={
            "/etc/systemd/logind.conf.d/jiaohao.conf": "[Login]\nNAutoVTs=0\nReserveVT=0\n",
            "/etc/sysctl.d/90-jiaohao.conf": "kernel.sysrq = 0\n",
            "/etc/systemd/system/ctrl-alt-del.target": never,
            "/etc/systemd/system/getty@tty1.service": never,  # else it comes back whenever the program stops
        },
        commands=[
            RELOAD_UNITS,
            ("systemctl", "stop", "getty@tty1.service"),
            ("systemctl", "kill", "--signal=HUP", "systemd-logind.service"),
            ("sysctl", "--quiet", "--load=/etc/sysctl.d/90-jiaohao.conf"),
        ],
        undo_commands=[
            RELOAD_UNITS,
            ("systemctl", "kill", "--signal=HUP", "systemd-logind.service"),
            ("systemctl", "start", "getty@tty1.service"),
        ],
    )


def printer_rule_step(machine: Machine, kiosk: Mapping[str, Any]) -> FileStep:
    """The kiosk's user may use USB printers: every one of the class, and the one that its settings name."""
    grant = f'GROUP="{PRINTER_GROUP}", MODE="0660"'
    every = f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ENV{{ID_USB_INTERFACES}}=="*:0701*", {grant}\n'
    vendor, product = read(kiosk, "printer.vendor"), read(kiosk, "printer.product")
    named = ""
    if vendor is not None and product is not None:
        ids = f'ATTR{{idVendor}}=="{vendor:04x}", ATTR{{idProduct}}=="{product:04x}"'
        named = f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {ids}, {grant}\n'
    return FileStep(
        machine,
        purpose=Text(zh="取号机可以使用 USB 打印机", en="the kiosk may use USB printers"),
        files={"/etc/udev/rules.d/70-jiaohao.rules": every + named},
        commands=[
            ("udevadm", "control", "--reload"),
            ("udevadm", "trigger", "--subsystem-match=usb", "--action=change"),
        ],
    )
