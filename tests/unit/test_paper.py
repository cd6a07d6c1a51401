"""Forms on paper: every label and value of the originals is there, in their order, and nothing typed becomes markup."""

import io
import re
import zipfile
from datetime import date
from functools import cache

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader

from app.paper.annex1_form import annex1_form
from app.paper.annex2_form import annex2_form
from app.paper.fonts import MISSING, font_case
from app.paper.layout import Cell, Form, placed
from app.paper.listing import Sheet
from app.paper.pdf import pdf_of
from app.paper.village_sheet import SheetPerson, village_sheet
from app.paper.word import docx_of
from app.paper.workbook import LONGEST_TEXT, workbook_of
from core.errors import ConfigurationError
from registry.annex1 import Annex1, Economy, EmergencyContact, Helper, HouseholdMember, Place
from registry.identity import Sex
from registry.people import Capacity, Category, Tier
from visits import annex2
from visits.annex2 import Annex2

AT_MS = 1_706_000_000_000
ORDER_1 = (
    "特殊困难老年人信息登记表", "建档日期", "一、服务对象基本情况", "姓名", "性别", "居民身份证号码", "联系电话",
    "紧急联系人", "户籍地址", "居住地址", "能力程度", "曾患病史", "特困人员", "低保、低保边缘",
    "月可支配收入", "经济来源", "孤寡老年人", "独居老年人", "空巢老年人", "留守老年人", "失能老年人",
    "重残老年人", "残疾证号", "计划生育特殊家庭老年人", "重点对象", "一般对象", "二、家庭基本情况", "序号", "与户主关系",
    "是否为低保对象", "是否经常探访", "户主", "三、家庭生活条件", "饮水是否安全", "生活用电是否安全", "住房是否安全",
    "家庭每月收入", "有领取养老保险", "无养老保险", "享受社会救助和社会福利补贴项目", "四、已享受帮扶情况",
    "党政机关、群团组织", "乡镇（街道）、村（居）民委员会", "企业", "社会组织", "专业社会工作者", "志愿者", "其他",
    "帮扶责任人", "帮扶措施", "工作人员签字", "此表一式两份",
)  # fmt: skip
ORDER_2 = (
    "树人镇特殊困难老年人探访关爱服务记录表", "一、探访情况", "探访方式", "电话问候", "上门探访", "互联网音（视）频探访",
    "其他", "家庭人口", "增加", "减少", "表达能力", "行动能力", "疾病状况", "疾病名称", "情绪状态", "燃气安全", "水暖安全",
    "用电安全", "个人卫生", "家庭卫生", "室内环境", "老年人服务需求", "实施关爱服务建议", "探访人员", "被探访人",
    "信息录入人", "二、关爱服务情况", "关爱服务情况", "服务人员签字（盖章）", "老年人服务满意度评价", "此表一式三份",
)  # fmt: skip

SPANNING = (
    ("健康状况", "经济情况", "对象类别"),
    ("家庭状况", "健康状况", "精神状态", "安全情况", "卫生状况", "居住环境", "开展探访", "开展关爱"),
)
"""Labels that stand beside several rows: a reader of the page's text meets them after those rows."""


def registration(**changes):
    fields = {
        "filed_on": date(2024, 1, 20),
        "name": "李秀英",
        "sex": Sex.FEMALE,
        "id_number": "500230194005060023",
        "phone": "+8613800000000",
        "emergency": EmergencyContact("王芳", Sex.FEMALE, "+8613800000001"),
        "registered": Place("丰都县", "树人镇", "桥头村", "3组12号"),
        "residence": Place("丰都县", "树人镇", "桥头村", "3组14号"),
        "capacity": Capacity.MILD,
        "illness": "高血压",
        "economy": frozenset({Economy.MINIMUM}),
        "disposable_income_yuan": 630,
        "income_source": "养老金",
        "categories": frozenset({Category.ALONE, Category.SEVERELY_DISABLED}),
        "disability_certificate": "50023019400506002342",
        "tier": Tier.KEY,
        "household": (HouseholdMember(name="王大山", relation="丈夫", health="一般", visits_often=False),),
        "is_water_safe": True,
        "household_income_yuan": 1260,
        "has_pension": True,
        "pension_yuan": 130,
        "benefits": "低保金",
        "benefits_yuan": 500,
        "helpers": frozenset({Helper.VOLUNTEER}),
        "helper_in_charge": "张三",
        "help_measures": "每周送餐两次",
        "signed_by": "陈静",
        "signed_on": date(2024, 1, 21),
    }
    return Annex1(**{**fields, **changes})


