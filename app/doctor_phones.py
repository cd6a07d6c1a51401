"""Examines the ways to reach people: accounts, routes, the way back for keys, contacts whom nothing reaches."""

from collections.abc import Callable, Iterator

import httpx
import msgspec

from app.adapters import aliyun_account, twilio_account, webhook_settings
from app.files import DataFiles
from app.lines import Lines, routes
from app.settings import Settings
from core.errors import ConfigurationError

CALLBACK_S = 5.0
OK = 200
BOARD = "console"
MAINLAND_PREFIX = "+86"


class PhoneCheck(msgspec.Struct, frozen=True):
    """One thing looked at."""

    what: str
    is_well: bool
    remedy: str = ""


def examine_phones(settings: Settings) -> Iterator[PhoneCheck]:
    """Yield every check; nobody is rung, and only our own public address is asked."""
    if not (settings.twilio_account_sid or settings.aliyun_access_key_id):
        yield PhoneCheck("calls are shown on the duty board, nobody is rung (live_calls is false)", True)
    accounts: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("twilio", settings.twilio_account_sid, lambda: twilio_account(settings, settings.public_base_url)),
        ("aliyun", settings.aliyun_access_key_id, lambda: aliyun_account(settings)),
        ("webhook", settings.webhook_url, lambda: webhook_settings(settings)),
        ("routes_file", settings.routes_file, lambda: routes(settings)),
    )
    failed = [check for name, is_set, work in accounts if is_set and (check := _fault(name, work)) is not None]
    yield from failed
    if not settings.live_calls:
        return
    yield from _way_back(settings)
    if not failed:
        yield from _reach(settings)


def _fault(name: str, work: Callable[[], object]) -> PhoneCheck | None:
    try:
        work()
    except ConfigurationError as error:
        return PhoneCheck(f"{name}: {error.where}: {error.what}", False, error.remedy)
    return None


def _way_back(settings: Settings) -> Iterator[PhoneCheck]:
    base = settings.public_base_url.rstrip("/")
    if not base:
        yield PhoneCheck(
            "there is no public_base_url: calls say that no key can be pressed, and the desk has to confirm",
            False,
            "set public_base_url to an https:// address at which the provider reaches this service",
        )
        return
    try:
        status = httpx.get(f"{base}/healthz", timeout=CALLBACK_S).status_code
    except httpx.HTTPError as error:
        seen = type(error).__name__
    else:
        if status == OK:
            yield PhoneCheck(f"{base} answers", True)
            return
        seen = f"HTTP {status}"
    yield PhoneCheck(
        f"public_base_url {base} does not answer ({seen}): keys that are pressed will not be heard",
        False,
        "start the service, then look at DNS, certificate and the proxy; some routers hide it from inside only",
    )


def _reach(settings: Settings) -> Iterator[PhoneCheck]:
    files = DataFiles(settings.data_dir)
    if not files.truth.exists():
        return
    truth = files.open_truth()
    try:
        with truth.view() as unit:
            people = unit.people.persons()
            numbers = [contact.phone for person in people for contact in unit.people.contacts(person.id)]
            numbers += [person.phone for person in people]
    finally:
        truth.close()
    unreached = _unreached(settings, [number for number in numbers if number])
    mainland = sum(number.startswith(MAINLAND_PREFIX) for number in unreached)
    if mainland:
        yield PhoneCheck(
            f"{mainland} +86 numbers are reached by the duty board alone: Twilio does not ring them since 2023-11-30",
            False,
            "set up aliyun_* as their voice channel",
        )
    if len(unreached) > mainland:
        yield PhoneCheck(
            f"{len(unreached) - mainland} other numbers are reached by the duty board alone",
            False,
            "write them with + and country code, and give their prefix a channel in routes_file",
        )


def _unreached(settings: Settings, numbers: list[str]) -> list[str]:
    lines = Lines(settings, settings.public_base_url)
    try:
        voices = {channel.name: channel for channel in lines.channels if channel.name != BOARD}
        return [
            number
            for number in numbers
            if not any(
                name in voices and voices[name].refuses(number) is None
                for name in lines.routes.channels(number, is_call=True)
            )
        ]
    finally:
        lines.close()
