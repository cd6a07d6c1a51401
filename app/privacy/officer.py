"""Who may act for privacy: an account with the role, and its password; refuses whoever has only the machine."""

from app.accounts import LocalAccounts
from core.errors import ConfigurationError, NotFoundError
from core.ids import PersonId
from registry.access import Deed, is_granted
from store.truth.database import Truth


def officer(truth: Truth, name: str, password: str, area: str | None = None) -> str:
    """Return "account:<name>" of a privacy officer (of an area); raises ConfigurationError with the remedy."""
    accounts = LocalAccounts(truth)
    if name not in accounts.names():
        raise ConfigurationError(
            "没有此账号 / no such account",
            where=f"--as {name}",
            remedy="全部账号见 / all accounts: shouwang account list",
        )
    if not accounts.is_password(name, password):
        raise ConfigurationError(
            "密码不对 / the password is wrong",
            where=f"--as {name}",
            remedy=f"再输一次 / type it again；设新密码 / to set a new one: shouwang account add {name} --replace",
        )
    if not is_granted(accounts.grants(name), Deed.PRIVACY, area):
        raise ConfigurationError(
            "无此权限 / the account is no privacy officer" + (f" of {area}" if area else ""),
            where=f"--as {name}",
            remedy=f"shouwang account grant {name} privacy, by whoever runs the service",
        )
    return f"account:{name}"


def area_of(truth: Truth, person_id: str) -> str:
    """Return where somebody lives; raises NotFoundError."""
    with truth.view() as unit:
        person = unit.people.person(PersonId(person_id))
    if person is None:
        raise NotFoundError(f"没有此人 / no person {person_id}")
    return person.area
