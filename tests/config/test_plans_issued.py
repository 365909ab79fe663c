"""A draft is issued with number, day and signature; then it changes by dated amendments alone."""

import re
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from awards.models import Quota
from campaigns.models import Campaign
from config.planfile import PlanFileError, plan_data
from config.planfile.canonical import canonical
from config.plans import amending, drafts, issue_views, issuing
from config.plans.issuing import gaps
from criteria.models import Target
from criteria.queries import rules_of
from criteria.rules import resolve_target
from tests.config.planfiles import PLAN, edited, issued, load, world
from tests.factories import NOW, UnitFactory, user_with
from units.models import AuditEntry, Unit
from units.rules import DomainError

__all__ = ["world"]

REF = "a.2024.so"
WHOLE = edited(("state: draft", "state: draft\nsections: [{kind: purpose, heading: I, text: V}]"))


@pytest.fixture
def planner(world):
    return user_with("standing_agency", Unit.objects.get(ref="a.b"))


@pytest.fixture
def browser(planner, client_of):
    return client_of(planner)


@pytest.fixture
def draft(world) -> Campaign:
    load(WHOLE)
    return Campaign.objects.get(ref=REF)


SIGNED = {
    "number": "15",
    "symbol": "KH-UBND",
    "issued_on": "2024-02-05",
    "place": "Hà Tĩnh",
    "signing_capacity": "TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH",
    "signer_title": "PHÓ CHỦ TỊCH",
    "signer_name": "Nguyễn Thị Mẫu",
}


def issue(browser, **typed: str):
    return browser.post(reverse("plans:plan_issue", args=[REF]), seen(browser) | SIGNED | typed)


def seen(browser) -> dict[str, str]:
    """What the page that is open says of the draft that it shows."""
    page = browser.get(reverse("plans:plan_issue", args=[REF]))
    return hidden(page)


def hidden(page: Any) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(seen)" value="(\w+)"', page.content.decode())
    assert found
    return dict(found)


# --- what lacks ----------------------------------------------------------------------------------
def test_what_lacks_is_named_what_blocks_first():
    plan = canonical({"ref": "x", "title": "X"})
    assert [(gap.part, gap.blocks) for gap in gaps(plan)] == [
        ("noi-dung", True),
        ("doi-tuong", True),
        ("ky", True),
        ("can-cu", False),
        ("khen-thuong", False),
        ("phan-cong", False),
        ("han", False),
        ("noi-nhan", False),
    ]


def test_what_lacks_in_tables(draft):
    plan = plan_data(draft)
    plan["dossier"] = []
    plan["duties"].append(plan["duties"][0] | {"day": None, "month": None, "name": "Báo cáo riêng"})
    said = {(gap.part, gap.group): gap.sentence for gap in gaps(plan)}
    assert said["tieu-chi", "tap-the"] == "Nhóm “Tập thể”: A3 chưa có mức phải đạt."
    assert said["tieu-chi", "ca-nhan"] == "Nhóm “Cá nhân” chưa có tiêu chí."
    assert said["khen-thuong", ""] == "1 số lượng khen thưởng để phân bổ sau."
    assert said["ho-so", ""] == "Có khen thưởng nhưng chưa nêu giấy tờ của hồ sơ."
    assert said["han", ""] == "“Báo cáo riêng” chưa có ngày hạn."
    assert not any(gap.blocks for gap in gaps(plan))


def test_a_whole_plan_lacks_nothing(draft):
    plan = plan_data(draft)
    plan |= {"legal_bases": [{}], "assignments": [{}], "recipients": ["VT"]}
    plan["groups"].pop()
    plan["groups"][0]["indicators"].pop()
    plan["awards"]["quotas"].pop()
    assert gaps(plan) == []


def test_what_lacks_leads_to_its_part(browser, draft):
    page = browser.get(reverse("plans:plan_issue", args=[REF])).content.decode()
    assert f"/phong-trao/{REF}/soan/tieu-chi/tap-the/" in page
    assert f"/phong-trao/{REF}/soan/can-cu/" in page
    assert 'value="12"' in page  # what the draft says already
    assert f"/phong-trao/{REF}/ban-hanh/" in browser.get(f"/phong-trao/{REF}/").content.decode()


