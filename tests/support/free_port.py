"""A port for a program that binds it seconds later: none that the system gives to whoever asks for any meanwhile."""

import itertools
import os
import socket

FIRST, OF_A_WORKER, WORKERS = 12_000, 1_250, 16
"""Up to 32,000: from 32,768 on Linux hands them out, to every connection that another test makes."""

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_numbers = itertools.count(os.getpid())  # another run on this machine most likely begins elsewhere


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on; each of this process once in many."""
    for number in itertools.islice(_numbers, OF_A_WORKER):
        port = FIRST + _WORKER * OF_A_WORKER + number % OF_A_WORKER
        with socket.socket() as tried:
            try:
                tried.bind((host, port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
