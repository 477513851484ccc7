"""``jiaohao-display --settings display.toml [--offscreen]``: a hall screen, or the sign above a window."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from display import kivy_window
from display.feed import Feed
from display.feed_inbox import CallSpoken, FeedInbox
from display.screens import HallScreen, Screen, SignScreen
from display.screenshots import Screenshots
from display.settings import DisplaySettings, PictureSettings, VoiceSettings
from hardware.voice.clip_files import ClipArchive, ClipFolder, ClipStore
from hardware.voice.phrases import Utterance
from hardware.voice.speech_worker import SpeechWorker
from hardware.voice.voice import (
    ClipReader,
    EspeakReader,
    FirstReader,
    Loudspeaker,
    Player,
    ReadAhead,
    Reader,
    SilentVoice,
    Voice,
)
from hardware.voice.voice_fault import VoiceFault
from protocol.settings import SettingsError, load_settings
from protocol.vocabulary import Text
from runtime.run_command import (
    DONE,
    FAILED,
    add_check_option,
    add_settings_option,
    command_parser,
    report_sound,
    run_command,
)

if TYPE_CHECKING:
    from display.app import DisplayApp
    from display.layouts.turning_layout import TurningLayout

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a screen until SIGTERM or Ctrl-C; returns the exit code (``runtime.run_command``)."""
    parser = command_parser("jiaohao-display", description="叫号大屏、窗口屏 / hall screen, window sign")
    add_settings_option(parser)
    add_check_option(parser)
    parser.add_argument("--offscreen", action="store_true", help="不需要屏幕，画在内存里 / draw into memory")
    return run_command(parser, _start, arguments, failures=(kivy_window.NoWindow,))


def _start(options: argparse.Namespace) -> int:
    settings = load_settings(DisplaySettings, options.settings)
    if options.check:
        make_voice(settings.voice)
        _feed(settings, FeedInbox())
        return report_sound(options.settings)
    return _run(settings, offscreen=options.offscreen)


def _run(settings: DisplaySettings, *, offscreen: bool) -> int:
    """Open the window, connect, and show until a signal ends it."""
    kivy_window.prepare(
        size=(settings.width, settings.height),
        fullscreen=settings.fullscreen,
        rotation=settings.rotation,
        offscreen=offscreen,
        title="jiaohao-display",
    )
    kivy_window.open_window()
    kivy_window.guard(lambda error: log.error("the screen goes on after: %s", error))
    screenshots = _screenshots(settings.pictures)
    inbox = FeedInbox()
    feed = _feed(settings, inbox)
    speaking = SpeechWorker(make_voice(settings.voice), on_spoken=lambda done, fault: inbox.put(_spoken(done, fault)))
    app = _app(settings, inbox=inbox, feed=feed, speaking=speaking, screenshots=screenshots)
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: app.request_stop())
    signal.signal(signal.SIGUSR1, lambda *_: app.request_screenshot())
    on_purpose = False
    try:
        app.run()
        on_purpose = not app.failed
    finally:
        speaking.close()
        feed.stop(on_purpose=on_purpose)
    return DONE if on_purpose else FAILED


def _feed(settings: DisplaySettings, inbox: FeedInbox) -> Feed:
    """Return the connection with the subscriptions of this screen's layout."""
    feed = Feed(
        settings.broker,
        site=settings.site,
        device=settings.device,
        key=settings.key,
        tls=settings.tls,
        inbox=inbox,
    )
    if settings.layout == "sign" and settings.window is not None:
        feed.subscribe_window(settings.window)
    else:
        feed.subscribe_hall()
    return feed


def _screenshots(settings: PictureSettings | None) -> Screenshots | None:
    """Return the record that the settings ask for; raises SettingsError when its folder cannot be written."""
    if settings is None:
        return None
    try:
        return Screenshots(settings.folder)
    except OSError as error:
        reason = error.strerror
        raise SettingsError(
            "[pictures]",
            Text(
                zh=f"不能写入图片文件夹 {settings.folder}：{reason}",
                en=f"cannot write into the pictures folder {settings.folder}: {reason}",
            ),
        ) from error


def _app(
    settings: DisplaySettings, *, inbox: FeedInbox, feed: Feed, speaking: SpeechWorker, screenshots: Screenshots | None
) -> DisplayApp:
    """Put the running screen together."""
    from display.app import DisplayApp  # noqa: PLC0415 - imports Kivy, after prepare()

    return DisplayApp(
        screen=_screen(settings),
        make_layout=lambda: _layout(settings),
        inbox=inbox,
        feed=feed,
        speaking=speaking,
        zone_in_file=settings.time_zone,
        screenshots=screenshots,
        screenshot_each_announcement=settings.pictures is not None and settings.pictures.each_announcement,
    )


def _screen(settings: DisplaySettings) -> Screen:
    """Return the state behind the layout."""
    if settings.layout == "sign":
        return SignScreen()
    return HallScreen(
        highlight_s=settings.highlight_s,
        page_s=settings.page_s,
        only_windows=settings.only_windows,
        only_services=settings.only_services,
        languages=settings.voice.languages,
        is_silent=settings.voice.kind == "silence",
    )


def _layout(settings: DisplaySettings) -> TurningLayout:
    """Return the layout's widgets, in the shape of the window."""
    from display.layouts.hall_layout import HallLayout  # noqa: PLC0415 - imports Kivy, after prepare()
    from display.layouts.sign_layout import SignLayout  # noqa: PLC0415 - imports Kivy, after prepare()
    from display.layouts.turning_layout import TurningLayout  # noqa: PLC0415 - imports Kivy, after prepare()

    kind = SignLayout if settings.layout == "sign" else HallLayout
    return TurningLayout(kind, window=kivy_window.open_window().size)


def make_voice(settings: VoiceSettings) -> Voice:
    """Return the voice that the settings ask for."""
    if settings.kind == "silence":
        return SilentVoice()
    return Loudspeaker(
        reader=ReadAhead(FirstReader(*_readers(settings))),
        player=Player(command=settings.player),
        with_chime=settings.chime,
    )


def _readers(settings: VoiceSettings) -> tuple[Reader, ...]:
    """Return what can read a call, the best first. Raises SettingsError when there is no such folder of clips."""
    synthesiser = EspeakReader(words_per_minute=settings.words_per_minute)
    if settings.kind == "espeak":
        return (synthesiser,)
    return ClipReader(clips=_clips(settings.folder)), synthesiser


def _clips(folder: Path | None) -> ClipStore:
    """Return the county's own clips, or those that the product ships."""
    if folder is None:
        return ClipArchive()
    if not folder.is_dir():
        raise SettingsError("[voice]", Text(zh=f"没有文件夹 {folder}", en=f"there is no folder {folder}"))
    return ClipFolder(folder)


def _spoken(utterance: Utterance, fault: VoiceFault | None) -> CallSpoken:
    """Return the event of an utterance that the voice ended."""
    text = (
        None
        if fault is None
        else Text(zh=f"语音播报故障: {fault.text.zh}", en=f"The voice does not work: {fault.text.en}")
    )
    return CallSpoken(utterance=utterance, fault=text)


if __name__ == "__main__":
    sys.exit(main())
