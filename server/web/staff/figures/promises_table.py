"""How a day's promises came true, in words and figures for managers."""

from __future__ import annotations

from html import escape

from protocol.vocabulary import Language, Text
from server.store.queries.promise_figures import PromiseFigures

TITLE = Text(zh="承诺兑现", en="Promises kept")
EXPLAINED = Text(
    zh="承诺 = 取号时告诉群众的等候时间。P50、P80、P90 应分别在约 50%、80%、90% 的情况下兑现（只计要等候的）。"
    "误差 = 实际等候与承诺中位数之差。",
    en="Promise = the wait told with the number. P50, P80 and P90 should hold in about 50, 80 and 90 of 100 cases "
    "(counted where there was a wait). Error = between the wait and the middle of the promise.",
)
_NONE = Text(zh="这一天还没有可以核对的承诺。", en="There are no promises of this day to check yet.")
_TOLD = Text(zh="已核对的承诺", en="Promises checked")
_WAITS = Text(zh="其中要等候的", en="Of these with a wait")
_HELD = Text(zh="{level} 兑现", en="{level} held")
_ERROR = Text(zh="平均误差（分）", en="Mean error (min)")
_LATE = Text(zh="超出承诺10分钟以上", en="More than 10 min late")


def as_html(kept: PromiseFigures, language: Language) -> str:
    """Return the figures as a table of one row, or the sentence that there are none."""
    if not kept.told:
        return f'<p class="quiet">{escape(_NONE.in_language(language))}</p>'
    held = _HELD.in_language(language)
    cells = {
        _TOLD.in_language(language): str(kept.told),
        _WAITS.in_language(language): str(kept.waits),
        held.format(level="P50"): _percent(kept.p50_held),
        held.format(level="P80"): _percent(kept.p80_held),
        held.format(level="P90"): _percent(kept.p90_held),
        _ERROR.in_language(language): "–" if kept.error_mean_min is None else f"{kept.error_mean_min:.1f}",
        _LATE.in_language(language): str(kept.late),
    }
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in cells)
    row = "".join(f"<td>{escape(cell)}</td>" for cell in cells.values())
    title = escape(TITLE.in_language(language))
    return (
        f'<div class="table-frame"><table class="figures" aria-label="{title}"><thead><tr>{head}</tr></thead>'
        f"<tbody><tr>{row}</tr></tbody></table></div>"
        f'<p class="quiet">{escape(EXPLAINED.in_language(language))}</p>'
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
