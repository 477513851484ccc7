"""The package that people install: built, installed on a Debian that boots, set up by the documents, used, purged.

Not shown here: a Raspberry Pi, its graphics, pins, touch and USB printers. The tests of this file share one machine,
and the last one takes the package away from it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from booted_machine import BootedMachine, run_checked
from debian_root import debian_root
from installed_hall import ANSWERS, COUNTY, HUB, PAPER, PROGRAMS, SERVICE, UNITS, VOICE, WINDOW, InstalledHall
from real_hall import until

from installation.answers.setup_answers import FIRST_BOOT_FILE

ROOT = Path(__file__).parents[2]
STEADY_S = 30
PATIENT_S = 120.0
NEWER_PACKAGES = """
set -e
mkdir /root/newer
for deb in /root/jiaohao*.deb; do
    dpkg-deb --raw-extract "$deb" /root/part
    version=$(sed -n 's/^Version: //p' /root/part/DEBIAN/control)
    sed -i "s/$version/$version+newer/" /root/part/DEBIAN/control
    dpkg-deb -Znone --build /root/part "/root/newer/$(basename "$deb" | sed "s/$version/$version+newer/")"
    rm -r /root/part
done
DEBIAN_FRONTEND=noninteractive apt-get -q -y install /root/newer/*.deb
rm -r /root/newer
"""
"""Makes packages of a newer version out of those that were installed, and installs them."""
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def packages() -> list[Path]:
    """The packages of this working tree."""
    run_checked(str(ROOT / "debian" / "make.sh"))
    return sorted((ROOT / "dist").glob("jiaohao*.deb"))


@pytest.fixture(scope="module")
def machine(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootedMachine]:
    """A Debian 12 that has booted, before our packages come."""
    folder = tmp_path_factory.mktemp("boot")
    root = folder / "root"
    run_checked("cp", "--archive", str(debian_root(packages)), str(root))
    try:
        with BootedMachine(root, log=folder / "console.log") as machine:
            yield machine
    finally:
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def hall(machine: BootedMachine, packages: list[Path]) -> InstalledHall:
    return InstalledHall(machine, packages)


def test_lintian_finds_no_error(packages: list[Path]) -> None:
    options = ("--allow-root", "--fail-on=error", "--display-level=>=error")
    run_checked("lintian", *options, *map(str, packages))


def test_setup_ends_green_and_a_second_run_changes_no_file(hall: InstalledHall) -> None:
    machine = hall.machine
    assert hall.printed.endswith("✓ 全部正常 / all is well\n"), hall.printed
    assert machine.run("jiaohao-setup", "check") == "✓ 全部正常 / all is well\n"
    before = files_of_setup(machine)
    assert hall.set_up() == "✓ 全部正常 / all is well\n"
    assert files_of_setup(machine) == before

    first_boot = machine.write(FIRST_BOOT_FILE, f'roles = ["kiosk"]\n{ANSWERS}')
    machine.run("systemctl", "start", "jiaohao-first-boot.service")
    assert not first_boot.exists()
    assert files_of_setup(machine) == before


def files_of_setup(machine: BootedMachine) -> str:
    """Every file that setup may write, with owner, mode, time and sum."""
    folders = "/etc /var/lib/jiaohao/access.json /var/lib/jiaohao-county/county-access.json /var/lib/jiaohao/hub.key"
    return machine.run("sh", "-c", f"find {folders} -type f -printf '%p %u:%g %m %T@ ' -exec md5sum {{}} +")


def test_a_bundle_for_support_has_logs_and_no_key(hall: InstalledHall, tmp_path: Path) -> None:
    hall.machine.run("jiaohao-setup", "support-bundle", "/root/bundle.tar.gz")
    with tarfile.open(hall.machine.path("/root/bundle.tar.gz")) as bundle:
        bundle.extractall(tmp_path, filter="data")
    contents = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"jiaohao-hub" in (tmp_path / "jiaohao-support" / "journal.txt").read_bytes()
    keys = hall.machine.run("sh", "-c", r"""sed -n 's/^key = "\(.*\)"/\1/p' /etc/jiaohao/*.toml""").split()
    assert len(keys) == 4
    assert [key for key in keys if key.encode() in contents] == []


def test_only_the_ports_of_the_hall_are_open(hall: InstalledHall) -> None:
    rules = hall.machine.run("nft", "list", "table", "inet", "jiaohao")
    assert "policy drop" in rules
    assert "tcp dport { 8443, 8883 } accept" in rules


def test_hub_and_county_are_well_and_joined(hall: InstalledHall) -> None:
    for server, parts in (
        (HUB, {"broker", "county", "database", "disk", "forecast"}),
        (COUNTY, {"database", "forecast"}),
    ):
        until(
            lambda server=server: failed_parts(hall, server) <= {"clock"},  # a container has no time service
            within_s=PATIENT_S,
            every_s=0.5,
            what=f"all parts of {server} work",
        )
        assert parts <= set(hall.health(server)["parts"])


def failed_parts(hall: InstalledHall, server: str) -> set[str]:
    """The parts of a server that do not work."""
    return {name for name, part in hall.health(server)["parts"].items() if part["state"] != "ok"}


def test_every_part_has_the_version_of_the_package(hall: InstalledHall, packages: list[Path]) -> None:
    file = next(path for path in packages if path.name.startswith("jiaohao_"))
    version = run_checked("dpkg-deb", "--field", str(file), "Version").partition("~")[0].strip()
    for program in PROGRAMS:
        assert hall.machine.run(f"jiaohao-{program}", "--version") == f"jiaohao-{program} {version}\n"
    assert [hall.health(server)["version"] for server in (HUB, COUNTY)] == [version, version]
    names = {"kiosk-1", "display-1", WINDOW}
    until(
        lambda: {d.id: d.version for d in hall.devices().devices if d.version} == dict.fromkeys(names, version),
        within_s=PATIENT_S,
        what="the devices publish their version",
    )


def test_a_press_turns_the_lamp_a_ticket_is_printed_and_promised_and_called(hall: InstalledHall) -> None:
    hall.wait_for_lamp("closed")
    hall.press("pause")
    hall.wait_for_lamp("nobody")

    assert hall.issue_ticket()["paper"] == "printed"
    assert len(list(hall.machine.path(PAPER).glob("*.png"))) == 1

    hall.wait_for_lamp("free")
    until(
        lambda: next(s.promise for s in hall.services().services if s.id == SERVICE),
        within_s=PATIENT_S,
        every_s=0.5,
        what="the forecast promises a wait",
    )
    hall.press("call")
    hall.wait_for_lamp("called")
    until(lambda: hall.machine.path(VOICE).exists(), within_s=PATIENT_S, what="the voice has spoken the call")


def test_a_new_machine_goes_on_with_a_backup_of_its_own_unit(hall: InstalledHall) -> None:
    """The backup lies on another disk; the new machine has the package and no settings; no county fills the rest."""
    machine = hall.machine
    hall.press("start_finish")
    hall.wait_for_lamp("serving")
    other_disk = "/var/backups/hall"
    machine.run("install", "--directory", "--owner=jiaohao", other_disk)
    hall.write_hub_settings(f'[backup]\nfolder = "{other_disk}"\n')
    machine.run("systemctl", "start", "jiaohao-backup.service")
    (backup,) = machine.run("sh", "-c", f"ls {other_disk}/*.age").split()
    machine.write("/root/key", machine.run("jiaohao-admin", "backup-key"))
    before = hall.devices().devices

    machine.run("systemctl", "stop", "jiaohao-hub")
    machine.run("sh", "-c", "rm -r /var/lib/jiaohao /etc/jiaohao/hub.toml /etc/jiaohao/site.toml")
    machine.run("systemd-tmpfiles", "--create", "jiaohao.conf", "jiaohao-hub.conf")
    machine.run("jiaohao-admin", "restore", backup, "--key-file", "/root/key")
    machine.run("systemctl", "start", "jiaohao-hub")
    assert [device.id for device in hall.devices().devices] == [device.id for device in before]
    hall.wait_for_lamp("serving")


def test_rollback_installs_the_version_before(hall: InstalledHall) -> None:
    machine, entries = hall.machine, hall.health()["seq"]
    machine.write("/root/newer.sh", NEWER_PACKAGES)
    machine.run("sh", "/root/newer.sh")
    assert installed_version(machine).endswith("+newer")
    machine.run("jiaohao-setup", "rollback")
    assert not installed_version(machine).endswith("+newer")
    assert hall.health()["seq"] >= entries


def installed_version(machine: BootedMachine) -> str:
    """The version of the installed package of code."""
    return machine.run("dpkg-query", "--show", "--showformat=${Version}", "jiaohao")


def test_every_unit_stays_active_and_needs_no_call_that_it_forbids(hall: InstalledHall) -> None:
    for name in UNITS:
        until(lambda name=name: _active_s(hall.unit(name)) >= STEADY_S, within_s=PATIENT_S, what=f"{name} stays active")
    assert {name: hall.unit(name).get("NRestarts", "0") for name in UNITS} == dict.fromkeys(UNITS, "0")
    journal = hall.machine.run("journalctl", "--no-pager", "--output=short")
    assert re.findall(r".*(?:SIGSYS|status=31|Traceback|Failed at step).*", journal) == []
    assert _killed_by_a_filter() == []


def test_removing_the_setup_stops_the_programs_and_keeps_settings_and_data(hall: InstalledHall) -> None:
    machine = hall.machine
    settings, data = machine.path("/etc/jiaohao/hub.toml"), machine.path("/var/lib/jiaohao/hall.sqlite")
    before = settings.read_bytes()
    machine.run("jiaohao-setup", "remove")
    assert {hall.unit(name)["ActiveState"] for name in UNITS} == {"inactive"}
    assert {hall.unit(name)["UnitFileState"] for name in UNITS} == {"disabled"}
    assert settings.read_bytes() == before
    assert data.stat().st_size > 0
    changed = ("/etc/sysctl.d", "/etc/udev/rules.d", "/etc/systemd/logind.conf.d", "/etc/systemd/system.conf.d")
    assert "jiaohao" not in machine.run("find", *changed, "-name", "*jiaohao*", check=False)
    assert machine.run("jiaohao-setup", "check", check=False).count("✗") >= len(UNITS)


def test_purging_leaves_only_the_data(hall: InstalledHall) -> None:
    machine = hall.machine
    machine.run("sh", "-c", "rm -r /root/*.deb /etc/systemd/system/jiaohao-*.service.d; systemctl stop printer-twin")
    output = machine.run("apt-get", "-q", "-y", "purge", "jiaohao*")
    assert "the data stays in /var/lib/jiaohao;" in output
    left = machine.run("find", "/", "-xdev", "-name", "*jiaohao*", "-not", "-path", "/var/log/*").split()
    assert sorted(left) == ["/var/lib/jiaohao", "/var/lib/jiaohao-county"]
    assert machine.path("/var/lib/jiaohao/hall.sqlite").stat().st_size > 0
    assert machine.path("/var/lib/jiaohao-county/county.sqlite").stat().st_size > 0


def _active_s(unit: dict[str, str]) -> float:
    """Return for how long a unit has been active; the machine has this machine's monotonic clock."""
    assert unit["ActiveState"] == "active", {
        name: unit.get(name) for name in ("Id", "ActiveState", "SubState", "Result")
    }
    return time.monotonic() - int(unit["ActiveEnterTimestampMonotonic"]) / 1e6


def _killed_by_a_filter() -> list[str]:
    """Return what the kernel has written about programs of the package that a filter ended."""
    written = subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout
    return [line for line in written.splitlines() if "type=1326" in line and "jiaohao" in line]