# --- issuing -------------------------------------------------------------------------------------
def test_a_draft_is_issued(browser, draft, planner):
    answer = issue(browser)
    assert answer.url == f"/phong-trao/{REF}/"
    assert "Đã ban hành kế hoạch số 15/KH-UBND." in browser.get(answer.url).content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.number_text, draft.issued_on) == (
        "issued",
        "15/KH-UBND",
        date(2024, 2, 5),
    )
    assert draft.signing_capacity == "TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH"
    assert AuditEntry.objects.get(action="campaign.issued").actor == planner
    answer = browser.get(reverse("plans:plan_issue", args=[REF]), follow=True)
    assert "đã ban hành" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"number": "15/KH"}, "number", "không ghi dấu gạch chéo"),
        ({"number": ""}, "number", ""),
        ({"symbol": "kh ubnd"}, "symbol", "ký hiệu không kèm số"),
        ({"issued_on": ""}, "issued_on", ""),
        ({"signer_name": ""}, "signer_name", ""),
    ],
)
def test_what_is_wrong_is_told_at_its_field(browser, draft, typed, field, said):
    answer = issue(browser, **typed)
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors[field])
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_tomorrow_has_not_come(browser, draft):
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = issue(browser, issued_on=tomorrow.isoformat())
    assert "sau hôm nay" in str(answer.context["form"].errors["issued_on"])


def test_what_no_plan_may_lack_holds_it_back(browser, world):
    load(PLAN)
    answer = issue(browser)
    assert answer.status_code == 422
    assert "Chưa ban hành được. Chưa có phần nội dung nào." in answer.content.decode()


def test_a_number_is_given_once_a_year(browser, draft):
    other = edited(("ref: a.2024.so", "ref: khac"), ('number: "12"', 'number: "15"'), text=WHOLE)
    load(issued(other))
    answer = issue(browser)
    assert "Số 15/KH-UBND năm 2024 đã dùng cho kế hoạch" in answer.content.decode()
    assert issue(browser, issued_on="2023-02-05").status_code == 302


def test_a_draft_that_a_colleague_changed_is_looked_at_again_first(browser, draft):
    old = seen(browser)
    load(edited(('{op: ">", value: 90}', '{op: ">", value: 5}'), text=WHOLE))
    for sent in (old, {}):
        answer = browser.post(reverse("plans:plan_issue", args=[REF]), sent | SIGNED)
        assert answer.status_code == 422
        assert "Dự thảo đã được sửa sau khi mở trang này" in answer.content.decode()
        assert answer.context["form"]["signer_name"].value() == SIGNED["signer_name"]
        draft.refresh_from_db()
        assert draft.state == Campaign.State.DRAFT
    again = browser.post(reverse("plans:plan_issue", args=[REF]), hidden(answer) | SIGNED)
    assert again.status_code == 302


