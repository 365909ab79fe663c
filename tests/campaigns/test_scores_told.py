"""An item scored by yes or no that quotes a criterion in words: by the level that counts."""

from decimal import Decimal

import pytest

from campaigns import services
from campaigns.models import ResultSheet
from campaigns.queries import given_for
from criteria.models import Indicator, ScoreItem
from criteria.rules import Item, Rounding
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, RubricLevelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored() -> Scored:
    scored = make_scored(("self", "bloc"))
    words = scored.world.indicator(None, ref="cach-lam", code="CL", kind="qualitative")
    RubricLevelFactory(indicator=words, name="Tốt", order=1, is_met=True)
    RubricLevelFactory(indicator=words, name="Kém", order=2)
    ScoreItem.objects.filter(ref="hand").update(max_points=30)
    ScoreItem.objects.create(
        table=scored.table,
        ref="told",
        code="M5",
        name="Cách làm",
        order=5,
        method="yes_no",
        indicator=words,
        max_points=10,
    )
    return scored


def sent(scored: Scored, **typed: str) -> ResultSheet:
    words = Indicator.objects.get(ref="cach-lam")
    sheet = services.open_sheet(scored.parts[0], scored.world.period, actor=None, now=NOW)
    answers = {
        scored.ratio: {"numerator": "90", "denominator": "100"},
        scored.times: {"value": "0"},
        words: typed,
    }
    cells = {indicator.pk: (typed, 0) for indicator, typed in answers.items()}
    services.record_results(sheet, cells, actor=scored.clerks[0], now=NOW)
    return services.submit_sheet(sheet, actor=scored.heads[0], now=NOW)


def given(scored: Scored) -> tuple[Decimal | None, str]:
    scoring = scored.read(0)
    item: Item = next(one for one in scoring.table.items if one.ref == "told")
    found = given_for(item, scoring.facts, Rounding())
    return found.computed.points if found.computed else None, found.shown


def test_what_is_claimed_earns_until_something_else_is_found(scored: Scored) -> None:
    words, sheet = Indicator.objects.get(ref="cach-lam"), sent(scored, text="Đã làm", level="Tốt")
    scored.open()
    assert given(scored) == (10, "Chưa xét, tự nhận mức “Tốt”")
    low = words.levels.get(name="Kém")
    said = {words.pk: (str(low.pk), "Thiếu tệp")}
    services.assess_cells(sheet, said, actor=scored.officer, now=NOW)
    assert given(scored) == (0, "Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp")


def test_without_a_rubric_nothing_follows_before_it_is_assessed(scored: Scored) -> None:
    words = Indicator.objects.get(ref="cach-lam")
    words.levels.all().delete()
    sheet = sent(scored, text="Đã làm")
    scored.open()
    assert given(scored) == (None, "Chưa xét")
    services.assess_cells(sheet, {words.pk: ("met", "")}, actor=scored.officer, now=NOW)
    assert given(scored) == (10, "Đạt")


def test_where_nothing_arose_the_item_is_not_scored(scored: Scored) -> None:
    sent(scored, choice="nothing", reason="Không có")
    scored.open()
    assert given(scored) == (None, "Không phát sinh: Không có")
