"""What was typed in a cell whose form is gone by the time it is sent is shown again, with why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, Period, Result, ResultSheet
from criteria.models import Indicator
from tests.campaigns.test_assessing import Judged, judged
from tests.campaigns.test_returned import asked, returned, sent
from tests.campaigns.world import World
from tests.factories import NOW, GroupFactory, KindFactory
from units.models import User

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}
NOTE = "Số liệu tăng do sáp nhập hai trạm"

__all__ = ["asked", "judged", "sent"]


def words_kept(answer: Any) -> str:
    """What stands in the field to be copied from, "" where there is none."""
    assert answer.status_code == 422
    page = answer.content.decode()
    if 'id="vua-go"' not in page:
        return ""
    return page.split('id="vua-go" rows="6" readonly>')[1].split("</textarea>")[0].strip()


def typed(indicator: Indicator, version: int = 1, **fields: str) -> dict[str, Any]:
    fields = {"numerator": "8", "denominator": "10"} | fields
    named = {f"r{indicator.pk}-{name}": text for name, text in fields.items()}
    return named | {f"r{indicator.pk}-version": version}


def move_away(indicator: Indicator) -> None:
    """An amended plan asks it of others."""
    other = GroupFactory(criteria_set=indicator.criteria_set, name="Nhóm khác")
    other.unit_kinds.add(KindFactory())
    Indicator.objects.filter(pk=indicator.pk).update(group=other)


# --- who enters ----------------------------------------------------------------------------------
def test_a_cell_that_an_amended_plan_asks_no_more(
    world: World, sent: ResultSheet, asked: list[Indicator], client_of: ClientOf
) -> None:
    back, (stays, goes, _) = returned(world, sent), asked
    move_away(goes)
    client = client_of(world.clerk)
    form = typed(stays, numerator="9") | typed(goes, reason=NOTE)
    answer = client.post(reverse("campaigns:result_sheet_save", args=[back.pk]), form)
    kept = words_kept(answer)
    assert kept == f"{goes}: tử số: 8; mẫu số: 10; lý do: {NOTE}"
    page = answer.content.decode()
    assert (
        page.count("Phiếu này không hỏi tiêu chí đó") == 2
    )  # above the page, and beside the words
    assert 'value="9"' in page
    one = reverse("campaigns:result_save", args=[back.pk, goes.pk])
    assert kept == words_kept(client.post(one, typed(goes, reason=NOTE)))
    told = client.post(one, typed(goes, reason=NOTE), headers=HTMX)
    assert told.status_code == 422
    assert f'id="r{goes.pk}-note" hx-swap-oob="true"' in told.content.decode()
    assert "chép lại khi cần" in told.content.decode()
    Indicator.objects.filter(pk=goes.pk).update(criteria_set=GroupFactory().criteria_set)
    kept = words_kept(client.post(one, typed(goes, reason=NOTE)))
    assert kept.startswith("Tiêu chí không còn trong kế hoạch: ")


def test_a_cell_that_is_not_open_to_be_mended_says_so_beside_its_fields(
    world: World, sent: ResultSheet, asked: list[Indicator], client_of: ClientOf
) -> None:
    back, other = returned(world, sent, asked[0]), asked[1]
    one = reverse("campaigns:result_save", args=[back.pk, other.pk])
    answer = client_of(world.clerk).post(one, typed(other, reason=NOTE), headers=HTMX)
    assert answer.status_code == 422
    note = answer.content.decode().split(f'id="r{other.pk}-note"')[1].split("</div>")[0]
    assert "CT02 không mở để sửa" in note


@pytest.mark.parametrize("gone", ["sent", "closed", "over"])
def test_a_sheet_that_is_open_no_more_has_no_fields_for_what_was_typed(
    world: World, sent: ResultSheet, asked: list[Indicator], client_of: ClientOf, gone: str
) -> None:
    back = returned(world, sent) if gone != "sent" else sent
    if gone == "closed":
        Period.objects.update(closed_at=timezone.now(), closes_on=world.period.period_from)
    if gone == "over":
        Campaign.objects.update(state=Campaign.State.CLOSED)
    address = reverse("campaigns:result_sheet_save", args=[back.pk])
    answer = client_of(world.clerk).post(address, typed(asked[0], reason=NOTE))
    assert words_kept(answer) == f"{asked[0]}: tử số: 8; mẫu số: 10; lý do: {NOTE}"
    assert f'value="{NOTE}"' not in answer.content.decode()


# --- who verifies --------------------------------------------------------------------------------
def test_notes_of_cells_to_be_mended_once_the_period_is_over(
    world: World, sent: ResultSheet, asked: list[Indicator], client_of: ClientOf
) -> None:
    Period.objects.update(closes_on=world.period.period_from)
    form = {"revision": sent.revision, "reason": "Lệch"}
    form |= {f"flag-{asked[0].pk}": NOTE, "flag": [asked[0].pk, asked[1].pk]}
    address = reverse("campaigns:result_sheet_return", args=[sent.pk])
    answer = client_of(world.verifier).post(address, form)
    assert words_kept(answer) == f"Lệch\n{asked[0]}: phải sửa: {NOTE}"
    assert answer.content.decode().count("nên đơn vị không sửa được nữa") == 2


def test_what_was_found_of_a_sheet_that_went_back_meanwhile(
    judged: Judged, client_of: ClientOf
) -> None:
    world, sheet = judged.world, judged.sheet
    form = {"revision": sheet.revision, f"found-{judged.rubric.pk}": judged.key("Kém")}
    form |= {f"why-{judged.rubric.pk}": NOTE, f"found-{judged.words.pk}": "not_met"}
    services.return_sheet(sheet, reason="x", actor=world.verifier, now=NOW)
    answer = client_of(world.verifier).post(
        reverse("campaigns:result_sheet_assess", args=[sheet.pk]), form
    )
    assert words_kept(answer).splitlines() == [
        f"{judged.rubric}: xét: Kém; lý do: {NOTE}",
        f"{judged.words}: xét: chưa đạt",
    ]
    assert "xem lại rồi xét" in answer.content.decode()


def test_what_was_found_of_a_cell_that_is_asked_no_more(
    judged: Judged, client_of: ClientOf
) -> None:
    world, sheet, pk = judged.world, judged.sheet, judged.rubric.pk
    move_away(judged.rubric)
    form = {"revision": sheet.revision, f"found-{pk}": "", f"why-{pk}": NOTE}
    answer = client_of(world.verifier).post(
        reverse("campaigns:result_sheet_verify", args=[sheet.pk]), form
    )
    assert words_kept(answer) == f"{judged.rubric}: lý do: {NOTE}"


def test_what_was_found_of_an_answer_that_he_has_given_himself(
    judged: Judged, client_of: ClientOf
) -> None:
    world, sheet, pk = judged.world, judged.sheet, judged.rubric.pk
    Result.objects.filter(indicator=judged.rubric).update(saved_by=world.verifier)
    form = {"revision": sheet.revision, f"found-{pk}": judged.key("Khá"), f"why-{pk}": NOTE}
    answer = client_of(world.verifier).post(
        reverse("campaigns:result_sheet_assess", args=[sheet.pk]), form
    )
    assert words_kept(answer) == f"{judged.rubric}: xét: Khá; lý do: {NOTE}"