def test_what_was_typed_for_a_plan_that_is_issued_meanwhile_comes_back(
    browser, draft, planner, monkeypatch
):
    """Also where it is issued between the look at it and the lock."""
    sent = seen(browser) | SIGNED
    stale = issue_views.planned(SimpleNamespace(user=planner), REF)
    assert issue(browser, number="14", signer_name="Trần Văn Khác").status_code == 302
    real = issue_views.planned
    for looked_at in ([], [stale]):
        monkeypatch.setattr(
            issue_views, "planned", lambda *at, seen=looked_at: seen.pop() if seen else real(*at)
        )
        typed = {"issued_on": "2024-02-06"}
        answer = browser.post(reverse("plans:plan_issue", args=[REF]), sent | typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "đã ban hành, số 14/KH-UBND ngày 05/02/2024. Mỗi kế hoạch ban hành một lần" in page
        assert answer.context["typed"].split("\n") == [
            "Số: 15",
            "Ngày ban hành: 06/02/2024",
            "Họ và tên người ký: Nguyễn Thị Mẫu",
        ]
    draft.refresh_from_db()
    assert draft.number_text == "14/KH-UBND"


def test_the_same_sent_twice_is_issued_once_and_loses_nothing(browser, draft):
    sent = seen(browser) | SIGNED
    for _ in range(2):
        answer = browser.post(reverse("plans:plan_issue", args=[REF]), sent)
        assert answer.url == f"/phong-trao/{REF}/"
    page = browser.get(answer.url).content.decode()
    assert "đã ban hành, số 15/KH-UBND ngày 05/02/2024." in page


def test_an_error_elsewhere_in_the_plan_is_told(browser, draft, monkeypatch):
    """A parent that has been shortened since: the loader checks the whole plan again."""

    def refuse(files: Any, **options: Any) -> None:
        raise PlanFileError([files[0].problem(("period",), "nằm ngoài.")])

    monkeypatch.setattr(issuing, "load_plans", refuse)
    answer = issue(browser)
    assert "thời gian thực hiện (period): nằm ngoài." in answer.content.decode()


def test_an_office_does_not_issue_for_who_stands_higher(client_of, world):
    office = UnitFactory(ref="a.b.c", parent=Unit.objects.get(ref="a.b"))
    load(edited(("standing_agency: a.b", "standing_agency: a.b.c"), text=WHOLE))
    answer = issue(client_of(user_with("standing_agency", office)))
    assert answer.status_code == 422
    assert "Tài khoản này không được lập kế hoạch cho" in answer.content.decode()
    assert Campaign.objects.get().state == Campaign.State.DRAFT


def test_only_a_draft_is_issued(world, planner):
    load(issued(WHOLE))
    campaign = Campaign.objects.get(ref=REF)
    values = SIGNED | {"issued_on": date(2024, 2, 5), "seen": ""}
    with pytest.raises(DomainError, match="đã ban hành"):
        issuing.issue_plan(campaign, **values, user=planner, now=NOW)


def test_an_issued_plan_says_nothing_of_a_day_left_open(browser, world):
    load(edited(("issued_on: 2024-02-01", "issued_text: ngày … năm 2024"), text=WHOLE))
    issue(browser, signing_capacity="")
    campaign = Campaign.objects.get(ref=REF)
    assert (campaign.issued_text, campaign.signing_capacity) == ("", "")


# --- amending ------------------------------------------------------------------------------------
@pytest.fixture
def plan(world) -> Campaign:
    load(
        issued(
            edited(
                ('{op: ">", value: 90}', '{op: ">", value: 90}\n          - {op: ">=", value: 70, '
                 "level: commune, unit_kind: so, region: mien-nui, year: 2025}"),
                text=WHOLE,
            )
        )
    )  # fmt: skip
    return Campaign.objects.get(ref=REF)


def amend(browser, **typed: str):
    return browser.post(reverse("plans:plan_amend", args=[REF]), opened(browser) | typed)


def opened(browser) -> dict[str, str]:
    """What a browser would send of the page that is open."""
    page = browser.get(reverse("plans:plan_amend", args=[REF]))
    assert page.status_code == 200
    return shown(page) | {
        "amendment-document": "Quyết định số 9/QĐ-UBND",
        "amendment-in_force_from": "2024-07-01",
        "amendment-reason": "Tỉnh giao thêm",
    }


def shown(page: Any) -> dict[str, str]:
    form, body = page.context["form"], page.content.decode()
    data = {cell.name: cell.typed for cell in form.cells.values() if cell.kind != "check"}
    return data | dict(re.findall(r'type="hidden" name="(stamp|[\w-]+-was)" value="(\w+)"', body))


def wrong(answer: Any) -> dict[str, str]:
    return dict(answer.context["form"].wrong)


def test_an_amendment_keeps_the_old_target_the_reason_and_the_decision(browser, plan, planner):
    answer = amend(
        browser, **{"ho-so-0-value": "95,5", "ty-le-dat-0-op": ">=", "ty-le-dat-0-value": "80"}
    )
    assert answer.status_code == 302
    rows = Target.objects.filter(indicator__ref="ho-so", level=None)
    assert [(str(r.value.normalize()), r.in_force_from, r.decision, r.reason) for r in rows] == [
        ("9E+1", None, "", ""),
        ("95.5", date(2024, 7, 1), "Quyết định số 9/QĐ-UBND", "Tỉnh giao thêm"),
    ]
    rules = rules_of([rows[0].indicator])[rows[0].indicator_id]
    held = [resolve_target(rules, None, 2024, day)[0].value for day in DAYS]
    assert held == [90, 90, Decimal("95.5")]
    amendment = plan.amendments.get()
    assert (amendment.made_by, amendment.reason) == (planner, "Tỉnh giao thêm")
    assert {change["indicator"] for change in amendment.changes} == {"ho-so", "ty-le-dat"}
    assert Target.objects.get(indicator__ref="ty-le-dat").value == 80
    page = browser.get(f"/phong-trao/{REF}/").content.decode()
    assert "Quyết định số 9/QĐ-UBND" in page
    again = browser.get(reverse("plans:plan_amend", args=[REF])).context["form"]
    assert again.cells["ho-so-0-value"].typed == "95,5"


DAYS = (date(2024, 1, 1), date(2024, 6, 30), date(2024, 7, 1))


def test_targets_for_some_units_are_amended_apart(browser, plan):
    form = browser.get(reverse("plans:plan_amend", args=[REF])).context["form"]
    assert [(line.label, line.now) for line in form.targets][:2] == [
        ("A1 Hồ sơ trên mạng", "trên 90%"),
        ("A1 Hồ sơ trên mạng (Cấp xã, Sở, vùng mien-nui, năm 2025)", "từ 70% trở lên"),
    ]
    assert amend(browser, **{"ho-so-1-value": "75"}).status_code == 302
    row = Target.objects.get(indicator__ref="ho-so", in_force_from__isnull=False)
    assert (row.level_id, row.unit_kind_id, row.region, row.year, row.value) == (
        "commune",
        "so",
        "mien-nui",
        2025,
        75,
    )


def test_a_year_that_is_over_is_not_amended(browser, world):
    load(issued(edited(('{op: ">", value: 90}', '{op: ">", value: 90, year: 2024}'), text=WHOLE)))
    late = {"amendment-in_force_from": "2025-02-01", "ho-so-0-value": "95"}
    answer = amend(browser, **late)
    (line,) = [one for one in answer.context["form"].targets if one.errors]
    assert line.name == "ho-so-0"
    assert line.errors == [
        "Năm 2024 đã hết trước ngày điều chỉnh có hiệu lực (01/02/2025) nên mức mới không áp dụng "
        "cho năm nào; ghi mức cho năm 2025 trở đi."
    ]
    assert not Target.objects.filter(in_force_from__isnull=False).exists()
    assert amend(browser, **late | {"amendment-in_force_from": "2024-12-31"}).status_code == 302


def test_a_target_of_one_unit_is_named_by_it(browser, world):
    load(issued(edited(('{op: ">", value: 90}', '{op: ">", value: 90, unit: a.b}'), text=WHOLE)))
    form = browser.get(reverse("plans:plan_amend", args=[REF])).context["form"]
    assert form.targets[0].label == "A1 Hồ sơ trên mạng (Sở B)"


def test_what_is_judged_by_words_has_no_target_to_amend(browser, world):
    words = "    indicators: [{ref: sk, code: B1, name: Sáng kiến, kind: qualitative}]\n"
    load(issued(edited(("    measured: nominee\n", f"    measured: nominee\n{words}"), text=WHOLE)))
    form = browser.get(reverse("plans:plan_amend", args=[REF])).context["form"]
    assert [line.name for line in form.targets] == ["ho-so-0", "tap-huan-0", "ty-le-dat-0"]


def test_numbers_of_awards_are_amended(browser, plan):
    answer = amend(
        browser,
        **{
            "quota-tap-the-basis": "later",
            "quota-tap-the-number": "",
            "quota-ca-nhan-basis": "fixed",
            "quota-ca-nhan-number": "8",
        },
    )
    assert answer.status_code == 302
    found = dict(Quota.objects.values_list("ref", "number"))
    assert found == {"tap-the": None, "ca-nhan": 8}


def test_a_target_and_a_number_of_zero_stay_until_somebody_touches_them(browser, world):
    zero = edited(
        ('{op: ">", value: 90}', '{op: "<=", value: 0}'),
        ("{op: between, value: 65, value_to: 70}", '{op: ">=", value: 0, basis: rise}'),
        ("       number: 5}", "       number: 0}"),
        text=WHOLE,
    )
    load(issued(zero))
    campaign = Campaign.objects.get(ref=REF)
    assert amend(browser).status_code == 302
    assert campaign.amendments.get().changes == []
    later = {"amendment-in_force_from": "2024-08-01", "ho-so-0-op": "="}
    assert amend(browser, **later).status_code == 302
    (change,) = campaign.amendments.get(in_force_from=date(2024, 8, 1)).changes
    assert change["target"]["value"] == "0"


def test_an_amendment_of_words_alone_is_put_on_record(browser, plan):
    assert amend(browser).status_code == 302
    assert plan.amendments.get().changes == []


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"amendment-reason": ""}, "amendment-reason", "Còn thiếu"),
        ({"amendment-document": "a\nb"}, "amendment-document", "một dòng"),
        ({"amendment-in_force_from": "2024-01-31"}, "amendment-in_force_from", "Trước ngày ban"),
        ({"amendment-in_force_from": "mai"}, "amendment-in_force_from", "ngày dạng"),
        ({"ho-so-0-value": "chín"}, "ho-so-0-value", "không đọc được"),
        ({"ho-so-0-value": ""}, "ho-so-0-basis", "thiếu khóa “value”"),
        ({"quota-tap-the-number": "-3"}, "quota-tap-the-number", "số nguyên"),
        ({"quota-tap-the-basis": "later"}, "quota-tap-the-number", "chỉ cách định fixed"),
    ],
)
def test_what_is_wrong_with_an_amendment_is_told_at_its_field(browser, plan, typed, field, said):
    before = plan_data(plan)
    answer = amend(browser, **typed)
    assert answer.status_code == 422
    assert field in wrong(answer), wrong(answer)
    assert said.lower() in wrong(answer)[field].lower()
    assert plan_data(plan) == before