def visit(**changes):
    fields = {
        "kind": annex2.VisitKind.HOME,
        "household": annex2.HouseholdChange.MORE,
        "household_count": 2,
        "illness": annex2.Illness.SEVERE,
        "illness_name": "肺炎",
        "gas": annex2.Safety.UNSAFE,
        "needs": frozenset({annex2.Need.DAILY_CARE}),
        "advice": "联系卫生院",
        "visitor_signature": "陈静",
        "visited_signature": annex2.VisitedSignature.SIGNED,
        "filled_on": date(2024, 2, 3),
        "care": annex2.Care(on=date(2024, 2, 4), text="送药上门", signature="周平", satisfaction="满意"),
    }
    return Annex2(**{**fields, **changes})


def record_form(form):
    return annex2_form(form, town="树人镇", number=7, on=date(2024, 2, 3), name="李秀英", care_number=3)


def words_of(content):
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


@cache  # many sentences about the same two pages
def filled_pages():
    return [
        words_of(pdf_of(form, font_case(), AT_MS).content)[0]
        for form in (annex1_form(registration()), record_form(visit()))
    ]


def in_order(text, wanted):
    place = 0
    for one in wanted:
        found = text.find(one.replace(" ", ""), place)
        assert found >= 0, f"{one} is missing after {text[max(0, place - 20) : place]}"
        place = found


def test_annex_1_has_every_label_of_the_original_in_its_order_on_both_copies():
    pages = words_of(pdf_of(annex1_form(registration()), font_case(), AT_MS).content)
    assert len(pages) == 2
    for page, copy in zip(pages, ("乡镇（街道）存档", "村（社区）存档"), strict=True):
        in_order(page, ORDER_1)
        assert all(one in page for one in SPANNING[0])
        assert page.endswith(f"{copy}1")


@pytest.mark.parametrize(
    "value",
    [
        "2024年1月20日", "李秀英", "女", "500230194005060023", "13800000000", "王芳", "13800000001", "3组12号", "3组14号",
        "■轻度失能", "□能力完好", "高血压", "■低保、低保边缘（低保）", "□特困人员", "630元", "养老金", "■独居老年人", "□空巢老年人",
        "■重残老年人（残疾证号：50023019400506002342）", "■重点对象", "□一般对象", "王大山", "丈夫", "1260", "■有领取养老保险，每月130元",
        "低保金，每月补贴500元", "■志愿者", "张三", "每周送餐两次", "陈静", "2024年1月21日",
    ],
)  # fmt: skip
def test_annex_1_prints_what_was_filled_in(value):
    assert value in filled_pages()[0]


def test_annex_2_has_every_label_of_the_original_in_its_order_on_three_copies():
    pages = words_of(pdf_of(record_form(visit()), font_case(), AT_MS).content)
    for page, copy in zip(pages, annex2.PRINTED_COPIES, strict=True):
        in_order(page, ORDER_2)
        assert all(one in page for one in SPANNING[1])
        assert page.endswith(f"{copy.zh}1")


@pytest.mark.parametrize(
    "value",
    [
        "第7次", "2024年2月3日", "■上门探访", "■增加2人", "□减少", "■严重疾病名称：肺炎", "■不安全", "■未评估", "生活照料",
        "联系卫生院", "陈静", "本人已签字", "第3次", "2024年2月4日", "送药上门", "周平", "满意",
    ],
)  # fmt: skip
def test_annex_2_prints_what_was_filled_in(value):
    assert value in filled_pages()[1]


def test_remote_monitoring_is_printed_in_the_box_other():
    form = record_form(visit(kind=annex2.VisitKind.REMOTE_MONITORING, visited_signature=annex2.VisitedSignature.REMOTE))
    page = words_of(pdf_of(form, font_case(), AT_MS).content)[0]
    assert "■其他（远程监测）" in page
    assert "□上门探访" in page
    assert "远程，未签字" in page


def test_an_empty_form_prints_as_a_blank_to_be_filled_by_hand():
    page = words_of(pdf_of(annex1_form(Annex1()), font_case(), AT_MS).content)[0]
    in_order(page, ORDER_1)
    assert "□重点对象" in page
    assert "□能力完好" in page
    assert "■" not in page


