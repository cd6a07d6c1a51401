"""A start ends the server of its own folder alone: no neighbour's, no program that only mentions its file."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from nats_broker import left_behind, started

from app.broker import EmbeddedBroker
from app.broker_process import is_started_by, running_with
from core.errors import ConfigurationError

CONFIG = Path("/data/broker/nats-server.json")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may change a process's root directory")


@contextmanager
def bystander(command):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_broker_whose_folder_ends_like_ours_is_left_alone(tmp_path):
    ours = tmp_path / "data"
    with started(tmp_path / "srv" / ours.relative_to("/")) as neighbour, started(ours) as heir:
        assert neighbour.is_alive()
        assert heir.is_alive()


@pytest.mark.parametrize(
    "command", [("tail", "-f"), (sys.executable, "-c", "input()", "-c")], ids=["tail", "another program with -c"]
)
def test_a_program_that_only_has_the_configuration_file_open_is_left_alone(tmp_path, command):
    config = tmp_path / "nats-server.json"
    config.write_text("{}")
    with bystander([*command, str(config)]) as editor:
        assert running_with(config, str(editor.pid)) == []
        with started(tmp_path):
            assert editor.poll() is None


@needs_root
def test_a_broker_that_has_another_folder_under_the_same_path_is_left_alone(tmp_path):
    """As in a container, whose processes stand in the machine's list."""
    ours, root = tmp_path / "data", tmp_path / "root"
    inside = root / ours.relative_to("/")
    inside.mkdir(parents=True)
    shutil.copy(Path(sys.executable).parent / "nats-server", root)
    config = ours / "nats-server.json"
    (inside / config.name).write_text('{"host": "127.0.0.1", "port": -1}')
    with bystander(["chroot", str(root), "/nats-server", "-c", str(config)]) as contained:
        assert b"Starting nats-server" in contained.stderr.readline()
        with started(ours):
            assert contained.poll() is None


def test_a_server_that_ended_when_asked_is_not_killed_afterwards(broker, tmp_path, monkeypatch):
    sent, kill, orphan = [], os.kill, left_behind(broker)
    monkeypatch.setattr(os, "kill", lambda pid, sign: (sent.append((pid, sign)), kill(pid, sign)))
    with started(tmp_path / "broker"):
        assert [sign for pid, sign in sent if pid == orphan.pid] == [signal.SIGTERM]


def test_another_users_server_over_our_folder_is_named_with_what_to_do(broker, tmp_path, monkeypatch):
    def refuse(pid, sign):
        raise PermissionError

    orphan = left_behind(broker)

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", refuse)
        with pytest.raises(ConfigurationError, match=rf"process {orphan.pid}: .*Remedy: .*sudo kill"):
            EmbeddedBroker(tmp_path / "broker").start()
    assert broker.is_alive()


@pytest.mark.parametrize(
    ("is_ours", "arguments"),
    [
        (True, ["/opt/shouwang/bin/nats-server", "-c", str(CONFIG), ""]),
        (True, ["nats-server", "-D", "--config", str(CONFIG)]),
        (True, ["nats-server", f"-c={CONFIG}"]),
        (True, ["nats-server", f"--config={CONFIG}"]),
        (False, ["nats-server", "-c", f"/srv{CONFIG}"]),
        (False, ["nats-server", "-c", f"{CONFIG}.old"]),
        (False, ["nats-server", f"--config=/srv{CONFIG}"]),
        (False, ["nats-server", "-l", str(CONFIG)]),
        (False, ["nats-server", "-c"]),
        (False, ["vim", "-c", str(CONFIG)]),
        (False, ["/opt/nats-server/tail", "-c", str(CONFIG)]),
        (False, [""]),
        (False, []),
    ],
)
def test_a_server_of_ours_is_known_by_its_program_and_the_whole_path(is_ours, arguments):
    assert is_started_by(arguments, CONFIG) is is_ours
