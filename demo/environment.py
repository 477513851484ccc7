"""Creates ``.venv`` from a lock file and shows the progress: ``python3 demo/environment.py demo`` or ``dev``.

Runs before anything is installed: standard library only, in syntax that an older Python still parses. A stamp file
``.venv/demo`` or ``.venv/dev`` is written last; an environment without one was never finished and is created anew. The
environment of the tests serves the demo too.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ("demo", "dev")
POLL_S = 0.5
REPORT_EVERY_S = 5.0
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off", "--retries", "3")

TOO_OLD = "需要 Python 3.11 或更新，这里是 {0}；请用 PYTHON=python3.11 make … / Python 3.11 or newer is needed, this is {0}; run PYTHON=python3.11 make …"  # noqa: E501 - one sentence
NO_VENV = "缺少系统包 python3-venv，请运行 sudo apt install python3-venv / python3-venv is missing, run: sudo apt install python3-venv"  # noqa: E501
NO_NETWORK = (
    "连不上软件包网站，请检查网络后再运行一次 / the package index cannot be reached; check the network and run it again"
)
DISK_FULL = "磁盘已满，请腾出约 1 GB 后再运行一次 / the disk is full; free about 1 GB and run it again"
NOT_THE_LOCK = (
    "下载的文件与 lock/ 里的校验值不符，没有安装 / what was downloaded is not what lock/ says, nothing was installed"
)
UNKNOWN = "安装没有完成，详见 {0} / the installation did not finish, see {0}"
STOPPED = "已停止，下次会重新安装 / stopped; the next run begins anew"


class Failed(Exception):
    """The environment cannot be created; ``str()`` is the sentence for the person at the terminal."""


def main() -> int:
    """Create the environment; a failure is one sentence and exit code 1."""
    try:
        make(sys.argv[1], folder=ROOT / ".venv")
    except Failed as failed:
        show(f"✗ {failed}")
        return 1
    except KeyboardInterrupt:
        show(f"\n✗ {STOPPED}")
        return 130
    except OSError as error:
        show(f"✗ {DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else error}")
        return 1
    return 0


def make(which: str, *, folder: Path) -> None:
    """Bring ``folder`` to the state of ``lock/{which}.txt``; idempotent. Raises Failed, OSError."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python learns it
        raise Failed(TOO_OLD.format(sys.version.split()[0]))
    if read_stamp(folder / which) == [environment_id(), lock_digest(which)]:
        return
    began = time.monotonic()
    show("准备运行环境，只需一次，树莓派上要几分钟 / preparing, once; it takes a few minutes on a Raspberry Pi")
    if not was_finished(folder):
        show("  1/3 虚拟环境 / virtual environment: .venv")
        create_anew(folder)
    for stamp in STAMPS:
        (folder / stamp).unlink(missing_ok=True)
    python, lock = str(folder / "bin" / "python"), ROOT / "lock" / f"{which}.txt"
    locked = len(re.findall(r"^[a-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    install([python, *PIP, "--require-hashes", "-r", str(lock)], folder=folder, locked=locked)
    show("  3/3 叫号本身 / Jiaohao itself")
    install([python, *PIP, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], folder=folder, locked=0)
    for stamp in STAMPS if which == "dev" else ("demo",):
        (folder / stamp).write_text(f"{environment_id()}\n{lock_digest(stamp)}\n", encoding="utf-8")
    show(f"✓ 运行环境好了，用时 {time.monotonic() - began:.0f} 秒 / ready after {time.monotonic() - began:.0f} s")


def environment_id() -> str:
    """Return folder and Python of an environment: one that was moved or copied does not work."""
    return f"{ROOT} {sys.base_prefix} {sys.version.split()[0]}"


def lock_digest(which: str) -> str:
    """Return the SHA-256 of what an environment is made from: lock file and pyproject.toml."""
    made_from = (ROOT / "lock" / f"{which}.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def read_stamp(stamp: Path) -> list[str]:
    """Return the lines of a stamp file; none where there is no file."""
    return stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else []


def was_finished(folder: Path) -> bool:
    """Whether an environment of this folder and Python was once finished, from whatever lock file."""
    return any(read_stamp(folder / stamp)[:1] == [environment_id()] for stamp in STAMPS)


def create_anew(folder: Path) -> None:
    """Replace ``folder`` by an empty virtual environment. Raises Failed."""
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_package()
    if folder.exists():
        shutil.rmtree(folder)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if made.returncode:
        raise Failed(failure_sentence(made.stdout.decode(errors="replace"), otherwise=NO_VENV))


def install_venv_package() -> None:
    """Install Debian's python3-venv when this is root. Raises Failed otherwise, or when that fails."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(NO_VENV)
    show("  安装系统包 / installing the system package: python3-venv")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "python3-venv"]):
        completed = subprocess.run(command, check=False, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if completed.returncode:
            raise Failed(NO_VENV)


def install(command: list[str], *, folder: Path, locked: int) -> None:
    """Run pip and show its progress; ``locked`` is the number of packages in the lock file. Raises Failed."""
    log = folder / "install.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    progress = Progress(folder=folder, log=log, locked=locked)
    try:
        while pip.poll() is None:
            time.sleep(POLL_S)
            progress.refresh()
    finally:
        if pip.poll() is None:
            pip.terminate()
            pip.wait()
    progress.end()
    if pip.returncode:
        raise Failed(failure_sentence(log.read_text(encoding="utf-8", errors="replace"), otherwise=UNKNOWN.format(log)))


class Progress:
    """Number of packages downloaded and installed: one line rewritten in place on a terminal, a few lines elsewhere."""

    def __init__(self, *, folder: Path, log: Path, locked: int) -> None:
        self._folder, self._log, self._locked = folder, log, locked
        self._on_terminal = sys.stdout.isatty()
        self._before = len(self._installed())
        self._shown = ""
        self._shown_at = float("-inf")

    def refresh(self) -> None:
        """Show the progress when it has changed."""
        line = self._line()
        if line == self._shown or (not self._on_terminal and time.monotonic() - self._shown_at < REPORT_EVERY_S):
            return
        self._shown, self._shown_at = line, time.monotonic()
        sys.stdout.write(f"\r\033[K{line}" if self._on_terminal else f"{line}\n")
        sys.stdout.flush()

    def end(self) -> None:
        """End the line that is rewritten in place."""
        if self._on_terminal and self._shown:
            show("")

    def _line(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        names = re.findall(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", text, re.MULTILINE)
        total = self._locked - len(re.findall(r"^Ignoring ", text, re.MULTILINE))
        if not names or total <= 0:
            return self._shown
        if "\nInstalling collected packages" in text:
            done = len(self._installed()) - self._before
            return f"  2/3 安装 / installing {min(done, total)} / {total}"
        return f"  2/3 下载 / downloading {len(names)} / {total}  {names[-1]}"

    def _installed(self) -> list[Path]:
        return list(self._folder.glob("lib/python*/site-packages/*.dist-info"))


def failure_sentence(text: str, *, otherwise: str) -> str:
    """Return the sentence for a failure in the output of pip or venv."""
    for signs, sentence in (
        (("No space left on device", "Errno 28", "Disk quota exceeded"), DISK_FULL),
        (("DO NOT MATCH THE HASHES",), NOT_THE_LOCK),
        (("Retrying (Retry(", "ConnectionError", "Read timed out", "Connection broken"), NO_NETWORK),
    ):
        if any(sign in text for sign in signs):
            return sentence
    return otherwise


def show(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
