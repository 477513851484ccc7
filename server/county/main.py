"""``jiaohao-county``: the county server, and the technician's commands on its machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocol.settings import SettingsError, load_settings, server_url
from protocol.vocabulary import SiteId, Text
from runtime.run_command import (
    DONE,
    CommandFailed,
    add_check_option,
    add_settings_option,
    command_parser,
    report_sound,
    run_command,
)
from server.auth.key_file import new_passcode
from server.authority.enrolment_codes import code_text
from server.county.access import CountyAccess
from server.county.app import LARGEST_BODY, create_app
from server.county.hub_enrolment import HubEnrolment
from server.county.journal_holders import forgotten_text, holders_text, way_back_text
from server.county.settings import MONITOR, SETTINGS_FILE, CountySettings
from server.domain.model.text_remarks import text_remarks
from server.http_server.connections.listeners import Listener
from server.http_server.uvicorn_server import listen, serve
from server.store.county_database import PoolerUnsuitable, county_address, open_county
from server.store.county_store import CountyStore
from server.store.faults import StoreFault
from server.store.file_lock import hold_exclusively
from server.store.journal.heads import SiteHead

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until a signal stops it, or one command, whose answer is printed; returns the exit code."""
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> int:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    path: Path = options.settings
    settings = load_settings(CountySettings, path).from_folder(path.parent, os.environ)
    try:
        county_address(settings.database)
    except StoreFault as fault:  # the address is a setting, so it ends with the exit code of settings
        raise SettingsError(path, fault.text) from fault
    if options.check:
        return report_sound(path, *_found(path, settings))
    try:
        answer = options.command(options, settings)
    except PoolerUnsuitable as fault:
        raise SettingsError(path, fault.text) from fault
    if answer:
        print(answer)  # noqa: T201 - this is the command's answer
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("jiaohao-county", description="县平台 / the county server and its commands")
    add_settings_option(parser, default=SETTINGS_FILE)
    add_check_option(parser)
    parser.set_defaults(command=_serve)
    commands = parser.add_subparsers(metavar="COMMAND", help="without one the server runs")
    enrol = commands.add_parser("enrol", help=f"give a site's hub its key, or {MONITOR}: jiaohao-county enrol tax")
    enrol.add_argument("site")
    enrol.set_defaults(command=_enrol)
    code = commands.add_parser("code", help="make a one-time code that joins a site's hub: jiaohao-county code tax")
    code.add_argument("site")
    code.set_defaults(command=_code)
    revoke = commands.add_parser("revoke", help="end a site's key")
    revoke.add_argument("site")
    revoke.set_defaults(command=_revoke)
    recover = commands.add_parser(
        "recover",
        help="after a theft of a site's key: end it, and let the hub's own journal count (the server may run)",
    )
    recover.add_argument("site")
    recover.set_defaults(command=_recover)
    forget = commands.add_parser("forget", help="let a site push its whole journal anew (stop the server first)")
    forget.add_argument("site")
    forget.set_defaults(command=_forget)
    rebuilding = commands.add_parser("rebuild", help="make a site's tables again from its journal and compare")
    rebuilding.add_argument("site")
    rebuilding.add_argument("--repair", action="store_true", help="put the rows that differ right (the server may run)")
    rebuilding.set_defaults(command=_rebuild)
    sites = commands.add_parser("sites", help="say of each site's journal what the county has and what the hub has")
    sites.set_defaults(command=_sites)
    passcode = commands.add_parser("passcode", help="make a new passcode for managers")
    passcode.set_defaults(command=_passcode)
    return parser


