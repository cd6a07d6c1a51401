"""Checks what a service asks of Aliyun, with Aliyun's own codes; a parameter that it does not describe is refused."""

import re
from collections.abc import Callable, Mapping

import msgspec

from device_sim.aliyun_account import MOST_VARIABLE_CHARS, AliyunAccount, fault_of_variables

IVR, TTS = "11000000300005", "11010000138001"
"""Aliyun's numbers for interactive calls and for calls that read a text."""

MOST_PAGE = 50
MOST_OUT_ID_BYTES = {"IvrCall": 15, "SingleCallByTts": 15, "SendSms": 256}
NOTHING_FOUND = "100008.0"
"""What a query answers for a call that it does not know, with status 400."""

_MAINLAND = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_DAY = re.compile(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
_KEY_MAP = re.compile(r"MenuKeyMap\.(\d+)\.(Key|Code|TtsParams)")
_KEYS = frozenset("0123456789*#")
_DESCRIBED = {
    "IvrCall": {"CalledNumber", "CalledShowNumber", "StartCode", "StartTtsParams", "ByeCode", "ByeTtsParams"}
    | {"PlayTimes", "Timeout", "OutId"},
    "SingleCallByTts": {"CalledNumber", "CalledShowNumber", "TtsCode", "TtsParam"}
    | {"PlayTimes", "Volume", "Speed", "OutId"},
    "QueryCallDetailByCallId": {"CallId", "ProdId", "QueryDate"},
    "CancelCall": {"CallId"},
    "SendSms": {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId", "SmsUpExtendCode"},
    "QuerySendDetails": {"PhoneNumber", "SendDate", "PageSize", "CurrentPage", "BizId"},
}


class KeyText(msgspec.Struct, frozen=True):
    """What is read out after a key."""

    key: str
    code: str
    variables: str = ""


def fault_of_request(action: str, asked: Mapping[str, str], account: AliyunAccount) -> str:
    """Return Aliyun's code for what is wrong with the parameters of a request, or ""."""
    if action not in _DESCRIBED:
        return "InvalidAction.NotFound"
    odd = set(asked) - _DESCRIBED[action]
    if any(action != "IvrCall" or not _KEY_MAP.fullmatch(name) for name in odd):
        return "isv.INVALID_PARAMETERS"
    if "OutId" in asked and not 1 <= len(asked["OutId"].encode()) <= MOST_OUT_ID_BYTES[action]:
        return "isv.INVALID_PARAMETERS"
    return _FAULTS[action](asked, account)


def key_texts(asked: Mapping[str, str]) -> tuple[KeyText, ...]:
    """Return the keys that an interactive call offers, in the order of their numbers."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in asked.items():
        if match := _KEY_MAP.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    return tuple(
        KeyText(row.get("Key", ""), row.get("Code", ""), row.get("TtsParams", "")) for _, row in sorted(rows.items())
    )


def _fault_of_call(asked: Mapping[str, str], account: AliyunAccount) -> str:
    keys = key_texts(asked)
    texts = [KeyText("", asked.get("StartCode", ""), asked.get("StartTtsParams", "")), *keys]
    if "ByeCode" in asked:
        texts.append(KeyText("", asked["ByeCode"], asked.get("ByeTtsParams", "")))
    is_odd_key = any(one.key not in _KEYS or not one.key for one in keys) or len({one.key for one in keys}) < len(keys)
    return (
        _fault_of_numbers(asked, account)
        or next((fault for one in texts if (fault := _fault_of_voice_text(one, account))), "")
        or ("isv.INVALID_PARAMETERS" if is_odd_key or not _is_within(asked.get("Timeout", "5000"), 1, 60_000) else "")
    )


def _fault_of_reading(asked: Mapping[str, str], account: AliyunAccount) -> str:
    text = KeyText("", asked.get("TtsCode", ""), asked.get("TtsParam", ""))
    return _fault_of_numbers(asked, account) or _fault_of_voice_text(text, account)


def _fault_of_numbers(asked: Mapping[str, str], account: AliyunAccount) -> str:
    if not _is_number(asked.get("CalledNumber", "")):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    if asked.get("CalledShowNumber", "") not in account.shown_numbers:
        return "isv.DISPLAY_NUMBER_ILLEGAL"
    return "" if _is_within(asked.get("PlayTimes", "3"), 1, 3) else "isv.INVALID_PARAMETERS"


def _fault_of_voice_text(text: KeyText, account: AliyunAccount) -> str:
    approved = account.voice_texts.get(text.code)
    if approved is None:
        return "isv.TTS_TEMPLATE_ILLEGAL"
    return fault_of_variables(approved, text.variables, most_chars=MOST_VARIABLE_CHARS)


def _fault_of_call_query(asked: Mapping[str, str], _account: AliyunAccount) -> str:
    if not asked.get("CallId") or asked.get("ProdId") not in {IVR, TTS}:
        return "isv.INVALID_PARAMETERS"
    return "" if asked.get("QueryDate", "").isdigit() else "InvalidParameter.date"


def _fault_of_cancelling(asked: Mapping[str, str], _account: AliyunAccount) -> str:
    return "" if asked.get("CallId") else "isv.INVALID_PARAMETERS"


def _fault_of_text(asked: Mapping[str, str], account: AliyunAccount) -> str:
    number = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", asked.get("PhoneNumbers", ""))
    approved = account.sms_texts.get(asked.get("TemplateCode", ""))
    if not _MAINLAND.fullmatch(number):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    if asked.get("SignName", "") not in account.sign_names:
        return "isv.SMS_SIGNATURE_ILLEGAL"
    return "isv.SMS_TEMPLATE_ILLEGAL" if approved is None else _fault_of_sms_variables(approved, asked)


def _fault_of_sms_variables(approved: str, asked: Mapping[str, str]) -> str:
    return fault_of_variables(approved, asked.get("TemplateParam", ""))


def _fault_of_text_query(asked: Mapping[str, str], _account: AliyunAccount) -> str:
    if not _MAINLAND.fullmatch(asked.get("PhoneNumber", "")):
        return "isv.MOBILE_NUMBER_ILLEGAL"
    is_right = _DAY.fullmatch(asked.get("SendDate", "")) and _is_within(asked.get("PageSize", ""), 1, MOST_PAGE)
    return "" if is_right and _is_within(asked.get("CurrentPage", ""), 1, 10_000) else "isv.INVALID_PARAMETERS"


_FAULTS: dict[str, Callable[[Mapping[str, str], AliyunAccount], str]] = {
    "IvrCall": _fault_of_call,
    "SingleCallByTts": _fault_of_reading,
    "QueryCallDetailByCallId": _fault_of_call_query,
    "CancelCall": _fault_of_cancelling,
    "SendSms": _fault_of_text,
    "QuerySendDetails": _fault_of_text_query,
}


def _is_number(text: str) -> bool:
    return bool(_MAINLAND.fullmatch(text) or _LANDLINE.fullmatch(text))


def _is_within(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and least <= int(text) <= most
