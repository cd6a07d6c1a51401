"""Whatever is done to the ledger after a month was closed, what the month owed stays as it was returned."""

import tempfile
from pathlib import Path

import msgspec
from annex2_kit import home_form
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_town import BOSS, GENERAL, KEY, LI, SPOUSE, VILLAGE, LedgerTown
from standing_kit import became, fact, in_hospital, refused

from app.ledger_due import month_rows
from core.errors import ConflictError
from registry.people import Tier
from registry.standing_facts import FactId, FactKind
from visits.policy import Switches, with_switches
from visits.returns import ReturnStep

PEOPLE = st.sampled_from([KEY, SPOUSE, GENERAL])
DAYS = st.integers(1, 29).map(lambda day: f"2024-02-{day:02d}")
DEEDS = st.lists(
    st.tuples(st.sampled_from(["visit", "fact", "correct", "approve", "reopen"]), PEOPLE, DAYS), max_size=8
)


def facts_of(person, day):
    told = [in_hospital(day, "2024-02-29"), refused(day), fact(FactKind.DIED, day), became(Tier.GENERAL, day)]
    return [msgspec.structs.replace(one, person_id=person, id=FactId("")) for one in told]


def attempted(deed):
    try:
        deed()
    except ConflictError:
        return


def owed(town, policy):
    with town.truth.view() as unit:
        return [row.due for row in month_rows(unit, "2024-02", town.book.today(), policy, VILLAGE).rows]


@settings(max_examples=10, deadline=None)
@given(DEEDS, st.integers(0, 3))
def test_a_closed_month_is_never_judged_again(deeds, which):
    with tempfile.TemporaryDirectory() as folder:
        town = LedgerTown(Path(folder), now="2024-02-03T12:00")
        first = town.signed("2024-02-03T10:00")
        town.at("2024-03-19T09:00")
        row = town.received("2024-03")
        before = owed(town, town.book.policy)
        for deed, person, day in deeds:
            match deed:
                case "visit":
                    attempted(lambda p=person, d=day: town.book.approve(town.signed(f"{d}T09:00", p).id, BOSS))
                case "fact":
                    attempted(lambda p=person, d=day: town.book.tell(facts_of(p, d)[which], BOSS))
                case "correct":
                    entry = town.entry(f"{day}T09:00", form=home_form(advice="改"))
                    attempted(lambda e=entry: town.book.correct(first.id, e, LI, reason="改", version=2))
                case "approve":
                    attempted(lambda: town.book.approve(first.id, BOSS))
                case _:
                    attempted(lambda: town.returning.step(row.id, ReturnStep.REOPEN, by=BOSS, text="漏报"))
        stricter = with_switches(town.book.policy, Switches(remote_counts_for_general=False))
        assert owed(town, stricter) == owed(town, town.book.policy) == before
        town.truth.close()
