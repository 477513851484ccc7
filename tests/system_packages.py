"""Sees that Debian has what the tests need: ``python3 tests/system_packages.py``, before anything else is there.

``deb`` as an argument: only what building the Debian packages needs; ``deb-all``: what building and trying them for
every Debian needs. As root, or with sudo without a password, what is missing is installed. Otherwise it is named, and
nothing runs.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

FOR_PACKAGES = {
    "python3-venv": "the virtual environment",
    "debhelper": "the Debian packages",
    "build-essential": "the same",
}
if platform.machine() == "aarch64" and sys.version_info >= (3, 13):
    FOR_PACKAGES.update(dict.fromkeys(("swig", "libpython3-dev", "python3-setuptools"), "lgpio, made of its source"))
FOR_ALL_PACKAGES = {
    **FOR_PACKAGES,
    "debootstrap": "a Debian in which the packages are built and tried",
    "systemd-container": "commands in that Debian",
    "qemu-user-static": "programs of another architecture",
}
NEEDED = {
    **FOR_PACKAGES,
    "lintian": "the check of the Debian packages",
    "debootstrap": "a Debian in which the packages are tried",
    "systemd-container": "booting that Debian",
    "mosquitto": "the real broker of a hall",
    "openssl": "certificates, judged at another time",
    "chromium": "the web pages in a real browser",
    "fonts-noto-cjk": "Chinese in the browser's pictures, rare characters on paper and screens",
    "fonts-hanazono": "the rarest Chinese characters",
    "fonts-noto-ui-core": "Uyghur",
    "fonts-symbola": "signs and emoji",
    "libfribidi0": "text from right to left",
    "opus-tools": "opusdec, which reads the clips of the voice",
    "espeak-ng": "the voice of the hall screen",
    "alsa-utils": "aplay, which plays the voice",
    "xvfb": "a screen for Kivy's windows where there is none",
    "libegl1": "Kivy's windows",
    "libgl1": "Kivy's windows",
    "libgles2": "Kivy's windows",
    "libgbm1": "Kivy's windows without X",
    "libmtdev1": "Kivy's touch screens",
    "libgl1-mesa-dri": "Kivy's windows without a graphics card",
    "iproute2": "the county's network in namespaces",
    "nftables": "the packet filter of hub and county",
    "zbar-tools": "zbarimg, which reads the codes on paper and screens",
    "postgresql": "the database of a larger county",
    "pgbouncer": "a connection pooler before that database",
    "strace": "a disk as slow as an SD card, for the benchmarks",
    "systemd": "systemd-analyze, which checks the units",
}


def main() -> int:
    """Install or name what is missing; exit code 1 when something still is."""
    needed = {"deb": FOR_PACKAGES, "deb-all": FOR_ALL_PACKAGES}.get("".join(sys.argv[1:]), NEEDED)
    missing = [package for package in needed if not installed(package)]
    if not missing:
        return 0
    names = " ".join(missing)
    root = as_root()
    if root is None or shutil.which("apt-get") is None:
        show("✗ 缺少这些系统包 / these system packages are missing:")
        for package in missing:
            show(f"    {package:18} {needed[package]}")
        show(f"  请运行 / run: sudo apt-get install -y {names}")
        return 1
    show(f"安装系统包 / installing system packages: {names}")
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *missing]):
        if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:
            show(f"✗ 安装没有成功 / the installation failed: {' '.join(command)}")
            return 1
    return 0


def show(line: str) -> None:
    """Print a line at once, before the output of apt."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def installed(package: str) -> bool:
    """Whether dpkg has a package, whole."""
    if shutil.which("dpkg-query") is None:
        return False
    query = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", package],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return query.stdout.startswith(b"ii")


def as_root() -> list[str] | None:
    """Return what to put before a command to run it as root; None where that is not allowed."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], check=False, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
