"""The workbook of a whole department: a row a unit, a column or two an indicator."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns import policies, services
from campaigns.models import Participation, Result, ResultHistory, ResultImport, ResultSheet
from tests.campaigns.excel import Book, send, take
from tests.campaigns.test_imports import accept, told
from tests.campaigns.world import World
from tests.factories import NOW, GroupFactory, IndicatorFactory, UnitFactory, user_with
from units.models import AuditEntry, User
from units.rules import DomainError
from units.services import give_role, take_role


class Office:
    """The world with a second and a third unit, and who enters for the first two and sees all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ratio = world.indicator(ref="ct01", code="CT01")
        self.count = world.indicator(ref="ct02", code="CT02", kind="count", target=None)
        self.yes = world.indicator(ref="ct03", code="CT03", kind="yes_no", target=1)
        self.text = world.indicator(ref="ct04", code="CT04", kind="narrative", target=None)
        self.second = world.member(name="Chi cục Thủy lợi", ref="thuy-loi")
        self.third = world.member(name="Chi cục Thú y", ref="thu-y")
        world.clerk = user_with("clerk", world.branch, full_name="Đặng Thị Gom")
        give(world.clerk, "clerk", self.second.unit)
        give(world.clerk, "home_affairs", world.office)

    @property
    def here(self) -> str:
        return self.world.branch.ref


def give(user: User, role: str, unit: Any) -> None:
    give_role(user=user, unit=unit, role=role, and_below=False, actor=None, now=NOW)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def box(book: Book, ref: str, key: str) -> Any:
    return book.at(ref, key.replace(".", "|"))


def answer(book: Book, ref: str, **values: Any) -> Book:
    """`ct01_numerator="3"` fills the box ct01|numerator of unit `ref`."""
    for key, value in values.items():
        book.at(ref, key.replace("_", "|")).value = value
    return book


def test_many_units_in_one_sheet(office: Office) -> None:
    world, here = office.world, office.here
    sheet = world.sheet()
    world.fill(sheet, office.ratio, numerator="1", denominator="2", reason="ghi chú")
    world.fill(sheet, office.count, choice="nothing", reason="chưa họp")
    book = take(world)
    assert box(book, here, "ct01.numerator").value == "1"
    assert box(book, here, "ct02.value").value == "Không phát sinh: chưa họp"
    assert [book.page.cell(row, 5).value for row in range(7, 12)] == [
        "CT01",
        office.ratio.name,
        "từ 80% trở lên",
        "%",
        "Đã làm",
    ]
    assert not box(book, "thuy-loi", "ct01.numerator").protection.locked
    assert box(book, "thu-y", "ct01.numerator").protection.locked
    answer(book, here, ct01_numerator="2", ct02_value="5", ct03_yes="Có")
    answer(book, "thuy-loi", ct01_numerator="Không áp dụng: đã giải thể", ct04_text="Đã họp")
    pending = send(world, book)
    assert told(world, pending) == [
        ("E12", "changed", "1 trên 2 (ghi chú)", "2 trên 2 (ghi chú)"),
        ("G12", "changed", "“không phát sinh” (chưa họp)", "5"),
        ("H12", "new", "trống", "“có”"),
        ("E14", "new", "trống", "“không áp dụng” (đã giải thể)"),
        ("I14", "new", "trống", "“Đã họp”"),
    ]
    done = accept(world, pending)
    assert (done.written, done.left, done.read) == (5, [], 12)
    assert Result.objects.get(result_sheet=sheet, indicator=office.ratio).reason == "ghi chú"
    opened = ResultSheet.objects.get(participation=office.second)
    assert (opened.state, opened.revision) == ("draft", 3)
    acts = AuditEntry.objects.filter(subject_type="campaigns.resultsheet", subject_id=opened.pk)
    assert sorted(acts.values_list("action", flat=True)) == [
        "resultsheet.imported",
        "resultsheet.opened",
    ]
    assert not ResultSheet.objects.filter(participation=office.third).exists()


def test_a_row_written_in_by_hand_tells_nothing_of_another_unit(office: Office) -> None:
    """The check shows what stands on the portal, so only of units whose figures one may read."""
    world = office.world
    theirs = services.open_sheet(office.third, world.period, actor=None, now=NOW)
    world.fill(theirs, office.ratio, numerator="4177", denominator="5003")
    stranger = user_with("clerk", world.branch, full_name="Vũ Thị Tò Mò")
    book = take(world)  # of somebody who sees all
    answer(book, "thu-y", ct01_numerator="1", ct01_denominator="2")
    answer(book, office.here, ct02_value="7")
    pending = send(world, book, actor=stranger)
    preview = services.preview_import(pending, actor=stranger, now=NOW)
    assert [one.unit for one in preview.differences] == [world.branch]
    assert "4177" not in repr(preview.differences)
    assert "4.177" not in repr(pending.notes) + repr(preview.differences)


