"""Widgets of the staff's pages: text in two languages, keys that press once, the bar at the top."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui
from nicegui.events import GenericEventArguments

from protocol.journal import Moment
from protocol.vocabulary import Language, Text
from server.web.templates import render

PressAction = Callable[[float], Awaitable[None]]
"""Carries out a press; its argument is when the page last had contact with the server, by the server's monotonic clock
in seconds."""

_EMIT_PRESS = "() => { if (!window.isAway()) emit(window.heardAt) }"
"""A press while the server is away is dropped at once, and the page says so: a buffered one would fire later."""

SILENT_S = 6
"""Time without contact after which the server counts as away, seconds."""
AWAY = Text(zh="联系不上服务器，按键暂时无效", en="The server cannot be reached and the keys do nothing")
AWAY_SINCE = Text(zh="（自 {time}）", en="(since {time})")
UNANSWERED_S = 2.5
"""Time after a press without contact from which the server counts as away, seconds."""
NO_ANSWER = Text(
    zh="刚才的按键没有回音：恢复后请看清状态再按。", en="Your key has no answer: please look before you press again."
)
BACK = Text(zh="返回", en="Back")
NOT_TAKEN = Text(zh="刚才的按键没有生效。", en="Your key was not taken.")


def primary_key(name: str, text: Text, language: Language, pressed: PressAction, *, style: str = "") -> ui.button:
    """Return a large key. A second click of a double click is dropped in the browser."""

    async def press(event: GenericEventArguments) -> None:
        await pressed(float(event.args))

    button = ui.button(color=None).props("unelevated no-caps :ripple=false").classes(f"key {style}").mark(name)
    button.props(f'data-key="{name}"')
    with button:
        markup(render("staff/two_lines.html", text=text, language=language))
    return button.on("click", press, throttle=0.6, trailing_events=False, js_handler=_EMIT_PRESS)


def on_enter(field: ui.input, pressed: PressAction) -> None:
    """Let Enter in a field be a press as of a key."""

    async def press(event: GenericEventArguments) -> None:
        await pressed(float(event.args))

    field.on("keydown.enter", press, js_handler=_EMIT_PRESS)


def enable(key: ui.button, *, on: bool) -> None:
    """Show whether a key can be pressed. It stays focusable: the focus of a keyboard must not fall to the page."""
    key.classes(**({"remove": "disabled"} if on else {"add": "disabled"}))
    key.props(f'aria-disabled="{"false" if on else "true"}"')


@contextmanager
def dialog(name: str, title: Text, language: Language) -> Iterator[ui.dialog]:
    """Return a question over the page: its title, what the block adds, and the key ``<name>-back`` that closes it.

    It appears at once, without a transition. Screen readers name it by its title.
    """
    opened = ui.dialog().props("transition-duration=0")
    opened.props["aria-label"] = title.in_language(language)

    async def close(contact_at: float) -> None:  # noqa: ARG001 - nothing is sent
        opened.close()

    with opened, ui.card().classes("wide"):
        question(title, language)
        yield opened
        primary_key(f"{name}-back", BACK, language, close, style="small wide")


def markup(html: str = "") -> ui.html:
    """Add HTML that ``render`` made, in which every value is escaped."""
    return ui.html(html, sanitize=False)


def heading(text: str) -> ui.html:
    """Add the heading of a section."""
    return markup(render("staff/heading.html", text=text))


def question(text: Text, language: Language) -> ui.html:
    """Add a question in two languages as a heading."""
    return markup(render("staff/question.html", text=text, language=language))


def paragraph(text: str, *, style: str = "quiet") -> ui.html:
    """Add a paragraph with a CSS class."""
    return markup(render("staff/paragraph.html", text=text, style=style))


def first_contact(now: Moment, time_zone: str, language: Language) -> None:
    """Have a page know, from its first moment, when it had contact with the server: a quick first press counts too.

    While the server is away the page shows it as a whole, since when by the clock and the zone of the server's site,
    and that a press was not taken.
    """
    times = {"at": round(now.mono_s, 1), "clock_ms": round(now.at.timestamp() * 1000), "time_zone": time_zone}
    texts = {"away": AWAY, "since": AWAY_SINCE, "not_taken": NOT_TAKEN, "no_answer": NO_ANSWER}
    limits = {"silent_s": SILENT_S, "unanswered_s": UNANSWERED_S}
    ui.add_body_html(render("staff/contact.html", language=language, **times, **texts, **limits))


def contact(at: float) -> None:
    """Have the open page know that it has contact with the server."""
    ui.run_javascript(f"window.jiaohaoContact({at:.1f})")


def bar(title: str, links: list[tuple[str, str]]) -> ui.element:
    """Add the bar at the top: a title, then links (text, address)."""
    header = ui.element("header").classes("bar")
    with header:
        markup(render("staff/bar_title.html", text=title)).classes("title")
        for text, address in links:
            ui.link(text, address)
    return header


def language_link(language: Language, *, to: str) -> tuple[str, str]:
    """Return the link to the same page in the other language."""
    return ("English", f"/language/en?to={to}") if language is Language.ZH else ("中文", f"/language/zh?to={to}")
