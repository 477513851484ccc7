"""Whether the hub is alive, decided once for every device of a hall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from protocol.retained_messages import HubStatus
from protocol.vocabulary import Presence
from runtime.hub_liveness import STALE_AFTER_S, HubLiveness, NewestMessage

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def status(seconds: int = 0, *, presence: Presence = Presence.ONLINE, boot: str = "boot-1") -> HubStatus:
    return HubStatus(seq=1, as_of=AS_OF + timedelta(seconds=seconds), presence=presence, boot=boot, version="1")


def alive(*, at: float = 100.0) -> HubLiveness:
    return HubLiveness().with_broker(connected=True).with_status(status(), replayed=False, at=at)


def test_nothing_received_is_stale() -> None:
    assert HubLiveness().is_stale(0.0)
    assert HubLiveness().with_broker(connected=True).is_stale(0.0)


def test_a_heartbeat_counts_for_15_s() -> None:
    assert alive(at=100.0).stale_at == 100.0 + STALE_AFTER_S
    assert not alive(at=100.0).is_stale(115.0)
    assert alive(at=100.0).is_stale(115.1)
    assert not alive().with_status(status(5), replayed=False, at=105.0).is_stale(120.0)


def test_without_broker_or_with_a_hub_that_left_it_is_stale_at_once() -> None:
    assert alive().with_broker(connected=False).is_stale(100.0)
    for presence in (Presence.LOST, Presence.OFFLINE):
        assert alive().with_status(status(1, presence=presence), replayed=False, at=101.0).is_stale(101.0)


def test_a_device_that_starts_believes_the_retained_status_for_15_s() -> None:
    started = HubLiveness().with_broker(connected=True).with_status(status(), replayed=True, at=7.0)
    assert (started.is_stale(22.0), started.is_stale(22.1)) == (False, True)


def test_an_old_online_that_the_broker_kept_is_no_heartbeat_after_a_reconnect() -> None:
    back = alive(at=100.0).with_broker(connected=False).with_broker(connected=True)
    assert back.with_status(status(), replayed=True, at=130.0).is_stale(130.0)
    assert not back.with_status(status(25), replayed=True, at=130.0).is_stale(130.0)


def test_the_time_until_which_all_is_proven_is_the_last_heartbeats() -> None:
    lost = alive().with_status(status(5), replayed=False, at=105.0)
    lost = lost.with_status(status(9, presence=Presence.LOST), replayed=False, at=130.0)
    assert lost.proven_until == AS_OF + timedelta(seconds=5)


def test_one_unanswered_poll_is_no_silence_two_in_a_row_are_until_the_next_answer() -> None:
    once = HubLiveness().with_unanswered_poll()
    assert not once.is_silent
    assert once.with_unanswered_poll().is_silent
    assert not once.with_answer().with_unanswered_poll().is_silent
    many = once.with_unanswered_poll().with_unanswered_poll().with_unanswered_poll()
    assert (many.is_silent, many.with_answer().is_silent) == (True, False)


def test_a_persons_unanswered_request_is_silence_at_once() -> None:
    assert HubLiveness().with_unanswered_request().is_silent
    assert not HubLiveness().with_unanswered_request().with_answer().is_silent


def test_silence_ends_with_a_live_status_and_not_with_a_replayed_one() -> None:
    silent = alive().with_unanswered_request()
    assert silent.with_status(status(5), replayed=True, at=105.0).is_silent
    assert not silent.with_status(status(5), replayed=False, at=105.0).is_silent


def test_messages_and_answers_are_judged_apart() -> None:
    assert not alive(at=100.0).with_unanswered_request().is_stale(100.0)
    assert not HubLiveness().with_answer().is_silent
    assert HubLiveness().with_answer().is_stale(100.0)


def test_another_boot_id_is_a_restart() -> None:
    assert not HubLiveness().is_restart(status())
    assert not alive().is_restart(status(5))
    assert alive().is_restart(status(5, boot="boot-2"))


@dataclass(frozen=True)
class Numbered:
    seq: int
    text: str = ""


def newest(*seqs: int) -> NewestMessage[Numbered]:
    known: NewestMessage[Numbered] = NewestMessage()
    for seq in seqs:
        known = known.with_message(Numbered(seq))
    return known


def test_a_lower_seq_is_dropped_and_an_equal_one_replaces() -> None:
    assert newest(8, 7).message == Numbered(8)
    assert newest(8, 7) == newest(8)
    assert newest(8).with_message(Numbered(8, "again")).message == Numbered(8, "again")


def test_after_a_restart_one_lower_seq_is_accepted() -> None:
    restarted = newest(900).with_restart()
    assert restarted.with_message(Numbered(2)).message == Numbered(2)
    assert restarted.with_message(Numbered(2)).with_message(Numbered(1)).message == Numbered(2)


def test_the_first_message_of_a_restarted_hub_may_come_before_its_status() -> None:
    assert newest(900, 2).with_restart().message == Numbered(2)


def test_a_restart_with_the_same_journal_changes_nothing() -> None:
    assert newest(5, 6).with_restart().message == Numbered(6)
    assert newest(5).with_restart().with_message(Numbered(6)).with_message(Numbered(4)).message == Numbered(6)


def test_a_lower_seq_that_the_broker_replays_is_dropped_also_after_a_restart() -> None:
    restarted = newest(900).with_restart()
    assert restarted.with_message(Numbered(3), replayed=True) == restarted
    assert restarted.with_message(Numbered(901), replayed=True).with_message(Numbered(3)).message == Numbered(3)
    assert newest(900).with_message(Numbered(3), replayed=True).with_restart().message == Numbered(900)


def test_a_forged_number_is_outvoted_by_two_messages_of_the_hub() -> None:
    blinded = newest(10**9, 7)
    assert blinded.message == Numbered(10**9)
    assert blinded.with_message(Numbered(7, "again")).message == Numbered(7, "again")
    replayed = newest(10**9).with_message(Numbered(7), replayed=True).with_message(Numbered(8), replayed=True)
    assert replayed.message == Numbered(8), "on a broker that marks everything as retained, too"


def test_what_comes_late_or_twice_outvotes_nothing() -> None:
    assert newest(9, 7, 7).message == Numbered(9)
    assert newest(9, 7, 6).message == Numbered(9), "not in order"
    assert newest(9, 7, 9, 8).message == Numbered(9)


def test_a_status_with_a_forged_time_does_not_make_the_hub_deaf_on_a_broker_that_marks_all_as_retained() -> None:
    known = alive(at=100.0).with_status(status(10**8), replayed=True, at=101.0)
    known = known.with_status(status(5), replayed=True, at=105.0).with_status(status(10), replayed=True, at=110.0)
    assert not known.is_stale(120.0)
    assert known.proven_until == AS_OF + timedelta(seconds=10)
