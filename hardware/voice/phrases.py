"""What the voice says of a call, as text and as clip names. Pure.

A number is spoken digit by digit, in Mandarin with 幺 (yāo) for 1: in a noisy hall 一 (yī) and 七 (qī) are one sound,
and numbers read out singly (trains, rooms, queue numbers) are spoken so by custom. A window is counted, so its 1
stays 一: "请 A 零 幺 七 号，到 三 号窗口". The text keeps the pauses that a listener with poor hearing needs.

The brief form keeps number and window and leaves out the rest: "A 零 幺 七，三 号窗口".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from protocol.retained_messages import Call
from protocol.text.spoken_label import is_speakable, spoken_parts
from protocol.vocabulary import Language

SINGLE_DIGITS_ZH = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
COUNTED_ZH = dict(zip("0123456789", "零一二三四五六七八九", strict=True))

BRIEF = "-brief"
"""End of the name of a clip that is spoken faster."""


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """What is spoken without a break: one call in one language, or the chime before it."""

    call: Call
    language: Language | None
    """None for the chime."""
    brief: bool = False
    """Whether only number and window are spoken, because other calls wait."""
    then: Utterance | None = field(default=None, compare=False)
    """What follows unless something changes: it can be read while this one is played."""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """The words of an utterance: ``text`` for a synthesiser, ``clips`` (names of single words) to join.

    ``clips`` are in two groups, number and window, with a breath between them.
    """

    language: Language
    text: str
    clips: tuple[tuple[str, ...], tuple[str, ...]]
    brief: bool = False


def phrase_for(call: Call, language: Language, *, brief: bool = False) -> Phrase:
    """Return the words of a call in one language."""
    return (_in_mandarin if language is Language.ZH else _in_english)(call, brief=brief)


def clips_of(words: Sequence[str], known: Collection[str], *, brief: bool = False) -> list[str]:
    """Return the names of the clips that speak some words: from the last word on the longest that is ``known``.

    Where others wait a clip whose name ends with ``BRIEF`` is taken instead, if there is one.
    """
    names: list[str] = []
    end = len(words)
    while end:
        begin = next((begin for begin in range(end - 1) if "+".join(words[begin:end]) in known), end - 1)
        name = "+".join(words[begin:end])
        names.append(f"{name}{BRIEF}" if brief and f"{name}{BRIEF}" in known else name)
        end = begin
    return names[::-1]


def _in_mandarin(call: Call, *, brief: bool) -> Phrase:
    """请 A017 号，到 3 号窗口; brief: A017，3 号窗口."""
    number = " ".join(SINGLE_DIGITS_ZH.get(sign, sign) for sign in call.number)
    number_clips = ["digit-yao" if sign == "1" else _sign_clip(sign) for sign in call.number]
    counted, window_clips = _label_in_mandarin(call.window_label)
    if brief:
        text, clips = f"{number}，{counted} 号窗口。", (tuple(number_clips), (*window_clips, "hao-chuangkou"))
    else:
        text = f"请 {number} 号，到 {counted} 号窗口。"
        clips = (("qing", *number_clips, "hao"), ("dao", *window_clips, "hao-chuangkou"))
    return Phrase(language=Language.ZH, text=text, clips=clips, brief=brief)


def _in_english(call: Call, *, brief: bool) -> Phrase:
    """Number A, 0, 1, 7, please go to window 3; brief: A 0 1 7, window 3."""
    number = " ".join(call.number) if brief else f"Number {', '.join(call.number)}"
    between = "window" if brief else "please go to window"
    number_clips = [*([] if brief else ["number"]), *map(_sign_clip, call.number)]
    label, label_clips = _label_in_english(call.window_label)
    window_clips = ["window" if brief else "please-go-to-window", *label_clips]
    return Phrase(
        language=Language.EN,
        text=f"{number}, {between} {label}.",
        clips=(tuple(number_clips), tuple(window_clips)),
        brief=brief,
    )


def _sign_clip(sign: str) -> str:
    """Return the clip of one digit or letter spoken by itself."""
    return f"digit-{sign}" if sign.isdigit() else f"letter-{sign.lower()}"


def _label_in_mandarin(label: str) -> tuple[str, list[str]]:
    """Return text and clips of a window's label, part by part; a sign such as 综 is left to the synthesiser."""
    parts = spoken_parts(label)
    clips = [clip for part in parts for clip in _part_clips_in_mandarin(part)]
    return " ".join(map(_part_in_mandarin, parts)), clips


def _label_in_english(label: str) -> tuple[str, list[str]]:
    """Return text and clips of a window's label, part by part; a sign that is not read in English is left out."""
    parts = [part for part in spoken_parts(label) if is_speakable(part)]
    return " ".join(parts), [clip for part in parts for clip in _part_clips_in_english(part)]


def _part_in_mandarin(part: str) -> str:
    """Return a part as text: 12 is 十二, a letter is itself."""
    return "".join("十" if value == 10 else COUNTED_ZH[str(value)] for value in _counted(part)) or part


def _part_clips_in_mandarin(part: str) -> list[str]:
    if not is_speakable(part):
        return [f"sign-{part}"]
    return [f"digit-{value}" for value in _counted(part)] or [_sign_clip(part)]


def _part_clips_in_english(part: str) -> list[str]:
    """Return the clips of a part: 12 is ``digit-12``, 25 is ``digit-20`` and ``digit-5``."""
    if not part.isdecimal() or int(part) <= 20:
        return [_sign_clip(part)]
    tens, units = divmod(int(part), 10)
    return [f"digit-{tens * 10}", *([f"digit-{units}"] if units else [])]


def _counted(part: str) -> list[int]:
    """Return what is said of a number one after another: 25 is 2, 10, 5; nothing for a letter."""
    if not part.isdecimal():
        return []
    tens, units = divmod(int(part), 10)
    return [tens] * (tens > 1) + [10] * (tens > 0) + [units] * (units > 0) or [0]
