"""Gathered lists as offices save them: encodings, dates, sheets, columns; what is wrong is refused where it stands."""

from datetime import date
from io import BytesIO

import pytest
from gathered_lists import HEADER, number, row, text, workbook
from gathering_office import GatheringOffice
from openpyxl import Workbook

from core.errors import ConfigurationError
from registry.gathering import Fate, UnknownColumnsError


@pytest.fixture
def office(tmp_path):
    office = GatheringOffice(tmp_path)
    yield office
    office.close()


@pytest.mark.parametrize(
    ("cells", "zh"),
    [
        ({"身份证号": "512222193805010021"}, "校验码"),
        ({"身份证号": 512222193805010000}, "存成了数字"),
        ({"身份证号": "5.12222E+17"}, "存成了数字"),
        ({"身份证号": ""}, "没有身份证号"),
        ({"姓名": ""}, "没有姓名"),
        ({"姓名": "=HYPERLINK(1)"}, "公式"),
        ({"联系电话": "70605678"}, "区号"),
        ({"村": "东山村"}, "没有这个村"),
        ({"残疾等级": "五级"}, "一至四级"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_its_field_and_reason(office, cells, zh):
    content = workbook(row(2, "王秀英"), row(4, **({"name": "李桂兰"} | cells)))
    assert list(office.why(content)) == [3]
    assert zh in office.why(content)[3]
    gathering, _ = office.take(content)
    assert gathering.counts[Fate.REFUSED] == 1
    assert len(office.register.all()) == 1
    with office.truth.view() as unit:
        kept = unit.gathering.rows(gathering.id)
    assert [one.fate for one in kept] == [Fate.NEW, Fate.REFUSED]


def test_formulas_errors_and_merged_cells_of_a_workbook_are_refused_where_they_stand(office):
    def spoil(sheet):
        sheet["C3"] = "=C2"
        sheet["F4"] = "#N/A"
        sheet["F4"].data_type = "e"
        sheet.merge_cells("D5:D6")

    why = office.why(workbook(*(row(seq, "王秀英") for seq in (2, 4, 6, 8, 10)), touch=spoil))
    assert list(why) == [3, 4, 6]
    assert "phone 是公式" in why[3]
    assert "residence.detail 是表格的错误值" in why[4]
    assert "village 在合并单元格里" in why[6]


def test_one_person_in_two_rows_is_taken_once_and_the_second_row_names_the_first(office):
    why = office.why(workbook(row(2, "王秀英"), row(4, "李桂兰"), row(2, "王秀英")))
    assert why == {4: "id_number 与第2行重复"}


BIRTHS = [*HEADER, "出生日期"]


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("1938-05-01", ""),
        ("1938年5月1日", ""),
        ("1938/5/1", ""),
        ("19380501", ""),
        (14001, ""),  # Excel's serial of 1938-05-01
        (date(1938, 5, 1), ""),
        ("38-05-01", "年份不是四位"),
        ("1/5/38", "年份不是四位"),
        ("1938-05-02", "与身份证号不符"),
        ("1938-02-30", "没有这一天"),
        (14002, "与身份证号不符"),
        ("五月", "不是日期"),
        ("2038-05-01", "将来"),
    ],
)
def test_dates_are_read_as_offices_write_them_and_two_digit_years_are_not_guessed(office, written, zh):
    why = office.why(workbook([*row(2, "王秀英"), written], header=BIRTHS))
    assert zh in why.get(2, "") if zh else why == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_text_is_read_whatever_office_saved_it(office, encoding, delimiter):
    plan = office.plan(text(row(2, "王秀英"), row(4, "李桂兰"), encoding=encoding, delimiter=delimiter))
    assert [(one.fate, one.values["name"]) for one in plan.rows] == [(Fate.NEW, "王秀英"), (Fate.NEW, "李桂兰")]


def test_a_rare_character_of_gb18030_comes_through(office):
    assert office.plan(text(row(2, "王𬭼"), encoding="gb18030")).rows[0].values["name"] == "王𬭼"


def test_a_number_kept_as_text_by_a_spreadsheets_tricks_is_taken_and_a_formula_is_not(office):
    good = text(row(2, "王秀英", 身份证号=f"'{number(2)}"), row(4, "李桂兰", 身份证号=f'"=""{number(4)}"""'))
    assert office.why(good) == {}
    assert "公式" in office.why(text(row(2, "王秀英", 联系电话="=1+1")))[2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02\x03",
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0old excel",
        "没有,表头\n1,2".encode(),
        "姓名,联系电话\n王秀英,13800000000".encode(),
        b"\xff\xff\xff\xff",
        b"x" * (8 * 1024 * 1024 + 1),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_remedy(office, content):
    with pytest.raises(ConfigurationError, match="Remedy"):
        office.plan(content)
    assert office.actions() == []


def test_columns_are_found_by_synonyms_under_a_title_or_by_a_given_map(office):
    header = ["序号", "老年人姓名（必填）", "公民身份号码", "紧急联系人", "联系电话", "备注"]
    plan = office.plan(workbook([1, "王秀英", number(2), "李梅", "13900005678", "x"], header=header, title="名单"))
    assert plan.mapping == {
        "老年人姓名（必填）": "name",
        "公民身份号码": "id_number",
        "紧急联系人": "emergency.name",
        "联系电话": "emergency.phone",
    }
    assert plan.columns.unknown == ("序号", "备注")
    mapped = office.plan(
        workbook(["王秀英", number(2)], header=["甲", "乙"]), mapping={"甲": "name", "乙": "id_number"}
    )
    assert [one.fate for one in mapped.rows] == [Fate.NEW]
    with pytest.raises(ConfigurationError, match="no field"):
        office.plan(workbook(row(2, "王秀英")), mapping={"姓名": "nickname"})


def test_a_map_adds_to_what_is_recognised_and_hides_no_fault_of_another_column(office):
    header = ["老人姓名", "编号甲", "所属村居", "性别", "出生日期", "手机", "残疾等级"]
    rows = [
        ["王秀英", number(2), "桥头村", "女", "1938-05-01", "13800000002", "二级"],
        ["李桂兰", number(4), "桥头村", "女", "38.5.1", "13800000004", ""],
        ["张玉珍", number(6), "桥头村", "女", "1938-05-01", "=C2", ""],
    ]
    plan = office.plan(workbook(*rows, header=header), mapping={"编号甲": "id_number"})
    assert plan.columns.unknown == ()
    assert [one.fate for one in plan.rows] == [Fate.NEW, Fate.REFUSED, Fate.REFUSED]
    assert plan.rows[0].values["disability_grade"] == "2"


def test_who_chooses_a_column_is_followed_where_another_would_be_recognised(office):
    content = workbook(["王小明", "王秀英", number(2)], header=["姓名", "老人", "证件"])
    plan = office.plan(content, mapping={"老人": "name"})
    assert (plan.rows[0].values["name"], plan.columns.unknown) == ("王秀英", ("姓名",))


def test_a_list_without_an_identity_number_says_in_both_languages_what_to_do_and_which_columns_are_left(office):
    with pytest.raises(UnknownColumnsError, match=r"没有身份证号这一列.*say which it is") as refused:
        office.plan(workbook(["王秀英", "桥头村", number(2)], header=["姓名", "所在村", "号"]))
    assert refused.value.headers == ("号",)


def of_sheets(*sheets: tuple[str, str, list]) -> bytes:
    """Return a workbook of (title, state, rows)."""
    book = Workbook()
    book.remove(book.active)
    for title, state, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        for cells in rows:
            sheet.append(cells)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_with_a_sheet_for_each_village_is_refused_whole_until_one_is_left_visible(office):
    near, far = [HEADER, row(2, "王秀英")], [HEADER, row(4, "李桂兰")]
    with pytest.raises(ConfigurationError, match="桥头村, 西河村"):
        office.plan(of_sheets(("桥头村", "visible", near), ("西河村", "visible", far)))
    one = office.plan(of_sheets(("桥头村", "hidden", near), ("西河村", "visible", far), ("Sheet3", "visible", [])))
    assert [judged.values["name"] for judged in one.rows] == ["李桂兰"]
