"""Files beside results."""

from datetime import datetime
from io import BytesIO

import pytest

from campaigns import policies, queries, services
from campaigns.models import Evidence, Result, ResultSheet
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.factories import NOW, IndicatorFactory, UnitFactory, user_with
from units.models import AuditEntry
from units.rules import DomainError

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def add(
    world: World,
    sheet: ResultSheet,
    indicator: Indicator,
    content: bytes = PDF,
    now: datetime = NOW,
) -> Evidence:
    return services.add_evidence(
        sheet,
        indicator,
        BytesIO(content),
        name="Bảng kê.pdf",
        size=len(content),
        actor=world.clerk,
        now=now,
    )


def test_a_file_may_come_before_the_figure(world: World) -> None:
    indicator = world.indicator(code="CT01", evidence_required=True)
    sheet = world.sheet()
    evidence = add(world, sheet, indicator)
    result = Result.objects.get()
    assert (result.state, result.version, evidence.name) == ("missing", 0, "Bảng kê.pdf")
    world.fill(sheet, indicator, numerator="9", denominator="10")
    assert queries.unanswered(sheet) == []
    note = AuditEntry.objects.get(action="resultsheet.evidence_added")
    assert note.note == "CT01, “Bảng kê.pdf”"


def test_who_signs_has_seen_the_files(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="9", denominator="10")
    seen = ResultSheet.objects.get().revision
    evidence = add(world, sheet, indicator)
    with pytest.raises(DomainError, match="Phiếu đã đổi từ khi mở trang"):
        services.submit_sheet(sheet, actor=world.head, now=NOW, revision=seen)
    seen = ResultSheet.objects.get().revision
    services.remove_evidence(evidence, actor=world.clerk, now=NOW)
    with pytest.raises(DomainError, match="Phiếu đã đổi từ khi mở trang"):
        services.submit_sheet(sheet, actor=world.head, now=NOW, revision=seen)
    seen = ResultSheet.objects.get().revision
    services.submit_sheet(sheet, actor=world.head, now=NOW, revision=seen)


def test_a_removed_file_is_marked_and_asked_for_again(world: World) -> None:
    indicator = world.indicator(evidence_required=True)
    sheet = world.sheet()
    evidence = add(world, sheet, indicator)
    world.fill(sheet, indicator, numerator="9", denominator="10")
    gone = services.remove_evidence(evidence, actor=world.clerk, now=NOW)
    assert (gone.removed_at, gone.removed_by) == (NOW, world.clerk)
    assert len(queries.unanswered(sheet)) == 1
    with pytest.raises(DomainError, match="đã được gỡ"):
        services.remove_evidence(evidence, actor=world.clerk, now=NOW)
    assert not policies.viewable_evidence(world.clerk).exists()


def test_refused_files(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    with pytest.raises(DomainError, match="không thuộc loại được nhận"):
        add(world, sheet, indicator, b"MZ" + b"x" * 300)
    with pytest.raises(DomainError, match="không hỏi"):
        add(world, sheet, IndicatorFactory())
    assert not Evidence.objects.exists()


def test_files_of_a_sent_sheet_stay(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    evidence = add(world, sheet, indicator)
    world.fill(sheet, indicator, numerator="9", denominator="10")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    with pytest.raises(DomainError, match="không sửa được"):
        services.remove_evidence(evidence, actor=world.clerk, now=NOW)
    with pytest.raises(DomainError, match="không sửa được"):
        add(world, sheet, indicator)


def test_who_sees_and_who_removes(world: World) -> None:
    evidence = add(world, world.sheet(), world.indicator())
    stranger = user_with("clerk", UnitFactory())
    for user, sees, removes in (
        (world.clerk, True, True),
        (world.verifier, True, False),
        (stranger, False, False),
    ):
        assert (evidence in policies.viewable_evidence(user)) is sees
        assert (evidence in policies.removable_evidence(user)) is removes
