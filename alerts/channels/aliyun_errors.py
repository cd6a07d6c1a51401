"""What an answer or an error of Aliyun's SDK means for an attempt; its words hold no phone number."""

import re

import requests
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from Tea.exceptions import RequiredArgumentException, TeaException
from urllib3.exceptions import ConnectTimeoutError, HTTPError

from alerts.channels.faults import Fault, Meaning, without_numbers

OK = "OK"

SDK_ERRORS = (
    TeaException,  # the root of the SDK's own families
    RequiredArgumentException,
    requests.RequestException,
    HTTPError,
    TimeoutError,
    *(ValueError, KeyError, TypeError, AttributeError),  # an answer that is not the JSON it should be
)
"""Everything a request can end in."""

NOTHING_FOUND = re.compile(r"^100008|DATA_NOT_(FOUND|EXIST)|Data\.?NotFound")
"""A query's answer for a call that it does not list, or not yet; nothing is wrong with the account."""

_PERMANENT = re.compile(r"MOBILE_NUMBER_ILLEGAL|PHONE_NUMBER_ILLEGAL|CALLED_NUMBER|BLACKLIST")
_NO_WAY = re.compile(r"COMPLAINT|ComplaintReject|BLACK_KEY|PARAM_LENGTH|PARAM_NOT_SUPPORT|DOMESTIC_NUMBER")
_USED_UP = re.compile(r"(DAY|MONTH)_LIMIT")  # until the account's owner raises it
_TOO_OFTEN = re.compile(r"BUSINESS_LIMIT")  # 1 a minute, 5 an hour, 20 a day for one number
_NOT_SENT = re.compile(r"LIMIT_CONTROL|FLOW_LIMIT|Throttling|CONCURRENT|OVER_LIMIT|VOICE_CALL_FAIL")
_UNKNOWN = re.compile(r"^isp\.(SYSTEM_ERROR|UNKNOWN|GATEWAY_ERROR)|InternalError|ServiceUnavailable")
_MEANINGS = (
    (_PERMANENT, Meaning.PERMANENT),
    (_NO_WAY, Meaning.NO_WAY),
    (_USED_UP, Meaning.MISCONFIGURED),
    (_TOO_OFTEN, Meaning.TOO_OFTEN),
    (_NOT_SENT, Meaning.NOT_SENT),
    (_UNKNOWN, Meaning.UNKNOWN),
)
_NEVER_CONNECTED = re.compile(r"ConnectTimeoutError|NewConnectionError|NameResolutionError|ProxyError")
_SERVER_ERROR_STATUS = 500


def fault_of_code(code: str, words: str) -> Fault:
    """Return what a code other than OK means; a code nobody here knows is the account's or a setting's fault."""
    detail = without_numbers(f"{code}: {words}")
    for pattern, meaning in _MEANINGS:
        if pattern.search(code):
            return Fault(meaning, detail)
    return Fault(Meaning.MISCONFIGURED, detail)


def fault_of(error: Exception) -> Fault:
    """Return what an error of the SDK or of its network means; anything unheard of may have been sent."""
    if isinstance(error, AlibabaCloudException):
        status = int(error.status_code or 0)
        if status >= _SERVER_ERROR_STATUS:
            return Fault(Meaning.UNKNOWN, without_numbers(f"HTTP {status} {error.code}"))
        return fault_of_code(str(error.code), f"HTTP {status}")
    # the SDK turns every error of the network into words
    inner = getattr(error, "inner_exception", None) or error
    if isinstance(inner, ConnectTimeoutError) or _NEVER_CONNECTED.search(str(inner)):
        return Fault(Meaning.NOT_SENT, "no connection to the provider")
    return Fault(Meaning.UNKNOWN, f"the answer was lost: {type(inner).__name__}")
