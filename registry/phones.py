"""Phone numbers as E.164 (mainland mobile, mainland landline, or with a country code); refuses what is ambiguous."""

import re
import unicodedata

from core.text import Bilingual
from registry.identity import FieldError

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
"""An area code without its 0, then 7 or 8 digits that begin with 2 to 8."""

_E164 = re.compile(r"[1-9]\d{6,14}")
_SEVERAL = re.compile(r"[/,;、，；]|或|\bor\b")
_EXTENSION = re.compile(r"转|ext|#|x\d", re.IGNORECASE)
_FLOAT = re.compile(r"\d+(\.\d+)?e\+?\d+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s\-()\u2010-\u2015·.]")
_COUNTRY = "86"
_LOCAL_DIGITS = (7, 8)

_ONE = Bilingual("一栏只写一个号码", "write one number in a field")
_WHOLE = Bilingual(
    "手机写11位，座机带区号，境外带国家码", "a mobile of 11 digits, a landline with area code, else +country code"
)


def to_e164(text: str) -> str:
    """Return the number as +<country><number>, "" for an empty text; raises FieldError with the remedy."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return ""
    if _SEVERAL.search(plain):
        raise FieldError(Bilingual("写了不止一个号码", "there is more than one number"), _ONE)
    if _EXTENSION.search(plain):
        raise FieldError(Bilingual("带分机号，自动呼叫拨不通", "it has an extension, which no call can dial"), _WHOLE)
    if _FLOAT.fullmatch(plain):
        damaged = Bilingual("号码被表格软件存成了数字", "a spreadsheet kept it as a number")
        raise FieldError(damaged, Bilingual("把该列设为文本后重新录入", "format the column as text and type it again"))
    digits = _SEPARATORS.sub("", plain)
    if digits.startswith(("+", "00")):
        return _international(digits.removeprefix("+") if digits[0] == "+" else digits[2:])
    if not digits.isdigit():
        raise FieldError(Bilingual("含有不是数字的字符", "it holds what is no digit"), _WHOLE)
    return _national(digits)


def _international(digits: str) -> str:
    if not _E164.fullmatch(digits):
        raise FieldError(Bilingual("国际号码的位数不对", "an international number has 7 to 15 digits"), _WHOLE)
    if digits.startswith(_COUNTRY):
        rest = digits.removeprefix(_COUNTRY).removeprefix("0")
        if not (_MOBILE.fullmatch(rest) or _LANDLINE.fullmatch(rest)):
            raise FieldError(Bilingual("不是大陆手机或座机号码", "it is no mainland mobile or landline"), _WHOLE)
        return f"+{_COUNTRY}{rest}"
    return f"+{digits}"


def _national(digits: str) -> str:
    if _MOBILE.fullmatch(digits):
        return f"+{_COUNTRY}{digits}"
    if digits.startswith("0") and _LANDLINE.fullmatch(digits[1:]):
        return f"+{_COUNTRY}{digits[1:]}"
    if digits.startswith(_COUNTRY) and _MOBILE.fullmatch(digits[2:]):
        return f"+{digits}"
    if len(digits) in _LOCAL_DIGITS:
        raise FieldError(Bilingual("座机没有区号", "a landline without its area code"), _WHOLE)
    raise FieldError(Bilingual("不是大陆手机或座机号码", "it is no mainland mobile or landline"), _WHOLE)
