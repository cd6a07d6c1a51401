"""What keeps this process from asking its broker says nothing of the broker."""

import errno
import os
import resource
from contextlib import contextmanager

import pytest

from app.broker_accounts import Account
from app.broker_probe import probe


@contextmanager
def no_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # a name is looked up first, and that fails otherwise
def test_a_process_without_descriptors_cannot_ask_by_whatever_name_its_broker_has(host):
    account = Account("ingest", "secret")
    assert "refused" in probe(host, 1, account, lambda: True)
    with no_descriptors(), pytest.raises(OSError, match="Too many open files") as caught:
        probe(host, 1, account, lambda: True)
    assert caught.value.errno == errno.EMFILE
