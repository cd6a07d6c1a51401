"""Gathered lists (R13 to R15): every row has its fate, nothing is half taken, and what contradicts waits for a person."""

from datetime import date
from io import BytesIO

import msgspec
import pytest
from gathered_lists import HEADER, number, row, text, workbook
from openpyxl import Workbook
from register_kit import GRID, RegisterRoom

from app.gatherer import Gatherer
from app.register import Who
from core.errors import ConfigurationError, ConflictError
from registry.annex1_check import FormError
from registry.areas import Area, AreaTree
from registry.commands import SaveForm, Verify
from registry.entries import is_waiting
from registry.gathering import Fate, Outcome, Source
from registry.people import Category
from store.truth.audit_file import verify_file

ZHANG = Who("account:zhang", "与本人核对")


class Office(RegisterRoom):
    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.gatherer = Gatherer(self.truth, self.clock, "Asia/Shanghai")
        with self.truth.transaction() as unit:
            unit.entries.put_areas(
                AreaTree([Area("shuren", "树人镇"), Area("shuren/qiaotou", "桥头村"), Area(GRID, "第三网格")])
            )

    def plan(self, content, source=Source.GRID, mapping=None):
        return self.gatherer.plan(content, source, mapping, where="list")

    def take(self, content, source=Source.GRID):
        return self.gatherer.take(content, source, where="list", actor="account:zhang")

    def fates(self, content, source=Source.GRID):
        return [(one.row, one.fate.value) for one in self.plan(content, source).rows]

    def why(self, content):
        """Return each refused row's reasons, and hold that nothing else came of it."""
        plan = self.plan(content)
        return {
            one.row: "；".join(f"{p.field} {p.sentence.zh}" for p in one.problems) for one in plan.rows if one.problems
        }


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.close()


def test_a_dry_run_tells_each_rows_fate_and_changes_nothing(office):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰")))
    before = office.actions()
    plan = office.plan(
        workbook(
            row(2, "王秀英"), row(4, "李桂芳"), row(6, "赵淑珍"), row(8, "钱", 身份证号="51022"), title="桥头村名单"
        )
    )
    assert [(one.row, one.fate) for one in plan.rows] == [
        (3, Fate.MATCH),
        (4, Fate.CONFLICT),
        (5, Fate.NEW),
        (6, Fate.REFUSED),
    ]
    assert plan.counts == {Fate.NEW: 1, Fate.MATCH: 1, Fate.CONFLICT: 1, Fate.REFUSED: 1}
    assert [(d.field, d.kept, d.offered) for d in plan.rows[1].differences] == [("name", "李桂兰", "李桂芳")]
    assert office.actions() == before
    assert len(office.register.all()) == 2


def test_new_people_wait_for_activation_with_the_origin_of_every_field_and_a_bulk_mark(office):
    gathering, _ = office.take(workbook(row(2, "王秀英")), Source.HEALTH)
    one = office.register.all()[0]
    assert is_waiting(one.person)
    assert (one.person.area, one.person.birth_date, one.person.phone) == (GRID, date(1938, 5, 1), "+8613800000002")
    assert one.person.categories == {Category.FAMILY_PLANNING}
    origin = one.entry.origins["phone"]
    assert (origin.source, origin.gathering, origin.row) == ("health", gathering.id, 2)
    with office.truth.view() as unit:
        assert [row.marks for row in unit.audit.list()] == [("bulk",), ("bulk",)]
    assert office.actions(one.person.id) == ["entry.gathered"]
    assert verify_file(office.path).broken_at is None


def test_a_second_source_fills_what_is_missing_and_contradicts_nothing_silently(office):
    office.take(workbook(row(2, "王秀英", 联系电话="")), Source.HEALTH)
    office.take(
        workbook(row(2, "王秀英", 残疾等级="二级", 残疾证号="51222219380501002X12", 居住地址="5组9号")),
        Source.DISABLED_FEDERATION,
    )
    one = office.register.all()[0]
    assert one.person.categories == {Category.FAMILY_PLANNING, Category.SEVERELY_DISABLED}
    assert (one.person.disability_grade, one.person.phone) == (2, "+8613800000002")
    assert one.person.address == "3组2号"
    assert one.entry.origins["phone"].source == "disabled_federation"
    with office.truth.view() as unit:
        waiting = unit.gathering.conflicts()
    assert [(c.difference.field, c.difference.kept, c.difference.offered) for c in waiting] == [
        ("residence.detail", "3组2号", "5组9号")
    ]


