"""``make test`` installs the system packages it needs where it may, and elsewhere names those that are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import real_hall

PROGRAM = Path(real_hall.__file__).parents[1] / "system_packages.py"
DPKG = """#!/bin/sh
for package; do :; done
grep -qx "$package" "{have}" && printf 'ii '
exit 0
"""
APT = """#!/bin/sh
case " $* " in *" install "*) for package; do echo "$package" >> "{have}"; done;; esac
exit {code}
"""


@pytest.fixture
def debian(tmp_path: Path) -> Path:
    """A machine whose dpkg-query and apt-get are small scripts: it has all packages but two."""
    have = tmp_path / "have"
    everything = subprocess.run([sys.executable, "-c", NEEDED], capture_output=True, text=True, check=True).stdout
    have.write_text("".join(f"{p}\n" for p in everything.split() if p not in {"mosquitto", "espeak-ng"}))
    script(tmp_path / "dpkg-query", DPKG.format(have=have))
    script(tmp_path / "apt-get", APT.format(have=have, code=0))
    for tool in ("env", "grep", "sh"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    return tmp_path


NEEDED = f"import runpy; print(*runpy.run_path({str(PROGRAM)!r})['NEEDED'])"


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def see(debian: Path, *arguments: str, user: int) -> tuple[int, str]:
    """Run the program as this user; return the exit code and the output."""
    run = f"import os, runpy; os.geteuid = lambda: {user}; runpy.run_path({str(PROGRAM)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", run, *arguments],
        env={"PATH": str(debian)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_root_gets_what_is_missing_and_the_next_run_is_silent(debian: Path) -> None:
    code, output = see(debian, user=0)
    assert (code, output) == (
        0,
        "安装系统包 / installing system packages: mosquitto espeak-ng\n",
    )

    assert see(debian, user=0) == (0, "")


def test_who_only_builds_the_packages_needs_no_broker(debian: Path) -> None:
    assert see(debian, "deb", user=1000) == (0, "")


def test_so_does_a_user_whose_sudo_needs_no_password(debian: Path) -> None:
    script(debian / "sudo", '#!/bin/sh\n[ "$1" = -n ] && shift && [ "$1" = true ] || exec "$@"\n')

    assert see(debian, user=1000)[0] == 0
    assert see(debian, user=1000) == (0, "")


@pytest.mark.parametrize("sudo", [None, "#!/bin/sh\nexit 1\n"])
def test_anybody_else_reads_exactly_what_is_missing_and_what_to_type(debian: Path, sudo: str | None) -> None:
    if sudo:
        script(debian / "sudo", sudo)

    code, output = see(debian, user=1000)

    assert code == 1
    assert output.splitlines() == [
        "✗ 缺少这些系统包 / these system packages are missing:",
        "    mosquitto          the real broker of a hall",
        "    espeak-ng          the voice of the hall screen",
        "  请运行 / run: sudo apt-get install -y mosquitto espeak-ng",
    ]


def test_an_installation_that_fails_stops_the_tests(debian: Path) -> None:
    script(debian / "apt-get", APT.format(have=debian / "elsewhere", code=100))

    code, output = see(debian, user=0)

    assert code == 1
    assert "✗ 安装没有成功 / the installation failed" in output
