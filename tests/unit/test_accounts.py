"""A name that nobody has is refused like a wrong password: after the same work, so that the time tells no names."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.accounts import hash_of_nobody


def test_the_hash_of_nobody_takes_the_work_of_a_password_and_is_opened_by_none():
    hasher = PasswordHasher()
    nobody = hash_of_nobody(hasher)
    assert not hasher.check_needs_rehash(nobody)  # the same cost, the same lengths
    for password in ("", "correct horse battery"):
        with pytest.raises(VerifyMismatchError):  # after the whole work, not at the sight of it
            hasher.verify(nobody, password)


def test_nobody_is_somebody_else_each_time():
    assert hash_of_nobody(PasswordHasher()) != hash_of_nobody(PasswordHasher())
