"""The journal: what a process noted outlives it, and one that was shut out hears of it in time."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import date
from pathlib import Path

import pytest

from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Batch, Event, JournalEntry, WorkerState

BATCH = Batch(edition=date(2020, 3, 3), number=4, fence=2, size=3)
PEOPLE = [11, 12, 2**39]
TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 Ok: queued as 1A")
LOST = Answer(event=Event.LOST, code=None, text="verloren – gone")


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "journal")


def test_what_was_noted_is_read_by_others(journal: FileJournal, tmp_path: Path) -> None:
    page, others = journal.page(BATCH, PEOPLE), FileJournal(tmp_path / "journal")
    assert page.begin(11)
    page.answer(11, TAKEN)
    page.answer(12, LOST)
    assert page.begin(2**39)

    assert others.read(journal.owner, BATCH) == [
        JournalEntry(subscriber=11, begun=True, answer=TAKEN),
        JournalEntry(subscriber=12, begun=False, answer=LOST),
        JournalEntry(subscriber=2**39, begun=True, answer=None),
    ]


def test_an_answer_too_long_for_its_slot_is_cut_and_harms_no_other(journal: FileJournal) -> None:
    page = journal.page(BATCH, PEOPLE)
    long = Answer(event=Event.REJECTED, code=550, text="–" * 400)
    page.answer(11, long)
    page.answer(12, TAKEN)

    first, second = journal.read(journal.owner, BATCH)
    assert first.answer is not None
    assert long.text.startswith(first.answer.text)
    assert second.answer == TAKEN


def test_a_batch_of_which_nothing_is_noted_was_not_begun(journal: FileJournal) -> None:
    assert journal.read(journal.owner, BATCH) == []


def test_a_worker_that_was_shut_out_may_begin_nothing_more(journal: FileJournal, tmp_path: Path) -> None:
    page, owner = journal.page(BATCH, PEOPLE), journal.owner
    assert page.begin(11)

    FileJournal(tmp_path / "journal").shut_out(owner)

    assert not page.begin(12)
    assert journal.owner == owner
    journal.start_run()
    assert journal.owner != owner, "its next run goes on under another name"


def test_the_living_the_dead_and_strangers_are_told_apart(journal: FileJournal, tmp_path: Path) -> None:
    others = FileJournal(tmp_path / "journal")
    owner = journal.owner
    assert journal.state_of(owner) is WorkerState.HERE
    assert others.state_of(owner) is WorkerState.ALIVE
    assert others.state_of("somebody.else") is WorkerState.ELSEWHERE

    journal.change_owner()

    assert others.state_of(owner) is WorkerState.DEAD
    assert others.dead_workers() == {owner}, "a worker that runs is not among them"
    others.forget(set())
    assert others.state_of(owner) is WorkerState.DEAD, "it still holds a batch"
    others.forget({owner})
    assert others.state_of(owner) is WorkerState.ELSEWHERE


def _note_and_die(directory: Path) -> None:
    journal = FileJournal(directory)
    page = journal.page(BATCH, PEOPLE)
    page.begin(11)
    page.answer(11, TAKEN)
    page.begin(12)
    (directory / "owner").write_text(journal.owner)
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_noted_survives_kill_9(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    directory.mkdir()
    process = multiprocessing.get_context("spawn").Process(target=_note_and_die, args=(directory,))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    owner = (directory / "owner").read_text()

    journal = FileJournal(directory)

    assert journal.state_of(owner) is WorkerState.DEAD
    assert journal.read(owner, BATCH) == [
        JournalEntry(subscriber=11, begun=True, answer=TAKEN),
        JournalEntry(subscriber=12, begun=True, answer=None),
    ]


def test_a_journal_left_in_order_leaves_nothing_behind(journal: FileJournal, tmp_path: Path) -> None:
    page = journal.page(BATCH, PEOPLE)
    page.close()
    journal.close()

    assert list((tmp_path / "journal").iterdir()) == []


def test_notes_are_nobody_elses_to_read(journal: FileJournal, tmp_path: Path) -> None:
    """They hold what relays said, and relays quote addresses."""
    journal.page(BATCH, PEOPLE)

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "journal" / journal.owner).rglob("*")}
    assert modes == {0}