def test_who_has_lost_his_role_reads_no_more(office: Office) -> None:
    world = office.world
    world.fill(world.sheet(), office.count, value="4177")
    clerk = user_with("clerk", world.branch, full_name="Vũ Thị Thôi Việc")
    pending = send(world, answer(take(world), office.here, ct02_value="7"), actor=clerk)
    assert services.preview_import(pending, actor=clerk, now=NOW).units == 1
    take_role(clerk.roles.get(), actor=None, now=NOW)
    assert services.preview_import(pending, actor=clerk, now=NOW).differences == []
    done = services.accept_import(pending, actor=clerk, now=NOW)
    assert done.written == 0


def test_what_one_may_not_enter_is_told(office: Office) -> None:
    world = office.world
    book = answer(take(world), "thu-y", ct02_value="5", ct03_yes="=1")
    pending = send(world, book)
    problems = [
        one.problem for one in services.preview_import(pending, actor=world.clerk, now=NOW).wrong
    ]
    assert problems[0].startswith(
        "Ô G13: tài khoản này không được giao nhập kết quả của Chi cục Thú y."
    )
    assert problems[1].startswith("Ô H13: có công thức =1")
    noted = Book(services.annotated_workbook(pending, actor=world.clerk, now=NOW))
    assert "không được giao" in box(noted, "thu-y", "ct02.value").comment.text
    assert accept(world, pending).written == 0


def test_wrong_cells_are_noted_where_they_are(office: Office) -> None:
    world, here = office.world, office.here
    book = answer(take(world), here, ct01_numerator="3", ct01_denominator="x", ct02_value="kad")
    answer(book, here, ct03_yes="kpi", ct04_text="Không: rõ")
    pending = send(world, book)
    assert [(at, kind, new) for at, kind, _old, new in told(world, pending)] == [
        ("F12", "wrong", "“3 / x” (chưa hợp lệ)"),
        ("G12", "wrong", "“không áp dụng”, chưa ghi lý do"),
        ("H12", "wrong", "“kpi” (chưa hợp lệ)"),
        ("I12", "new", "“Không: rõ”"),
    ]
    noted = Book(services.annotated_workbook(pending, actor=world.clerk, now=NOW))
    comments = {cell.coordinate for row in noted.page.iter_rows() for cell in row if cell.comment}
    assert comments == {"F12", "G12", "H12"}
    assert box(noted, here, "ct02.value").value == "Không áp dụng"


def test_a_clash_among_many(office: Office) -> None:
    world, here = office.world, office.here
    sheet = world.sheet()
    world.fill(sheet, office.count, value="1")
    book = answer(take(world), here, ct02_value="2", ct03_yes="không")
    services.record_result(sheet, office.count, {"value": "3"}, 1, actor=world.head, now=NOW)
    pending = send(world, book)
    assert [kind for _at, kind, _old, _new in told(world, pending)] == ["stale", "new"]
    noted = Book(services.annotated_workbook(pending, actor=world.clerk, now=NOW))
    assert "không ghi đè" in box(noted, here, "ct02.value").comment.text
    done = accept(world, pending)
    assert (done.written, len(done.left)) == (1, 1)
    assert Result.objects.get(indicator=office.count).value == 3


def test_who_sees_fewer_units_gets_fewer_columns(office: Office) -> None:
    world = office.world
    other = GroupFactory(criteria_set=world.campaign.criteria_set)
    other.units.add(office.third.unit)
    IndicatorFactory(group=other, ref="ct09", code="CT09")
    only = user_with("clerk", office.second.unit)
    book = take(world, actor=only)
    assert [cell.value for cell in book.page[7]][4:] == ["CT01", "CT01", "CT02", "CT03", "CT04"]
    answer(book, "thuy-loi", ct02_value="4")
    pending = send(world, book, actor=only)
    assert pending.read == 4
    everything = take(world)
    assert box(everything, "thuy-loi", "ct09.numerator").fill.fgColor.rgb == "FFEDEDED"
    assert send(world, everything).read == 13


