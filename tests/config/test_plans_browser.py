"""Plans written in the browser: the same road as their files, whole or not at all."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from awards.models import Quota
from campaigns.models import Campaign, Period, ReportingDuty
from campaigns.policies import issuing_units
from config.planfile import load_plans, parse_plan, plan_data, plan_of_values
from config.plans import drafts
from config.plans.names import unit_ref, unit_words
from config.plans.starting import Head, copied_plan, year_periods
from criteria.models import Indicator, Target
from tests.config.planfiles import PLAN, edited, issued, load, world
from tests.factories import NOW, KindFactory, ParticipationFactory, UnitFactory, user_with
from units.models import Bloc, Unit
from units.rules import DomainError

__all__ = ["world"]

REF = "a.2024.so"
LIST = "/phong-trao/"


@pytest.fixture
def planner(world):
    """Plans for the standing agency of the plan."""
    return user_with("standing_agency", Unit.objects.get(ref="a.b"))


@pytest.fixture
def browser(planner, client_of):
    return client_of(planner)


@pytest.fixture
def draft(world) -> Campaign:
    load(PLAN)
    return Campaign.objects.get(ref=REF)


def upload(browser, text: str | bytes, name: str = "thu.yaml", **more):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"file": SimpleUploadedFile(name, content), **more}
    return browser.post(reverse("plans:plan_upload"), data)


# --- out -----------------------------------------------------------------------------------------
def test_the_file_taken_out_loads_as_unchanged(browser, draft):
    answer = browser.get(reverse("plans:plan_file", args=[REF]))
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''a.2024.so.yaml"
    file = parse_plan(answer.content, "ra.yaml")
    (outcome,) = load_plans([file], actor=None, now=NOW)
    assert outcome.done == "không đổi"


def test_values_are_checked_like_the_text_of_a_file():
    file = plan_of_values({"title": "a\x01", "period": {"from": date(2024, 1, 1)}}, "v")
    said = {(problem.path, problem.message) for problem in file.problems}
    assert (("title",), "có ký tự điều khiển không được phép; xóa ký tự đó.") in said
    assert (("period",), "thiếu khóa “to” (đến ngày).") in said


# --- in ------------------------------------------------------------------------------------------
def test_a_file_becomes_a_draft(browser):
    answer = upload(browser, PLAN)
    assert answer.url == reverse("campaigns:campaign_detail", args=[REF])
    campaign = Campaign.objects.get(ref=REF)
    assert (campaign.state, campaign.is_sample) == ("draft", False)
    page = browser.get(answer.url).content.decode()
    assert "a.2024.so: đã tạo" in page
    assert "Từ tệp thu.yaml." in page


def test_a_new_plan_stays_a_draft_whatever_its_file_says(browser):
    upload(browser, issued())
    assert Campaign.objects.get(ref=REF).state == "draft"


def test_a_draft_is_brought_up_to_date(browser, draft):
    upload(browser, edited(("title: Phong trào thi đua", "title: Phát động phong trào")))
    draft.refresh_from_db()
    assert draft.title == "Phát động phong trào chuyển đổi số"


def test_every_error_is_told_and_nothing_changes(browser, draft):
    wrong = edited(
        ("level: province", "level: sao-hoa"), ('op: ">", value: 90', 'op: ">>", value: 90')
    )
    answer = upload(browser, wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Chưa nạp, cần sửa 2 chỗ" in page
    assert "không có cấp “sao-hoa” trên cổng" in page.lower()
    assert "được ghi: &quot;&gt;=&quot; (từ … trở lên)" in page
    assert "sao-hoa" in answer.context["form"]["text"].value()
    assert Campaign.objects.get(ref=REF).level_id == "province"


def test_refused_text_is_mended_on_the_page(browser, world):
    answer = browser.post(reverse("plans:plan_upload"), {"text": PLAN.replace("\n", "\r\n")})
    assert answer.status_code == 302
    assert Campaign.objects.filter(ref=REF).exists()


def test_checking_writes_nothing(browser, world):
    answer = upload(browser, PLAN, check="1")
    assert answer.status_code == 200
    assert "Tệp không có lỗi, chưa ghi gì" in answer.content.decode()
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"- a\n- b\n", "tệp phải là một kế hoạch"),
        (b"x" * 2_000_001, "Tệp quá lớn"),
    ],
)
def test_what_is_no_plan(browser, world, content, said):
    answer = upload(browser, content)
    assert answer.status_code == 422
    assert said.lower() in answer.content.decode().lower()


def test_nothing_sent(browser, world):
    answer = browser.post(reverse("plans:plan_upload"), {})
    assert "Chọn tệp kế hoạch cần nạp." in answer.content.decode()


def test_a_plan_of_others_is_not_touched(client_of, draft):
    stranger = client_of(user_with("standing_agency", UnitFactory(ref="la")))
    answer = upload(stranger, edited(("title: Phong trào", "title: Khác")))
    assert "mã này đã dùng cho một kế hoạch khác" in answer.content.decode().lower()
    draft.refresh_from_db()
    assert draft.title.startswith("Phong trào")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("standing_agency: a.b", "standing_agency: la"), id="standing agency"),
        pytest.param(("issuer: a", "issuer: la"), id="issuer"),
    ],
)
def test_nobody_writes_in_the_name_of_others(browser, world, change):
    UnitFactory(ref="la")
    answer = upload(browser, edited(change))
    assert answer.status_code == 422
    assert "Tài khoản này không được lập kế hoạch cho cơ quan" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_amendments_wait_until_the_plan_is_issued(browser, world):
    with_amendment = issued() + (
        "amendments:\n  - {document: QĐ 1, in_force_from: 2024-07-01, reason: Tăng}\n"
    )
    answer = upload(browser, with_amendment)
    assert "kế hoạch chưa được ban hành trên cổng" in answer.content.decode().lower()


def test_an_issued_plan_takes_a_dated_amendment_from_a_file(browser, world):
    load(issued())
    upload(
        browser,
        issued() + "amendments:\n  - {document: QĐ 1, in_force_from: 2024-07-01, reason: Tăng}\n",
    )
    assert Campaign.objects.get(ref=REF).amendments.get().document == "QĐ 1"


def test_refused_acts_are_told(browser, draft, monkeypatch):
    def refuse(*args, **kwargs):
        raise DomainError("Không được, vì thế.")

    monkeypatch.setattr(drafts, "load_plans", refuse)
    assert "Không được, vì thế." in upload(browser, PLAN).content.decode()
    answer = browser.post(reverse("plans:plan_copy", args=[REF]), start(title="B"))
    assert "Không được, vì thế." in answer.content.decode()


# --- who -----------------------------------------------------------------------------------------
def test_one_writes_for_ones_unit_and_the_body_that_it_serves(planner):
    def named(user):
        return set(issuing_units(user).values_list("ref", flat=True))

    department = Unit.objects.get(ref="a.b")
    assert named(planner) == {"a", "a.b"}
    assert not named(user_with("clerk", department))
    office = UnitFactory(ref="a.b.c", parent=department)
    assert named(user_with("standing_agency", office)) == {"a.b", "a.b.c"}
    commune = UnitFactory(ref="a.xa", parent_id=department.parent_id, kind__code="ubnd-xa")
    business = KindFactory(code="doanh-nghiep", is_enterprise=True)
    firm = UnitFactory(ref="a.dn", parent_id=department.parent_id, kind=business)
    assert named(user_with("standing_agency", commune)) == {"a.xa"}  # an authority of its own
    assert named(user_with("standing_agency", firm)) == {"a.dn"}


def test_an_office_writes_nothing_in_the_name_of_who_stands_higher(client_of, world):
    office = UnitFactory(ref="a.b.c", parent=Unit.objects.get(ref="a.b"))
    browser = client_of(user_with("standing_agency", office))
    text = edited(("standing_agency: a.b", "standing_agency: a.b.c"))
    assert "Tài khoản này không được lập kế hoạch" in upload(browser, text).content.decode()
    assert not Campaign.objects.exists()
    assert upload(browser, edited(("issuer: a", "issuer: a.b"), text=text)).status_code == 302


def test_the_ways_to_a_plan_are_shown_to_who_may_go(browser, client_of, draft, world):
    Campaign.objects.update(state="issued")
    page = browser.get(f"{LIST}{REF}/").content.decode()
    assert f"{LIST}{REF}/sao-chep/" in page
    assert f"{LIST}{REF}/trien-khai/" in page
    assert "/ke-hoach/moi/" in browser.get(LIST).content.decode()
    clerk = client_of(user_with("clerk", world))
    page = clerk.get(f"{LIST}{REF}/").content.decode()
    assert f"{LIST}{REF}/ke-hoach.yaml" in page
    assert "sao-chep" not in page
    assert "/ke-hoach/moi/" not in clerk.get(LIST).content.decode()
    assert clerk.get("/ke-hoach/moi/").status_code == 404


# --- starting ------------------------------------------------------------------------------------
def start(**typed: str) -> dict[str, str]:
    return {
        "title": "Kế hoạch mới",
        "short_title": "Đổi mới",
        "body": "issuer:a",
        "standing_agency": "Sở B (a.b)",
        "level": "province",
        "first": "2026-01-01",
        "last": "2027-06-30",
        **typed,
    }


def test_a_blank_draft_has_its_years(browser, world):
    answer = browser.post(reverse("plans:plan_start"), start())
    assert answer.status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.ref, campaign.state) == ("a.2026.doi-moi", "draft")
    assert [(p.ref, p.period_to, p.closes_on) for p in campaign.periods.all()] == [
        ("2026", date(2026, 12, 31), date(2027, 1, 31)),
        ("2027", date(2027, 6, 30), date(2027, 7, 31)),
    ]


def test_a_second_plan_of_the_same_name_has_a_number(browser, world):
    for _ in range(2):
        browser.post(reverse("plans:plan_start"), start())
    assert set(Campaign.objects.values_list("ref", flat=True)) == {
        "a.2026.doi-moi",
        "a.2026.doi-moi-2",
    }


def test_a_bloc_issues_without_a_standing_agency(client_of, world):
    browser = client_of(user_with("standing_agency", world))
    browser.post(reverse("plans:plan_start"), start(body="bloc:khoi", standing_agency=""))
    assert Campaign.objects.get().bloc.ref == "khoi"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"standing_agency": "Sở Nào Đó"}, "Không có đơn vị “Sở Nào Đó” trên cổng."),
        ({"standing_agency": ""}, "Chọn đơn vị theo dõi, thẩm định kết quả."),
        ({"last": "2025-12-31"}, "Ngày kết thúc trước ngày bắt đầu 01/01/2026."),
        ({"last": "9999-12-31"}, "Từ 01/01/2026 đến 31/12/9999 là 7974 năm, nhiều nhất 15 năm."),
        ({"last": "2041-01-01"}, "Từ 01/01/2026 đến 01/01/2041 là 16 năm, nhiều nhất 15 năm."),
        ({"first": "9999-01-01", "last": "9999-12-31"}, "Năm 9999 không đúng"),
        ({"first": "0001-01-01", "last": "0009-12-31"}, "Năm 1 không đúng"),
        ({"ref": "Mã Mới"}, "Chỉ dùng chữ thường không dấu"),
        ({"short_title": ""}, "Nhập “Tên gọi tắt”."),
        ({"first": "khi nào"}, "“Thực hiện từ ngày” phải là một ngày có thật"),
    ],
)
def test_what_a_draft_needs_is_told_at_its_field(browser, world, typed, said):
    answer = browser.post(reverse("plans:plan_start"), start(**typed))
    assert answer.status_code == 422
    assert said.lower() in answer.content.decode().lower()
    assert not Campaign.objects.exists()


def test_a_draft_begins_at_the_level_of_its_issuer(client_of, world):
    form = client_of(user_with("standing_agency", world)).get(reverse("plans:plan_start"))
    fields = form.context["form"]
    (issuer, _name), *others = fields.fields["body"].choices
    assert fields["level"].value() == Unit.objects.get(ref=issuer.split(":")[1]).kind.level_id
    # only the plan of a bloc may leave its standing agency open
    assert any(key.startswith("bloc:") for key, _name in others)
    assert not fields.fields["standing_agency"].required
    Bloc.objects.all().delete()
    form = client_of(user_with("standing_agency", world)).get(reverse("plans:plan_start"))
    assert form.context["form"].fields["standing_agency"].required


def test_a_taken_ref_is_told(browser, client_of, world):
    UnitFactory(ref="la")
    load(edited(("issuer: a", "issuer: la"), ("standing_agency: a.b", "standing_agency: la")))
    answer = browser.post(reverse("plans:plan_start"), start(ref=REF))
    assert "ref" in answer.context["form"].errors


OLD = edited(
    ("  - {ref: tong-ket, kind: final, name: Tổng kết}",
     "  - {ref: tong-ket-2025, kind: final, name: Tổng kết năm 2025, from: 2024-02-29, "
     "to: 2025-12-31, held_on: 2025-12-20}\n"
     "  - {ref: phat-dong, kind: launch, name: Phát động}"),
    ("phase: tong-ket,", "phase: tong-ket-2025,"),
    ("          - {op: \">\", value: 90}",
     "          - {op: \">\", value: 90, year: 2024}\n"
     "          - {op: \">\", value: 95, year: 2024, from: 2024-07-01, decision: QĐ 1, reason: T}"),
    ("day: 30, month: 11,", "day: 30, month: 11, due_text: cuối năm 2025,"),
) + "amendments:\n  - {document: QĐ 1, in_force_from: 2024-07-01, reason: Tăng}\n"  # fmt: skip


def test_a_copy_moves_in_time(browser, world):
    load(issued(OLD))
    page = browser.get(reverse("plans:plan_copy", args=[REF]))
    form = page.context["form"]
    assert (form["first"].value(), form["last"].value()) == (date(2026, 1, 1), date(2027, 12, 31))
    assert form["standing_agency"].value() == "Sở B (a.b)"
    browser.post(reverse("plans:plan_copy", args=[REF]), start(last="2027-12-31"))
    copy = Campaign.objects.get(ref="a.2026.doi-moi")
    assert (copy.state, copy.doc_number, copy.issued_on) == ("draft", "", None)
    assert copy.amendments.count() == 0
    final = copy.phases.get(kind="final")
    assert (final.ref, final.name) == ("tong-ket-2027", "Tổng kết năm 2027")
    assert (final.period_from, final.held_on) == (date(2026, 2, 28), date(2027, 12, 20))
    assert Quota.objects.get(campaign=copy, ref="tap-the").phase == final
    target = Target.objects.get(indicator__criteria_set=copy.criteria_set, indicator__ref="ho-so")
    assert (target.year, target.value, target.in_force_from) == (2026, 95, None)
    duty = ReportingDuty.objects.get(campaign=copy)
    assert (duty.due_text, duty.groups.get().ref) == ("cuối năm 2027", "tap-the")
    assert list(Period.objects.filter(campaign=copy).values_list("ref", flat=True)) == [
        "2026",
        "2027",
    ]


def test_a_copy_keeps_the_other_periods_that_still_fit(world):
    half = "  - {ref: 6t-2025, kind: half, name: 6 tháng 2025, from: 2025-01-01, to: 2025-06-30, " \
        "closes_on: 2025-07-31}\n"  # fmt: skip
    load(edited(("groups:\n  - ref: tap-the", f"{half}groups:\n  - ref: tap-the")))
    plan = plan_data(Campaign.objects.get())
    head = Head("b", "B", "B", "province", {"issuer": "a"}, "a.b", *YEARS)
    assert [row["ref"] for row in copied_plan(plan, head)["periods"]] == ["2026", "2027", "6t-2027"]
    short = Head("b", "B", "B", "province", {"issuer": "a"}, "a.b", YEARS[0], date(2026, 12, 31))
    assert [row["ref"] for row in copied_plan(plan, short)["periods"]] == ["2026"]


YEARS = (date(2026, 1, 1), date(2027, 12, 31))


def test_a_copy_for_the_same_time_stays_under_its_parent(browser, draft, world):
    """Its quotas are its own: places of the plan above are given to one plan only."""
    load(
        edited(
            ("ref: a.2024.so", "ref: con"), ("level: province", f"level: province\nparent: {REF}")
        )
    )
    for title, first, last in (("Cùng", "2024-01-01", "2025-12-31"), ("Sau", *("2026-01-01",) * 2)):
        data = start(short_title=title, ref=f"moi-{first}", first=first, last=last)
        browser.post(reverse("plans:plan_copy", args=["con"]), data)
    assert Campaign.objects.get(ref="moi-2024-01-01").parent == draft
    assert Campaign.objects.get(ref="moi-2026-01-01").parent is None


def test_a_plan_is_started_from_the_one_it_carries_out(browser, world):
    load(issued(OLD))
    answer = browser.get(reverse("plans:plan_carry_out", args=[REF]))
    assert "Lập kế hoạch thực hiện" in answer.content.decode()
    data = start(first="2024-06-01", last="2025-12-31")
    assert browser.post(reverse("plans:plan_carry_out", args=[REF]), data).status_code == 302
    child = Campaign.objects.get(ref="a.2024.doi-moi")
    assert child.parent.ref == REF
    assert {row.ref for row in Indicator.objects.filter(criteria_set=child.criteria_set)} == {
        "ho-so",
        "tap-huan",
        "ty-le-dat",
    }
    assert not child.criteria_set.groups.get(ref="tap-the").unit_kinds.exists()
    assert not Quota.objects.filter(campaign=child).exists()
    assert not child.duties.exists()
    assert child.phases.get(kind="final").period_from == date(2024, 6, 1)
    plan = plan_data(child)
    assert plan["legal_bases"] == [
        {
            "code": "12/KH-UBND",
            "issued_on": date(2024, 2, 1),
            "text": "Kế hoạch của UBND tỉnh A phong trào thi đua chuyển đổi số",
        }
    ]


def test_an_office_carries_out_the_plan_that_the_body_above_it_takes_part_in(client_of, world):
    load(issued(OLD))
    department = Unit.objects.get(ref="a.b")
    office = UnitFactory(ref="a.b.c", parent=department)
    browser = client_of(user_with("standing_agency", office))
    address = reverse("plans:plan_carry_out", args=[REF])
    assert browser.get(address).status_code == 404
    ParticipationFactory(campaign=Campaign.objects.get(ref=REF), unit=department)
    own = {"body": "issuer:a.b", "standing_agency": "a.b.c"}
    data = start(first="2024-06-01", last="2025-12-31", **own)
    assert browser.post(address, data).status_code == 302
    child = Campaign.objects.get(issuer=department)
    assert (child.parent.ref, child.standing_agency) == (REF, office)
    page = browser.get(reverse("plans:part_edit", args=[child.ref, "chung"])).context["form"]
    assert (REF, "Chuyển đổi số") in page.options.lists["plans"]


def test_outside_the_parents_time_is_told_at_the_period(browser, world):
    load(issued())
    answer = browser.post(reverse("plans:plan_carry_out", args=[REF]), start())
    assert answer.status_code == 422
    assert "nằm ngoài thời gian của kế hoạch cấp trên" in str(answer.context["form"].errors["last"])


# --- names ---------------------------------------------------------------------------------------
def test_units_are_meant_by_suggestion_ref_or_only_name(db):
    one = UnitFactory(ref="mot", name="Sở Một", short_name="S1", kind=KindFactory())
    UnitFactory(ref="hai", name="Sở Hai", kind=one.kind)
    UnitFactory(ref="ba", name="Sở Hai", kind=one.kind)
    units = {unit.ref: unit for unit in Unit.objects.all()}
    for typed in (unit_words(one), "mot", "sở một", "S1", " Sở Một (mot) "):
        assert unit_ref(typed, units) == "mot", typed
    for typed in ("Sở Hai", "không có", "Sở (khong-co)", ""):
        assert unit_ref(typed, units) is None, typed


def test_years_of_a_part_of_a_year():
    (only,) = year_periods(date(2024, 3, 1), date(2024, 5, 31))
    assert (only["from"], only["to"]) == (date(2024, 3, 1), date(2024, 5, 31))
