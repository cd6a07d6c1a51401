"""A private file is whole whoever writes it at once, on the disk when it is said to be, and leaves nothing beside."""

import errno
import os
import stat

import pytest

from app.private_file import LEFT_BEHIND_S, UNFINISHED, write_private


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "accounts.json"
    write_private(file, b"before")
    return file


def names(file):
    return [one.name for one in file.parent.iterdir()]


def test_of_two_writers_at_once_each_puts_a_whole_file_there(file, monkeypatch):
    fsync, seen = os.fsync, []

    def second_writer_meanwhile(number):
        monkeypatch.setattr(os, "fsync", fsync)
        write_private(file, b"second")
        seen.append(file.read_bytes())
        fsync(number)

    monkeypatch.setattr(os, "fsync", second_writer_meanwhile)
    write_private(file, b"first")
    assert (seen, file.read_bytes(), names(file)) == ([b"second"], b"first", [file.name])


def test_its_name_is_on_the_disk_too_after_its_content(file, monkeypatch):
    fsync, synced = os.fsync, []

    def noted(number):
        is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
        synced.append(("folder" if is_folder else "file", file.read_bytes()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noted)
    write_private(file, b"after")
    assert synced == [("file", b"before"), ("folder", b"after")]


def test_only_its_owner_may_read_it(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_the_disk_is_full_what_stood_there_stays_and_nothing_lies_beside_it(file, monkeypatch):
    def refuse(_number):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"):
        write_private(file, b"after")
    assert (file.read_bytes(), names(file)) == (b"before", [file.name])


def test_what_a_killed_writer_left_is_cleared_and_what_another_writes_now_is_not(file):
    left, fresh, foreign = (file.with_name(f"{UNFINISHED}{name}") for name in ("left.new", "fresh.new", "notes.txt"))
    for one, age_s in ((left, LEFT_BEHIND_S + 60), (fresh, LEFT_BEHIND_S - 60), (foreign, LEFT_BEHIND_S + 60)):
        one.write_bytes(b"half")
        at_s = file.stat().st_mtime - age_s
        os.utime(one, (at_s, at_s))
    write_private(file, b"after")
    assert sorted(names(file)) == sorted([fresh.name, foreign.name, file.name])
