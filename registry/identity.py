"""Resident identity numbers (GB 11643): what one says of its owner; refuses a damaged one with the remedy."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

import msgspec

from core.text import Bilingual

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_SHAPE = re.compile(r"\d{17}[0-9X]")
_OLD_SHAPE = re.compile(r"\d{15}")
_FLOAT = re.compile(r"[-+]?\d+(\.\d+)?E[-+]?\d+|\d{15,18}\.0+")
NUMBER_CHARS = 18
OLDEST_YEARS = 130
"""Nobody is known to have lived longer; an earlier birth date is a slip of the pen."""

_REGIONS = (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71, 81, 82, 83))
_PROVINCES = frozenset(str(code) for region in _REGIONS for code in region)
"""GB/T 2260, with 81 to 83: residence permits of Hong Kong, Macao and Taiwan residents."""

_FOREIGN = "9"
"""A foreigner's permanent residence card of 2023: 9, then the province."""


class Sex(StrEnum):
    """As the seventeenth digit says it."""

    MALE = "male"
    FEMALE = "female"


class Identity(msgspec.Struct, frozen=True):
    """A number that fits its check digit, and what it says."""

    number: str  # 18 characters, the check letter upper case
    birth_date: date
    sex: Sex


class FieldError(ValueError):
    """A value that cannot be taken: why, and what to do; never carries the value itself."""

    def __init__(self, why: Bilingual, remedy: Bilingual) -> None:
        super().__init__(f"{why.en}; {remedy.en}")
        self.why = why
        self.remedy = remedy

    @property
    def sentence(self) -> Bilingual:
        """Return the reason with its remedy."""
        return Bilingual(f"{self.why.zh}：{self.remedy.zh}", f"{self.why.en}: {self.remedy.en}")


_ASK_CARD = Bilingual("请照证件重新录入", "type it again from the card")


def read_identity(text: str, on: date) -> Identity:
    """Return the identity behind a number however it is written; raises FieldError. `on` is today, local."""
    number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
    if _FLOAT.fullmatch(number):
        raise FieldError(
            Bilingual(
                "身份证号被表格软件存成了数字，末几位已丢失",
                "a spreadsheet kept it as a number: its last digits are lost",
            ),
            Bilingual("把该列设为文本后重新录入", "format the column as text and type it again"),
        )
    if _OLD_SHAPE.fullmatch(number):
        raise FieldError(
            Bilingual("是15位旧号码", "it is an old number of 15 digits"),
            Bilingual("请查对18位新号码", "look up the one of 18 digits"),
        )
    if not _SHAPE.fullmatch(number):
        what = Bilingual("不是18位身份证号", "it is no identity number of 18 characters")
        raise FieldError(what, _ASK_CARD)
    if check_character(number[:17]) != number[17]:
        raise FieldError(Bilingual("身份证号校验码不符", "its check digit does not fit"), _ASK_CARD)
    if number[:2] not in _PROVINCES and not (number[0] == _FOREIGN and number[1:3] in _PROVINCES):
        raise FieldError(Bilingual("身份证号的地区不存在", "there is no such region"), _ASK_CARD)
    return Identity(number, _birth_date(number, on), Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def check_character(first_17: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064, MOD 11-2)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def _birth_date(number: str, on: date) -> date:
    wrong = FieldError(Bilingual("身份证号中的出生日期不可能", "the birth date in it is impossible"), _ASK_CARD)
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise wrong from None
    if born > on or on.year - born.year > OLDEST_YEARS:
        raise wrong
    return born