def test_a_second_amendment_comes_later(browser, plan):
    amend(browser, **{"ho-so-0-value": "95"})
    answer = amend(browser, **{"ho-so-0-value": "96", "amendment-in_force_from": "2024-06-01"})
    assert "lần điều chỉnh" in str(wrong(answer))
    assert amend(browser, **{"ho-so-0-value": "96", "amendment-in_force_from": "2025-01-01"}).url
    assert Target.objects.filter(indicator__ref="ho-so", level=None).count() == 3


def test_an_old_page_does_not_undo_what_a_colleague_amended(browser, plan):
    address, mine = reverse("plans:plan_amend", args=[REF]), opened(browser)
    assert amend(browser, **{"ho-so-0-value": "99"}).status_code == 302
    mine |= {"tap-huan-0-value": "66", "amendment-in_force_from": "2024-08-01"}
    mine |= {"quota-tap-the-number": "7", "amendment-reason": "Lý do của tôi"}
    answer = browser.post(address, mine)
    assert answer.status_code == 409
    assert "người khác đã điều chỉnh kế hoạch" in answer.content.decode()
    assert plan.amendments.count() == 1
    again = shown(answer)
    assert (again["tap-huan-0-value"], again["quota-tap-the-number"]) == ("66", "7")
    assert again["amendment-reason"] == "Lý do của tôi"
    assert again["ho-so-0-value"] == "99"  # nobody touched it here
    assert browser.post(address, again).status_code == 302
    last = plan.amendments.get(in_force_from=date(2024, 8, 1))
    assert [change.get("indicator") for change in last.changes] == ["tap-huan", None]
    assert browser.post(address, again).status_code == 409  # sent twice


