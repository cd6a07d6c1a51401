"""In whose name a command writes: an account of the service, never a name that merely stands on the command line."""

from app.cli.options import at_terminal
from core.errors import ConfigurationError
from store.truth.database import Truth


def clerk_of(truth: Truth, account: str) -> str:
    """Return "account:<name>" of who answers for a deed to somebody; ConfigurationError for nobody and no account.

    Accounts are the township's own staff: what counts, who visited and who owns an alert rest on that.
    """
    if not account:
        raise ConfigurationError(
            "须写明由谁负责 / it bears the name of who answers for it", where="--as", remedy="--as ACCOUNT"
        )
    with truth.view() as unit:
        is_known = unit.accounts.password_hash(account) is not None
    if not is_known:
        raise ConfigurationError(
            f"没有账号 {account} / there is no account {account}",
            where="--as",
            remedy="写已有的账号，或先添加 / name one that exists, or add it: shouwang account add NAME",
        )
    return f"account:{account}"


def clerk_or_operator(truth: Truth, account: str) -> str:
    """Return who answers for a technical change: "account:<name>", or the machine's own account as "cli:<user>".

    Raises ConfigurationError for a name that is no account.
    """
    return clerk_of(truth, account) if account else at_terminal()
