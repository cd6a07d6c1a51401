"""The option and the password by which a command knows its privacy officer."""

import getpass
import os
from typing import Annotated

import typer

from app.cli.accounts import PASSWORD_VARIABLE
from app.privacy.officer import area_of, officer
from store.truth.database import Truth

Officer = Annotated[str, typer.Option("--as", help="Account of a privacy officer; its password is asked for")]


def officer_of(truth: Truth, name: str, person_id: str = "") -> str:
    """Return "account:<name>"; raises ConfigurationError when the account may not act here.

    The password comes from the terminal or SHOUWANG_ACCOUNT_PASSWORD, never from an argument. Without a person the
    role must hold everywhere.
    """
    password = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(f"password for {name}: ")
    return officer(truth, name, password, area_of(truth, person_id) if person_id else "")
