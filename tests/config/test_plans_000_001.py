"""The shipped plans of Đồng Tháp, the province (001) and its agriculture department (000).

Loaded from their files through the real loader; every figure that the two papers state is here.
"""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from awards.models import CompositionRule, Quota, QuotaPosting
from campaigns.models import Campaign, LegalBasis, Remark, ReportingDuty
from config.planfile import load_plans, read_plan
from criteria.models import Indicator, Target
from criteria.rules import target_text
from dossiers.models import DossierRequirement
from tests.factories import NOW
from units.models import Unit
from units.services import import_units, read_unit_files

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
PROVINCE = "dong-thap.2022.chuyen-doi-so"
DEPARTMENT = "dong-thap.snn.2022.chuyen-doi-so"
FIVE_BULLETS = [
    "letter",
    "minutes",
    "achievement_report",  # one bullet of the paper with the next
    "summary",
    "campaign_report",
    "launch_plan",
]


@pytest.fixture(scope="module")
def plans(django_db_setup, django_db_blocker):
    """Both campaigns by ref, loaded once; the tests only read, and all is rolled back."""
    files = [path for path in (SAMPLE / "plans").glob("*.yaml") if path.name[:3] in {"000", "001"}]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans([read_plan(path) for path in files], actor=None, now=NOW)
        yield {campaign.ref: campaign for campaign in Campaign.objects.all()}
        transaction.set_rollback(True)


@pytest.fixture
def province(plans):
    return plans[PROVINCE]


@pytest.fixture
def department(plans):
    return plans[DEPARTMENT]


def targets(campaign: Campaign, group: str) -> list[tuple[str, str, str]]:
    """Code, kind and target in words of each indicator of a group, in the order of the paper."""
    found = []
    for row in Indicator.objects.filter(criteria_set=campaign.criteria_set, group__ref=group):
        rules = list(Target.objects.filter(indicator=row))
        assert len(rules) <= 1
        words = [target_text(rule.operator, rule.value, rule.value_to) for rule in rules]
        found.append((row.code, row.kind, "".join(words)))
    return found


def quotas(campaign: Campaign) -> set[tuple[object, ...]]:
    rows = Quota.objects.filter(campaign=campaign)
    return set(
        rows.values_list(
            "phase__ref", "award_form__ref", "recipient_kind", "basis", "number", "is_ceiling"
        )
    )


def parts(campaign: Campaign) -> list[DossierRequirement]:
    return list(DossierRequirement.objects.filter(campaign=campaign))


def duties(campaign: Campaign) -> dict[str, ReportingDuty]:
    return {duty.ref: duty for duty in campaign.duties.all()}


# --- 001, the province ---------------------------------------------------------------------------
def test_province_number_issuer_period(province):
    assert province.number_text == "207/KH-UBND"
    assert province.issued_on == date(2022, 6, 7)
    assert (province.issuer.ref, province.level_id) == ("dong-thap", "province")
    assert province.standing_agency.ref == "dong-thap.so-tttt"
    assert (province.period_from, province.period_to) == (date(2021, 1, 1), date(2025, 12, 31))
    assert [period.ref for period in province.periods.all()] == ["2022", "2023", "2024", "2025"]
    assert province.signing_capacity == "TM. ỦY BAN NHÂN DÂN"
    assert (province.signer_title, province.signer_name) == ("", "")
    assert province.state == Campaign.State.ISSUED
    assert not province.is_sample


def test_province_legal_bases(province):
    rows = LegalBasis.objects.filter(campaign=province).values_list("code", "issued_on")
    assert list(rows) == [
        ("749/QĐ-TTg", date(2020, 6, 3)),
        ("04-NQ/TU", date(2021, 12, 31)),
        ("", None),
        ("91/2017/NĐ-CP", date(2017, 7, 31)),
    ]


def test_province_takes_part_collectives_individuals_households(province):
    groups = province.criteria_set.groups.all()
    assert [(group.subject_kind, group.measured) for group in groups] == [
        ("collective", "each"),
        ("individual", "nominee"),
        ("household", "nominee"),
    ]
    kinds = groups[0].unit_kinds.values_list("code", flat=True)
    assert set(kinds) == {"so", "ubnd-huyen", "ubnd-thi-xa", "ubnd-thanh-pho"}
    assert Unit.objects.filter(path__startswith=province.issuer.path, kind__in=kinds).count() >= 24


