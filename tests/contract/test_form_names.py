"""What forms call people: an account's or a contact's name where the id would stand, the town by its setting."""

import io
import re

import pytest
from annex2_kit import home_form
from ledger_town import KEY, LI, VILLAGE, WANG, LedgerTown
from openpyxl import load_workbook
from pypdf import PdfReader
from visits_kit import POLICY, ZONE

from alerts.model import Outcome
from alerts.outcome_words import OUTCOME_WORDS
from app.accounts import LocalAccounts
from app.crediting import visit_sentence
from app.paper.press import Press
from app.return_files import says_of_return, sheet_of
from core.errors import ConflictError
from visits.policy import policy_words
from visits.returns import ReturnStep


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    accounts = LocalAccounts(town.truth)
    accounts.create("wang", "long enough 1")
    accounts.call("wang", "王敏", "cli:root")
    yield town
    town.truth.close()


def printed(office, visit_id: str, **more: str) -> str:
    press = Press(office.truth, office.clock, POLICY, "Asia/Shanghai", None, **more)
    pages = PdfReader(io.BytesIO(press.annex2(visit_id, LI, "存档").content)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def test_annex_2_is_signed_by_a_persons_name_and_titled_by_the_towns(town):
    text = printed(town, town.signed("2024-02-01T10:00", form=home_form()).id, town="龙河镇")
    assert "王敏" in text
    assert "account:" not in text
    assert "龙河镇特殊困难老年人探访关爱服务记录表" in text


def test_a_return_names_visitors_and_hands_and_words_its_codes(town):
    town.signed("2024-02-01T10:00", visitor="contact:c1")
    town.signed("2024-02-02T10:00")
    row, _ = town.returning.draft("2024-02", VILLAGE, WANG)
    town.returning.step(row.id, ReturnStep.SIGN, by=LI)
    row, content = town.returning.read(row.id)
    with town.truth.view() as unit:
        says = says_of_return(unit, row, content)
    book = load_workbook(io.BytesIO(sheet_of(row, content, ZONE, says)))
    values = {cell.value for page in book for line in page.iter_rows() for cell in line}
    assert {"王敏", "赵网格", "li", "C1 上门见面", "村已签字"} <= values
    assert not any(str(value).startswith(("account:", "contact:")) for value in values)


def test_a_name_is_given_to_an_account_that_exists(town):
    accounts = LocalAccounts(town.truth)
    assert accounts.display_names() == {"wang": "王敏"}
    with pytest.raises(ConflictError):
        accounts.call("nobody", "某某", "cli:root")


def test_the_ledger_sentence_the_policy_and_every_outcome_are_said_in_words(town):
    assert "重点对象每半月上门计入" in visit_sentence(town.signed("2024-02-01T10:00", KEY)).zh
    assert policy_words("shuren-2024@1+remote_counts_for_general") == "shuren-2024 第1版；远程确认计入一般对象"
    assert set(OUTCOME_WORDS) == set(Outcome)
