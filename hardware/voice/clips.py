"""Recorded clips: which a hall needs, and whether a folder of them is fit to be heard."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from hardware.voice.loudness import PEAK_DB, peak_db, silence_around_s, speech_level_db
from hardware.voice.sound import NotJoinable, Sound, read_wav
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
class FolderReport:
    """What a folder of clips is like. ``problems`` are sentences, empty when it can be used."""

    clips: int
    levels_db: dict[Language, float]
    problems: tuple[Text, ...]


def check_folder(folder: Path) -> FolderReport:
    """Return whether a folder has every clip, all of one kind, equally loud and without silence around the words."""
    sounds: dict[Language, dict[str, Sound]] = {}
    problems: list[Text] = []
    for language, names in NEEDED.items():
        found = sounds.setdefault(language, {})
        for name in names:
            sound = _read(folder / language.value / f"{name}.wav")
            if isinstance(sound, Text):
                problems.append(sound)
            else:
                found[name] = sound
    levels = {language: _level(list(found.values())) for language, found in sounds.items() if found}
    for language, found in sounds.items():
        for name, sound in found.items():
            problems += _problems_of(f"{language.value}/{name}.wav", sound, level_db=levels[language])
    problems += [*_different_rates(sounds), *_different_levels(levels)]
    return FolderReport(clips=sum(map(len, sounds.values())), levels_db=levels, problems=tuple(problems))


def _read(path: Path) -> Sound | Text:
    name = f"{path.parent.name}/{path.name}"
    try:
        return read_wav(path.read_bytes(), name=name)
    except FileNotFoundError:
        return Text(zh=f"缺少 {name}", en=f"{name} is missing")
    except OSError as error:
        return Text(zh=f"读不到 {name}：{error.strerror}", en=f"{name} cannot be read: {error.strerror}")
    except NotJoinable as error:
        return error.text


def _level(sounds: Sequence[Sound]) -> float:
    return median(speech_level_db(sound) for sound in sounds)


def _problems_of(name: str, sound: Sound, *, level_db: float) -> Iterator[Text]:
    level, peak = speech_level_db(sound), peak_db(sound)
    if level == float("-inf"):
        yield Text(zh=f"{name} 没有声音", en=f"{name} is silent")
        return
    if abs(level - level_db) > CLIP_DB:
        yield Text(
            zh=f"{name} 的音量是 {level:.1f} dB，同语言的其他文件是 {level_db:.1f} dB",
            en=f"{name} has {level:.1f} dB, the others of its language {level_db:.1f} dB",
        )
    if peak > PEAK_DB + 0.1:
        yield Text(zh=f"{name} 过载（峰值 {peak:.1f} dB）", en=f"{name} is overdriven (peak {peak:.1f} dB)")
    before_s, after_s = silence_around_s(sound)
    if max(before_s, after_s) > SILENCE_S:
        yield Text(
            zh=f"{name} 前后的静音太长（{before_s:.2f} 秒和 {after_s:.2f} 秒）",
            en=f"{name} has too much silence around its words ({before_s:.2f} s and {after_s:.2f} s)",
        )
    if sound.duration_s > LONGEST_S:
        yield Text(zh=f"{name} 太长（{sound.duration_s:.1f} 秒）", en=f"{name} is too long ({sound.duration_s:.1f} s)")


def _different_rates(sounds: dict[Language, dict[str, Sound]]) -> list[Text]:
    rates = sorted({sound.rate for found in sounds.values() for sound in found.values()})
    if len(rates) < 2:
        return []
    return [Text(zh=f"采样率不一致：{rates}", en=f"the sample rates differ: {rates}")]


def _different_levels(levels: dict[Language, float]) -> list[Text]:
    if len(levels) < 2 or max(levels.values()) - min(levels.values()) <= LANGUAGE_DB:
        return []
    shown = ", ".join(f"{language.value} {level:.1f} dB" for language, level in levels.items())
    return [Text(zh=f"各语言的音量不一致：{shown}", en=f"the languages are not equally loud: {shown}")]
