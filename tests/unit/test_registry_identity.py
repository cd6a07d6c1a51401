"""Identity numbers and phone numbers: what is taken, what is refused, and that a refusal says what to do."""

from datetime import date

import pytest

from registry.identity import FieldError, Sex, check_character, read_identity
from registry.phones import to_e164

ON = date(2024, 2, 1)


def number(body="51023219400506002") -> str:
    return body + check_character(body)


def test_a_number_says_its_owners_birth_date_and_sex():
    read = read_identity("11010519491231002X", ON)  # the example of GB 11643
    assert (read.number, read.birth_date, read.sex) == ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE)


@pytest.mark.parametrize(
    "written", [" 110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002x"]
)
def test_spaces_wide_digits_and_a_small_x_are_the_same_number(written):
    assert read_identity(written, ON).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("110105194912310021", "校验码"),
        ("11010519491231002", "18位"),
        ("", "18位"),
        ("110105491231002", "15位"),
        ("1.10105194912310E+17", "存成了数字"),
        ("110105194912310000.0", "存成了数字"),
        (number("99010519491231002"), "地区"),
        (number("11010519491331002"), "出生日期"),
        (number("11010520491231002"), "出生日期"),
        (number("11010518491231002"), "出生日期"),
        ("=110105", "18位"),
    ],
)
def test_a_damaged_number_is_refused_with_what_to_do_and_without_itself(written, zh):
    with pytest.raises(FieldError) as refused:
        read_identity(written, ON)
    assert zh in refused.value.why.zh
    assert refused.value.remedy.zh
    assert not written or written not in refused.value.sentence.zh


@pytest.mark.parametrize("place", range(17))
def test_any_one_wrong_digit_is_noticed(place):
    good = number()
    wrong = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]
    with pytest.raises(FieldError):
        read_identity(wrong, ON)


def test_a_foreigners_permanent_residence_card_is_taken():
    assert read_identity(number("91112219500506002"), ON).birth_date == date(1950, 5, 6)


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("１３８-1234-5678", "+8613812345678"),
        ("+86 138 1234 5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("8613812345678", "+8613812345678"),
        ("023-70605678", "+862370605678"),
        ("(010) 6555 1234", "+861065551234"),
        ("0715-3344556", "+867153344556"),
        ("+86 023 70605678", "+862370605678"),
        ("+852 2345 6789", "+85223456789"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_number_is_e164_however_it_is_written(written, e164):
    assert to_e164(written) == e164


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("70605678", "区号"),
        ("13812345678/13912345678", "不止一个"),
        ("13812345678、13912345678", "不止一个"),
        ("023-70605678转801", "分机"),
        ("1.38E+10", "存成了数字"),
        ("138123456", "不是大陆"),
        ("12345678901", "不是大陆"),
        ("4008001234", "不是大陆"),
        ("+861381234", "不是大陆"),
        ("+12", "位数"),
        ("无", "不是数字"),
        ("=13812345678", "不是数字"),
    ],
)
def test_an_ambiguous_number_is_refused_with_what_to_do(written, zh):
    with pytest.raises(FieldError) as refused:
        to_e164(written)
    assert zh in refused.value.why.zh
    assert refused.value.remedy.en
