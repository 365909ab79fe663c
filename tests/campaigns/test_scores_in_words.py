"""Points by the level that was found, gates and ties by what was found of an answer in words: never
by what the unit claims."""

import pytest

from campaigns import services
from campaigns.models import ResultSheet
from campaigns.queries import score_page
from campaigns.services import publish_ranking
from criteria.models import Indicator, ScoreBand, ScoreGate, ScoreItem, ScoreLevel, TieStep
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, RubricLevelFactory
from units.rules import DomainError

pytestmark = pytest.mark.django_db

RATED = {"Tốt": "10", "Khá": "6.5", "Kém": "0"}


@pytest.fixture
def scored() -> Scored:
    """Proportional 60, by hand 30 and by level 10; the members score themselves, the bloc looks."""
    scored = make_scored(("self", "bloc"))
    words = scored.world.indicator(None, ref="cach-lam", code="CL", kind="qualitative")
    ScoreItem.objects.filter(ref="hand").update(max_points=30)
    item = ScoreItem.objects.create(
        table=scored.table,
        ref="level",
        code="M5",
        name="Cách làm",
        order=5,
        method="level",
        indicator=words,
        max_points=10,
    )
    for order, (name, points) in enumerate(RATED.items()):
        level = RubricLevelFactory(
            indicator=words, name=name, ref=f"m{order}", order=order, is_met=name != "Kém"
        )
        ScoreLevel.objects.create(item=item, order=order, level=level.ref, points=points)
    return scored


def words_of(scored: Scored) -> Indicator:
    return Indicator.objects.get(ref="cach-lam")


def answered(scored: Scored, at: int, claim: str = "Tốt", **typed: str) -> ResultSheet:
    """The results of a member, verified, its answer in words as claimed."""
    sheet = services.open_sheet(scored.parts[at], scored.world.period, actor=None, now=NOW)
    answers = {
        scored.ratio: {"numerator": "90", "denominator": "100"},
        scored.times: {"value": "0"},
        words_of(scored): typed or {"text": "Đã làm", "level": claim},
    }
    cells = {indicator.pk: (typed, 0) for indicator, typed in answers.items()}
    services.record_results(sheet, cells, actor=scored.clerks[at], now=NOW)
    services.submit_sheet(sheet, actor=scored.heads[at], now=NOW)
    return services.verify_sheet(sheet, actor=scored.officer, now=NOW)


def find(scored: Scored, sheet: ResultSheet, name: str) -> None:
    words = words_of(scored)
    said = {words.pk: (str(words.levels.get(name=name).pk), "Đã đối chiếu hồ sơ")}
    services.assess_cells(sheet, said, actor=scored.officer, now=NOW)


def value(scored: Scored, layer: str, at: int = 0) -> tuple[object, str]:
    scoring = scored.read(at)
    found = scoring.values[scored.layer(at, layer).pk]["level"]
    return found.points, found.how


# --- points by level -----------------------------------------------------------------------------
def test_the_level_that_was_found_gives_the_points_and_no_claim_does(scored: Scored) -> None:
    sheet = answered(scored, 0)
    scored.open()
    assert value(scored, "self") == (None, "")
    find(scored, sheet, "Khá")
    assert [str(v) for v in value(scored, "self")] == ["6.50", "Mức “Khá”: 6,5 điểm"]
    find(scored, sheet, "Kém")
    assert [str(v) for v in value(scored, "self")] == ["0.00", "Mức “Kém”: 0 điểm"]


def test_who_scores_himself_may_say_what_he_claims_the_others_wait(scored: Scored) -> None:
    sheet = answered(scored, 0)
    scored.open()
    own, bloc = scored.layer(0, "self"), scored.layer(0, "bloc")
    scored.score(own, "level", points="10")
    scored.send(own)
    scored.score(bloc, "level", points="10", reason="Theo đơn vị")
    with pytest.raises(DomainError, match=r"Còn 1 việc trước khi gửi: chờ xét tiêu chí của M5\."):
        scored.send(bloc)
    line = next(one for one in score_page(scored.sheet(0), bloc).lines if one.item.ref == "level")
    assert line.why == "chờ xét tiêu chí của"
    assert line.given.shown == "Chưa xét, tự nhận mức “Tốt”"
    find(scored, sheet, "Khá")
    scored.score(bloc, "level", version=1, points="", reason="")
    scored.send(bloc)
    assert value(scored, "bloc")[0] == 6.5
    assert scored.layer(0, "bloc").entries.get(item__ref="level").how == "Mức “Khá”: 6,5 điểm"


