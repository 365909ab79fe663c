"""Issued plans loaded again: refused line by line, or amended with a date and a reason."""

from datetime import date

import pytest

from awards.models import Quota, QuotaPosting
from campaigns.models import Amendment, Campaign, Result
from campaigns.services.plans import add_amendment, write_campaign
from config.planfile import PlanFileError, load_plans, plan_data
from criteria.models import CriteriaSet, Target
from criteria.services import write_criteria
from tests.config.planfiles import (
    AMENDMENTS,
    PLAN,
    REVISED,
    edited,
    entered,
    issued,
    line_of,
    load,
    parse,
    world,
)
from tests.factories import NOW, UserFactory
from units.models import AuditEntry, Unit
from units.rules import DomainError

__all__ = ["world"]


def test_issued_plan_steps_through_the_workflow(world):
    load(PLAN)
    load(issued())
    campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.ISSUED
    assert AuditEntry.objects.filter(action="campaign.issued").count() == 1
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    # a fixed quota's places are its number; the ledger stays for letters and nominations
    assert Quota.objects.get(ref="tap-the").number == 5
    assert not QuotaPosting.objects.exists()


def test_criteria_written_again_as_they_are_leave_no_second_line(world):
    load(PLAN)
    criteria_set = CriteriaSet.objects.get()
    plan = plan_data(Campaign.objects.get())
    write_criteria(
        ref=criteria_set.ref,
        name=criteria_set.name,
        groups=plan["groups"],
        units={unit.ref: unit for unit in Unit.objects.all()},
        scoring=plan["scoring"],
        actor=None,
        now=NOW,
    )
    assert AuditEntry.objects.filter(action="criteriaset.written").count() == 1


def test_who_waits_for_the_leads_is_part_of_the_file_and_later_of_the_page(world):
    load(PLAN.replace("level: province\n", "level: province\nleads_first: true\n"))
    campaign = Campaign.objects.get()
    assert campaign.leads_first
    assert plan_data(campaign)["leads_first"] is True
    load(issued())
    campaign.refresh_from_db()
    assert not campaign.leads_first
    Campaign.objects.update(leads_first=True)  # as the page does after the plan was issued
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    assert Campaign.objects.get().leads_first


@pytest.mark.parametrize(
    ("change", "needle"),
    [
        (("name: Hồ sơ trên mạng", "name: Hồ sơ khác"), "name: Hồ sơ khác"),
        (("short_title: Chuyển đổi số", "short_title: Tên khác"), "Tên khác"),
        (("value: 90", "value: 85"), "targets:"),
        (REVISED, "from: 2024-07-01"),
        (("number: 5", "number: 6"), "number: 6"),
        (("closes_on: 2026-01-31", "closes_on: 2026-02-28"), "2026-02-28"),
        (("state: issued", "state: draft"), "state: draft"),
        (
            (
                "dossier:\n  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}",
                "dossier: default",
            ),
            "dossier: default",
        ),
    ],
)
def test_issued_plan_is_refused_line_by_line(world, change, needle):
    load(issued())
    before = plan_data(Campaign.objects.get())
    text = edited(change, text=issued())
    with pytest.raises(PlanFileError) as error:
        load(text)
    assert line_of(needle, text) in {problem.line for problem in error.value.problems}
    assert plan_data(Campaign.objects.get()) == before


def test_dated_amendment_adds_a_target_and_keeps_the_old_one(world):
    load(issued())
    campaign = Campaign.objects.get()
    result = entered()
    text = edited(REVISED, ("number: 5", "number: 8"), text=issued()) + AMENDMENTS
    user = UserFactory()
    (outcome,) = load_plans([parse(text)], actor=user, now=NOW)
    assert outcome.done == "đã điều chỉnh"
    rows = Target.objects.filter(indicator__ref="ho-so").order_by("pk")
    assert [(row.operator, row.value, row.in_force_from) for row in rows] == [
        (">", 90, None),
        (">=", 95, date(2024, 7, 1)),
    ]
    amendment = Amendment.objects.get()
    assert (amendment.document, amendment.made_by, amendment.made_at) == ("15/QĐ-UBND", user, NOW)
    assert amendment.changes == [
        {
            "indicator": "ho-so",
            "target": {
                "op": ">=",
                "value": "95",
                "from": "2024-07-01",
                "decision": "15/QĐ-UBND",
                "reason": "Đủ hạ tầng",
            },
        },
        {
            "quota": "tap-the",
            "before": {"basis": "fixed", "number": 5, "note": ""},
            "after": {"basis": "fixed", "number": 8, "note": ""},
        },
    ]
    assert Quota.objects.get(ref="tap-the").number == 8
    assert AuditEntry.objects.get(action="campaign.amended").actor == user
    campaign.refresh_from_db()
    assert campaign.revision == 2
    assert Result.objects.get() == result
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    # going back to the old file would lose the amendment
    with pytest.raises(PlanFileError, match="thiếu lần điều chỉnh"):
        load(issued())


