"""What a Twilio channel is told about its account; refuses to reach a real phone unless live calls are switched on."""

import re
from urllib.parse import urlsplit

import msgspec

from alerts.channels.addresses import is_loopback, is_plain_url
from core.errors import ConfigurationError, together
from core.text import Bilingual

MAINLAND_PREFIX = "+86"
"""Mainland China's country code; +852, +853 and +886 do not begin with it."""

DEFAULT_REQUEST_TIMEOUT_S = 10.0
"""The SDK's own default is to wait for ever; a second channel must be tried within 15 s of a silent first one."""

DEFAULT_CALLS_PER_S = 1.0
"""What Twilio starts for an account; it queues the rest for up to a day, where no life hazard can overtake."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_SID = str(Bilingual("控制台上以 AC 开头的 34 位账号", "AC and 32 hex digits, from the console"))
_TOKEN = str(Bilingual("填写控制台上的 auth token", "the account's auth token, from the console"))
_FROM = str(Bilingual("账号下的号码，带 + 和国家代码", "a number of the account in E.164, e.g. +85212345678"))
_SHARED = frozenset({"public_base_url", "live_calls"})
"""Settings that are not of this account alone, and bear no prefix."""

_REFUSED_MAINLAND = Bilingual(
    "Twilio 自 2023-11-30 起不再呼叫中国大陆号码，请改用境内语音通道",
    "Twilio ended voice calls into mainland China on 2023-11-30: route this number to a domestic voice channel",
)


class TwilioSettings(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """One Twilio account and where its callbacks arrive; raises ConfigurationError for what can never work."""

    account_sid: str
    auth_token: str
    second_auth_token: str = ""  # accepted beside the first while tokens are rotated; never used to send
    from_number: str  # E.164
    public_base_url: str = ""  # where Twilio reaches our callbacks, e.g. "https://care.example.cn"; "" = nowhere
    api_base: str = ""  # "" = Twilio's own; a loopback address = the stand-in of device_sim
    live_calls: bool = False
    request_timeout_s: float = DEFAULT_REQUEST_TIMEOUT_S
    calls_per_s: float = DEFAULT_CALLS_PER_S

    def __post_init__(self) -> None:
        wrong = [
            _fault(setting, remedy)
            for is_right, setting, remedy in (
                (bool(_ACCOUNT_SID.fullmatch(self.account_sid)), "account_sid", _SID),
                (bool(self.auth_token), "auth_token", _TOKEN),
                (is_e164(self.from_number), "from_number", _FROM),
            )
            if not is_right
        ]
        if wrong:
            raise together(wrong)
        is_url = not self.public_base_url or is_plain_url(self.public_base_url)
        _check(is_url, "public_base_url", "empty, or http(s)://host[:port][/path], no query or user")
        _check(not self.api_base or is_plain_url(self.api_base), "api_base", "empty, or http(s)://host[:port]")
        _check(self.request_timeout_s > 0, "request_timeout_s", "seconds above 0; a request without a limit can hang")
        _check(self.calls_per_s > 0, "calls_per_s", "calls a second above 0; Twilio's own pace is 1")
        self._check_gate()

    def __repr__(self) -> str:
        """Name the account and nothing secret: settings end up in logs and tracebacks."""
        return f"TwilioSettings(account_sid={self.account_sid!r}, live_calls={self.live_calls})"

    @property
    def is_stand_in(self) -> bool:
        """True when requests go to a stand-in on this machine, where no real phone can ring."""
        return is_loopback(self.api_base)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The auth tokens a callback may be signed with, the current one first."""
        return tuple(token for token in (self.auth_token, self.second_auth_token) if token)

    def callback_url(self, attempt_id: str, what: str) -> str:
        """Return where Twilio asks about or reports on one attempt; `what` is the last part of the path."""
        return f"{self.public_base_url.rstrip('/')}/callbacks/twilio/{attempt_id}/{what}"

    def voice_refusal(self, to: str) -> Bilingual | None:
        """Return why a number cannot be rung through Twilio, or None; the stand-in rings every number."""
        return _REFUSED_MAINLAND if to.startswith(MAINLAND_PREFIX) and not self.is_stand_in else None

    def _check_gate(self) -> None:
        if self.is_stand_in:
            return
        _check(
            self.live_calls,
            "live_calls",
            "set live_calls = true to reach real phones, point api_base at a stand-in on 127.0.0.1, or use the console",
        )
        is_private = all(urlsplit(url).scheme == "https" for url in (self.public_base_url, self.api_base) if url)
        _check(is_private, "public_base_url", "live calls carry keys and numbers: give https:// addresses")


def is_e164(number: str) -> bool:
    """Return whether it is written as a plus sign and 7 to 15 digits."""
    return bool(_E164.fullmatch(number))


def _check(is_right: bool, setting: str, remedy: str) -> None:  # noqa: FBT001 - the condition is the sentence
    if not is_right:
        raise _fault(setting, remedy)


def _fault(setting: str, remedy: str) -> ConfigurationError:
    where = setting if setting in _SHARED else f"twilio_{setting}"
    return ConfigurationError("设置不能使用 / this cannot be used", where=where, remedy=remedy)
