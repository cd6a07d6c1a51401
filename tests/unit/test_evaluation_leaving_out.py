"""What is open for a home is chosen on the others: soonest within the budget, else the quietest."""

from app.evaluation.leaving_out import Trial, best_share


def trials(**figures):
    """share name -> (false alarms in 300 days, mean delay)."""
    return [Trial(int(name[1:]) / 100, alarms, 300.0, delay_h) for name, (alarms, delay_h) in figures.items()]


def test_the_soonest_within_the_budget_is_chosen():
    homes = [trials(s10=(5, 4.0), s20=(5, 3.0)), trials(s10=(5, 4.0), s20=(5, 3.5))]
    assert best_share(homes, 0.5) == 0.2


def test_a_share_that_rings_above_the_budget_is_not_chosen_however_soon_it_notices():
    homes = [trials(s10=(5, 4.0), s20=(9, 1.0)), trials(s10=(5, 4.0), s20=(9, 1.0))]
    assert best_share(homes, 0.5) == 0.1


def test_when_none_keeps_the_budget_the_quietest_is_chosen():
    homes = [trials(s10=(12, 2.0), s20=(9, 3.0))]
    assert best_share(homes, 0.5) == 0.2


def test_homes_are_weighed_by_their_days():
    homes = [trials(s10=(0, 4.0), s20=(0, 1.0)), trials(s10=(9, 4.0), s20=(11, 1.0))]
    assert best_share(homes, 0.5) == 0.2
