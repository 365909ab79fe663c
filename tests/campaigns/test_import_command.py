"""manage.py import_results."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns import services
from campaigns.models import Result, ResultImport
from tests.campaigns.excel import Book, take
from tests.campaigns.world import World
from tests.factories import NOW


def run(file: Path, user: str, *flags: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_results", str(file), "--user", user, *flags, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def book(world: World) -> Book:
    first = world.indicator(ref="ct01", code="CT01")
    world.indicator(ref="ct02", code="CT02")
    world.indicator(ref="ct03", code="CT03")
    world.period.closes_on = world.period.closes_on.replace(year=2999)
    world.period.save()
    sheet = world.sheet()
    book = take(world, world.branch)
    book.put("ct01", figure="5", whole="6").put("ct02", figure="x", whole="6").put_at("H30", "9")
    world.fill(sheet, first, numerator="1", denominator="2")
    return book.put("ct03", figure="7", whole="8")


@pytest.fixture
def file(tmp_path: Path, book: Book) -> Path:
    path = tmp_path / "ket-qua.xlsx"
    path.write_bytes(book.bytes())
    return path


def test_check_stores_nothing(world: World, file: Path) -> None:
    out, err = run(file, world.clerk.username, "--check")
    assert out.splitlines() == [
        "Ô H30: dòng 30 không phải dòng của bảng do cổng lập nên không được đọc. Ghi vào đúng dòng "
        "có sẵn.",
        "Ô H10 (Chi cục Phát triển nông thôn, CT03): trống → 7 trên 8",
        "Sẽ ghi 1 ô, không ghi 2 ô. Chưa ghi gì.",
    ]
    assert "Ô H8: Lê Văn Thí Dụ đã ghi 1 trên 2" in err
    assert "Ô H9: Đã làm: “x” không đọc được là một số." in err
    assert (Result.objects.count(), ResultImport.objects.count()) == (1, 0)


def test_the_command_stores(world: World, file: Path) -> None:
    out, _err = run(file, world.clerk.username.upper())
    assert out.endswith("Đã ghi 1 ô, không ghi 2 ô.\n")
    assert Result.objects.count() == 2
    assert ResultImport.objects.get().state == "accepted"


def test_what_it_refuses(world: World, file: Path, book: Book, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Không có tài khoản “ai” đang mở"):
        run(file, "ai")
    with pytest.raises(CommandError, match=r"Không đọc được .*khac\.xlsx"):
        run(tmp_path / "khac.xlsx", world.clerk.username)
    book.page["A1"].value = "thidua-phieu-1|khac|1|2024|"
    file.write_bytes(book.bytes())
    with pytest.raises(CommandError, match=r"ô A1: cổng không có kế hoạch “khac”.*Chưa ghi gì"):
        run(file, world.clerk.username)
    stamp = f"thidua-phieu-1|{world.campaign.ref}|1|2024|khac"
    book.page["A1"].value = stamp
    file.write_bytes(book.bytes())
    with pytest.raises(CommandError, match="hoặc đơn vị “khac” mà tệp nêu"):
        run(file, world.clerk.username)


def test_the_workbook_of_many_units(world: World, file: Path, book: Book) -> None:
    book = Book(services.download_workbook(world.period, None, actor=world.clerk, now=NOW))
    book.at(world.branch.ref, "ct02|numerator").value = "1"
    book.at(world.branch.ref, "ct02|denominator").value = "2"
    file.write_bytes(book.bytes())
    assert "Đã ghi 1 ô, không ghi 0 ô." in run(file, world.clerk.username)[0]