def test_province_has_no_target_only_questions_of_the_portal(province):
    """Its criteria are in an annex that is not in the text; nothing is invented."""
    rows = Indicator.objects.filter(criteria_set=province.criteria_set)
    assert [(row.kind, row.is_default) for row in rows] == [("narrative", True)] * 6
    assert [row.short_name or row.name for row in rows] == [
        "Công tác chỉ đạo, điều hành, tổ chức phong trào",
        "Công tác tuyên truyền",
        "Kết quả chuyển đổi số nổi bật",
        "Mô hình mới, cách làm hay",
        "Khó khăn, hạn chế",
        "Phương hướng, kiến nghị",
    ]
    assert not Target.objects.filter(indicator__criteria_set=province.criteria_set).exists()


def test_province_phases(province):
    assert list(province.phases.values_list("kind", "period_from", "period_to", "held_text")) == [
        ("interim", date(2022, 1, 1), date(2023, 12, 31), "Tháng 12 năm 2023"),
        ("final", date(2022, 1, 1), date(2025, 12, 31), "Tháng 12 năm 2025"),
    ]


def test_province_quotas(province):
    certificate, head, state = "bang-khen-tinh", "giay-khen-thu-truong", "khen-thuong-nha-nuoc"
    assert quotas(province) == {
        ("so-ket-2023", certificate, "collective", "fixed", 10, True),
        ("so-ket-2023", certificate, "individual", "fixed", 20, True),
        ("tong-ket-2025", certificate, "collective", "fixed", 20, True),
        ("tong-ket-2025", certificate, "individual", "fixed", 30, True),
        ("tong-ket-2025", head, "collective", "own", None, False),
        ("tong-ket-2025", head, "individual", "own", None, False),
        ("tong-ket-2025", state, "collective", "guidance", None, False),
        ("tong-ket-2025", state, "individual", "guidance", None, False),
    }
    # the number itself is the places; a posting on top of it would give each place twice
    assert not QuotaPosting.objects.filter(quota__campaign=province).exists()
    assert not CompositionRule.objects.filter(campaign=province).exists()


def test_province_dossier_of_five_bullets_one_original_set(province):
    rows = parts(province)
    assert [row.part for row in rows] == FIVE_BULLETS
    assert {(row.copies, row.original, row.required, row.is_default) for row in rows} == {
        (1, True, True, False)
    }


def test_province_duties(province):
    owed = duties(province)
    yearly = owed["bao-cao-nam"]
    assert (yearly.relation, yearly.day, yearly.month) == ("on", 10, 12)
    assert (yearly.rhythm, yearly.owed_by) == ("yearly", "members")
    assert yearly.owed_to.ref == "dong-thap.so-tttt"
    for ref, rhythm in (
        ("tong-hop-nam", "yearly"),
        ("tong-hop-so-ket", "interim"),
        ("tong-hop-tong-ket", "final"),
    ):
        duty = owed.pop(ref)
        assert (duty.what, duty.rhythm, duty.owed_by) == ("consolidated", rhythm, "standing")
        assert (duty.day, duty.owed_to.ref) == (None, "dong-thap")
    assert list(owed) == ["bao-cao-nam"]


def test_province_route(province):
    steps = province.routestep_lines.values_list("unit__ref", flat=True)
    assert list(steps) == [None, "dong-thap.so-tttt", "dong-thap.so-noi-vu", "dong-thap"]


def test_province_slips_stay_visible(province):
    said = " ".join(Remark.objects.filter(campaign=province).values_list("text", flat=True))
    for words in ("2021 - 2025", "2022 - 2023", "2022 - 2025", "phụ lục", "giọng nói", "04/NQTU"):
        assert words in said


# --- 000, the agriculture department -------------------------------------------------------------
def test_department_carries_out_the_province_plan(department, province):
    assert department.parent == province
    assert department.level_id == "department"
    assert department.issuer.ref == "dong-thap.so-nnptnt"
    assert department.standing_agency.ref == "dong-thap.so-nnptnt.van-phong"
    assert (department.period_from, department.period_to) == (date(2021, 1, 1), date(2025, 12, 31))
    assert [period.ref for period in department.periods.all()] == ["2022", "2023", "2024", "2025"]
    (basis,) = LegalBasis.objects.filter(campaign=department)
    assert (basis.code, basis.issued_on) == ("207/KH-UBND", date(2022, 6, 7))


