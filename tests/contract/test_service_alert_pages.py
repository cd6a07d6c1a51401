"""An alert about the service itself is nobody's home: words for its subject, no dead link, only endings that fit."""

import msgspec
import pytest
from api_console import Desk, run
from api_village import sample_alert
from desk_room import Room, finding

from alerts.model import Outcome
from alerts.service_subjects import SERVICE_OUTCOMES, subject_of
from core.errors import ConflictError
from core.ids import HomeId
from rules.findings import FindingKind, Priority

GAP = "service:rota:desk:29932771"


@pytest.mark.parametrize("path", ["/", "/alerts/a1"])
def test_a_rota_gap_is_told_as_the_services_own_matter(path):
    desk = Desk()
    desk.console.alert_rows = {
        "a1": sample_alert("a1", home_id=GAP, person=None, kinds=[FindingKind.ROTA_GAP], priority="P2")
    }

    async def story():
        async with desk.clerk() as browser:
            return (await browser.get(path)).text

    shown = run(story())
    assert "值班表" in shown
    assert "the duty rota" in shown
    assert "service:rota" not in shown.replace("/alerts/a1", "")
    assert path == "/" or "未登记住户" not in shown  # the board lists homes, too
    assert "我来处理" in shown  # of the call that the clerk makes
    assert "已与本人通话" not in shown
    options = {outcome for outcome in Outcome if f'<option value="{outcome}">' in shown}
    assert options == set(SERVICE_OUTCOMES)


def test_the_desk_refuses_an_outcome_of_a_person_for_the_services_own_alert():
    room = Room(contacts=[], has_resident=False)
    told = finding(FindingKind.ROTA_GAP, Priority.P2)
    room.find(told)
    situation = room.situation()
    own = msgspec.structs.replace(situation.alert, home_id=HomeId(GAP))
    situation = msgspec.structs.replace(situation, alert=own)
    with pytest.raises(ConflictError, match="about the service"):
        room.desk.close(situation, outcome=Outcome.WELL_SPOKEN_TO, note="", who="account:li", now_ms=1)
    closed = room.desk.close(situation, outcome=Outcome.TECHNICAL_FIXED, note="", who="account:li", now_ms=1)
    assert closed.alert.outcome is Outcome.TECHNICAL_FIXED


def test_every_part_of_the_service_has_a_subject_and_a_home_has_none():
    assert subject_of("h0001") is None
    assert subject_of("service:rota:x:1").zh == "守望系统：值班表"
    assert subject_of("service:something").en == "the service"


@pytest.mark.parametrize(("home_id", "is_told"), [("h0123", True), (GAP, False)])
def test_the_form_that_closes_an_alert_says_what_a_word_of_the_resident_proves(home_id, is_told):
    desk = Desk()
    desk.console.alert_rows = {"a1": sample_alert("a1", home_id=home_id, person=None)}

    async def story():
        async with desk.clerk() as browser:
            return (await browser.get("/alerts/a1")).text

    shown = run(story())
    assert ("由别的途径得知本人说平安，我方没有与其通话，不记为通话" in shown) is is_told
    assert ("did not talk with them; it is no call" in shown) is is_told
