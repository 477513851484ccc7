"""A Debian 12 in a folder, with what our packages depend on, made once a month and kept outside the repository."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SUITE = "bookworm"
CACHE = Path("/var/cache/jiaohao-tests")
TOOLS = ("curl", "sudo", "systemd-sysv")
"""What a technician has on a machine before ours comes."""
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y")


def debian_root(packages: Sequence[Path]) -> Path:
    """Return the folder of a Debian 12 that has what these packages depend on, but not them."""
    needed = sorted({*TOOLS, *(name for package in packages for name in depended_on(package))})
    digest = hashlib.sha256(" ".join(needed).encode()).hexdigest()[:8]
    root = CACHE / f"{SUITE}-{datetime.now(UTC):%Y-%m}-{digest}"
    with _locked():
        if not root.exists():
            _make(root, needed)
    return root


def depended_on(package: Path) -> list[str]:
    """Return the packages of Debian that a package depends on or recommends; of alternatives the first."""
    fields = subprocess.run(
        ["dpkg-deb", "--show", "--showformat=${Depends},${Recommends}", str(package)],
        capture_output=True,
        text=True,
        check=True,
    )
    names = re.findall(r"(?:^|,)\s*([a-z0-9.+-]+)", fields.stdout)
    return [name for name in names if not name.startswith("jiaohao")]


def _make(root: Path, needed: Sequence[str]) -> None:
    """Make the folder under another name first, so that one which is there is whole."""
    for old in CACHE.glob(f"{SUITE}-*"):
        shutil.rmtree(old)
    part = root.with_name(f"{root.name}.part")
    _run("debootstrap", "--variant=minbase", SUITE, str(part))
    inside = ("systemd-nspawn", "--quiet", f"--directory={part}", "--register=no", "--keep-unit", "--pipe", *APT)
    _run(*inside, "install", "--no-install-recommends", *needed)
    _run(*inside, "clean")
    (part / "etc" / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n", encoding="ascii")
    part.rename(root)


def _run(*command: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


@contextmanager
def _locked() -> Iterator[None]:
    """One test run makes it at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
