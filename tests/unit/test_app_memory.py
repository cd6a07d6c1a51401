"""How many homes stay awake follows from the memory that the service may take."""

from app.memory import MOST_AWAKE, awake_homes, limit_bytes
from rules.shelf import AWAKE_HOMES

GB = 1 << 30


def test_a_small_machine_keeps_a_village_awake_and_a_large_one_a_town():
    assert awake_homes(GB // 8) == AWAKE_HOMES
    assert 1_000 < awake_homes(GB) < awake_homes(9 * GB // 8) < MOST_AWAKE
    assert awake_homes(64 * GB) == MOST_AWAKE


def test_a_container_that_is_held_to_less_than_the_machine_has_counts(tmp_path):
    machine = limit_bytes(tmp_path / "none")
    held = tmp_path / "memory.max"
    held.write_text("max\n")
    assert limit_bytes(held) == machine
    held.write_text(f"{GB // 2}\n")
    assert limit_bytes(held) == min(machine, GB // 2)
