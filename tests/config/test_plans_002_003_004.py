"""The shipped plans of Lâm Đồng (002), Tiền Giang (003) and Đắk Song (004), figure by figure.

Loaded from their files through the real loader; nothing is read from the YAML itself.
"""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from awards.models import CompositionRule, Quota
from campaigns.models import Campaign
from config.planfile import load_plans, read_plan
from criteria.models import Group, Indicator, Target
from criteria.queries import rule_of, rules_of, text_of
from dossiers.models import DossierRequirement
from tests.factories import NOW
from units.services import import_units, read_unit_files

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
BLOC = "lam-dong.khoi-snn.2023.chuyen-doi-so"
RURAL = "tien-giang.2022.ntm-thong-minh"
DISTRICT = "dak-song.2023.chuyen-doi-so"
NUMBERS = {"002", "003", "004"}


@pytest.fixture(scope="module")
def plans(django_db_setup, django_db_blocker):
    """The three campaigns by ref, loaded once; the tests only read, and all is rolled back."""
    files = [path for path in sorted((SAMPLE / "plans").glob("*.yaml")) if path.name[:3] in NUMBERS]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans([read_plan(path) for path in files], actor=None, now=NOW)
        yield {campaign.ref: campaign for campaign in Campaign.objects.all()}
        transaction.set_rollback(True)


def indicators(campaign, group=None, kinds=None):
    found = Indicator.objects.filter(criteria_set=campaign.criteria_set)
    if group:
        found = found.filter(group__ref=group)
    if kinds:
        found = found.filter(kind__in=kinds)
    return found


def words(campaign, group):
    """Every indicator of a group with its target in words, as pages show it."""
    return {
        indicator.code: text_of(indicator, rule_of(indicator.targets.get()))
        for indicator in indicators(campaign, group)
    }


def exact(campaign, ref):
    """(operator, value, upper value) of the only target of an indicator."""
    target = Target.objects.get(indicator__criteria_set=campaign.criteria_set, indicator__ref=ref)
    return (target.operator, target.value, target.value_to)


def quotas(campaign, phase):
    return {
        (quota.award_form.ref, quota.recipient_kind): (
            quota.basis,
            quota.number,
            quota.is_ceiling,
            quota.upward,
        )
        for quota in Quota.objects.filter(campaign=campaign, phase__ref=phase)
    }


def both(form, *what):
    return {(form, "collective"): what, (form, "individual"): what}


def requirements(campaign):
    return DossierRequirement.objects.filter(campaign=campaign)


def open_codes(campaign, group):
    """The indicators for which the text gives no figure."""
    found = indicators(campaign, group).filter(targets__operator=Target.Operator.NONE)
    return set(found.values_list("code", flat=True))


# --- 002: the bloc of Lâm Đồng --------------------------------------------------------------------
def test_bloc_plan_is_issued_by_the_bloc_and_carries_out_the_provincial_plan(plans):
    plan = plans[BLOC]
    assert plan.level_id == "bloc"
    assert plan.bloc.ref == "lam-dong.khoi-snn"
    assert plan.standing_agency is None
    assert "764/QĐ-UBND ngày 14/4/2023" in plan.parent_document
    assert (plan.period_from.year, plan.period_to.year) == (2023, 2025)
    assert (plan.doc_number, plan.issued_on) == ("", None)
    assert plan.signer_name == "Vũ Đình Cường"
    assert "KHỐI TRƯỞNG" in plan.signer_title


def test_bloc_plan_has_twelve_targets_summed_over_its_members(plans):
    plan = plans[BLOC]
    group = Group.objects.get(criteria_set=plan.criteria_set, ref="khoi")
    assert group.measured == Group.Measured.SUM
    assert {i.code.rstrip("ab") for i in indicators(plan, "khoi")} == {
        f"CT{number:02d}" for number in range(1, 13)
    }
    texts = words(plan, "khoi")
    assert {code for code, text in texts.items() if text == "100%"} == {
        "CT01", "CT02", "CT03", "CT06a", "CT07a", "CT11", "CT12",
    }  # fmt: skip
    without = {"CT04", "CT05", "CT09", "CT10"}
    assert open_codes(plan, "khoi") == without
    qualitative = indicators(plan, "khoi", ["qualitative"])
    assert set(qualitative.values_list("code", flat=True)) == without


