"""``jiaohao-county``: the county server, and what a technician does at its machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from protocol.settings import SettingsError, load_settings, sentence_of
from protocol.vocabulary import SiteId
from server.auth.key_file import new_passcode
from server.county.access import CountyAccess
from server.county.app import create_app
from server.county.settings import MONITOR, CountySettings
from server.http_server.uvicorn_server import listen, serve
from server.store.county_database import county_address, open_county
from server.store.county_store import CountyStore
from server.store.file_lock import hold_exclusively

_ASK_THE_HUB = (
    "本站点的流水，大厅还有一份：停下县平台，运行 jiaohao-county forget {site}，再启动，大厅会重新上报 / "
    "the hub has the journal too: stop the county, jiaohao-county forget {site}, start it; the hub pushes its own anew"
)


def main() -> None:
    """Run the server until told to stop, or one command; what is wrong is one sentence and exit code 2."""
    arguments = _arguments().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        path: Path = arguments.settings
        settings = load_settings(CountySettings, path).from_folder(path.parent, os.environ)
        said = arguments.run(arguments, settings)
    except (SettingsError, OSError) as error:
        print(f"jiaohao-county: {sentence_of(error)}", file=sys.stderr)  # noqa: T201 - one sentence for the technician
        sys.exit(2)
    if said:
        print(said)  # noqa: T201 - this is the command's answer


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, default=Path("/etc/jiaohao/county.toml"), help="county.toml")
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(metavar="COMMAND", help="without one the server runs")
    enrol = commands.add_parser("enrol", help=f"give a site's hub its key, or {MONITOR}: jiaohao-county enrol tax")
    enrol.add_argument("site")
    enrol.set_defaults(run=_enrol)
    revoke = commands.add_parser("revoke", help="end a site's key")
    revoke.add_argument("site")
    revoke.set_defaults(run=_revoke)
    forget = commands.add_parser("forget", help="let a site push its whole journal anew (stop the server first)")
    forget.add_argument("site")
    forget.set_defaults(run=_forget)
    again = commands.add_parser("rebuild", help="make a site's tables again from its journal and compare")
    again.add_argument("site")
    again.add_argument("--repair", action="store_true", help="put the rows that differ right (the server may run)")
    again.set_defaults(run=_rebuild)
    passcode = commands.add_parser("passcode", help="make a new passcode for managers")
    passcode.set_defaults(run=_passcode)
    check = commands.add_parser("check", help="check county.toml and the travel times")
    check.set_defaults(run=_check)
    return parser


def _serve(arguments: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001 - same shape for all commands
    settings.travel_times()
    with _alone(settings):
        listening = listen(settings.host, settings.port, file="county.toml")
        CountyAccess(settings.data).prepare()
        CountyStore(open_county(settings.database, serving=True)).close()
        app = create_app(settings, with_pages=True)
        serve(app, listening, proxies=settings.proxies, stopping=lambda: app.state.county.view_changes.close())  # noqa: PLW0108 - not yet
    return ""


def _alone(settings: CountySettings) -> AbstractContextManager[None]:
    """Hold an SQLite database alone; a PostgreSQL knows by itself who serves from it, and several may."""
    return hold_exclusively(settings.data, server="county") if settings.database.startswith("sqlite") else nullcontext()


def _enrol(arguments: argparse.Namespace, settings: CountySettings) -> str:
    if arguments.site not in {*settings.by_id, MONITOR}:
        raise _unknown(arguments.site, settings)
    access = CountyAccess(settings.data)
    access.prepare()
    key = access.enrol(arguments.site).get_secret_value()
    return f'key = "{key}"' if arguments.site == MONITOR else f'[county]\n{_url(settings)}\nkey = "{key}"'


def _url(settings: CountySettings) -> str:
    """Return the line that says where hubs find the county; a county that listens everywhere cannot know it."""
    if settings.host != "0.0.0.0":  # noqa: S104 - compared, not bound
        return f'url = "http://{settings.host}:{settings.port}"'
    note = "把 county.example 换成县平台的地址 / put the county's own address in place of county.example"
    return f'# {note}\nurl = "http://county.example:{settings.port}"'


def _unknown(site: SiteId, settings: CountySettings) -> SettingsError:
    names = ", ".join(settings.by_id)
    return SettingsError(f"county.toml 里没有站点 {site!r} / county.toml has no site {site!r}, its sites are: {names}")


def _revoke(arguments: argparse.Namespace, settings: CountySettings) -> str:
    if not CountyAccess(settings.data).revoke(arguments.site):
        raise SettingsError(f"没有登记过 {arguments.site} / {arguments.site} has no key")
    return f"{arguments.site} 的密钥已失效 / the key of {arguments.site} has ended"


def _forget(arguments: argparse.Namespace, settings: CountySettings) -> str:
    """Keep what is forgotten in a file: it may be all that is left of a hub's true past."""
    if arguments.site not in settings.by_id:
        raise _unknown(arguments.site, settings)
    path = settings.data / f"{arguments.site}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    with _alone(settings), closing(CountyStore(open_county(settings.database, must_exist=True))) as store:
        count = store.forget(arguments.site, path)
    return f"{count} 条流水已移到 {path} / {count} entries were moved to {path}"


def _rebuild(arguments: argparse.Namespace, settings: CountySettings) -> str:
    if arguments.site not in settings.by_id:
        raise _unknown(arguments.site, settings)
    with closing(CountyStore(open_county(settings.database, must_exist=True))) as store:
        report = store.rebuild(arguments.site, repair=arguments.repair)
    if report.changed:
        sys.exit(f"{report}\n{_ASK_THE_HUB.format(site=arguments.site)}")
    if not report.sound:
        sys.exit(str(report))
    return str(report)


def _passcode(arguments: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001
    access = CountyAccess(settings.data)
    access.prepare()
    passcode = new_passcode()
    access.set_passcode("manager", passcode)
    return passcode


def _check(arguments: argparse.Namespace, settings: CountySettings) -> str:  # noqa: ARG001
    ways, sites = len(settings.travel_times().minutes), len(settings.sites)
    lines = [
        f"{settings.name.zh}: {sites} 个站点，{ways} 段路程 / {sites} sites, {ways} ways",
        f"数据库 / database: {county_address(settings.database)}",
    ]
    if not ways:
        lines.append("没有路程（travel），不推荐别的站点 / no travel times (travel): no other site is ever offered")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
