"""One step at a time, only where the table allows it, and always on record."""

import pytest
from django.db import connection

from campaigns.models import Campaign
from tests.factories import NOW, CampaignFactory, UnitFactory, UserFactory
from units import queries
from units.models import AuditEntry, User
from units.rules import DomainError
from units.workflow import advance, locked, record

pytestmark = pytest.mark.django_db
State = Campaign.State


def test_locked_reads_the_row_again() -> None:
    user = UserFactory(full_name="Cũ")
    User.objects.filter(pk=user.pk).update(full_name="Mới")
    assert locked(user).full_name == "Mới"


def test_locked_holds_the_row_and_lets_others_refer_to_it(
    django_assert_num_queries: object,
) -> None:
    user = UserFactory()
    with django_assert_num_queries(1) as caught:  # type: ignore[operator]
        locked(user)
    name = caught.captured_queries[0]["sql"].split()[1].partition("(")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", [name])
        assert cursor.fetchone()[0].endswith('FOR NO KEY UPDATE OF "units_user"')


def test_a_row_that_is_gone_cannot_be_locked() -> None:
    user = UserFactory()
    User.objects.filter(pk=user.pk).delete()
    with pytest.raises(User.DoesNotExist):
        locked(user)


def test_a_step_is_stamped_and_put_on_record() -> None:
    campaign, actor, unit = CampaignFactory(), UserFactory(full_name="Bà Hai"), UnitFactory()
    advance(
        campaign,
        State.CLOSED,
        actor=actor,
        now=NOW,
        unit=unit,
        note="hết hạn",
        revision=7,
    )
    campaign.refresh_from_db()
    assert (campaign.state, campaign.revision) == (State.CLOSED, 7)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before, entry.after) == ("campaign.closed", "issued", "closed")
    assert (entry.actor, entry.unit, entry.at, entry.note) == (actor, unit, NOW, "hết hạn")
    assert (entry.subject_type, entry.subject_id) == ("campaigns.campaign", campaign.pk)
    assert entry.subject_name == campaign.short_title


def test_only_the_state_and_its_stamps_are_written() -> None:
    campaign = CampaignFactory()
    Campaign.objects.filter(pk=campaign.pk).update(theme="ghi bởi người khác")
    advance(campaign, State.CLOSED, actor=None, now=NOW)
    campaign.refresh_from_db()
    assert campaign.theme == "ghi bởi người khác"


def test_a_step_that_the_table_does_not_know_is_refused_in_words() -> None:
    campaign = CampaignFactory(short_title="Chuyển đổi số")
    with pytest.raises(DomainError) as refused:
        advance(campaign, State.DRAFT, actor=None, now=NOW)
    assert str(refused.value) == (
        "Không thể chuyển “Chuyển đổi số” từ “đang thực hiện” sang “dự thảo”. "
        "Tải lại trang để xem trạng thái hiện nay."
    )
    campaign.refresh_from_db()
    assert campaign.state == State.ISSUED
    assert not AuditEntry.objects.exists()


def test_history_says_each_act_in_words_newest_first() -> None:
    campaign, actor = CampaignFactory(), UserFactory(full_name="Bà Hai")
    record("campaign.loaded", campaign, actor=None, now=NOW, note="Nạp tệp kế hoạch.")
    advance(campaign, State.CLOSED, actor=actor, now=NOW, note="hết hạn")
    record("campaign.odd", campaign, actor=actor, now=NOW, after="never-heard-of")
    record("campaign.amended", campaign, actor=actor, now=NOW)
    record("campaign.silent", campaign, actor=actor, now=NOW)
    record("campaign.closed", CampaignFactory(), actor=actor, now=NOW)
    said = queries.history(campaign, verbs={"campaign.amended": "điều chỉnh kế hoạch"})
    assert [line.sentence for line in said] == [
        "Bà Hai: campaign.silent",
        "Bà Hai điều chỉnh kế hoạch.",
        "Bà Hai chuyển sang “never-heard-of”.",
        "Bà Hai chuyển sang “đã tổng kết”: hết hạn",
        "Người quản trị máy chủ: Nạp tệp kế hoạch.",
    ]
    assert queries.history() == []


def test_history_costs_one_query_however_long_it_is(django_assert_num_queries: object) -> None:
    campaign = CampaignFactory()
    for _ in range(3):
        record("campaign.read", campaign, actor=UserFactory(), now=NOW)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(queries.history(campaign, limit=2)) == 2
