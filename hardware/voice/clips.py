"""Clips: which a hall needs, and whether a store of them is fit to be heard."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from hardware.voice.clip_files import ClipStore
from hardware.voice.loudness import PEAK_DB, peak_db, silence_around_s, speech_level_db
from hardware.voice.phrases import BRIEF
from hardware.voice.sound import Sound
from hardware.voice.voice_fault import NoClip, ProgramMissing, VoiceFault
from protocol.vocabulary import Language, Text

_LETTERS = tuple(f"letter-{letter}" for letter in string.ascii_lowercase)
NEEDED = {
    Language.ZH: (
        "qing",
        "hao",
        "dao",
        "hao-chuangkou",
        "digit-yao",
        *(f"digit-{number}" for number in range(11)),
        *_LETTERS,
    ),
    Language.EN: (
        "number",
        "please-go-to-window",
        "window",
        *(f"digit-{number}" for number in (*range(21), *range(30, 100, 10))),
        *_LETTERS,
    ),
}
"""Names of the clips that every number and every counted window need."""

CLIP_DB = 3.0
"""Largest difference between the loudness of a clip and that of its language, dB."""
LANGUAGE_DB = 1.5
"""Largest difference between the loudness of two languages, dB."""
SILENCE_S = 0.15
"""Longest silence before or after the words of a clip, seconds."""
LONGEST_S = 3.0


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """What is checked of a clip."""

    rate: int
    duration_s: float
    level_db: float
    peak_db: float
    silence_s: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class ClipReport:
    """What a store of clips is like. ``problems`` are sentences, empty when it can be used."""

    clips: int
    levels_db: dict[Language, float]
    problems: tuple[Text, ...]


def check_clips(clips: ClipStore) -> ClipReport:
    """Return whether every clip is there, all of one kind, equally loud and without silence around the words.

    Raises VoiceFault when none of them can be read.
    """
    problems: list[Text] = []
    levels: dict[Language, float] = {}
    rates: set[int] = set()
    count = 0
    for language in Language:
        found, missing = _measured_clips(clips, language)
        problems += missing
        if not found:
            continue
        count += len(found)
        rates |= {clip.rate for clip in found.values()}
        levels[language] = median(clip.level_db for clip in found.values())
        for name, clip in found.items():
            problems += _problems_of(_file(clips, language, name), clip, usual_db=levels[language])
    problems += [*_different_rates(rates), *_different_levels(levels)]
    return ClipReport(clips=count, levels_db=levels, problems=tuple(problems))


def _measured_clips(clips: ClipStore, language: Language) -> tuple[dict[str, _Measured], list[Text]]:
    """Return the clips of a language that can be read, and what is wrong with the others."""
    found: dict[str, _Measured] = {}
    problems: list[Text] = []
    for name in (*NEEDED[language], *_further(clips, language)):
        clip = _read(clips, language, name)
        if isinstance(clip, Text):
            problems.append(clip)
        else:
            found[name] = clip
    return found, problems


def _further(clips: ClipStore, language: Language) -> list[str]:
    """Return the names of further clips: those that speak several words at once, and brief ones."""
    needed = set(NEEDED[language])
    more = clips.names(language) - needed
    return sorted(name for name in more if needed.issuperset(name.removesuffix(BRIEF).split("+")))


def _file(clips: ClipStore, language: Language, name: str) -> str:
    return f"{language.value}/{name}{clips.suffix}"


def _read(clips: ClipStore, language: Language, name: str) -> _Measured | Text:
    try:
        return _measured(clips.read(language, name))
    except NoClip:
        file = _file(clips, language, name)
        return Text(zh=f"缺少 {file}", en=f"{file} is missing")
    except ProgramMissing:
        raise
    except VoiceFault as fault:
        return fault.text


def _measured(sound: Sound) -> _Measured:
    return _Measured(
        rate=sound.rate,
        duration_s=sound.duration_s,
        level_db=speech_level_db(sound),
        peak_db=peak_db(sound),
        silence_s=silence_around_s(sound),
    )


def _problems_of(name: str, clip: _Measured, *, usual_db: float) -> Iterator[Text]:
    level, peak = clip.level_db, clip.peak_db
    if level == float("-inf"):
        yield Text(zh=f"{name} 没有声音", en=f"{name} is silent")
        return
    if abs(level - usual_db) > CLIP_DB:
        yield Text(
            zh=f"{name} 的音量是 {level:.1f} dB，同语言的其他文件是 {usual_db:.1f} dB",
            en=f"{name} has {level:.1f} dB, the others of its language {usual_db:.1f} dB",
        )
    if peak > PEAK_DB + 0.1:
        yield Text(zh=f"{name} 过载（峰值 {peak:.1f} dB）", en=f"{name} is overdriven (peak {peak:.1f} dB)")
    before_s, after_s = clip.silence_s
    if max(before_s, after_s) > SILENCE_S:
        yield Text(
            zh=f"{name} 前后的静音太长（{before_s:.2f} 秒和 {after_s:.2f} 秒）",
            en=f"{name} has too much silence around its words ({before_s:.2f} s and {after_s:.2f} s)",
        )
    if clip.duration_s > LONGEST_S:
        yield Text(zh=f"{name} 太长（{clip.duration_s:.1f} 秒）", en=f"{name} is too long ({clip.duration_s:.1f} s)")


def _different_rates(rates: set[int]) -> list[Text]:
    if len(rates) < 2:
        return []
    shown = sorted(rates)
    return [Text(zh=f"采样率不一致：{shown}", en=f"the sample rates differ: {shown}")]


def _different_levels(levels: dict[Language, float]) -> list[Text]:
    if len(levels) < 2 or max(levels.values()) - min(levels.values()) <= LANGUAGE_DB:
        return []
    shown = ", ".join(f"{language.value} {level:.1f} dB" for language, level in levels.items())
    return [Text(zh=f"各语言的音量不一致：{shown}", en=f"the languages are not equally loud: {shown}")]
