"""``jiaohao-admin join``: makes a hub one of a county, by a one-time code."""

from __future__ import annotations

import argparse
from pathlib import Path

from protocol.clients.enrolment_client import join
from protocol.enrolment_code import parse_code
from protocol.faults import WrongValue
from runtime.enrolment.device_files import read_settings_file, require_writable, table_of, write_document
from runtime.enrolment.enrol_device import parse_place
from runtime.owned_files import replace_file
from runtime.run_command import CommandFailed
from server.domain.model.catalogue import Catalogue
from server.hub.settings import HubSettings

COUNTY_PORT = 8090
"""Port of a county unless its settings say otherwise."""
COUNTY_CA = "county-ca.pem"
"""File beside ``hub.toml``: whom the hub trusts as its county."""
HUB_GROUP = "jiaohao"


def add_join_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("county", metavar="COUNTY", help="县平台的地址 / the county's address")
    parser.add_argument("code", metavar="CODE", help="登记码 / the code of `jiaohao-county code`")


def run_join(
    options: argparse.Namespace,
    settings: HubSettings,  # noqa: ARG001 - as all commands of a site
    catalogue: Catalogue,
) -> str:
    """Join a county and write its address and the key into ``hub.toml``. Raises CommandFailed, EnrolmentFault."""
    path: Path = options.settings
    try:
        place, code = parse_place(options.county, usual_port=COUNTY_PORT), parse_code(options.code)
    except WrongValue as error:
        raise CommandFailed(error.text) from error
    document = read_settings_file(path)
    county = table_of(document, "county", path)
    require_writable(path)
    joined = join(place, code, catalogue.site)
    replace_file(path.parent / COUNTY_CA, joined.authority, mode=0o644)
    county.update({"url": place.url, "key": joined.answer.key, "ca": COUNTY_CA})
    write_document(path, document, group=HUB_GROUP)
    return (
        f"{catalogue.site} 已加入县平台，{path} 已写好：请重启站点服务器 / {catalogue.site} has joined the county, "
        f"{path} is written: restart the hub"
    )
