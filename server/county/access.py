"""Who may ask the county: hubs by the key of their site, managers by their passcode; in ``county-access.json``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from server.auth.key_file import KeyFile, hash_key, hash_passcode, matches_passcode, new_key, stamp_of
from server.auth.login_service import Role


class CountyKeys(BaseModel):
    """All that the file holds; keys and passcodes only as hashes."""

    model_config = ConfigDict(frozen=True)

    sites: dict[str, str] = {}
    passcodes: dict[Role, str] = {}
    session_secret: str = ""


class CountyAccess:
    """The keys of all sites, in the county's data folder. Several processes of one county share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = KeyFile(folder / "county-access.json", CountyKeys)
        self._known: CountyKeys | None = None
        self._by_hash: dict[str, str] = {}

    def prepare(self) -> None:
        """Make the secret of web sessions on first use. Raises AccessFault."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._file.changing() as current:
            if not current.session_secret:
                self._file.write(current.model_copy(update={"session_secret": new_key()}))

    def session_secret(self) -> str:
        """Return the secret that signs web sessions."""
        return self._file.read().session_secret

    def enrolled(self) -> frozenset[str]:
        """Return the sites that have a key."""
        return frozenset(self._file.read().sites)

    def enrol(self, site: str) -> SecretStr:
        """Give a site's hub a new key, which ends its old one; only the returned value is ever shown."""
        key = new_key()
        with self._file.changing() as current:
            self._file.write(current.model_copy(update={"sites": {**current.sites, site: hash_key(key)}}))
        return SecretStr(key)

    def revoke(self, site: str) -> bool:
        """End a site's key; False when it had none."""
        with self._file.changing() as current:
            if site not in current.sites:
                return False
            rest = {name: hashed for name, hashed in current.sites.items() if name != site}
            self._file.write(current.model_copy(update={"sites": rest}))
        return True

    def set_passcode(self, role: Role, passcode: str) -> None:
        """Replace a role's passcode."""
        hashed = hash_passcode(passcode)
        with self._file.changing() as current:
            self._file.write(current.model_copy(update={"passcodes": {**current.passcodes, role: hashed}}))

    def site(self, key: str) -> str | None:
        """Return whose key this is, or None."""
        file = self._file.read()
        if file is not self._known:
            self._by_hash = {hashed: site for site, hashed in file.sites.items()}
            self._known = file
        return self._by_hash.get(hash_key(key))

    def role(self, role: Role, passcode: str) -> bool:
        """Whether the passcode is that role's."""
        return matches_passcode(self._file.read().passcodes.get(role), passcode)

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode, so that a new passcode ends old sessions."""
        return stamp_of(self._file.read().passcodes.get(role))
