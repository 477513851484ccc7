"""The system's own programs that the voice uses: synthesiser, decoder, player."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection

from hardware.voice.voice_fault import ProgramMissing, VoiceFault


def run_program(
    command: list[str],
    *,
    at_most_s: float,
    given: bytes = b"",
    meanwhile: Callable[[], None] = lambda: None,
    inherited: Collection[int] = (),
) -> bytes:
    """Return what a program writes when it is ``given`` some input; raises VoiceFault when it fails or hangs.

    ``inherited`` are descriptors that it can use too.
    """
    program, ends_at = command[0], time.monotonic() + at_most_s
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(  # noqa: S603 - from settings
            command, stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=inherited
        ) as running:
            try:
                meanwhile()
                output, errors = running.communicate(given, timeout=max(1.0, ends_at - time.monotonic()))
            finally:
                running.kill()
    except FileNotFoundError as error:
        raise ProgramMissing(zh=f"没有安装 {program}", en=f"{program} is not installed") from error
    except OSError as error:
        raise VoiceFault(zh=f"不能运行 {program}：{error}", en=f"cannot run {program}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise VoiceFault(
            zh=f"{program} {at_most_s:.0f} 秒没有结束", en=f"{program} did not end in {at_most_s:.0f} s"
        ) from error
    if running.returncode != 0:
        lines = errors.decode("utf-8", errors="replace").split("\n")
        why = next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {running.returncode}")
        raise VoiceFault(zh=f"{program} 出错：{why}", en=f"{program} failed: {why}")
    return output
