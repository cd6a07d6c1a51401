"""Ctrl-C at a terminal reaches every process of the service: it ends in order, and complains of nothing."""

import os
import signal
import subprocess
import sys

from free_port import free_port

WAIT_S = 60


def test_an_orderly_end_by_ctrl_c_warns_of_nothing(tmp_path):
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve", "--data-dir", str(tmp_path / "data")]
    command += ["--http-port", str(free_port()), "--mqtt-port", str(free_port())]
    log = tmp_path / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            process_group=0,
            env=os.environ | {"SHOUWANG_ACK_WAIT_S": "1"},
        )
        said = []
        try:
            while not said or "account add" not in said[-1]:
                said.append(service.stdout.readline())
                assert said[-1], log.read_text()
            os.killpg(service.pid, signal.SIGINT)  # as a terminal does: to the whole group that stands before it
            rest, _ = service.communicate(timeout=WAIT_S)
        finally:
            service.kill()
    assert (service.returncode, "WARNING" in log.read_text(), "WARNING" in rest) == (0, False, False)
