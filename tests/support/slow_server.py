"""A nats-server that reads its store for as long as a test wants: it stands still before it is one."""

from pathlib import Path

import pytest

from app import broker as embedded
from app.broker_process import PROGRAM


class SlowServer:
    """What a broker starts from now on; each start waits until `goes_on`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._has_read = folder / "has-read"
        folder.mkdir()
        program = folder / PROGRAM
        program.write_text(
            f'#!/bin/sh\nwhile [ ! -e "{self._has_read}" ]; do sleep 0.02; done\nexec "{embedded._binary()}" "$@"\n'
        )
        program.chmod(0o755)
        monkeypatch.setattr(embedded, "_binary", lambda: program)

    def goes_on(self) -> None:
        self._has_read.touch()