def test_bloc_plan_80_of_produce_10_of_the_trained_over_30_of_enterprises(plans):
    plan = plans[BLOC]
    assert exact(plan, "ct06a") == ("=", 100, None)
    assert exact(plan, "ct06b") == (">=", 80, None)
    assert exact(plan, "ct07b") == (">=", 10, None)
    part = indicators(plan).get(ref="ct07b")
    assert (part.of_which.ref, part.of_which.cumulative) == ("ct07a", False)
    assert exact(plan, "ct08") == (">", 30, None)
    assert words(plan, "khoi")["CT08"] == "trên 30%"
    assert "bí mật nhà nước" in indicators(plan).get(ref="ct02").exclusion


def test_bloc_plan_asks_two_things_of_collectives_and_one_of_individuals(plans):
    plan = plans[BLOC]
    for ref, kind, number in (("tap-the", "collective", 2), ("ca-nhan", "individual", 1)):
        group = Group.objects.get(criteria_set=plan.criteria_set, ref=ref)
        assert (group.subject_kind, group.measured) == (kind, "nominee")
        assert indicators(plan, ref).count() == number


def test_bloc_plan_awards_have_no_numbers(plans):
    plan = plans[BLOC]
    assert [(p.ref, p.kind) for p in plan.phases.all()] == [
        ("hang-nam", "yearly"),
        ("dot-xuat", "ad_hoc"),
        ("tong-ket", "final"),
    ]
    final = plan.phases.get(ref="tong-ket")
    assert (final.period_from.year, final.period_to.year) == (2023, 2025)
    assert quotas(plan, "tong-ket") == {
        **both("bang-khen-ttg", "guidance", None, False, True),
        **both("bang-khen-tinh", "guidance", None, False, True),
        **both("giay-khen-giam-doc-so", "unlimited", None, False, True),
    }
    assert quotas(plan, "hang-nam") == {
        **both("giay-khen-thu-truong", "own", None, False, False),
        **both("giay-khen-giam-doc-so", "unlimited", None, False, True),
    }
    assert quotas(plan, "dot-xuat") == both("bang-khen-tinh", "guidance", None, False, True)


def test_bloc_plan_has_default_dossier_and_reports_through_its_leader(plans):
    plan = plans[BLOC]
    assert requirements(plan).exists()
    assert not requirements(plan).filter(is_default=False).exists()
    duties = {duty.ref: duty for duty in plan.duties.all()}
    assert duties["bao-cao-6-thang"].rhythm == "half_yearly"
    assert duties["bao-cao-nam"].rhythm == "yearly"
    for ref in ("ke-hoach-rieng", "bao-cao-6-thang", "bao-cao-nam"):
        assert (duties[ref].owed_to, duties[ref].day) == (None, None)
        assert duties[ref].owed_to_text == "Khối trưởng Khối Thi đua"
    assert duties["tong-hop"].owed_by == "standing"
    stops = [step.unit.ref if step.unit else step.text for step in plan.routestep_lines.all()]
    assert "luân phiên" in stops[1]
    assert stops[2:] == ["lam-dong.so-nnptnt", "lam-dong.ban-tdkt"]


# --- 003: Tiền Giang ------------------------------------------------------------------------------
def test_rural_plan_has_no_awards_and_no_dossier(plans):
    plan = plans[RURAL]
    assert (plan.level_id, plan.period_from.year, plan.period_to.year) == ("province", 2022, 2025)
    assert "924/QĐ-TTg" in plan.parent_document
    assert plan.standing_agency.ref == "tien-giang.so-nnptnt"
    assert not Quota.objects.filter(campaign=plan).exists()
    assert not plan.phases.exists()
    assert not requirements(plan).exists()


def test_rural_plan_work_files_by_level(plans):
    found = Target.objects.filter(indicator__criteria_set=plans[RURAL].criteria_set)
    by_level = found.filter(indicator__ref="ho-so").values_list("level", "operator", "value")
    assert sorted(by_level) == [
        ("commune", ">=", 60),
        ("district", ">=", 80),
        ("province", ">=", 90),
    ]
    assert exact(plans[RURAL], "tap-huan") == ("=", 100, None)


