"""The OpenAPI documents of hub and county as files: ``docs/openapi-hub.json``, ``docs/openapi-county.json``.

``make openapi`` writes them; ``tests/docs`` compares them with what the applications serve.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from protocol.vocabulary import Text
from server.county import app as county
from server.county.settings import CountySettings, CountySite
from server.hub import app as hub
from server.hub.settings import HubSettings

DOCS = Path(__file__).parents[2] / "docs"
NO_NAME = Text(zh="县", en="county")


def openapi_files() -> dict[Path, str]:
    """Return the documents by path; the settings of an application change nothing in them."""
    sites = (CountySite(id="main-hall", name=NO_NAME, address=NO_NAME),)
    applications = {
        "openapi-hub.json": hub.create_app(HubSettings()),
        "openapi-county.json": county.create_app(CountySettings(name=NO_NAME, sites=sites)),
    }
    return {
        DOCS / name: json.dumps(application.openapi(), ensure_ascii=False, indent=1) + "\n"
        for name, application in applications.items()
    }


def main() -> int:
    """Write the files."""
    for path, text in openapi_files().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