def test_a_larger_household_is_printed_whole():
    members = tuple(HouseholdMember(name=f"家人{number}") for number in range(9))
    page = words_of(pdf_of(annex1_form(registration(household=members)), font_case(), AT_MS).content)[0]
    assert all(f"家人{number}" in page for number in range(9))


def test_what_a_person_typed_is_never_read_as_markup():
    typed = '#emph[x] $a$ *b* <c> \\ "d" #sys.inputs'
    page = words_of(pdf_of(annex1_form(registration(help_measures=typed)), font_case(), AT_MS).content)[0]
    assert re.sub(r"\s", "", typed) in page.replace("“", '"').replace("”", '"')


def test_the_same_form_gives_the_same_bytes_and_hash():
    first, second = (pdf_of(annex1_form(registration()), font_case(), AT_MS) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("character", "龘𠮷𬎆㐂䶮𫖯")
def test_a_rare_character_of_a_name_is_drawn(character):
    printed = pdf_of(annex1_form(registration(name=f"李{character}")), font_case(), AT_MS)
    assert printed.undrawn == ()
    assert f"李{character}" in words_of(printed.content)[0]


def test_a_character_that_no_font_has_is_reported_and_marked_to_be_written_by_hand():
    printed = pdf_of(annex1_form(registration(name="李𪚥")), font_case(), AT_MS)
    assert [str(one) for one in printed.undrawn] == ["姓名: U+2A6A5"]
    page = words_of(printed.content)[0]
    assert f"李{MISSING}" in page
    assert "请手写：姓名U+2A6A5" in page


def test_a_folder_without_fonts_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(ConfigurationError, match="no font") as refused:
        font_case(tmp_path)
    assert "ttf" in refused.value.remedy


def test_the_document_has_the_same_table_as_the_pdf():
    document = Document(io.BytesIO(docx_of(annex1_form(registration())).content))
    assert len(document.tables) == 2
    said = "".join(
        re.sub(r"\s", "", one.cell.text if hasattr(one, "cell") else one.text)
        for row in document.tables[0].rows
        for one in dict.fromkeys(row.cells)
    )
    in_order(said, ORDER_1[2:-1])
    assert "■独居老年人" in said


def test_a_document_holds_control_characters_as_spaces():
    content = docx_of(record_form(visit(advice="a\x00b\x0bc"))).content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert "a b c" in parts.read("word/document.xml").decode()


def test_a_table_with_a_hole_is_refused():
    form = Form(title="", opening="", widths=(1, 1), rows=((Cell(text="a"),),), note="", copies=("",))
    with pytest.raises(ValueError, match="do not fill"):
        placed(form)


def test_a_village_sheet_names_each_person_with_contacts_and_what_is_open():
    person = SheetPerson(
        name="李秀英",
        address="3组14号",
        phone="+8613800000000",
        tier="重点",
        last_sign="11-29 07:12 厨房",
        contacts=("1 王芳 女儿 13800000001", "2 周平 邻居 13800000002"),
        open_matters=("燃气不安全",),
    )
    pages = words_of(pdf_of(village_sheet("桥头村", "2026-11-29 18:00", (person,)), font_case(), AT_MS).content)
    assert len(pages) == 1
    in_order(
        pages[0],
        (
            "桥头村停电断网备用表",
            "共1人",
            "李秀英",
            "3组14号",
            "13800000000",
            "11-2907:12厨房",
            "王芳",
            "周平",
            "燃气不安全",
        ),
    )


def test_a_village_of_two_hundred_is_printed_over_several_pages_with_nobody_left_out():
    people = tuple(
        SheetPerson(name=f"甲{number:03}", address="", phone="", tier="", last_sign="", contacts=(), open_matters=())
        for number in range(200)
    )
    text = "".join(words_of(pdf_of(village_sheet("桥头村", "", people), font_case(), AT_MS).content))
    assert all(f"甲{number:03}" in text for number in range(200))


@pytest.mark.parametrize("text", ["=1+1", "+8613800000000", "-2", "@x", "500230194005060023", "0012"])
def test_a_text_in_a_list_stays_a_text(text):
    printed = workbook_of([Sheet("名册", ("姓名",), [(text,), (None,), (3,)])])
    cell = openpyxl.load_workbook(io.BytesIO(printed.content))["名册"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_a_text_too_long_for_a_cell_is_refused_not_cut():
    with pytest.raises(ValueError, match="does not fit"):
        workbook_of([Sheet("a", ("b",), [("x" * (LONGEST_TEXT + 1),)])])
