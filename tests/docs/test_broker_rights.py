"""The broker of the containers lets devices speak on exactly the topics that every convention uses."""

import re
from pathlib import Path

from app.broker import subject_of
from ingest.formats.conventions import FILTERS

CONFIGURATION = (Path(__file__).parents[2] / "docker" / "nats.conf").read_text("utf-8")


def test_the_containers_broker_allows_the_subjects_of_every_convention_and_no_other():
    allowed = re.search(r"publish: \{\s*allow: \[(.*?)\]", CONFIGURATION, re.DOTALL)[1]
    assert set(re.findall(r'"([^"]+)"', allowed)) == {subject_of(topic) for topic in FILTERS}


def test_the_conventions_leave_the_broker_room_for_further_topics():
    in_flight = int(re.search(r"max_ack_pending: (\d+)", CONFIGURATION)[1])
    units = sum(2 if topic.endswith("#") else 1 for topic in FILTERS)
    assert (units + 10) * in_flight <= 65_535