@pytest.mark.parametrize(
    ("ref", "source", "how", "figure", "code", "lead"),
    [
        ("ty-le-xa-8-4", "xa-8-4", "share", ("=", 100), "8.4", "so-tttt"),
        ("ty-le-xa-8-4-nang-cao", "xa-8-4-nang-cao", "share", (">=", 50), "8.4", "so-tttt"),
        ("ty-le-xa-15-2", "xa-15-2", "share", (">=", 50), "15.2", "so-tttt"),
        ("ty-le-huyen-9-5", "huyen-9-5", "share", ("=", 100), "9.5", "so-tttt"),
        ("ty-le-huyen-6-5", "huyen-6-5", "share", (">=", 25), "6.5", "so-nnptnt"),
        ("ty-le-huyen-9-2", "huyen-9-2", "share", (">=", 25), "9.2", "so-tttt"),
        ("ty-le-xa-htx-so", "xa-htx-so", "share", (">=", 70), "", "so-nnptnt"),
        ("ty-le-huyen-lien-ket", "huyen-lien-ket", "share", ("=", 100), "", "so-nnptnt"),
        ("ty-le-lien-ket-so", "huyen-lien-ket-so", "sum", (">=", 50), "", "so-nnptnt"),
        ("ty-le-dich-vu-thiet-yeu", "dich-vu-thiet-yeu", "share", (">=", 40), "", "so-tttt"),
    ],
)
def test_rural_plan_shares_of_units(plans, ref, source, how, figure, code, lead):
    plan = plans[RURAL]
    found = indicators(plan).get(ref=ref)
    asked = indicators(plan).get(ref=source)
    assert (found.kind, found.derivation) == ("derived", how)
    assert found.derived_from == (asked.quotes or asked)
    assert exact(plan, ref) == (*figure, None)
    assert found.lead_unit.ref == f"tien-giang.{lead}"
    assert asked.external_code == code
    assert found.derived_from.code == (code or asked.code)
    assert ("nâng cao" in asked.external_set) == (ref in ADVANCED)
    if code:
        assert asked.quotes.criteria_set.is_quoted
        (rule,) = rules_of([asked])[asked.pk]
        assert text_of(asked, rule) == "có"
        assert rule.source == f"chỉ tiêu {code} của {asked.external_set}"
    if how == "share":
        assert found.derived_from.kind == "yes_no"


ADVANCED = {"ty-le-xa-8-4-nang-cao", "ty-le-xa-15-2", "ty-le-huyen-6-5", "ty-le-huyen-9-2"}


def test_rural_plan_at_least_one_pilot_commune(plans):
    plan = plans[RURAL]
    pilot = indicators(plan).get(ref="mo-hinh-thi-diem")
    assert (pilot.kind, pilot.group.measured) == ("count", "once")
    assert exact(plan, "mo-hinh-thi-diem") == (">=", 1, None)
    assert text_of(pilot, rule_of(pilot.targets.get())) == "ít nhất 1 mô hình"
    assert pilot.lead_unit.ref == "tien-giang.so-tttt"
    assert [unit.ref for unit in pilot.co_units.all()] == ["tien-giang.so-nnptnt"]


def test_rural_plan_leads_and_helpers(plans):
    trained = indicators(plans[RURAL]).get(ref="tap-huan")
    assert trained.lead_unit.ref == "tien-giang.so-tttt"
    assert sorted(unit.ref for unit in trained.co_units.all()) == [
        "tien-giang.so-nnptnt",
        "tien-giang.so-noi-vu",
    ]


def test_rural_plan_measures_communes_districts_and_departments(plans):
    groups = Group.objects.filter(criteria_set=plans[RURAL].criteria_set)
    districts = {"ubnd-huyen", "ubnd-thi-xa", "ubnd-thanh-pho"}
    kinds = {g.ref: {kind.pk for kind in g.unit_kinds.all()} for g in groups}
    assert kinds == {
        "cac-cap": {"so", "ubnd-xa", *districts},
        "xa": {"ubnd-xa"},
        "huyen": districts,
        "xa-huyen": {"ubnd-xa", *districts},
        "toan-tinh": set(),
    }


