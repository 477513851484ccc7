"""A unix socket that takes lines and answers each with one line of JSON: the remote control of a device's program."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

from protocol.faults import BilingualFault, system_error_text


class SocketFault(BilingualFault, OSError):
    """The socket cannot be opened."""


@contextmanager
def serve_lines(path: Path, answer: Callable[[bytes], Mapping[str, object]]) -> Iterator[None]:
    """Answer the lines that come on the socket ``path`` until the block ends, each connection on a thread of its own.

    The socket is its owner's alone. Raises SocketFault.
    """

    class Connection(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):  # the other end may go without its answers
                for line in self.rfile:
                    self.wfile.write(json.dumps(answer(line), ensure_ascii=False).encode() + b"\n")

    server = _open(path, Connection)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name=f"socket {path.name}", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)


def _open(path: Path, connection: type[StreamRequestHandler]) -> ThreadingUnixStreamServer:
    try:
        path.unlink(missing_ok=True)
        server = ThreadingUnixStreamServer(str(path), connection)
        path.chmod(0o600)
    except OSError as error:
        cause = system_error_text(error)
        raise SocketFault(
            f"打不开遥控接口 {path}：{cause.zh}", f"cannot open the control socket {path}: {cause.en}"
        ) from error
    return server
