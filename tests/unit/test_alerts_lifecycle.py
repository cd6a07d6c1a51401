"""Every state and every event: a listed move, or a refusal."""

import itertools

import pytest

from alerts.lifecycle import ENDED, TRANSITIONS, TransitionError, diagram, moved
from alerts.model import AlertEvent, AlertState


@pytest.mark.parametrize(("state", "event"), list(itertools.product(AlertState, AlertEvent)))
def test_a_pair_is_a_listed_move_or_a_refusal(state, event):
    if (state, event) in TRANSITIONS:
        assert moved(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(TransitionError, match=state.value):
            moved(state, event)


def test_nothing_leaves_an_end_and_every_other_state_can_be_closed():
    assert not [state for state, _ in TRANSITIONS if state in ENDED]
    for state in set(AlertState) - ENDED:
        assert moved(state, AlertEvent.CLOSE) is AlertState.CLOSED


def test_an_alert_that_somebody_has_or_contacts_were_told_of_cannot_be_withdrawn():
    for state in (AlertState.ACKNOWLEDGED, AlertState.CALLING_CONTACTS):
        with pytest.raises(TransitionError):
            moved(state, AlertEvent.WITHDRAW)


def test_the_diagram_names_every_move():
    assert diagram().count("-->") == len(TRANSITIONS) + len(ENDED) + 1