def test_rural_plan_reports_yearly_and_on_request(plans):
    duties = {duty.ref: duty for duty in plans[RURAL].duties.all()}
    for ref, rhythm in (("bao-cao-nam", "yearly"), ("bao-cao-dot-xuat", "ad_hoc")):
        duty = duties[ref]
        assert (duty.rhythm, duty.owed_to.ref) == (rhythm, "tien-giang.so-nnptnt")
        assert (duty.day, duty.month, duty.on) == (None, None, None)
    assert (duties["tong-hop"].owed_by, duties["tong-hop"].owed_to.ref) == (
        "standing",
        "tien-giang",
    )


# --- 004: Đắk Song --------------------------------------------------------------------------------
def test_district_plan_keeps_its_gaps(plans):
    plan = plans[DISTRICT]
    assert plan.level_id == "district"
    assert (plan.period_from.year, plan.period_to, plan.outlook) == (2023, date(2025, 12, 31), 2030)
    assert (plan.doc_number, plan.doc_symbol, plan.issued_on) == ("", "KH-UBND", None)
    assert plan.issued_text == "ngày … tháng … năm 2023"
    remarks = " ".join(f"{line.heading} {line.text}" for line in plan.remark_lines.all())
    for slip in ("bỏ trống số và ngày", "2022 - 2025", "Đăk", "thị trấn Đức An", "10,5"):
        assert slip in remarks


def test_district_plan_has_10_5_and_8_objectives(plans):
    plan = plans[DISTRICT]
    group = Group.objects.get(criteria_set=plan.criteria_set, ref="toan-huyen")
    assert group.measured == Group.Measured.ONCE
    codes = {indicator.code.rstrip("ab") for indicator in group.indicators.all()}
    assert {head: sum(code.startswith(head) for code in codes) for head in ("CQ", "KT", "XH")} == {
        "CQ": 10,
        "KT": 5,
        "XH": 8,
    }
    texts = words(plan, "toan-huyen")
    hundred = {f"CQ{n:02d}" for n in (1, 2, 3, 4, 6, 7, 8, 10)} | {"KT03", "XH05b"}
    without = {"KT01", "XH01", "XH02", "XH06"}
    assert {code for code, text in texts.items() if text == "100%"} == hundred
    assert open_codes(plan, "toan-huyen") == without
    assert {code: text for code, text in texts.items() if code not in hundred | without} == {
        "CQ05": "từ 80% trở lên",
        "CQ09": "từ 50% trở lên",
        "KT02": "từ 80% trở lên",
        "KT04": "từ 80% trở lên",
        "KT05": "trên 10%",
        "XH03": "có",
        "XH04": "từ 80% trở lên",
        "XH05a": "từ 80% trở lên",
        "XH07": "trên 50%",
        "XH08": "từ 65 đến 70%",
    }
    assert exact(plan, "kt05") == (">", 10, None)
    assert exact(plan, "xh07") == (">", 50, None)
    assert exact(plan, "xh08") == ("between", 65, 70)


def test_district_plan_criteria_by_group(plans):
    plan = plans[DISTRICT]
    offices, communes = words(plan, "co-quan"), words(plan, "cap-xa")
    assert [offices[code] for code in ("PB4", "PB5", "PB6")] == [
        "từ 90% trở lên",
        "100%",
        "từ 70% trở lên",
    ]
    assert open_codes(plan, "co-quan") == {"PB1", "PB2", "PB3"}
    assert [communes[code] for code in ("XA2", "XA3", "XA4")] == ["từ 70% trở lên", "100%", "100%"]
    assert open_codes(plan, "cap-xa") == {"XA1"}
    for ref, measured in (("doanh-nghiep", "each"), ("ca-nhan", "nominee"), ("tap-the", "nominee")):
        found = indicators(plan, ref)
        assert {indicator.kind for indicator in found} == {"qualitative"}
        assert found.first().group.measured == measured
    people = Group.objects.get(criteria_set=plan.criteria_set, ref="ca-nhan")
    assert people.subject_kind == "individual"


