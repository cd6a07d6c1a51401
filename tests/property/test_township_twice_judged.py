"""A made-up township is judged twice, by the ledger and by a naive reading of the policy's text, and they agree."""

from collections import defaultdict
from datetime import date, timedelta

import msgspec
import pytest
from naive_policy import judge
from visits_kit import POLICY, ZONE

from core.months import months_later
from device_sim.township import Plan, residents, special_periods
from device_sim.township_visits import visits_to
from visits.festivals import festivals_of
from visits.obligations import due
from visits.policy import Switches
from visits.special import of_month


def disagreements(plan: Plan, policy=POLICY) -> tuple[list[str], int]:
    """Return each person and month on which the two differ, and how many windows were compared."""
    everybody = list(residents(plan))
    visits = {one.person.id: visits_to(one, plan, POLICY, ZONE) for one in everybody}
    periods = [*special_periods(plan), *festivals_of(2024), *festivals_of(2025)]
    found, windows = [], 0
    for number in range(plan.months):
        first = months_later(plan.first_month, number)
        month, last = f"{first:%Y-%m}", months_later(first, 1) - timedelta(days=1)
        near = of_month(periods, first, last)
        around = (first - timedelta(days=31), last + timedelta(days=31))
        theirs = {
            name: [visit for visit in rows if around[0] <= visit.local_date <= around[1]]
            for name, rows in visits.items()
        }
        facts = [fact for one in everybody for fact in one.facts]
        rows = [visit for each in theirs.values() for visit in each]
        ours = due(month, [one.person for one in everybody], rows, None, policy, facts=facts, periods=periods)
        for resident, row in zip(everybody, ours, strict=True):
            told = {
                (w.window.obligation.value, w.window.from_date, w.window.until_date): (w.is_required, w.done, w.owed)
                for w in row.windows
            }
            special = {(w.window.from_date, w.window.until_date): (w.done, w.owed) for w in row.specials}
            naive = judge(resident.person, resident.facts, theirs[resident.person.id], month, near)
            windows += len(told) + len(special)
            if (told, row.contacts, special) != naive:
                found.append(f"{resident.person.id} {month}\n  ours  {told, row.contacts, special}\n  naive {naive}")
    return found, windows


@pytest.mark.parametrize("seed", [1, 2024])
def test_a_few_hundred_people_are_judged_alike_window_by_window(seed):
    found, windows = disagreements(Plan(people=150, villages=6, months=14, seed=seed))
    assert found == []
    assert windows > 2000


@pytest.mark.parametrize(
    "slip",
    [
        {"halfmonth_min_days": 9},
        {"month_min_days": 16},
        {"late_entry_days": 8},
        {"review_within_h": 73},
        {"duplicate_within_min": 29},
        {"switches": Switches(remote_month_counts=True)},
    ],
)
def test_a_slip_by_one_in_any_limit_is_noticed(slip):
    found, _ = disagreements(Plan(people=400, villages=6, months=14, seed=1), msgspec.structs.replace(POLICY, **slip))
    assert found != []


@pytest.mark.slow
def test_two_thousand_people_of_thirty_villages_are_judged_alike_for_fourteen_months():
    found, windows = disagreements(Plan(people=2000, villages=30, months=14, seed=7))
    assert found == []
    assert windows > 30_000


def test_the_same_seed_gives_the_same_township_and_another_seed_another():
    def told(seed):
        plan = Plan(people=40, villages=3, months=2, seed=seed)
        return [(one, visits_to(one, plan, POLICY, ZONE)) for one in residents(plan)]

    assert told(5) == told(5)
    assert told(5) != told(6)


def test_a_township_has_everything_that_the_policy_speaks_of():
    plan = Plan(people=600, villages=10, months=14, seed=3)
    everybody = list(residents(plan))
    kinds, homes, classes = defaultdict(int), defaultdict(int), defaultdict(int)
    for one in everybody:
        homes[one.home.id] += 1
        for fact in one.facts:
            kinds[fact.kind] += 1
        for visit in visits_to(one, plan, POLICY, ZONE):
            classes[visit.contact_class] += 1
            classes["alert"] += visit.alert_id is not None
            assert visit.local_date >= date(2024, 1, 1)
    for kind in (
        "suspended",
        "resumed",
        "died",
        "left_town",
        "moved",
        "refused",
        "agreed",
        "tier_changed",
        "activated",
    ):
        assert kinds[kind] > 0, kind
    assert max(homes.values()) >= 2
    for contact in ("C1", "C2", "C3", "C4a", "C4b", "C5", "C6", "C7", "alert"):
        assert classes[contact] > 0, contact
