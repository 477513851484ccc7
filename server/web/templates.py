"""HTML from the Jinja2 templates that lie beside their pages.

Every value is escaped where it is inserted (``autoescape``), and a name that a template uses without being given it is
an error (``StrictUndefined``), not an empty place on the page.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from protocol.vocabulary import Language

PACKAGES = {
    "visitor": "server.web.visitor",
    "staff": "server.web.staff",
    "clerk": "server.web.staff.clerk",
    "devices": "server.web.staff.devices",
    "manager": "server.web.staff.manager",
    "figures": "server.web.staff.figures",
    "county": "server.web.staff.county",
}
"""First part of a template's name -> the package whose folder ``templates`` it lies in."""

HTML_LANG = {Language.ZH: "zh-CN", Language.EN: "en"}
"""Value of the attribute ``lang`` for each language."""


def render(template: str, **values: object) -> str:
    """Return a template filled with values; ``visitor/ticket.html`` lies in ``server/web/visitor/templates``."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PrefixLoader({prefix: PackageLoader(package) for prefix, package in PACKAGES.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(html_lang=HTML_LANG, other_language=_other_language)
    return environment


def _other_language(language: Language) -> Language:
    return Language.EN if language is Language.ZH else Language.ZH