def test_an_answer_that_changed_is_found_anew(scored: Scored) -> None:
    sheet = answered(scored, 0)
    find(scored, sheet, "Khá")
    scored.open()
    assert value(scored, "self")[0] == 6.5
    sheet.results.filter(indicator=words_of(scored)).update(version=9)
    assert value(scored, "self") == (None, "")


def test_where_nothing_arose_there_is_nothing_to_find(scored: Scored) -> None:
    answered(scored, 0, choice="nothing", reason="Không có")
    scored.open()
    scoring = scored.read(0)
    assert not scoring.values[scored.layer(0, "self").pk]["level"].applies
    assert scoring.unassessed == []


def publish(scored: Scored):
    seen = scored.ranking().digest
    return publish_ranking(
        scored.world.period, scored.table, seen=seen, actor=scored.officer, now=NOW
    )


def all_sent(scored: Scored) -> list[ResultSheet]:
    """Everybody answered, was found to do well, and is scored in every layer."""
    sheets = [answered(scored, at) for at in range(3)]
    for sheet in sheets:
        find(scored, sheet, "Tốt")
    scored.open()
    for at in range(3):
        scored.send_all(at)
    return sheets


def test_what_was_taken_back_holds_the_ranking(scored: Scored) -> None:
    sheets = all_sent(scored)
    assert [line.shown for line in scored.ranking().ranked] == ["100", "100", "100"]
    sheets[1].results.filter(indicator=words_of(scored)).update(version=9)
    name = scored.parts[1].unit.name
    with pytest.raises(DomainError, match=f"còn thiếu điểm. {name}: chưa xét tiêu chí CL"):
        publish(scored)


# --- gates and ties ------------------------------------------------------------------------------
@pytest.fixture
def gated(scored: Scored) -> Scored:
    """The same without points for it: a gate and the rule for ties go by what was found."""
    item = ScoreItem.objects.get(ref="level")
    ScoreLevel.objects.filter(item=item).delete()
    ScoreItem.objects.filter(pk=item.pk).update(method="manual", indicator=None)
    ScoreGate.objects.create(
        table=scored.table,
        ref="cach-lam",
        name="Cách làm chưa đạt",
        order=3,
        indicator=words_of(scored),
        effect="bar",
        band=ScoreBand.objects.get(ref="tot"),
    )
    TieStep.objects.all().delete()
    TieStep.objects.create(table=scored.table, order=1, by="indicator", indicator=words_of(scored))
    return scored


def sent_with_hands(scored: Scored) -> list[ResultSheet]:
    sheets = [answered(scored, at) for at in range(3)]
    scored.open()
    for at in range(3):
        for layer in ("self", "bloc"):
            scored.score(scored.layer(at, layer), "level", points="5")
            scored.send(scored.layer(at, layer))
    return sheets


def test_a_gate_that_is_not_decided_holds_the_ranking_and_is_named(gated: Scored) -> None:
    sheets = sent_with_hands(gated)
    for sheet in sheets[1:]:
        find(gated, sheet, "Khá")
    with pytest.raises(DomainError, match="chưa xét tiêu chí CL") as error:
        publish(gated)
    names = [part.unit.name for part in gated.parts]
    assert [name in str(error.value) for name in names] == [True, False, False]
    page = score_page(gated.sheet(0))
    (gate,) = (one for one in page.gates if one.gate.ref == "cach-lam")
    assert (gate.why, gate.waits) == ("", "CL")
    find(gated, sheets[0], "Khá")
    assert publish(gated).version == 1


def test_a_gate_goes_by_what_was_found_and_the_tie_too(gated: Scored) -> None:
    sheets = sent_with_hands(gated)
    for sheet, name in zip(sheets, ("Kém", "Tốt", "Khá"), strict=True):
        find(gated, sheet, name)
    standings = gated.ranking()
    places = {line.unit.name: line for line in standings.ranked}
    first, second, third = (places[part.unit.name] for part in gated.parts)
    assert first.band == "Khá"
    assert first.gates == [
        (
            "Cách làm chưa đạt",
            "không đạt CL: Chưa đạt, mức “Kém” (tự nhận “Tốt”): Đã đối chiếu hồ sơ",
        )
    ]
    assert (second.band, second.gates, third.gates) == ("Tốt", [], [])
    assert [one.place.place for one in (first, second, third)] == [3, 1, 1]
    assert [tie.in_words for tie in gated.read(0).table.ties] == [True]


def test_the_page_says_that_a_gate_waits(gated: Scored, client_of) -> None:
    sent_with_hands(gated)
    page = client_of(gated.officer).get(f"/diem/{gated.sheet(0).pk}/").content.decode()
    assert "Chưa xét CL nên chưa biết có áp dụng hay không." in page