def test_district_plan_awards(plans):
    plan = plans[DISTRICT]
    assert quotas(plan, "so-ket") == {
        ("giay-khen-chu-tich-huyen", "collective"): ("fixed", 5, False, False),
        ("giay-khen-chu-tich-huyen", "individual"): ("fixed", 10, False, False),
    }
    assert quotas(plan, "tong-ket") == {
        **both("bang-khen-tinh", "guidance", None, False, True),
        **both("giay-khen-thu-truong", "own", None, False, False),
        **both("giay-khen-chu-tich-huyen", "own", None, False, False),
        **both("giay-khen-chu-tich-xa", "own", None, False, False),
    }
    interim, final = plan.phases.get(ref="so-ket"), plan.phases.get(ref="tong-ket")
    assert (interim.kind, interim.period_to.year, interim.held_text) == (
        "interim",
        2023,
        "Quý IV năm 2023",
    )
    assert (final.kind, final.held_text) == ("final", "Quý IV năm 2025")
    assert "năm 2024 và năm 2025" in final.name


def test_district_plan_70_direct_30_leaders_of_the_individuals(plans):
    rules = CompositionRule.objects.filter(campaign=plans[DISTRICT])
    assert {(r.counts, r.operator, r.percent, r.base, r.rounding) for r in rules} == {
        ("direct", ">=", 70, "individuals", "up"),
        ("leader", "<=", 30, "individuals", "down"),
    }


def test_district_plan_dossier_of_three_parts_in_one_set(plans):
    parts = list(requirements(plans[DISTRICT]))
    assert [part.part for part in parts] == ["letter", "minutes", "achievement_report"]
    assert {part.copies for part in parts} == {1}
    assert not any(part.is_default for part in parts)
    report = parts[-1]
    assert (report.form.ref, report.form.valid_to) == ("mau-07-nd91", date(2023, 12, 31))
    assert report.confirmation == "cấp trình khen"
    assert "mẫu đang có hiệu lực" in report.note


def test_district_plan_duties(plans):
    duties = {duty.ref: duty for duty in plans[DISTRICT].duties.all()}
    yearly, office, own = duties["bao-cao-nam"], duties["tong-hop"], duties["ke-hoach-rieng"]
    assert (yearly.relation, yearly.day, yearly.month) == ("before", 20, 12)
    assert yearly.owed_to.ref == "dak-nong.dak-song.phong-vhtt"
    assert "Phòng Nội vụ" in yearly.owed_to_text
    assert {group.ref for group in yearly.groups.all()} == {"co-quan", "cap-xa", "doanh-nghiep"}
    assert (office.relation, office.day, office.month, office.owed_by) == (
        "before",
        31,
        12,
        "standing",
    )
    assert office.owed_to.ref == "dak-nong.dak-song"
    assert (own.what, own.rhythm, own.relation, own.on) == (
        "own_plan",
        "once",
        "within",
        date(2023, 6, 30),
    )
    assert own.due_text == "trong quý II năm 2023"


def test_district_plan_route(plans):
    stops = [step.unit.ref for step in plans[DISTRICT].routestep_lines.all() if step.unit]
    district = "dak-nong.dak-song"
    assert stops == [
        f"{district}.phong-vhtt",
        f"{district}.phong-noi-vu",
        district,
        "dak-nong",
    ]


# --- all three ------------------------------------------------------------------------------------
@pytest.mark.parametrize("ref", [BLOC, RURAL, DISTRICT])
def test_every_plan_has_yearly_periods_that_close_after_january(plans, ref):
    plan = plans[ref]
    years = range(plan.period_from.year, plan.period_to.year + 1)
    assert [(p.ref, p.kind, p.closes_on) for p in plan.periods.all()] == [
        (str(year), "year", date(year + 1, 1, 31)) for year in years
    ]
    assert any("31/01" in line.text for line in plan.remark_lines.all())
    assert plan.state == Campaign.State.ISSUED


@pytest.mark.parametrize("ref", [BLOC, RURAL, DISTRICT])
def test_every_ratio_says_what_is_divided_by_what(plans, ref):
    for indicator in indicators(plans[ref], kinds=["ratio"]):
        assert indicator.numerator_label
        assert indicator.denominator_label or indicator.of_which