def conflicted(office):
    office.take(workbook(row(2, "王秀英")))
    office.take(workbook(row(2, "王秀英", 居住地址="5组9号")), Source.OTHER)
    with office.truth.view() as unit:
        return unit.gathering.conflicts()[0]


def test_a_person_decides_a_conflict_and_both_answers_are_kept_with_their_reason(office):
    one = conflicted(office)
    with pytest.raises(FormError):
        office.gatherer.decide(one.id, "offered", Who("account:zhang", ""))
    office.gatherer.decide(one.id, "offered", ZHANG)
    filed = office.register.all()[0]
    assert filed.person.address == "5组9号"
    assert (filed.entry.origins["residence.detail"].source, filed.entry.version) == ("other", 2)
    with pytest.raises(ConflictError, match="account:zhang"):
        office.gatherer.decide(one.id, "kept", ZHANG)


def test_what_the_register_holds_may_stand(office):
    one = conflicted(office)
    office.gatherer.decide(one.id, "kept", ZHANG)
    assert office.register.all()[0].person.address == "3组2号"
    assert office.actions(one.person_id)[-1] == "conflict.kept"
    with office.truth.view() as unit:
        assert unit.gathering.conflicts() == []


def test_a_conflict_over_what_has_changed_since_is_not_decided_blindly(office):
    one = conflicted(office)
    filed = office.register.all()[0]
    form = filed.form(date(2024, 2, 27))
    form = msgspec.structs.replace(form, residence=msgspec.structs.replace(form.residence, detail="7组1号"))
    office.do(filed, SaveForm(form=form, area=GRID))
    with pytest.raises(ConflictError, match="changed"):
        office.gatherer.decide(one.id, "offered", ZHANG)
    with office.truth.view() as unit:
        assert unit.gathering.conflicts() == [one]


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


def test_the_same_list_twice_changes_nothing_the_second_time(office):
    content = workbook(row(2, "王秀英"), row(4, "李桂兰"))
    office.take(content)
    office.take(content)
    assert [one.entry.version for one in office.register.all()] == [1, 1]
    assert {fate for _, fate in office.fates(content)} == {"match"}


def test_who_lives_at_one_door_is_one_household(office):
    office.take(
        workbook(
            row(2, "王秀英", 居住地址="3组 7号"), row(4, "李桂兰", 居住地址="3组7号"), row(6, "赵淑珍", 居住地址="")
        )
    )
    homes = [one.person.home_id for one in office.register.all()]
    assert len(set(homes)) == 2


@pytest.mark.parametrize("address", ["三组", "3组", "桥头村", "幸福小区12号楼"])
def test_an_address_that_names_no_door_makes_no_household_of_a_hamlet(office, address):
    office.take(workbook(row(2, "王秀英", 居住地址=address), row(4, "李桂兰", 居住地址=address)))
    office.take(workbook(row(6, "赵淑珍", 居住地址=address)))
    assert len({one.person.home_id for one in office.register.all()}) == 3


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


def test_r15_everybody_a_list_names_is_to_be_seen_at_home_until_nobody_is_left(office):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰")))
    one, other = office.register.all()
    office.do(one, Verify(on=date(2024, 2, 27)))
    with office.truth.view() as unit:
        assert {v.person_id: v.outcome for v in unit.gathering.verifications()} == {
            one.person.id: "confirmed",
            other.person.id: "",
        }
    assert office.gatherer.close(other.person.id, Outcome.MOVED, Who("account:zhang", "已随子女迁往重庆")) == 1
    assert office.gatherer.close(other.person.id, Outcome.MOVED, ZHANG) == 0
    assert office.actions(other.person.id)[-1] == "verification.moved"


def test_nothing_of_a_list_rests_in_clear(office, tmp_path):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰", 身份证号="512222193805010021")))
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in ("王秀英", "李桂兰", number(2), "512222193805010021", "13800000002", "3组2号"):
        assert secret.encode() not in on_disk


def test_a_list_that_fails_half_way_leaves_nothing(office):
    class Broken(Gatherer):
        def _take_row(self, unit, row, taking):
            if row.row == 3:
                raise RuntimeError
            return super()._take_row(unit, row, taking)

    broken = Broken(office.truth, office.clock, "Asia/Shanghai")
    with pytest.raises(RuntimeError):
        broken.take(workbook(row(2, "王秀英"), row(4, "李桂兰")), Source.GRID, where="list", actor="cli:root")
    assert office.register.all() == []
    assert office.actions() == []
