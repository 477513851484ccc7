"""The style of the staff's pages: the one palette, large calm keys, and a print style for reports."""

from __future__ import annotations

from nicegui import ui

from protocol import theme
from protocol.vocabulary import Language
from server.web.templates import HTML_LANG
from server.web.visitor.plain_page import FONTS

PAST = "#667085"
"""Colour of keys that cannot be pressed now, and of figures that are out of date."""

CSS = f"""
body{{background:{theme.BACKGROUND};color:{theme.INK};font:18px/1.4 {FONTS};
word-break:keep-all;overflow-wrap:break-word;text-wrap:pretty}}
td{{word-break:normal}}
.nicegui-content{{padding:0;gap:0;width:100%;align-items:stretch}}
.bar{{display:flex;align-items:center;gap:8px 24px;padding:12px 24px;background:{theme.INK};
color:{theme.WHITE}}}
.bar .title{{margin-right:auto;min-width:0}}
.bar h1{{font-size:24px;line-height:1.3;font-weight:600;margin:0;overflow:hidden;text-overflow:ellipsis;
white-space:nowrap}}
.bar a{{flex:none;color:{theme.WHITE};font-size:18px;padding:8px 4px;text-decoration:underline;
text-underline-offset:4px}}
.sheet{{display:block;box-sizing:border-box;width:100%;max-width:1440px;margin:0 auto;padding:16px 24px}}
.sheet a,.q-dialog a{{color:{theme.ACCENT}}}
.box{{background:{theme.WHITE};border:1px solid {theme.LINE};border-radius:{theme.CORNER}px;padding:16px;
margin-bottom:16px}}
.sheet h2,.q-dialog h2{{font-size:26px;line-height:1.3;font-weight:600;margin:0 0 12px}}
.q-dialog .q-card{{border-radius:{theme.CORNER}px;box-shadow:none}}
.q-dialog .number{{font-size:80px;min-height:88px}}
.sheet .box h2{{font-size:22px;line-height:1.3;font-weight:600;margin:0 0 8px}}
.quiet{{color:{theme.QUIET};font-size:16px}}
.other{{display:block;font-size:max(.55em,13px);font-weight:400;line-height:1.2}}
.console{{display:grid;grid-template-columns:minmax(0,3fr) minmax(300px,2fr);gap:16px;align-items:start}}
.lists{{display:flex;flex-direction:column;gap:16px;height:calc(100vh - 97px);min-height:560px}}
.lists .box{{display:flex;flex-direction:column;flex:1 1 0;min-height:0;margin:0}}
.lists section.box{{flex-grow:1.4}}
.lists .list{{flex:1;min-height:0;max-height:none}}
.lamp{{display:flex;align-items:center;gap:16px;font-size:28px;font-weight:600}}
.lamp i{{flex:none;width:36px;height:36px;border-radius:50%;border:3px solid {theme.INK}}}
.lamp .of{{margin-left:auto;font-size:18px;font-weight:400;color:{theme.QUIET};text-align:right}}
.number{{font-size:112px;line-height:1.1;font-weight:700;letter-spacing:3px;min-height:124px}}
.number.none{{color:{theme.QUIET};font-size:36px;font-weight:400;letter-spacing:0;line-height:124px}}
.keys{{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:16px;width:100%}}
.key.q-btn{{min-height:{theme.TOUCH_TARGET}px;font-size:26px;font-weight:600;line-height:1.2;border-radius:{theme.CORNER}px;
background:{theme.WHITE};color:{theme.INK};border:2px solid {theme.INK};text-transform:none}}
.key.main{{grid-column:1/-1;min-height:120px;font-size:40px;background:{theme.ACCENT};color:{theme.WHITE};
border-color:{theme.ACCENT}}}
.key.small{{min-height:48px;font-size:18px;padding:4px 16px}}
.key.fill{{background:{theme.ACCENT};color:{theme.WHITE};border-color:{theme.ACCENT}}}
.key.disabled,.key[disabled]{{opacity:1!important;background:{theme.BACKGROUND};color:{PAST};border-color:{theme.LINE}}}
.q-field:focus-within,a:focus-visible{{outline:4px solid {theme.CALLED};outline-offset:2px}}
.key:focus-visible{{box-shadow:0 0 0 2px {theme.BACKGROUND},0 0 0 6px {theme.CALLED}!important}}
.next{{min-height:26px}}
.now{{display:flex;gap:16px;align-items:center;justify-content:space-between}}
.in-doubt{{background:{theme.CALLED};font-weight:600;line-height:1.25;border-radius:{theme.CORNER}px;padding:8px;
max-width:480px}}
.in-doubt .keys{{grid-template-columns:repeat(3,auto);gap:8px;margin-top:8px}}
.in-doubt .key.small{{padding:2px 10px}}
.day-notice{{max-width:none;margin:0 0 16px;padding:12px 16px}}
.bar .hint{{flex:0 1 auto;order:-1;background:{theme.CALLED};color:{theme.INK};font-weight:600;padding:4px 12px;
border-radius:{theme.CORNER}px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}}
.bar .title{{order:-2}}
.day-notice .meaning{{font-weight:400;font-size:16px}}
.day-notice .keys{{grid-template-columns:repeat(2,minmax(0,320px))}}
.said{{min-height:30px;font-size:22px;line-height:30px;font-weight:600;margin:8px 0 0}}
.said.brief{{min-height:28px;font-size:18px;line-height:28px;margin:8px 0 0}}
.day{{max-width:360px}}
.fields{{display:flex;flex-direction:column;gap:12px;margin-bottom:12px}}
.wrong{{color:{theme.ALARM}}}
.done{{color:{theme.GOOD}}}
.list{{width:100%;max-height:212px;overflow:auto}}
.q-dialog .list{{max-height:min(54vh,440px)}}
.q-dialog .list.searched{{height:min(54vh,440px)}}
.q-dialog .list .key+.key{{margin-top:8px}}
.q-dialog .q-card{{max-width:640px}}
.entry{{display:flex;align-items:center;gap:12px;padding:6px 0;border-top:1px solid {theme.LINE}}}
.entry:first-child{{border-top:0}}
.entry b{{font-size:24px;min-width:76px}}
.entry .what{{flex:1;min-width:0;font-size:16px}}
.entry.line .what{{line-height:1.25}}
.entry.line .what .quiet{{display:block}}
.tallies{{display:flex;flex-wrap:wrap;gap:0 20px;max-height:84px;overflow:auto;margin-bottom:8px;font-size:16px}}
.code{{margin:16px 0 8px;font-size:24px}}
.code .letters{{display:block;font:700 56px/1.2 monospace;letter-spacing:4px}}
.tally b{{font-size:20px}}
.list section+section h2{{margin-top:12px}}
td.state,.sign{{white-space:nowrap}}
tr.old td:nth-child(n+3),tr.old td:nth-child(n+3) *{{color:{PAST};font-weight:400}}
.chip{{display:inline-block;background:{theme.CALLED};color:{theme.INK};border-radius:4px;padding:0 6px;font-size:15px}}
#away{{position:fixed;inset:0 0 auto 0;z-index:9999;background:{theme.ALARM};color:{theme.WHITE};padding:16px 24px;
font-size:22px}}
#away[hidden]{{display:none}}
#not-taken{{font-weight:600;margin-left:12px}}
.away .sheet{{filter:grayscale(1);opacity:.55}}
.away .key{{cursor:not-allowed}}
#popup,#q-loading-bar{{display:none!important}}
.stripe{{background:{theme.CALLED};color:{theme.INK};font-weight:600;padding:12px 24px}}
.sheet .stripe{{margin-bottom:16px}}
.faults span+span{{margin-left:16px}}
.cards{{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:16px;width:100%;margin-bottom:16px}}
.card{{background:{theme.WHITE};border:1px solid {theme.LINE};border-radius:{theme.CORNER}px;padding:12px 16px}}
.card b{{display:block;font-size:44px;line-height:1.2;font-variant-numeric:tabular-nums}}
.card.late b{{color:{theme.ALARM}}}
.table-frame{{overflow-x:auto;width:100%}}
table.figures{{border-collapse:collapse;width:100%;font-size:16px;font-variant-numeric:tabular-nums}}
table.figures th,table.figures td{{padding:6px 6px;border-bottom:1px solid {theme.LINE};text-align:right}}
table.figures th{{color:{theme.QUIET};font-size:14px;font-weight:600;vertical-align:bottom;word-break:keep-all}}
table.figures td:first-child{{min-width:6em}}
table.figures th:first-child,table.figures td:first-child,table.figures.words th,
table.figures.words td{{text-align:left}}
table.figures tfoot td{{font-weight:700;border-top:2px solid {theme.INK}}}
.dot{{display:inline-block;width:14px;height:14px;border-radius:50%;margin-right:8px;border:1px solid {theme.INK}}}
.choices{{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:16px}}
.choices a{{display:block;min-height:{theme.TOUCH_TARGET}px;box-sizing:border-box;padding:12px 16px;
border:2px solid {theme.INK};border-radius:{theme.CORNER}px;color:{theme.INK};
background:{theme.WHITE};text-decoration:none;font-size:26px;font-weight:600}}
.choices .other{{font-size:.75em;font-weight:600}}
.beneath{{display:block;font-size:14px;color:{theme.QUIET}}}
.beneath.wrong{{color:{theme.ALARM}}}
.figures a{{text-decoration:underline;text-underline-offset:4px}}
.figures a b{{font-size:18px}}
.site-name{{font-size:26px;font-weight:600;margin-bottom:12px}}
.box p{{margin:0 0 8px}}
.agreed{{background:{theme.CALLED};color:{theme.INK};font-weight:600;
  border-radius:4px;padding:8px 12px;margin:0 0 12px}}
td .agreed{{font-size:15px;padding:4px 8px;margin:0}}
.proposal .keys{{grid-template-columns:repeat(2,minmax(0,240px));margin-top:8px}}
.two{{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:16px;width:100%;align-items:start}}
.wide{{width:100%}}
@media (max-width:1200px){{
.entry.line{{flex-wrap:wrap;gap:4px 12px}}.entry.line>:first-child{{margin-right:auto}}
.entry.line .what{{order:9;flex:1 0 100%}}.entry.line .what .quiet{{display:inline;margin-left:12px}}
}}
@media (max-width:900px){{
.console,.lists{{display:block;height:auto;min-height:0}}.lists .box{{display:block;margin-top:16px}}
.lists .list{{max-height:340px}}
.keys{{grid-template-columns:repeat(2,minmax(0,1fr))}}.number{{font-size:80px;min-height:92px}}
.now{{flex-wrap:wrap}}
.sheet{{padding:8px}}.bar{{flex-wrap:wrap;padding:8px 12px}}.bar .title{{width:100%}}
.bar .faults{{position:fixed;inset:auto 0 0 0;z-index:5;border-radius:0;white-space:normal;pointer-events:none}}
.bar h1{{white-space:normal}}.bar h1{{font-size:20px}}.two{{display:block}}
.lamp{{font-size:22px;flex-wrap:wrap}}
.proposal .keys{{grid-template-columns:repeat(2,minmax(0,1fr))}}
table.stack thead{{display:none}}
table.stack tr{{display:block;padding:8px 0;border-bottom:2px solid {theme.LINE}}}
table.stack tbody tr td{{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:0 12px;padding:3px 0;
border:0;text-align:left}}
table.stack td::before{{content:attr(data-label);color:{theme.QUIET};font-size:14px;grid-row:1/span 4}}
table.stack td>*{{grid-column:2}}
}}
@media print{{
.bar a,.no-print,.stripe{{display:none!important}}.bar{{background:none;color:{theme.INK};padding:0}}
body,.nicegui-content{{background:none}}.box,.card{{break-inside:avoid;border-color:{theme.INK}}}
.two{{display:block}}.sheet{{max-width:none;padding:0}}
}}
"""


def apply_style(language: Language) -> None:
    """Give the page that is being built its colours, its style and its language."""
    ui.colors(
        primary=theme.ACCENT,
        secondary=theme.INK,
        accent=theme.ACCENT,
        positive=theme.GOOD,
        negative=theme.ALARM,
        warning=theme.WARN,
        info=theme.QUIET,
        dark=theme.INK,
    )
    ui.add_head_html(f"<style>{CSS}</style>")
    ui.add_head_html(f'<script>document.documentElement.lang="{HTML_LANG[language]}"</script>')
