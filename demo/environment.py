"""Makes ``.venv`` from a lock file and tells how far it is: ``python3 demo/environment.py demo`` or ``dev``.

Runs before anything is installed: the standard library only, and words that an older Python still reads. A file
``.venv/demo`` or ``.venv/dev`` is written last; an environment without one was never finished and is made again. What
serves the tests serves the demo too.
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
LOOK_EVERY_S = 0.5
SAY_EVERY_S = 5.0
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
    """The environment cannot be made; ``str()`` is the sentence for the person at the terminal."""


def main() -> int:
    """Make the environment; what is wrong is one sentence and exit code 1."""
    try:
        make(sys.argv[1], folder=ROOT / ".venv")
    except Failed as failed:
        say(f"✗ {failed}")
        return 1
    except KeyboardInterrupt:
        say(f"\n✗ {STOPPED}")
        return 130
    except OSError as error:
        say(f"✗ {DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else error}")
        return 1
    return 0


def make(which: str, *, folder: Path) -> None:
    """Bring ``folder`` to the state of ``lock/{which}.txt``, at once when it is there. Raises Failed, OSError."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python learns it
        raise Failed(TOO_OLD.format(sys.version.split()[0]))
    if read(folder / which) == [whose(), content(which)]:
        return
    began = time.monotonic()
    say("准备运行环境，只需一次，树莓派上要几分钟 / preparing, once; it takes a few minutes on a Raspberry Pi")
    if not finished_before(folder):
        say("  1/3 虚拟环境 / virtual environment: .venv")
        begin_anew(folder)
    for stamp in STAMPS:
        (folder / stamp).unlink(missing_ok=True)
    python, lock = str(folder / "bin" / "python"), ROOT / "lock" / f"{which}.txt"
    locked = len(re.findall(r"^[a-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    install([python, *PIP, "--require-hashes", "-r", str(lock)], folder=folder, locked=locked)
    say("  3/3 叫号本身 / Jiaohao itself")
    install([python, *PIP, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], folder=folder, locked=0)
    for stamp in STAMPS if which == "dev" else ("demo",):
        (folder / stamp).write_text(f"{whose()}\n{content(stamp)}\n", encoding="utf-8")
    say(f"✓ 运行环境好了，用时 {time.monotonic() - began:.0f} 秒 / ready after {time.monotonic() - began:.0f} s")


def whose() -> str:
    """Return for which folder and Python an environment is: one that was moved or copied does not work."""
    return f"{ROOT} {sys.base_prefix} {sys.version.split()[0]}"


def content(which: str) -> str:
    """Return what a finished environment was made from."""
    made_from = (ROOT / "lock" / f"{which}.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def read(stamp: Path) -> list[str]:
    """Return the lines of a stamp; none where there is no stamp."""
    return stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else []


def finished_before(folder: Path) -> bool:
    """Whether an environment of this folder and this Python was once finished, from whatever lock."""
    return any(read(folder / stamp)[:1] == [whose()] for stamp in STAMPS)


def begin_anew(folder: Path) -> None:
    """Replace ``folder`` by an empty environment. Raises Failed."""
    if importlib.util.find_spec("ensurepip") is None:
        get_venv()
    if folder.exists():
        shutil.rmtree(folder)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if made.returncode:
        raise Failed(reason(made.stdout.decode(errors="replace"), otherwise=NO_VENV))


def get_venv() -> None:
    """Install Debian's python3-venv when this is root; raises Failed where it is not or that does not help."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(NO_VENV)
    say("  安装系统包 / installing the system package: python3-venv")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "python3-venv"]):
        asked = subprocess.run(command, check=False, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if asked.returncode:
            raise Failed(NO_VENV)


def install(command: list[str], *, folder: Path, locked: int) -> None:
    """Run pip and say how far it is; ``locked`` packages stand in the lock file. Raises Failed."""
    log = folder / "install.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    progress = Progress(folder=folder, log=log, locked=locked)
    try:
        while pip.poll() is None:
            time.sleep(LOOK_EVERY_S)
            progress.tell()
    finally:
        if pip.poll() is None:
            pip.terminate()
            pip.wait()
    progress.end()
    if pip.returncode:
        raise Failed(reason(log.read_text(encoding="utf-8", errors="replace"), otherwise=UNKNOWN.format(log)))


class Progress:
    """How many packages are downloaded and installed: one living line on a terminal, a line now and then elsewhere."""

    def __init__(self, *, folder: Path, log: Path, locked: int) -> None:
        self._folder, self._log, self._locked = folder, log, locked
        self._living = sys.stdout.isatty()
        self._before = len(self._installed())
        self._said = ""
        self._said_at = float("-inf")

    def tell(self) -> None:
        """Say it when it has changed."""
        line = self._line()
        if line == self._said or (not self._living and time.monotonic() - self._said_at < SAY_EVERY_S):
            return
        self._said, self._said_at = line, time.monotonic()
        sys.stdout.write(f"\r\033[K{line}" if self._living else f"{line}\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Leave the living line."""
        if self._living and self._said:
            say("")

    def _line(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        names = re.findall(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", text, re.MULTILINE)
        total = self._locked - len(re.findall(r"^Ignoring ", text, re.MULTILINE))
        if not names or total <= 0:
            return self._said
        if "\nInstalling collected packages" in text:
            done = len(self._installed()) - self._before
            return f"  2/3 安装 / installing {min(done, total)} / {total}"
        return f"  2/3 下载 / downloading {len(names)} / {total}  {names[-1]}"

    def _installed(self) -> list[Path]:
        return list(self._folder.glob("lib/python*/site-packages/*.dist-info"))


def reason(text: str, *, otherwise: str) -> str:
    """Return the sentence for what pip or venv complained about."""
    for signs, sentence in (
        (("No space left on device", "Errno 28", "Disk quota exceeded"), DISK_FULL),
        (("DO NOT MATCH THE HASHES",), NOT_THE_LOCK),
        (("Retrying (Retry(", "ConnectionError", "Read timed out", "Connection broken"), NO_NETWORK),
    ):
        if any(sign in text for sign in signs):
            return sentence
    return otherwise


def say(line: str) -> None:
    """Tell the person at the terminal, now."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
