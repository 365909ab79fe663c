"""The plan file that the tests of plan files edit, and the world that it names."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from awards.models import AwardForm
from campaigns.models import Campaign, Period, Result, ResultSheet
from config.planfile import load_plans, parse_plan
from criteria.models import Indicator
from dossiers.models import PaperForm
from tests.factories import NOW, KindFactory, LevelFactory, ParticipationFactory, UnitFactory
from units.models import Bloc

SAMPLE = Path(__file__).parents[2] / "config" / "sample"

PLAN = """\
format: thidua-plan/1
ref: a.2024.so
state: draft
title: Phong trào thi đua chuyển đổi số
short_title: Chuyển đổi số
level: province
issuer: a
standing_agency: a.b
document: {number: "12", symbol: KH-UBND, issued_on: 2024-02-01}
period: {from: 2024-01-01, to: 2025-12-31}
phases:
  - {ref: tong-ket, kind: final, name: Tổng kết}
  - {ref: so-ket, kind: interim, name: Sơ kết}
periods:
  - {ref: "2024", name: Năm 2024, from: 2024-01-01, to: 2024-12-31, closes_on: 2025-01-31}
  - {ref: "2025", name: Năm 2025, from: 2025-01-01, to: 2025-12-31, closes_on: 2026-01-31}
groups:
  - ref: tap-the
    name: Tập thể
    unit_kinds: [so]
    indicators:
      - ref: ho-so
        code: A1
        name: Hồ sơ trên mạng
        kind: ratio
        targets:
          - {op: ">", value: 90}
      - ref: tap-huan
        code: A2
        name: Tập huấn
        kind: ratio
        of_which: ho-so
        targets:
          - {op: between, value: 65, value_to: 70}
      - ref: ty-le-dat
        code: A3
        name: Tỷ lệ đơn vị đạt
        kind: derived
        derive: {how: share, from: ho-so}
  - ref: ca-nhan
    name: Cá nhân
    subject_kind: individual
    measured: nominee
awards:
  quotas:
    - {ref: tap-the, phase: tong-ket, form: bang-khen, recipients: collective, basis: fixed,
       number: 5}
    - {ref: ca-nhan, phase: so-ket, form: bang-khen, recipients: individual, basis: later}
  composition:
    - {ref: truc-tiep, counts: direct, op: ">=", percent: 70, base: all, rounding: up}
dossier:
  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}
duties:
  - {ref: nam, what: report, name: Báo cáo năm, rhythm: yearly, day: 30, month: 11,
     groups: [tap-the]}
"""
PERIOD_2024, PERIOD_2025 = (line for line in PLAN.splitlines(keepends=True) if "closes_on" in line)
INDIVIDUALS = PLAN[PLAN.index("  - ref: ca-nhan\n") : PLAN.index("awards:")]


@pytest.fixture
def world(db):
    """One province, one department, one award form, one paper form."""
    level = LevelFactory(code="province", name="Cấp tỉnh")
    LevelFactory(code="commune", name="Cấp xã", rank=3)
    so = KindFactory(code="so", level=level)
    top = UnitFactory(ref="a", name="UBND tỉnh A", kind=so)
    UnitFactory(ref="a.b", name="Sở B", kind=so, parent=top, tags=["mien-nui"])
    AwardForm.objects.create(
        ref="bang-khen", name="Bằng khen", short_name="Bằng khen", rank=1, authority="Chủ tịch"
    )
    PaperForm.objects.create(ref="mau-1", code="Mẫu số 01", name="Tờ trình")
    Bloc.objects.create(ref="khoi", name="Khối 1", organiser=top)
    return top


def parse(text: str, name: str = "thu.yaml"):
    return parse_plan(text.encode(), name)


def load(*texts: str, **options):
    files = [parse(text, f"tep-{number}.yaml") for number, text in enumerate(texts, 1)]
    return load_plans(files, actor=None, now=NOW, **options)


def edited(*changes: tuple[str, str], text: str = PLAN) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def rubric(kind: str, *levels: str) -> str:
    return f"kind: {kind}\n        rubric: [{', '.join(f'{{{one}}}' for one in levels)}]"


def line_of(needle: str, text: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if needle in line)


def issued(text: str = PLAN) -> str:
    return edited(("state: draft", "state: issued"), text=text)


AMENDMENTS = (
    "amendments:\n  - {document: 15/QĐ-UBND, in_force_from: 2024-07-01, reason: Đủ hạ tầng}\n"
)
REVISED = (
    '          - {op: ">", value: 90}\n',
    '          - {op: ">", value: 90}\n          - {op: ">=", value: 95, from: 2024-07-01, '
    "decision: 15/QĐ-UBND, reason: Đủ hạ tầng}\n",
)


ANSWERS = """\
parent: cha
parent_indicators:
  - {indicator: ho-so, way: covered, by: tap-huan}
  - {indicator: tap-huan, way: delegated, text: Giao Phòng Nội vụ}
  - {indicator: ty-le-dat, way: set_aside, text: Không có đơn vị cấp dưới}
"""
ABOVE = edited(("ref: a.2024.so", "ref: cha"))
ANSWERED = edited(("level: province", f"level: province\n{ANSWERS}"))


def entered(indicator_ref: str = "ho-so") -> Result:
    """A result on a draft sheet, as if it had been typed."""
    campaign = Campaign.objects.get()
    sheet = ResultSheet.objects.create(
        participation=ParticipationFactory(campaign=campaign),
        period=Period.objects.get(ref="2024"),
    )
    return Result.objects.create(
        result_sheet=sheet,
        indicator=Indicator.objects.get(ref=indicator_ref),
        state="reported",
        numerator=9,
        denominator=10,
        saved_at=NOW,
    )


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()
