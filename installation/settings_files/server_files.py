"""Settings of hub and county, and the keys that they give."""

from __future__ import annotations

import argparse
from pathlib import Path

from installation.answers.complete_answers import merged, read
from installation.answers.questions import EXAMPLES
from installation.answers.setup_answers import SetupAnswers
from installation.machine import Machine
from installation.settings_files.settings_file import SettingsFile
from installation.toml_table import read_table
from protocol.settings import SettingsError, load_settings, server_url, unreadable
from protocol.vocabulary import DeviceKind, SiteId
from runtime.owned_files import replace_file
from server.authority.authority import open_authority
from server.authority.enrolment_codes import Enrollee
from server.county.access import CountyAccess
from server.county.settings import CountySettings
from server.domain.model.catalogue import Catalogue
from server.hub.access import Access
from server.hub.enrolment.county_joining import COUNTY_CA, run_join
from server.hub.enrolment.device_enrolment import DeviceEnrolment
from server.hub.settings import HubSettings

SERVER_GROUP = "jiaohao"
HUB_DATA, COUNTY_DATA = "/var/lib/jiaohao", "/var/lib/jiaohao-county"
LOCAL = "127.0.0.1"
DATABASE = "county.sqlite"


def hub_file(machine: Machine) -> SettingsFile:
    """Return ``hub.toml``."""

    def verify(path: Path) -> None:
        load_settings(HubSettings, path).from_folder(path.parent)

    return SettingsFile(machine, "hub", HubSettings, group=SERVER_GROUP, verify=verify)


def site_file(machine: Machine) -> SettingsFile:
    """Return ``site.toml``, or the description that ``hub.toml`` names instead."""
    try:
        named = hub_file(machine).read().get("catalogue", "site.toml")
    except SettingsError:  # which is a matter of hub.toml, and named there
        named = "site.toml"
    path = machine.settings_file("hub").parent / named
    return SettingsFile(machine, "site", Catalogue, group=SERVER_GROUP, path=path)


def county_file(machine: Machine) -> SettingsFile:
    """Return ``county.toml``."""

    def verify(path: Path) -> None:
        load_settings(CountySettings, path).from_folder(path.parent, {}).travel_times()

    return SettingsFile(machine, "county", CountySettings, group=SERVER_GROUP, verify=verify)


