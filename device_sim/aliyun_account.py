"""What an Aliyun account holds beside its keys: bought numbers, approved texts, where its reports go."""

import re
from collections.abc import Mapping

import msgspec

MOST_VARIABLE_CHARS = 250
"""Of all variables of a voice text together, as Aliyun's own description says."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)


class AliyunAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The one account of the stand-in; texts by the code under which they were approved."""

    access_key_id: str
    access_key_secret: str
    shown_numbers: frozenset[str]
    voice_texts: Mapping[str, str]
    sms_texts: Mapping[str, str]
    sign_names: frozenset[str]
    reports_url: str  # "<public address>/callbacks/aliyun/<secret>": voice reports to /voice, those of texts to /sms

    def __repr__(self) -> str:
        """Name the account, not its secrets."""
        return f"AliyunAccount(access_key_id={self.access_key_id!r})"


def variables_of(text: str) -> frozenset[str]:
    """Return the names that an approved text leaves open."""
    return frozenset(_VARIABLE.findall(text))


def read_variables(given: str) -> dict[str, str] | None:
    """Return the variables of a request; None when they are not an object of texts."""
    try:
        return msgspec.json.decode(given or "{}", type=dict[str, str])
    except msgspec.MsgspecError:
        return None


def fault_of_variables(text: str, given: str, *, most_chars: int | None = None) -> str:
    """Return Aliyun's code for what is wrong with the variables of an approved text, or ""."""
    variables = read_variables(given)
    if variables is None:
        return "isv.INVALID_JSON_PARAM"
    if not variables_of(text) <= set(variables):
        return "isv.TEMPLATE_MISSING_PARAMETERS"
    if any(_URL.search(value) for value in variables.values()):
        return "isv.PARAM_NOT_SUPPORT_URL"
    if most_chars is not None and sum(map(len, variables.values())) >= most_chars:
        return "isv.PARAM_LENGTH_LIMIT"
    return ""


def filled(text: str, given: str) -> str:
    """Return an approved text with its variables; those were found to be in order."""
    variables = read_variables(given) or {}
    return _VARIABLE.sub(lambda match: variables[match[1]], text)