def _serve(options: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001 - same shape for all commands
    settings.travel_times()
    with _hold_database(settings), _listeners(settings) as listeners:
        CountyAccess(settings.data).prepare()
        with closing(CountyStore(open_county(settings.database, serving=True))) as store:
            store.check()
            if not any(head.seq for head in store.read_heads().values()):
                log.info("新的数据库，还没有流水，等各站点上报 / a new database: every hub is to push its journal")
        app = create_app(settings, with_pages=True)
        serve(
            app,
            listeners,
            limits=settings.limits,
            largest_body=LARGEST_BODY,
            proxies=settings.proxies,
            stopping=lambda: app.state.county.view_changes.close(),  # noqa: PLW0108 - not yet
        )
    return ""


@contextmanager
def _listeners(settings: CountySettings) -> Iterator[list[Listener]]:
    """Bind the county's port, and keep its certificate current while the block lasts."""
    listening = listen(settings.host, settings.port, file="county.toml")
    if settings.tls is None:
        yield [Listener(socket=bound) for bound in listening]
        return
    from server.authority.server_certificate import ServerCertificate  # noqa: PLC0415 - loads cryptography

    certificate = ServerCertificate(settings.data, settings.tls.names)
    with certificate.kept_current():
        yield [Listener(socket=bound, tls=certificate.staff) for bound in listening]


def _hold_database(settings: CountySettings) -> AbstractContextManager[None]:
    """Lock an SQLite database for this process; several processes may serve from one PostgreSQL."""
    address = county_address(settings.database)
    if address.drivername != "sqlite":
        return nullcontext()
    return hold_exclusively(settings.data, database=Path(str(address.database)), server="county")


def _enrol(options: argparse.Namespace, settings: CountySettings) -> str:
    if options.site not in {*settings.by_id, MONITOR}:
        raise _unknown(options.site, settings)
    key = _new_key(options.site, settings)
    return f'key = "{key}"' if options.site == MONITOR else f'[county]\n{_url(settings)}\nkey = "{key}"'


def _code(options: argparse.Namespace, settings: CountySettings) -> str:
    if options.site not in settings.by_id:
        raise _unknown(options.site, settings)
    if settings.tls is None:
        raise CommandFailed(
            Text(
                zh="county.toml 里没有 [tls]：请先写上并重启县平台，或用 jiaohao-county enrol 手工登记",
                en="county.toml has no [tls]: write it and restart the county first, or enrol by hand with "
                "jiaohao-county enrol",
            )
        )
    access = CountyAccess(settings.data)
    access.prepare()
    return code_text(HubEnrolment(access).new_code(options.site))


def _new_key(site: SiteId, settings: CountySettings, *, recovers: bool = False) -> str:
    access = CountyAccess(settings.data)
    access.prepare()
    return access.enrol(site, recovers=recovers).get_secret_value()


def _recover(options: argparse.Namespace, settings: CountySettings) -> str:
    if options.site not in settings.by_id:
        raise _unknown(options.site, settings)
    key = _new_key(options.site, settings, recovers=True)
    note = (
        "旧密钥已失效。写入站点的 hub.toml 并重启站点服务器，它自己的流水就会代替别人写的 / the old key has ended: "
        "write this into the site's hub.toml and restart the hub; its own journal replaces what others pushed"
    )
    return f'# {note}\n[county]\n{_url(settings)}\nkey = "{key}"'


def _url(settings: CountySettings) -> str:
    """Return the settings line with the county's address; a county that listens on all interfaces cannot know it."""
    scheme = "https" if settings.tls else "http"
    if settings.host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return f'url = "{server_url(settings.host, settings.port, scheme=scheme)}"'
    note = "把 county.example 换成县平台的地址 / put the county's own address in place of county.example"
    return f'# {note}\nurl = "{scheme}://county.example:{settings.port}"'


def _unknown(site: SiteId, settings: CountySettings) -> CommandFailed:
    names = ", ".join(settings.by_id)
    return CommandFailed(
        Text(
            zh=f"county.toml 里没有站点 {site!r}，只有：{names}",
            en=f"county.toml has no site {site!r}, its sites are: {names}",
        )
    )


def _revoke(options: argparse.Namespace, settings: CountySettings) -> str:
    if not CountyAccess(settings.data).revoke(options.site):
        raise CommandFailed(Text(zh=f"没有登记过 {options.site}", en=f"{options.site} has no key"))
    return f"{options.site} 的密钥已失效 / the key of {options.site} has ended"


def _forget(options: argparse.Namespace, settings: CountySettings) -> str:
    """Move a site's journal into a file: it may be the only remaining copy."""
    if options.site not in settings.by_id:
        raise _unknown(options.site, settings)
    path = settings.data / f"{options.site}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    with _hold_database(settings), closing(CountyStore(open_county(settings.database, must_exist=True))) as store:
        head = store.read_heads().get(options.site, SiteHead())
        count = store.forget(options.site, path)
    moved = f"{count} 条流水已移到 {path} / {count} entries were moved to {path}"
    alone = forgotten_text(head)
    return moved if alone is None else f"{moved}\n{alone.on_one_line()}"


def _rebuild(options: argparse.Namespace, settings: CountySettings) -> str:
    if options.site not in settings.by_id:
        raise _unknown(options.site, settings)
    with closing(CountyStore(open_county(settings.database, must_exist=True))) as store:
        report = store.rebuild(options.site, repair=options.repair)
        head = store.read_heads()[options.site]
    if report.changed:
        raise CommandFailed(way_back_text(options.site, head), report=str(report))
    if not report.sound:
        raise CommandFailed(report=str(report))
    return f"{report}\n{holders_text(head, ZoneInfo(settings.time_zone)).on_one_line()}"


def _sites(options: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001
    with closing(CountyStore(open_county(settings.database, must_exist=True))) as store:
        heads = store.read_heads()
    zone, access = ZoneInfo(settings.time_zone), CountyAccess(settings.data)
    held = {site: holders_text(heads.get(site, SiteHead()), zone).on_one_line() for site in settings.by_id}
    waits = "；等站点用新密钥送来它自己的流水 / waiting for the hub to push its own journal with its new key"
    return "\n".join(f"{site}: {text}{waits if access.is_recovering(site) else ''}" for site, text in held.items())


def _passcode(options: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001
    access = CountyAccess(settings.data)
    access.prepare()
    passcode = new_passcode()
    access.set_passcode("manager", passcode)
    return passcode


def _found(path: Path, settings: CountySettings) -> list[str]:
    """Return what ``--check`` reports of sound settings."""
    ways, sites = len(settings.travel_times().minutes), len(settings.sites)
    lines = [
        f"{settings.name.zh}: {sites} 个站点，{ways} 段路程 / {sites} sites, {ways} ways",
        f"数据库 / database: {county_address(settings.database)}",
    ]
    if not ways:
        lines.append("没有路程（travel），不推荐别的站点 / no travel times (travel): no other site is ever offered")
    return [*lines, *(f"{path}: {remark}" for remark in text_remarks(settings))]


if __name__ == "__main__":
    sys.exit(main())
