"""How long and how often a ladder may wait and ring, whatever a town writes; decides nothing."""

STEPS_MAX = 50
"""A round of fifty calls lasts hours; a longer file is a mistake."""

ACK_DEADLINE_MAX_S = 2 * 86_400
"""Nobody may own an alert for longer than two days without saying what they found."""

P0_ACK_DEADLINE_MAX_S = 1_800
P1_ACK_DEADLINE_MAX_S = 7_200
"""An owner keeps everybody else from being rung. They have 10 and 30 minutes by the shipped ladders, and here at most
half an hour with a life hazard, and two hours with a suspected incapacity: time for the longest way to a village, after
which whoever pressed 1 and forgot is not to keep somebody lying on the floor."""

ACK_DEADLINE_MIN_S = 60
"""Whoever pressed 1 needs a minute to ring back at least."""

LOOP_AFTER_MIN_S = 60
"""A round that began at once again would ring without a pause."""

URGENT_STEP_MAX_S = 3_600
"""Between two steps of a P0 or P1; a ladder that paused longer would leave somebody on the floor."""

P0_OTHERS_WITHIN_S = 120
P1_OTHERS_WITHIN_S = 3_600
"""Whoever lies on the floor cannot answer: from a ladder's beginning on the resident is rung alone for so long at most.
The shipped ones ring others at once, after 20 minutes, and after four for a fall that a device claims."""

PAUSE_MAX_S = 86_400
"""Of any ladder; the next morning is written as at_local."""

ROUNDS_MAX = 1000
"""More is without end, which is written as 0."""
