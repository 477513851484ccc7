"""A server's own certificate: made and renewed by its authority while the server runs."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from runtime.tls_files import CERTIFICATE, load_identity, server_context
from server.authority.authority import open_authority

log = logging.getLogger(__name__)

RENEW_EVERY_S = 6 * 3600.0
"""Interval at which the certificate's end and names are checked, seconds."""
TLS_FOLDER = "tls"
"""Folder in a server's data folder that has its certificate and key."""


class ServerCertificate:
    """Certificate and key in a server's TLS folder, and the contexts of the listeners that serve with them."""

    def __init__(self, data: Path, names: Collection[str]) -> None:
        """Make what is missing in a data folder. ``names`` are those of the machine beside its own.

        Raises AccessFault, SettingsError, OSError.
        """
        self._folder = data / TLS_FOLDER
        self._authority = open_authority(data)
        self._names = frozenset({socket.gethostname(), *names})
        self._renewal = FaultLog(log, Text(zh="证书没有更新", en="the certificate was not renewed"))
        self._authority.write_hub_files(self._folder, self._names)
        self.devices = server_context(self._folder, asks_for_certificate=True)
        """Context of a listener to which devices connect, which show certificates of their own."""
        self.staff = server_context(self._folder, asks_for_certificate=False)
        """Context of a listener to which browsers connect."""

    @contextmanager
    def kept_current(self) -> Iterator[None]:
        """Renew the certificate in time while the block lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(ended,), name="certificate", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _renew_until(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW_EVERY_S):
            try:
                self.renew()
            except (OSError, ValueError) as error:  # ValueError: of a damaged file
                self._renewal.began(error)
            else:
                self._renewal.ended()

    def _shown(self) -> bytes:
        """Return the certificate file; empty when it was deleted."""
        file = self._folder / CERTIFICATE
        return file.read_bytes() if file.exists() else b""

    def renew(self) -> None:
        """Renew the certificate when it ends soon; new connections are served with it. Raises OSError, ValueError."""
        before = self._shown()
        self._authority.write_hub_files(self._folder, self._names)
        if self._shown() == before:
            return
        for context in (self.devices, self.staff):
            load_identity(context, self._folder)
