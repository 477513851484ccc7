"""Templates: every value is escaped, a missing value is an error, and every template compiles."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from protocol.vocabulary import Language, Text
from server.web.templates import PACKAGES, render

HOSTILE = "<img src=x onerror=\"alert('1')\">&"
ESCAPED = "&lt;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&gt;&amp;"


def sources() -> list[Path]:
    folders = [Path(str(import_module(package).__file__)).parent / "templates" for package in PACKAGES.values()]
    return [path for folder in folders for path in sorted(folder.iterdir())]


def test_a_value_is_escaped_where_it_is_inserted() -> None:
    assert render("staff/heading.html", text=HOSTILE) == f"<h2>{ESCAPED}</h2>"


def test_a_value_is_escaped_once_behind_a_macro() -> None:
    text = Text(zh=HOSTILE, en=HOSTILE)
    shown = render("staff/question.html", text=text, language=Language.EN)
    assert (shown.count(ESCAPED), shown.count("<img"), shown.count("&amp;lt;")) == (2, 0, 0)


def test_a_value_that_was_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render("staff/heading.html")


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_every_template_compiles_and_trusts_nothing_but_the_fonts(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    Environment(autoescape=True).parse(source)
    assert source.count("safe") == source.count("{{ fonts | safe }}")
