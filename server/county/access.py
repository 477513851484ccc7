"""Who may use the county's interface: hubs by the key of their site, managers by their passcode.

``jiaohao-county`` writes ``county-access.json`` and the running server reads it again when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr

from protocol.vocabulary import SiteId
from runtime.owned_files import make_folder
from server.auth.access_store import AccessStore, StoredAccess
from server.auth.key_file import hash_key, new_key


class CountyKeys(StoredAccess):
    """All that ``county-access.json`` holds."""

    sites: dict[SiteId, str] = Field(default_factory=dict)
    recovering: tuple[SiteId, ...] = ()
    """Sites whose hub is to replace what somebody else pushed with a stolen key."""


class CountyAccess(AccessStore[CountyKeys, SiteId]):
    """The keys of all sites, in the county's data folder. Several processes of one county share the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "county-access.json", CountyKeys)
        self.folder = folder

    def prepare(self) -> None:
        """Create the secret of web sessions on first use. Raises AccessFault."""
        make_folder(self.folder)
        with self._file.locked() as current:
            if not current.session_secret:
                self._replace(current, session_secret=new_key())

    def enrol(self, site: SiteId, *, recovers: bool = False) -> SecretStr:
        """Give a site's hub a new key, which ends its old one; only the returned value is ever shown.

        With ``recovers`` the hub's own journal replaces what somebody else pushed with the old key.
        """
        key = new_key()
        with self._file.locked() as current:
            recovering = {*current.recovering, site} if recovers else current.recovering
            self._replace(current, sites={**current.sites, site: hash_key(key)}, recovering=tuple(sorted(recovering)))
        return SecretStr(key)

    def is_recovering(self, site: SiteId) -> bool:
        """Whether the site's hub has yet to replace what somebody else pushed."""
        return site in self._file.read().recovering

    def finish_recovery(self, site: SiteId) -> None:
        """Note that the county has the hub's own journal."""
        with self._file.locked() as current:
            self._replace(current, recovering=tuple(other for other in current.recovering if other != site))

    def revoke(self, site: SiteId) -> bool:
        """End a site's key; False when it had none."""
        return self._remove("sites", site)

    def _holders_by_hash(self, stored: CountyKeys) -> Mapping[str, SiteId]:
        return {hashed: site for site, hashed in stored.sites.items()}
