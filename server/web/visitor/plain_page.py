"""A page that any phone can show: plain HTML, a few lines of style, no script, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import HTMLResponse

from protocol import theme
from protocol.vocabulary import Language, Text

LARGEST_FORM = 4096
FONTS = '"Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif'
LANG = {Language.ZH: "zh-CN", Language.EN: "en"}

_STYLE = f"""
body{{margin:0;background:{theme.BACKGROUND};color:{theme.INK};font:20px/1.45 {FONTS};text-align:center}}
main{{max-width:560px;margin:0 auto;padding:{theme.SPACE * 2}px}}
small{{display:block;font-size:.75em;color:{theme.QUIET}}}
h1{{font-size:24px;margin:8px 0 16px;font-weight:600}}
.number{{font-size:96px;line-height:1.1;font-weight:700;margin:0;letter-spacing:2px}}
.state{{border-radius:{theme.CORNER}px;border:2px solid {theme.LINE};background:{theme.WHITE};
  margin:16px 0;padding:16px}}
.state h2{{margin:0 0 8px;font-size:32px}}
.called{{background:{theme.CALLED};border-color:{theme.INK}}}
.called h2{{font-size:44px}}
.called small,.called p{{color:{theme.INK}}}
.serving{{border-color:{theme.ACCENT}}}
.passed{{border-color:{theme.WARN}}}
.offer{{border-color:{theme.GOOD}}}
.offer .two{{display:flex;gap:{theme.SPACE * 2}px;justify-content:center}}
.offer .two p{{flex:1;margin:8px 0}}
.offer b{{display:block;font-size:28px;margin-top:8px}}
button small{{color:inherit}}
.big{{font-size:40px;font-weight:700;margin:8px 0}}
.quiet{{color:{theme.QUIET};font-size:16px}}
.wrong{{color:{theme.ALARM};font-weight:600}}
form{{text-align:left}}
label{{display:block;margin:16px 0 8px}}
input[type=radio]{{width:24px;height:24px;vertical-align:middle}}
input[type=password]{{width:100%;box-sizing:border-box;font-size:32px;padding:12px;border:2px solid {theme.LINE};
border-radius:{theme.CORNER}px}}
button{{width:100%;min-height:72px;margin-top:24px;font:600 24px {FONTS};color:{theme.WHITE};background:{theme.ACCENT};
border:0;border-radius:{theme.CORNER}px}}
.key{{display:block;margin-top:24px;padding:12px;color:{theme.ACCENT};border:2px solid {theme.ACCENT};font-weight:600;
border-radius:{theme.CORNER}px;text-decoration:none}}
input:focus,button:focus,.key:focus{{outline:4px solid {theme.CALLED}}}
"""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}


def page(
    body: str,
    *,
    title: str,
    language: Language,
    status: int = 200,
    refresh_s: int | None = None,
    then: str | None = None,
) -> HTMLResponse:
    """Return a whole page. ``body`` is HTML that is already escaped; ``title`` is plain text.

    It loads itself again after ``refresh_s``, or goes on to the address ``then``.
    """
    to = "" if then is None else f";url={escape(then)}"
    again = "" if refresh_s is None else f'<meta http-equiv="refresh" content="{refresh_s}{to}">'
    return HTMLResponse(
        f'<!doctype html><html lang="{LANG[language]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"{again}<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>",
        status_code=status,
        headers=HEADERS,
    )


def both(text: Text, language: Language) -> str:
    """Return a text as HTML in the reader's language, the other one beneath it in small."""
    other = Language.EN if language is Language.ZH else Language.ZH
    beneath = text.in_language(other)
    small = f'<small lang="{LANG[other]}">{escape(beneath)}</small>' if beneath else ""
    return f"{escape(text.in_language(language))}{small}"


async def read_form(request: Request) -> dict[str, str]:
    """Return the form's fields; nothing from a body larger than any form."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", errors="replace")).items()}