class SiteServer:
    """A hub on this machine: its settings, its site, and the keys of its devices."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._settings = hub_file(machine)
        self._site = site_file(machine)

    def write(self, answers: SetupAnswers, county: CountyServerHere | None) -> bool:
        """Write ``site.toml`` where there is none, and ``hub.toml``; return whether anything was changed.

        ``county`` is that on this machine: the hub gets a key of it, unless it has one.
        """
        changed, before = False, self._settings.read()
        if not self._site.exists and (answers.hub.site_file or not before):
            chosen = answers.hub.site_file or self._machine.path(f"{EXAMPLES}/main-hall.toml")
            changed = self._site.write_text(read_text(chosen))
        encrypted = answers.hub.tls if before else answers.hub.tls is not False
        names = [answers.hub_address] if answers.hub_address and not before else []
        tls = {"tls": {"names": names} if names else {}} if encrypted else {}
        values = merged({} if before else {"data": HUB_DATA}, before, tls, answers.hub.settings)
        if county is not None:
            joined = county.joined(self.catalogue.site, read(values, "county.key"), beside=self._settings.path)
            values = merged(values, {"county": joined})
        return self._settings.write(values) or changed

    def join(self, answers: SetupAnswers) -> bool:
        """Join the county elsewhere by its code, unless the hub belongs to one; return whether it has joined.

        Raises CommandFailed, EnrolmentFault, OSError.
        """
        address, code = answers.hub.county_address, answers.hub.county_code
        if address is None or code is None or "county" in self._settings.read():
            return False
        options = argparse.Namespace(county=address, code=code, settings=self._settings.path)
        run_join(options, self.settings, self.catalogue)
        return True

    @property
    def catalogue(self) -> Catalogue:
        """The description of the site."""
        return load_settings(Catalogue, self._site.path)

    @property
    def settings(self) -> HubSettings:
        """What ``hub.toml`` holds."""
        return load_settings(HubSettings, self._settings.path).from_folder(self._settings.path.parent)

    @property
    def url(self) -> str:
        """Its address for programs of this machine."""
        return server_url(LOCAL, self.settings.port)

    def access(self) -> Access:
        """Return its keys and passcodes."""
        access = Access(self._machine.path(str(self.settings.data)), site=self.catalogue.site)
        access.prepare()
        return access

    def is_key_of(self, known: str | None, device: str, kind: DeviceKind) -> bool:
        """Whether a device has this key."""
        holder = self.access().holder_of(known) if known else None
        return holder is not None and (holder.id, holder.kind) == (device, kind)

    def new_key(self, device: Enrollee, kind: DeviceKind) -> str:
        """Return a new key for a device of this kind, of a hub that does not encrypt."""
        return self.access().enrol(device.name, kind, device.windows).get_secret_value()

    def new_code(self, device: Enrollee) -> str:
        """Return a one-time code for a device of a hub that encrypts."""
        settings, site = self.settings, self.catalogue.site
        return DeviceEnrolment(settings, self.access(), site=site).new_code(device).shown()


class CountyServerHere:
    """A county server on this machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._settings = county_file(machine)

    def write(self, answers: SetupAnswers) -> bool:
        """Write ``county.toml``, with its table of travel times, where there is none; return whether it was written."""
        if self._settings.exists:
            return False
        chosen = answers.county.county_file or self._machine.path(f"{EXAMPLES}/county.toml")
        text, values = read_text(chosen), read_table(chosen)
        if values.get("travel"):
            table = self._settings.path.parent / Path(values["travel"]).name
            table.parent.mkdir(parents=True, exist_ok=True)
            table.write_text(read_text(chosen.parent / values["travel"]), encoding="utf-8")
        data = "" if "data" in values else f'data = "{COUNTY_DATA}"\n'
        return self._settings.write_text(data + text)

    @property
    def port(self) -> int:
        """The port that it serves."""
        return load_settings(CountySettings, self._settings.path).port

    @property
    def database(self) -> Path | None:
        """Its database, where that is a file."""
        settings = load_settings(CountySettings, self._settings.path)
        return None if settings.database else settings.from_folder(self._settings.path.parent, {}).data / DATABASE

    def joined(self, site: SiteId, known: str | None, *, beside: Path) -> dict[str, str]:
        """Return ``[county]`` of a hub on this machine, ``beside`` whose settings a county that encrypts is trusted."""
        found = {"url": self.url, "key": self._key_for(site, known)}
        authority = self.authority
        if authority is None:
            return found
        replace_file(beside.with_name(COUNTY_CA), authority, mode=0o644)
        return {**found, "ca": COUNTY_CA}

    @property
    def authority(self) -> str | None:
        """The certificate of its authority, in PEM; None where it does not encrypt."""
        encrypts = load_settings(CountySettings, self._settings.path).tls is not None
        return open_authority(self.access().folder).pem if encrypts else None

    @property
    def url(self) -> str:
        """Its address for programs of this machine."""
        encrypts = load_settings(CountySettings, self._settings.path).tls is not None
        return server_url(LOCAL, self.port, scheme="https" if encrypts else "http")

    def _key_for(self, site: SiteId, known: str | None) -> str:
        """Return the key of a site's hub: the one that it has, if it is good, or a new one."""
        access = self.access()
        if known and access.holder_of(known) == site:
            return known
        return access.enrol(site).get_secret_value()

    def access(self) -> CountyAccess:
        """Return its keys and passcodes."""
        settings = load_settings(CountySettings, self._settings.path).from_folder(self._settings.path.parent, {})
        access = CountyAccess(self._machine.path(str(settings.data)))
        access.prepare()
        return access


def read_text(path: Path) -> str:
    """Return a text file. Raises SettingsError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(path, error) from error
