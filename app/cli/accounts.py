"""Commands of accounts: account add, name, grant, list; and the password by which one is known at a terminal."""

import getpass
import os
from typing import Annotated

import typer

from app.accounts import LocalAccounts
from app.areas import check_area
from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.environment import ENV_PREFIX
from app.files import DataFiles
from core.errors import ConfigurationError
from registry.access import ROLE_WORDS, Grant, Role

account_app = typer.Typer(help="Accounts of the duty console", no_args_is_help=True)
PASSWORD_VARIABLE = f"{ENV_PREFIX}ACCOUNT_PASSWORD"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(account_app, name="account")


@account_app.command("grant")
def account_grant(
    name: str,
    grants: Annotated[list[str] | None, typer.Argument(help="ROLE or ROLE:AREA, e.g. village:shuren/qiaotou")] = None,
    config: Config = None,
    data_dir: DataDir = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="No role: it may do everything, everywhere")] = False,
) -> None:
    """Let an account have just these roles (grid, village, town, duty, auditor, privacy) in areas, or everything."""
    wanted = [_grant(text) for text in grants or ()]
    if bool(wanted) is everywhere:
        raise ConfigurationError(
            "没有写角色 no role is named" if not wanted else "--everywhere 不能与角色同用 goes with no role",
            where="the arguments",
            remedy=f"{name} village:AREA, 或 or {name} --everywhere（可做一切 it may do everything）",
        )
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        with truth.view() as unit:
            for one in wanted:
                check_area(unit, one.area, "the arguments")
        LocalAccounts(truth).grant(name, wanted, at_terminal())
    finally:
        truth.close()
    for one in wanted:
        print(f"{name}: {_granted(one)}")
    if not wanted:
        print(f"! {name}：可做一切、不限区域 may do EVERYTHING, EVERYWHERE")


def _granted(one: Grant) -> str:
    return f"{ROLE_WORDS[one.role]} in {one.area or '所有区域 ALL AREAS'}"


def _grant(text: str) -> Grant:
    role, _, area = text.partition(":")
    if role not in set(Role):
        remedy = f"use one of {', '.join(Role)}, with :AREA or for all areas"
        raise ConfigurationError(f"{text!r} is no role", where="the arguments", remedy=remedy)
    return Grant(Role(role), area.strip("/"))


@account_app.command("add")
def account_add(
    name: str,
    config: Config = None,
    data_dir: DataDir = None,
    replace: Annotated[bool, typer.Option(help="Set a new password for an account that exists")] = False,
    called: Annotated[str, typer.Option("--name", help="What forms call them, e.g. 李梅")] = "",
) -> None:
    """Add an account; the password comes from the terminal or SHOUWANG_ACCOUNT_PASSWORD, never from an argument."""
    settings = settings_of(config, data_dir)
    password = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(f"password for {name}: ")
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        accounts = LocalAccounts(truth)
        accounts.create(name, password, may_replace=replace, by=at_terminal())
        if called:
            accounts.call(name, called, at_terminal())
    finally:
        truth.close()
    print(f"account {name} may log in")


@account_app.command("name")
def account_name(
    name: str,
    called: Annotated[str, typer.Argument(help="What forms call them, e.g. 李梅")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say what a person is called: annex 2 and the return print it where the account would stand."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        LocalAccounts(truth).call(name, called, at_terminal())
    finally:
        truth.close()
    print(f"{name}  {called}")


@account_app.command("list")
def account_list(config: Config = None, data_dir: DataDir = None) -> None:
    """List who may log in, what they are called, and their roles with the areas; without any it may do everything."""
    truth = DataFiles(settings_of(config, data_dir).data_dir).open_truth()
    try:
        accounts = LocalAccounts(truth)
        called = accounts.display_names()
        for name in accounts.names():
            roles = "; ".join(_granted(one) for one in accounts.grants(name))
            words = [
                name,
                called.get(name, ""),
                roles or "! 无角色：可做一切、不限区域 no role: EVERYTHING, EVERYWHERE",
            ]
            print("  ".join(word for word in words if word))
    finally:
        truth.close()