def test_who_plans_and_reads_no_figures_gets_none_in_a_workbook(office: Office) -> None:
    world = office.world
    issuer = UnitFactory(name="Sở Khoa học và Công nghệ")
    world.campaign.issuer, world.campaign.standing_agency = issuer, UnitFactory()
    world.campaign.save()
    theirs = services.open_sheet(office.third, world.period, actor=None, now=NOW)
    world.fill(theirs, office.ratio, numerator="4177", denominator="5003")
    planner = user_with("standing_agency", issuer)
    assert policies.viewable_participations(planner, 2024).count() == 3
    agency = user_with("standing_agency", world.campaign.standing_agency)
    for actor, reads in ((planner, False), (agency, True)):
        page = take(world, actor=actor).page
        assert ("4.177" in [cell.value for row in page.rows for cell in row]) == reads


def test_parts_have_no_column_for_the_whole(office: Office) -> None:
    world, here = office.world, office.here
    world.indicator(ref="ct05", of_which=office.ratio, target=None)
    book = take(world)
    assert "ct05|denominator" not in {cell.value for cell in book.page[1]}
    answer(book, here, ct01_numerator="8", ct01_denominator="10", ct05_numerator="3")
    accept(world, send(world, book))
    part = Result.objects.get(indicator__ref="ct05")
    assert (part.numerator, part.denominator) == (Decimal(3), Decimal(8))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda page: page.insert_cols(7), "ô G7: cột này không còn ở chỗ cũ"),
        (lambda page: page.delete_cols(7), "ô A12: dấu của dòng không khớp với các cột"),
        (lambda page: setattr(page["G7"], "value", "CT9"), "ô G7: ghi “CT9”, cột này là của “CT0"),
        (lambda page: setattr(page["C12"], "value", "Ai"), "ô C12: ghi “Ai”, dòng này là của “Ch"),
        (lambda page: setattr(page["A13"], "value", page["A12"].value), "ô A13: dòng này lặp lại"),
        (lambda page: setattr(page["E1"], "value", "la|x"), "ô E7: cột này không còn ở chỗ cũ"),
    ],
)  # fmt: skip
def test_moved_cells_are_refused(office: Office, spoil: Any, sentence: str) -> None:
    book = take(office.world)
    spoil(book.page)
    with pytest.raises(DomainError, match=sentence):
        send(office.world, book)


def test_rows_may_be_fewer_and_in_another_order(office: Office) -> None:
    world = office.world
    book = answer(take(world), "thuy-loi", ct02_value="4")
    book.page.move_range("A14:I14", rows=-2)
    pending = send(world, book)
    assert (pending.read, [at for at, *_ in told(world, pending)]) == (8, ["G12"])


def test_a_unit_that_left_is_told(office: Office) -> None:
    world = office.world
    book = answer(take(world), "thuy-loi", ct02_value="4")
    left_on = world.period.period_from.replace(year=2023)
    Participation.objects.filter(pk=office.second.pk).update(left_on=left_on)
    assert send(world, book).notes == [
        "Dòng 14: “Chi cục Thủy lợi” không tham gia kế hoạch trong kỳ này nên dòng này không được "
        "đọc."
    ]


def test_an_indicator_that_is_asked_no_more_is_left_out(office: Office) -> None:
    world = office.world
    book = answer(take(world), "thuy-loi", ct02_value="4", ct03_yes="có")
    pending = send(world, book)
    office.count.group = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    office.count.save()
    Participation.objects.filter(pk=office.third.pk).delete()
    assert [at for at, *_ in told(world, pending)] == ["H14"]
    assert accept(world, pending).written == 1


def test_targets_that_differ_are_all_named(office: Office) -> None:
    world = office.world
    office.ratio.targets.create(unit=office.third.unit, operator=">=", value=90)
    world.group.measured = "sum"
    assert take(world).page["E9"].value == "từ 80% trở lên hoặc từ 90% trở lên"
    world.group.save()
    assert take(world).page["E9"].value == "từ 80% trở lên"


@pytest.mark.parametrize("units", [1, 3])
def test_checking_and_storing_costs_the_same_for_one_unit_and_three(
    office: Office, units: int, django_assert_num_queries: Any
) -> None:
    world = office.world
    give(world.clerk, "clerk", office.third.unit)
    book = take(world)
    for ref in (office.here, "thuy-loi", "thu-y")[:units]:
        answer(book, ref, ct02_value="4")
    with django_assert_num_queries(CHECK):
        pending = send(world, book)
    with django_assert_num_queries(STORE):
        accept(world, pending)
    assert ResultHistory.objects.count() == units


CHECK, STORE = 15, 25


def test_the_workbook_of_the_plan_without_members(world: World) -> None:
    Participation.objects.all().delete()
    book = take(world, actor=world.verifier)
    assert book.page.max_row == 11
    assert send(world, book, actor=world.verifier).read == 0
    assert ResultImport.objects.get().unit is None