@pytest.mark.parametrize(
    ("amendments", "target", "said"),
    [
        (
            AMENDMENTS,
            REVISED[1].replace("decision: 15/QĐ-UBND", "decision: 16/QĐ"),
            "decision trùng",
        ),
        (AMENDMENTS, REVISED[0].replace("90", "95"), "giữ dòng cũ"),
        (
            AMENDMENTS.replace("2024-07-01", "2024-08-01"),
            REVISED[1],
            "cần một mục ở “amendments”",
        ),
    ],
)
def test_amendment_that_is_none(world, amendments, target, said):
    load(issued())
    with pytest.raises(PlanFileError, match=said):
        load(edited((REVISED[0], target), text=issued()) + amendments)
    assert Target.objects.filter(indicator__ref="ho-so").count() == 1


def test_second_amendment_must_come_later(world):
    first = issued() + AMENDMENTS
    load(first)
    assert Amendment.objects.get().changes == []
    second = "  - {document: 20/QĐ-UBND, in_force_from: 2024-06-01, reason: Sớm hơn}\n"
    with pytest.raises(PlanFileError, match="theo thứ tự ngày"):
        load(first + second)
    earlier = first.replace("amendments:\n", "amendments:\n" + second)
    with pytest.raises(PlanFileError, match="phải sau lần điều chỉnh gần nhất"):
        load(earlier)
    (outcome,) = load(first + second.replace("2024-06-01", "2024-09-01"))
    assert outcome.done == "đã điều chỉnh"
    assert Amendment.objects.count() == 2


def test_plan_first_loaded_with_its_amendment_says_what_it_changed(world):
    load(edited(REVISED, text=issued()) + AMENDMENTS)
    assert [change["indicator"] for change in Amendment.objects.get().changes] == ["ho-so"]


def test_quota_amended_below_what_is_used_is_refused(world):
    load(issued())
    quota = Quota.objects.get(ref="ca-nhan")
    QuotaPosting.objects.create(quota=quota, kind="withdraw", places=-2, document="1/CV", at=NOW)
    text = edited(("basis: later", "basis: fixed, number: 1"), text=issued()) + AMENDMENTS
    with pytest.raises(DomainError, match="thiếu 1 chỗ"):
        load(text)
    assert Quota.objects.get(ref="ca-nhan").number is None


def test_closed_plan_is_not_amended(world):
    load(issued())
    Campaign.objects.update(state=Campaign.State.CLOSED)
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    with pytest.raises(DomainError, match="đã tổng kết"):
        load(issued() + AMENDMENTS)


def test_services_refuse_an_issued_plan_by_themselves(world):
    load(issued())
    campaign = Campaign.objects.get()
    with pytest.raises(DomainError, match="đã ban hành"):
        write_campaign(
            plan=parse(issued()).plan,
            criteria_set=campaign.criteria_set,
            parent=None,
            units={unit.ref: unit for unit in Unit.objects.all()},
            blocs={},
            is_sample=False,
            actor=None,
            now=NOW,
        )
    given = {"document": "1/QĐ", "reason": "x", "changes": [], "actor": None, "now": NOW}
    add_amendment(campaign, in_force_from=date(2024, 5, 1), **given)
    with pytest.raises(DomainError, match="không sau lần điều chỉnh gần nhất"):
        add_amendment(campaign, in_force_from=date(2024, 5, 1), **given)
