"""What the embedded broker refuses is told to somebody: read from its real log, over rotation, and never without end."""

from contextlib import closing

import pytest
from ingest_kit import PIR
from mqtt_client import client

from api.language import Language, Speaker
from app import broker_users
from app.credentials import CredentialDesk
from app.refusal_watch import LOOK_BYTES, NOTICE_MS, RefusalWatch, refused_lately
from app.refusals import KEPT, read_line, topic_of
from app.settings import Settings
from core.clock import ManualClock
from registry.credentials import Credential, topics_of, username_of
from store.cipher import FieldCipher
from store.truth.database import Truth

NOW_MS = 1_790_000_000_000


def line(topic, client="box-7", what="Publish"):
    return f'[7] 2026/11/29 20:30:35.053173 [ERR] 127.0.0.1:5 - mid:6 - "{client}" - {what} Violation - Subject "{topic}"\n'


@pytest.fixture
def log(tmp_path):
    return tmp_path / broker_users.LOG_FILE


@pytest.fixture
def watch(log):
    with closing(RefusalWatch(log)) as watch:
        yield watch


def told(watch):
    return [(one.client, one.topic, one.is_subscription, one.count) for one in watch.latest()]


def until_refused(broker, watch, count):
    """Look until the broker has written it down: it does so before it answers a later message."""
    account = broker.accounts.ingest
    with client(broker, account.username, account.password) as ears:
        for _ in range(100):
            assert ears.listen("round/trip")
            ears.say("round/trip")
            ears.hears()
            watch.look(NOW_MS)
            if watch.refusals.messages + watch.refusals.subscriptions >= count:
                return
    raise AssertionError(told(watch))


def test_a_message_on_a_topic_that_nobody_may_use_is_counted_and_named(broker):
    account = broker.accounts.device
    with closing(RefusalWatch(broker.log_file)) as watch:
        with client(broker, account.username, account.password, client_id="box-7") as device:
            device.say("home/x.y//z")
            until_refused(broker, watch, 1)
        with client(broker, account.username, account.password, client_id="box-8") as spy:
            assert not spy.listen("care/+/#")
            until_refused(broker, watch, 2)
        assert told(watch) == [("box-8", "care/+/#", True, 1), ("box-7", "home/x.y//z", False, 1)]
        assert (watch.refusals.messages, watch.refusals.subscriptions) == (1, 1)
        (notice,) = watch.notices()
        assert "the broker refused 2 messages or subscriptions" in notice
        assert [one.words.en for one in watch.latest()][1] == "client box-7 speaking on home/x.y//z"


def test_a_credential_that_speaks_for_another_device_is_named(broker, tmp_path):
    with closing(Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))) as truth:
        publish, subscribe = topics_of(PIR)
        one = Credential(username=username_of(PIR), publish=publish, subscribe=subscribe)
        token = CredentialDesk(truth, ManualClock(NOW_MS), Settings(data_dir=tmp_path)).issue(one, "account:zhang")
        with closing(RefusalWatch(broker.log_file)) as watch:
            with client(broker, "care-h1-pir", token, client_id="pir") as device:
                device.say("care/h1/door/event")
                until_refused(broker, watch, 1)
            assert told(watch) == [("pir", "care/h1/door/event", False, 1)]


def test_what_is_refused_again_is_one_row_and_only_the_latest_topics_are_kept(log, watch):
    log.write_text("".join(line(f"a.{n}") for n in range(KEPT + 10)) + line("a.30") * 3)
    watch.look(NOW_MS)
    assert told(watch)[:2] == [("box-7", "a/30", False, 4), ("box-7", f"a/{KEPT + 9}", False, 1)]
    assert (len(told(watch)), watch.refusals.messages) == (KEPT, KEPT + 13)


def test_a_line_that_is_half_written_waits_for_its_end(log, watch):
    whole = line("a.b")
    log.write_text(whole[:40])
    watch.look(NOW_MS)
    with log.open("a") as file:
        file.write(whole[40:])
    watch.look(NOW_MS)
    assert told(watch) == [("box-7", "a/b", False, 1)]


def test_a_log_that_is_rotated_or_begun_anew_is_followed_and_nothing_is_counted_twice(log, watch):
    log.write_text(line("a.1"))
    watch.look(NOW_MS)
    with log.open("a") as file:
        file.write(line("a.2"))
    log.rename(log.with_name("nats-server.log.2026.11.29"))
    watch.look(NOW_MS)
    log.write_text(line("a.3"))
    watch.look(NOW_MS)
    log.unlink()
    log.write_text(line("a.4"))
    watch.look(NOW_MS)
    watch.look(NOW_MS)
    assert [(topic, count) for _, topic, _, count in told(watch)] == [(f"a/{n}", 1) for n in (4, 3, 2, 1)]


def test_a_look_reads_no_more_than_its_share_and_the_next_one_goes_on(log, watch):
    one = line("a.b")
    count = LOOK_BYTES // len(one) + 100
    log.write_text("x" * 10 + "\n" + one * count)
    watch.look(NOW_MS)
    assert 0 < watch.refusals.messages < count
    watch.look(NOW_MS)
    assert watch.refusals.messages == count


def test_a_line_without_end_is_passed_over(log, watch):
    log.write_text("x" * (2 * LOOK_BYTES) + "\n" + line("a.b"))
    for _ in range(4):
        watch.look(NOW_MS)
    assert watch.refusals.messages == 1


def test_a_notice_goes_once_nothing_was_refused_for_an_hour(log, watch):
    log.write_text(line("a.b"))
    watch.look(NOW_MS)
    watch.look(NOW_MS + NOTICE_MS - 1)
    assert len(watch.notices()) == 1
    watch.look(NOW_MS + NOTICE_MS)
    assert watch.notices() == []


@pytest.mark.parametrize("topic", ["home.王秀英.卧室", "home.wangxiuying.bedroom"])
def test_a_notice_and_the_log_say_no_topic_for_it_may_hold_a_name_and_every_account_reads_them(
    log, watch, caplog, topic
):
    caplog.set_level("DEBUG")
    log.write_text(line(topic, "wang-phone") * 3)
    watch.look(NOW_MS)
    (notice,) = watch.notices()
    assert Speaker(Language.ZH).told(notice).startswith("代理拒绝了3条消息或订阅，内容未保留；")
    assert Speaker(Language.EN).told(notice) == (
        "the broker refused 3 messages or subscriptions, of which nothing is kept;"
        " topics and what mends it: /parked or shouwang parked list"
    )
    assert [word for word in (topic, topic.replace(".", "/"), "phone", "王") if word in notice] == []
    assert [one.topic for one in watch.latest()] == [topic.replace(".", "/")]
    assert caplog.text == ""


def test_no_broker_yet_is_nothing_refused(watch, log):
    watch.look(NOW_MS)
    assert (watch.notices(), refused_lately(log)) == ([], [])


@pytest.mark.parametrize("name", ["王的手机", "li ming", 'x\\" - Publish Violation - Subject \\"forged'])
def test_a_client_that_is_not_named_technically_is_not_named(name):
    found = read_line(line("a.b", name))
    assert found is not None
    assert (found.client, found.topic) == ("", "a/b")


@pytest.mark.parametrize("topic", ["a/b", "a//b", "a.b/c", "a/b/", "/a", "+/a/#"])
def test_a_topic_is_what_the_device_said(topic):
    assert topic_of(broker_users.subjects_of(topic)[-1]) == topic