def test_department_number_and_day_stay_open(department):
    assert (department.doc_number, department.doc_symbol) == ("", "KH-SNN")
    assert department.number_text == "…/KH-SNN"
    assert (department.issued_on, department.issued_text) == (None, "ngày tháng năm 2022")
    assert (department.signing_capacity, department.signer_title, department.signer_name) == (
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Võ Thành Ngoan",
    )


def test_department_has_eight_indicators_for_collectives(department):
    assert targets(department, "tap-the") == [
        ("TT1", "ratio", "100%"),
        ("TT2", "ratio", "100%"),
        ("TT3", "ratio", "trên 90%"),
        ("TT4", "ratio", "100%"),
        ("TT5", "ratio", "từ 80% trở lên"),
        ("TT6", "ratio", "100%"),
        ("TT7", "ratio", "trên 60%"),
        ("TT8", "ratio", "100%"),
    ]
    rows = Indicator.objects.filter(criteria_set=department.criteria_set, group__ref="tap-the")
    assert {row.code for row in rows if row.exclusion} == {"TT2", "TT3"}
    assert all(row.numerator_label and row.denominator_label for row in rows)
    assert not any(row.is_default for row in rows)


def test_department_measures_its_divisions_and_units_each(department):
    group = department.criteria_set.groups.get(ref="tap-the")
    assert group.measured == "each"
    kinds = set(group.unit_kinds.values_list("code", flat=True))
    assert kinds == {"phong-so", "chi-cuc", "trung-tam", "ban-quan-ly"}


def test_department_individuals_are_judged_by_initiatives(department):
    assert targets(department, "ca-nhan") == [("CN1", "qualitative", "")]
    group = department.criteria_set.groups.get(ref="ca-nhan")
    assert (group.subject_kind, group.measured) == ("individual", "nominee")


def test_department_awards_are_allotted_later_and_go_up_to_the_province(department, province):
    certificate, letter = "bang-khen-tinh", "giay-khen-giam-doc-so"
    assert quotas(department) == {
        ("tong-ket", form, recipients, "later", None, False)
        for form in (certificate, letter)
        for recipients in ("collective", "individual")
    }
    (phase,) = department.phases.all()
    assert phase.kind == "final"
    assert "không nêu đợt khen thưởng" in phase.note
    for quota in Quota.objects.filter(campaign=department, award_form__ref=certificate):
        assert quota.upward
        assert quota.parent.campaign == province
        assert quota.parent.phase.ref == "tong-ket-2025"
        assert quota.parent.recipient_kind == quota.recipient_kind
        assert quota.parent.number == {"collective": 20, "individual": 30}[quota.recipient_kind]
    for quota in Quota.objects.filter(campaign=department, award_form__ref=letter):
        assert (quota.upward, quota.parent) == (False, None)


def test_department_dossier_of_five_bullets(department):
    rows = parts(department)
    assert [row.part for row in rows] == FIVE_BULLETS
    assert not any(row.is_default for row in rows)


def test_department_duties(department):
    owed = duties(department)
    units = owed.pop("bao-cao-nam")
    assert (units.relation, units.day, units.month) == ("before", 30, 11)
    assert (units.rhythm, units.owed_by) == ("yearly", "members")
    assert units.owed_to.ref == "dong-thap.so-nnptnt.van-phong"
    assert list(units.groups.values_list("ref", flat=True)) == ["tap-the"]
    up = owed.pop("tong-hop")
    assert (up.what, up.owed_by, up.day, up.on) == ("consolidated", "standing", None, None)
    assert up.owed_to.ref == "dong-thap.so-tttt"
    assert not owed


def test_department_route_and_recipients(department):
    steps = department.routestep_lines.values_list("unit__ref", flat=True)
    assert list(steps) == [
        None,
        "dong-thap.so-nnptnt.van-phong",
        "dong-thap.so-nnptnt",
        "dong-thap",
    ]
    assert department.recipient_lines.count() == 9


def test_department_slips_stay_visible(department):
    said = " ".join(Remark.objects.filter(campaign=department).values_list("text", flat=True))
    for words in ("/KH-SNN", "Đông Tháp", "04/NQTU", "thiếu chữ “đua”", "không nêu đợt xét"):
        assert words in said
