"""The documents name every topic, ticket state, make target, program and HTTP operation that there is."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from openapi_files import openapi_files
from product_names import ROOMS
from prove import CLAIMS

from protocol import topics
from protocol.vocabulary import TicketState

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))


def topic_builders() -> list[Callable[..., str]]:
    """Every function that builds a topic or a filter."""
    functions = [f for _, f in inspect.getmembers(topics, inspect.isfunction) if f.__module__ == topics.__name__]
    return [f for f in functions if f.__annotations__["return"] == "str"]


def test_every_topic_is_described() -> None:
    text = (DOCS / "topics.md").read_text(encoding="utf-8")
    built = [
        build(**{name: f"{{{name}}}" for name in inspect.signature(build).parameters}) for build in topic_builders()
    ]
    assert len(built) >= 6
    assert [topic for topic in built if "+" not in topic and f"`{topic}`" not in text] == []


def test_every_ticket_state_is_in_the_glossary() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert [s.value for s in TicketState if s.value not in text] == []


def test_every_make_target_is_described() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    text = "".join(page.read_text(encoding="utf-8") for page in GUIDES)
    assert len(targets) >= 10
    assert [target for target in targets if f"`make {target}`" not in text] == []


def test_every_claim_stands_in_the_table() -> None:
    text = (DOCS / "claims.md").read_text(encoding="utf-8")
    assert [claim for claim in CLAIMS if f"| `{claim}` |" not in text] == []


def test_every_program_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = "".join(page.read_text(encoding="utf-8") for page in GUIDES)
    assert [program for program in project["scripts"] if program not in text] == []


@pytest.mark.parametrize("path", [DOCS / "openapi-hub.json", DOCS / "openapi-county.json"], ids=lambda p: p.name)
def test_the_openapi_files_are_what_the_applications_serve(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == openapi_files()[path], "run: make openapi"


def test_every_link_leads_somewhere() -> None:
    for page in (*GUIDES, *sorted((DOCS / "adr").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_path_in_a_document_exists() -> None:
    folders = "|".join(("docs", "tests", "systemd", *ROOMS))
    for page in (*GUIDES, *sorted((DOCS / "adr").glob("*.md"))):
        for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text(encoding="utf-8")):
            assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_every_path_in_the_makefile_exists() -> None:
    paths = re.findall(r"(?<![\w/])((?:tests|docs|demo)/[\w/.*-]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(paths) > 10
    assert [path for path in paths if not list(ROOT.glob(path))] == []


def test_every_name_in_developing_exists() -> None:
    text = (DOCS / "developing.md").read_text(encoding="utf-8")
    pairs = re.findall(r"`([a-z_/]+\.py):([A-Za-z_.]+)`", text)
    missing = [f"{path}:{name}" for path, name in pairs if name.split(".")[-1] not in _defined(ROOT / path)]
    assert missing == []


def _defined(path: Path) -> set[str]:
    """Functions, methods and classes of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)}