def test_refused_and_unplaced_errors_are_told_above(browser, plan, monkeypatch):
    def refuse(*args: Any, **options: Any) -> None:
        raise DomainError("Không được, vì thế.")

    monkeypatch.setattr(drafts, "load_plans", refuse)
    assert wrong(amend(browser, **{"ho-so-0-value": "95"})) == {"": "Không được, vì thế."}

    def broken(files: Any, **options: Any) -> None:
        raise PlanFileError([files[0].problem(("title",), "lạ.")])

    monkeypatch.setattr(drafts, "load_plans", broken)
    assert wrong(amend(browser, **{"ho-so-0-value": "95"})) == {"": "tên kế hoạch (title): lạ."}


def test_only_a_plan_in_force_is_amended(browser, draft, planner):
    answer = browser.get(reverse("plans:plan_amend", args=[REF]), follow=True)
    assert "không có điều chỉnh" in answer.content.decode()
    with pytest.raises(DomainError, match="không có điều chỉnh"):
        amending.amend_plan(draft, {}, user=planner, now=NOW)


def test_others_find_nothing(client_of, plan):
    stranger = client_of(user_with("standing_agency", UnitFactory()))
    clerk = client_of(user_with("clerk", plan.issuer))
    for name in ("plan_issue", "plan_amend"):
        for person in (stranger, clerk):
            assert person.get(reverse(f"plans:{name}", args=[REF])).status_code == 404
