"""Whether a folder takes files is found by writing one, and told in the disk's own words."""

import subprocess

from small_disk import small_disk

from app.folder_room import ROOM_FILE, no_room


def test_a_disk_that_became_read_only_is_told_as_that_also_with_a_file_left_from_before(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        assert no_room(disk.folder) == ""
        (disk.folder / ROOM_FILE).touch()  # of a process that was killed in between
        subprocess.run(["mount", "-o", "remount,ro", str(disk.folder)], check=True)
        assert no_room(disk.folder) == f"{disk.folder}: Read-only file system"


def test_a_full_disk_is_told_as_that_and_nothing_is_left_on_it(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        disk.fill(leave=65_536)
        assert "No space left" in no_room(disk.folder)
        assert [one.name for one in disk.folder.iterdir()] == ["filler"]
