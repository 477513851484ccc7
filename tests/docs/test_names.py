"""One name means one thing in the product, and the words of the glossary are the words of the code."""

from __future__ import annotations

import re
from pathlib import Path

from product_names import TESTS, DefinedName, defined_names, modules_by_basename, public_classes, wire_fields

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"

SHARED_BASENAMES = {
    "__init__.py": "every package has one",
    "access.py": "hub and county each check their own keys on one base",
    "app.py": "each program with a surface has one",
    "bootstrap.py": "hub and county each build their services in one place",
    "faults.py": "each room has its own error tree",
    "main.py": "each program has one",
    "metrics.py": "hub and county each publish their own",
    "pages.py": "each program with pages lists them in one place",
    "settings.py": "each program has its own",
}

FORBIDDEN_WORDS = frozenset(
    [
        "tell",
        "tells",
        "told",
        "telling",
        "hear",
        "heard",
        "hears",
        "look",
        "looks",
        "looked",
        "ring",
        "rings",
        "rung",
        "bell",
        "obey",
        "obeys",
        "scene",
        "stage",
        "course",
        "vouch",
        "bustle",
        "manner",
        "ground",
        "utils",
        "helper",
        "helpers",
        "common",
        "core",
        "misc",
        "handler",
        "processor",
        "customer",
        "token",
        "counter",
    ]
)
FORBIDDEN_IN_TESTS = frozenset(
    [
        "ask",
        "asked",
        "asker",
        "asking",
        "say",
        "said",
        "saying",
        "hearing",
        "lives",
        "living",
        "standing",
        "standstill",
        "door",
    ]
)
"""Further words for what tests call publish, receive, request, answer or show, and for a process that runs."""
FORBIDDEN_PHRASES = ("take_number", "come_back", "go_there", "data_info")

ALLOWED = {
    "CoreLabel": "Kivy's own class",
    "get_route_handler": "FastAPI's own hook",
    "PROCESSOR_SHARE": "of a machine's processor",
}
"""Names in which a forbidden word means something else, with what it means."""

FORBIDDEN_IN_ROOM = {
    "server/": frozenset({"picture", "pictures"}),  # a site's state; in the other rooms a picture is an image
    "server/domain/referrals/": frozenset({"letter", "letters"}),  # a referral's state; elsewhere a service's letter
    "server/county/": frozenset({"letter", "letters"}),
    "server/hub/": frozenset({"letter", "letters"}),
}


def test_no_module_name_is_used_twice() -> None:
    twice = {name: paths for name, paths in modules_by_basename().items() if len(paths) > 1}
    assert {n: p for n, p in twice.items() if n not in SHARED_BASENAMES} == {}


def test_no_public_class_name_is_used_twice() -> None:
    twice = {name: paths for name, paths in public_classes().items() if len(paths) > 1}
    assert twice == {}


def test_no_name_uses_a_forbidden_word() -> None:
    assert sorted(f"{d.path}: {d.name}" for d in defined_names() if _forbidden(d)) == []


def test_no_name_of_a_test_uses_a_forbidden_word() -> None:
    assert len(defined_names(TESTS)) > 5000
    found = (d for d in defined_names(TESTS) if _forbidden(d) or d.words() & FORBIDDEN_IN_TESTS)
    assert sorted(f"{d.path}: {d.name}" for d in found) == []


def test_every_word_of_the_glossary_is_a_name_in_the_code() -> None:
    rows = re.findall(r"^\|(.*)\|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    words = {word for row in rows for word in re.findall(r"`([A-Za-z_]+)`", row.split("|")[-1])}
    names = {d.name for d in defined_names()} | wire_fields()
    assert len(words) > 60
    assert sorted(words - names) == []


def _forbidden(defined: DefinedName) -> bool:
    if defined.name in ALLOWED:
        return False
    words = set(FORBIDDEN_WORDS)
    for room, more in FORBIDDEN_IN_ROOM.items():
        words |= more if defined.path.startswith(room) else set()
    return bool(defined.words() & words) or any(p in defined.phrase() for p in FORBIDDEN_PHRASES)
