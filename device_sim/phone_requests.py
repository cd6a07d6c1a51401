"""Checks what a service asks of the phone network, with Twilio's own error codes; lets nothing odd through."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

E164 = re.compile(r"\+[1-9]\d{6,14}")
MOST_SMS_CHARS = 1_600
SHORTEST_TIMEOUT_S, LONGEST_TIMEOUT_S = 1, 600
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})

_STATUS_OF_CODE = {20003: 401, 20005: 403, 20404: 404, 20429: 429, 20500: 500}
_WORDS_OF_CODE = {
    21211: "Invalid 'To' Phone Number",
    21215: "Geographic permissions do not allow this number to be called",
    21408: "Permission to send an SMS has not been enabled for the region",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
}


class PhoneAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The one account of the stand-in, and the address its callbacks must begin with."""

    account_sid: str
    auth_token: str
    from_number: str
    callback_base: str

    def __repr__(self) -> str:
        """Name the account, not its token."""
        return f"PhoneAccount(account_sid={self.account_sid!r})"


class Refusal(msgspec.Struct, frozen=True):
    """An answer of Twilio's that is an error."""

    code: int
    message: str
    status: int = 400

    def json(self) -> dict[str, Any]:
        """Return it as Twilio's API shows it."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


WRONG_CREDENTIALS = Refusal(20003, "Authenticate", 401)
NO_SUCH_RESOURCE = Refusal(20404, "The requested resource was not found", 404)
TOO_LATE_TO_CANCEL = Refusal(21220, "Call is not in-progress. Cannot redirect.")


def refusal_of_code(code: int) -> Refusal:
    """Return the refusal that Twilio gives with a code; its words when we know them."""
    return Refusal(code, _WORDS_OF_CODE.get(code, "Request refused"), _STATUS_OF_CODE.get(code, 400))


def refusal_of_call(form: Mapping[str, str], events: list[str], account: PhoneAccount) -> Refusal | None:
    """Return what is wrong with a request to make a call, or None."""
    timeout = form.get("Timeout", "60")
    checks = (
        (bool(form.get("To")), 21201, "No 'To' number specified"),
        (bool(E164.fullmatch(form.get("To", ""))), 21211, f"Invalid 'To' Phone Number: {form.get('To', '')}"),
        (bool(form.get("From")), 21213, "'From' phone number is required"),
        (form.get("From") == account.from_number, 21210, "'From' phone number not verified"),
        (bool(form.get("Twiml")) or _is_ours(form.get("Url", ""), account), 21205, "Url is not a valid URL"),
        (_is_right_status(form, account), 21609, "Invalid 'StatusCallback' URL"),
        (form.get("Method", "POST") == "POST", 21403, "this stand-in fetches scripts by POST"),
        (set(events) <= CALL_EVENTS, 21626, "Invalid statusCallbackEvents"),
        (_is_between(timeout, SHORTEST_TIMEOUT_S, LONGEST_TIMEOUT_S), 21403, "Invalid Timeout"),
    )
    return _first_refusal(checks)


def refusal_of_text(form: Mapping[str, str], account: PhoneAccount) -> Refusal | None:
    """Return what is wrong with a request to send a text, or None."""
    callback = form.get("StatusCallback", "")
    checks = (
        (bool(form.get("To")), 21604, "'To' phone number is required"),
        (bool(E164.fullmatch(form.get("To", ""))), 21211, f"Invalid 'To' Phone Number: {form.get('To', '')}"),
        (bool(form.get("From")), 21603, "A 'From' phone number is required"),
        (form.get("From") == account.from_number, 21606, "The 'From' phone number is not a valid, SMS-capable number"),
        (bool(form.get("Body")), 21602, "Message body is required"),
        (len(form.get("Body", "")) <= MOST_SMS_CHARS, 21617, "The message body exceeds the 1600 character limit"),
        (not callback or _is_ours(callback, account), 21609, "Invalid 'StatusCallback' URL"),
    )
    return _first_refusal(checks)


def _first_refusal(checks: tuple[tuple[bool, int, str], ...]) -> Refusal | None:
    return next((Refusal(code, message) for is_right, code, message in checks if not is_right), None)


def _is_right_status(form: Mapping[str, str], account: PhoneAccount) -> bool:
    # a call that brings its script may do without callbacks; one that fetches it wants them all
    callback = form.get("StatusCallback", "")
    return _is_ours(callback, account) or (bool(form.get("Twiml")) and not callback)


def _is_ours(url: str, account: PhoneAccount) -> bool:
    return url.startswith(f"{account.callback_base.rstrip('/')}/callbacks/twilio/")


def _is_between(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and least <= int(text) <= most
