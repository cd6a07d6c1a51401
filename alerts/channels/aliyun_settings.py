"""What the Aliyun channels are told about their account; refuses to reach a real phone unless live calls are on."""

import os
import re

import msgspec

from alerts.channels.addresses import check_gate, is_loopback, is_plain_url
from core.errors import ConfigurationError
from core.text import Bilingual

VOICE_ENDPOINT = "dyvmsapi.aliyuncs.com"
SMS_ENDPOINT = "dysmsapi.aliyuncs.com"

ALIYUN_ZONE = "Asia/Shanghai"
"""Aliyun counts days in Beijing's time, wherever the service stands."""

DEFAULT_REQUEST_TIMEOUT_S = 10.0
"""A second channel must be tried within 15 s of a silent first one."""

LEAST_CALLBACK_TOKEN_CHARS = 24
"""Aliyun signs none of its reports: this secret in the address is all that tells them from a stranger's."""

PROXY_VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")

_KEYS = str(Bilingual("填写 RAM 用户的 AccessKey ID 与 Secret", "key and secret of a RAM user"))
_VOICE = str(
    Bilingual("主叫号码与三个已审核的语音模板要填齐，或都不填", "give the number and all three approved texts, or none")
)
_SMS = str(Bilingual("签名与两个模板要填齐，或都不填", "give signature and both templates, or none of them"))
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")


class AliyunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account; raises ConfigurationError for what can never work. Empty voice or SMS parts: not set up."""

    access_key_id: str
    access_key_secret: str
    shown_number: str = ""  # the bought number that calls come from
    resident_code: str = ""  # approved text for the resident: "if you are well, press 1"
    contact_code: str = ""  # approved text for contacts, with ${kind}: 1 I am going, 2 I cannot
    service_code: str = ""  # approved text about the service itself, with ${kind}; "" = the contacts' text stands in
    thanks_code: str = ""  # approved text after a key
    sign_name: str = ""
    sms_template: str = ""  # approved text with ${number}
    bundle_template: str = ""  # approved text with ${count}: the technical tickets of a morning
    callback_token: str = ""  # secret part of the address that reports are pushed to
    api_base: str = ""  # "" = Aliyun's own; a loopback address = a stand-in
    live_calls: bool = False
    request_timeout_s: float = DEFAULT_REQUEST_TIMEOUT_S

    def __post_init__(self) -> None:
        _check(
            bool(self.access_key_id and self.access_key_secret),
            "access_key_id",
            _KEYS,
        )
        _check(not self.api_base or is_plain_url(self.api_base), "api_base", "empty, or http://127.0.0.1:port")
        _check(self.request_timeout_s > 0, "request_timeout_s", "seconds above 0")
        voice = (self.shown_number, self.resident_code, self.contact_code, self.thanks_code)
        _check(
            all(voice) or not any(voice),
            "shown_number",
            _VOICE,
        )
        sms = (self.sign_name, self.sms_template, self.bundle_template)
        _check(
            all(sms) or not any(sms),
            "sign_name",
            _SMS,
        )
        is_secret = len(self.callback_token) >= LEAST_CALLBACK_TOKEN_CHARS and _TOKEN.fullmatch(self.callback_token)
        # without reports no key is ever heard, and the approved text has promised that it would be
        _check(
            not self.has_voice or bool(is_secret),
            "callback_token",
            f"at least {LEAST_CALLBACK_TOKEN_CHARS} random letters and digits, and push reports to "
            "<public_base_url>/callbacks/aliyun/<token>/voice",
        )
        if not self.live_calls:
            check_gate("aliyun_api_base", self.api_base, live_calls=False)
        if self.is_stand_in and (found := [name for name in PROXY_VARIABLES if os.environ.get(name)]):
            raise ConfigurationError(
                "the vendor's SDK would send requests for this machine to a proxy",
                where=f"the environment variable {found[0]}",
                remedy="unset it while a stand-in is used",
            )

    def __repr__(self) -> str:
        """Name nothing secret: settings end up in logs and tracebacks."""
        return f"AliyunSettings(live_calls={self.live_calls})"

    @property
    def has_voice(self) -> bool:
        """True when calls are set up."""
        return bool(self.shown_number)

    @property
    def has_sms(self) -> bool:
        """True when texts are set up."""
        return bool(self.sign_name)

    @property
    def is_stand_in(self) -> bool:
        """True when requests stay on this machine."""
        return is_loopback(self.api_base)


def _check(is_right: bool, setting: str, remedy: str) -> None:  # noqa: FBT001 - the condition is the sentence
    if not is_right:
        raise ConfigurationError("设置不能使用 / this cannot be used", where=f"aliyun_{setting}", remedy=remedy)
