"""Pieces that staff pages are built from: words in two languages, keys that press once, the bar at the top."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape

from nicegui import ui
from nicegui.events import GenericEventArguments

from protocol.vocabulary import Language, Text
from server.web.visitor.plain_page import LANG

Pressed = Callable[[float], Awaitable[None]]
"""Carries out a press; told when the page had last heard from the hub (seconds on the hub's monotonic clock)."""

_PRESS = "() => { if (window.socket?.connected) emit(window.heardAt) }"
"""A press while the connection is down is dropped at once: a buffered one would fire later."""


def two_lines(text: Text, language: Language) -> str:
    """Return a text as HTML: the reader's language, the other one beneath at 0.55 of its size."""
    other = Language.EN if language is Language.ZH else Language.ZH
    beneath = f'<span class="other" lang="{LANG[other]}">{escape(text.in_language(other))}</span>'
    return f"<span>{escape(text.in_language(language))}{beneath}</span>"


def primary_key(name: str, text: Text, language: Language, pressed: Pressed, *, style: str = "") -> ui.button:
    """Return a large key. A second click of a double click is dropped in the browser."""

    async def press(event: GenericEventArguments) -> None:
        await pressed(float(event.args))

    button = ui.button(color=None).props("unelevated no-caps :ripple=false").classes(f"key {style}").mark(name)
    button.props(f'data-key="{name}"')
    with button:
        markup(two_lines(text, language))
    return button.on("click", press, throttle=0.6, trailing_events=False, js_handler=_PRESS)


def dialog() -> ui.dialog:
    """Return a question over the page; it is there at once."""
    return ui.dialog().props("transition-duration=0")


def markup(html: str) -> ui.html:
    """Show HTML of our own making, in which everything from outside is already escaped."""
    return ui.html(html, sanitize=False)


def first_heard(at: float) -> None:
    """Have a page know, from the moment it is there, when it heard the hub: a quick first press counts too."""
    ui.add_body_html(f"<script>window.heardAt={at:.1f}</script>")


def heard(at: float) -> None:
    """Tell the page that the hub is there."""
    ui.run_javascript(f"window.heardAt={at:.1f}")


def bar(title: str, links: list[tuple[str, str]]) -> None:
    """Show the bar at the top: a title, then links (words, address)."""
    with ui.element("header").classes("bar"):
        markup(f"<h1>{escape(title)}</h1>").classes("title")
        for words, address in links:
            ui.link(words, address)


def language_link(language: Language, *, to: str) -> tuple[str, str]:
    """Return the link to the same page in the other language."""
    return ("English", f"/language/en?to={to}") if language is Language.ZH else ("中文", f"/language/zh?to={to}")
