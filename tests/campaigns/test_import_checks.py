"""A workbook that may be large is read by a worker; its differences are kept and shown."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, ImportAcceptance, ImportCheck, Period, Result, ResultImport
from campaigns.services.weighing import kept_words
from config import tasks
from criteria.models import Indicator
from tests.campaigns.excel import Book, take
from tests.campaigns.world import World
from tests.factories import NOW, user_with
from units.models import AuditEntry, User
from units.rules import DomainError

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}
State = ImportCheck.State


@pytest.fixture
def gathers(world: World, settings: Any) -> User:
    """Who enters for a member and for one more, where one indicator of each is a lot."""
    settings.IMPORT_AT_ONCE = 1
    Period.objects.update(closes_on=timezone.localdate())
    world.period.refresh_from_db()
    world.indicator(ref="ct01", code="CT01")
    world.member(name="Chi cục Thủy lợi", ref="thuy-loi")
    return user_with("clerk", world.office, and_below=True)


def filled(world: World, actor: User, **values: Any) -> Book:
    book = take(world, None, actor)
    for ref in (world.branch.ref, "thuy-loi"):
        book.at(ref, "ct01|numerator").value = values.get("numerator", "1")
        book.at(ref, "ct01|denominator").value = "2"
    return book


def ask(world: World, actor: User, book: Book | bytes) -> ImportCheck:
    data = book.bytes() if isinstance(book, Book) else book
    about: dict[str, Any] = {"period": world.period, "actor": actor, "now": NOW}
    return services.request_check(BytesIO(data), name="nhieu.xlsx", size=len(data), **about)


def work(check: ImportCheck) -> ImportCheck:
    """What a worker does with the message."""
    tasks.run(ImportCheck._meta.label_lower, check.pk)
    return ImportCheck.objects.get(pk=check.pk)


def test_what_may_be_large_is_known_before_it_is_read(
    world: World, gathers: User, settings: Any
) -> None:
    assert services.may_be_large(world.period)
    settings.IMPORT_AT_ONCE = 2
    assert not services.may_be_large(world.period)


def test_a_workbook_of_one_unit_waits_for_no_worker(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    sheet, client = world.sheet(), client_of(world.clerk)
    upload = SimpleUploadedFile("mot.xlsx", take(world, world.branch, world.clerk).bytes())
    client.post(reverse("campaigns:result_sheet_excel", args=[sheet.pk]), {"file": upload})
    pending = ResultImport.objects.get()
    assert pending.unit == world.branch
    again = client.post(reverse("campaigns:import_recheck", args=[pending.pk]))
    assert (again.status_code, ImportCheck.objects.count()) == (404, 0)


def test_a_worker_reads_it_once_and_stores_no_result(world: World, gathers: User) -> None:
    check = ask(world, gathers, filled(world, gathers))
    assert (str(check), ResultImport.objects.count()) == ("Kiểm tra tệp “nhieu.xlsx”", 0)
    check = work(check)
    assert (check.state, check.error) == (State.DONE, "")
    pending = check.imported
    assert pending is not None
    assert (pending.state, pending.read, pending.uploaded_by) == ("checked", 2, gathers)
    told = services.preview_of(pending, actor=gathers, now=NOW)
    now = services.preview_import(pending, actor=gathers, now=NOW)
    assert (told.seen, told.units) == (now.seen, 2)
    assert told.differences == now.differences
    assert Result.objects.count() == 0


def test_sent_twice_it_is_asked_once(world: World, gathers: User) -> None:
    data = filled(world, gathers).bytes()
    assert ask(world, gathers, data) == ask(world, gathers, data)
    assert ImportCheck.objects.count() == 1


def test_a_worker_that_takes_over_goes_on_from_what_was_read(world: World, gathers: User) -> None:
    check = work(ask(world, gathers, filled(world, gathers)))
    # the first died before it could say so
    ImportCheck.objects.update(state=State.QUEUED, finished_at=None)
    ResultImport.objects.update(told=None)
    assert work(check).imported == check.imported
    assert ResultImport.objects.get().told is not None


def test_what_only_reading_can_tell_is_told_by_the_job(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    world.sheet()
    check = work(ask(world, gathers, take(world, world.branch, world.clerk)))
    assert check.state == State.FAILED
    page = client_of(gathers).get(reverse("campaigns:import_check", args=[check.pk]))
    text = page.content.decode()
    assert "Tệp chưa dùng được" in text
    assert check.error.split("“")[0] in text
    assert not ResultImport.objects.exists()
    line = AuditEntry.objects.get(action="importcheck.uploaded")
    assert (line.actor, line.data) == (gathers, {"sha256": check.blob_id})


def test_the_period_is_asked_before_and_while_it_is_read(world: World, gathers: User) -> None:
    book = filled(world, gathers)
    check = ask(world, gathers, book)
    Period.objects.update(closes_on=world.period.period_from)
    assert "chỉ nhận số liệu đến hết ngày" in work(check).error
    world.period.refresh_from_db()
    with pytest.raises(DomainError, match="chỉ nhận số liệu đến hết ngày"):
        ask(world, gathers, book)


def test_the_pages_from_the_file_to_what_is_stored(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    client, send = client_of(gathers), reverse("campaigns:campaign_excel", args=["x"])
    send = send.replace("/x/", f"/{world.campaign.ref}/")
    book = filled(world, gathers)
    book.at("thuy-loi", "ct01|numerator").value = "mười"
    upload = SimpleUploadedFile("nhieu.xlsx", book.bytes())
    answer = client.post(send, {"file": upload, "ky": world.period.ref})
    check = ImportCheck.objects.get()
    where = reverse("campaigns:import_check", args=[check.pk])
    assert answer["Location"] == where
    page = client.get(where).content.decode()
    assert "Đang kiểm tra tệp" in page
    assert "Có thể rời trang này" in page
    moving = client.get(where, headers=HTMX)
    assert ("every 2s" in moving.content.decode(), "HX-Refresh" in moving) == (True, False)
    work(check)
    assert client.get(where, headers=HTMX)["HX-Refresh"] == "true"
    pending = ResultImport.objects.get()
    detail = reverse("campaigns:import_detail", args=[pending.pk])
    assert client.get(where)["Location"] == detail
    page = client.get(detail).content.decode()
    assert "1 ô sẽ ghi" in page
    assert "1 ô không ghi được" in page
    assert "Đối chiếu với số trên cổng lúc" in page
    marked = client.get(reverse("campaigns:import_workbook", args=[pending.pk]))
    assert marked.status_code == 200
    assert Result.objects.count() == 0
    seen = services.preview_of(pending, actor=gathers, now=NOW).seen
    client.post(reverse("campaigns:import_accept", args=[pending.pk]), {"seen": seen})
    tasks.run(ImportAcceptance._meta.label_lower, ImportAcceptance.objects.get().pk)
    done = Result.objects.get()
    assert (done.numerator, done.result_sheet.participation.unit) == (1, world.branch)
    again = client.post(reverse("campaigns:import_recheck", args=[pending.pk]), follow=True)
    assert "không ghi lần hai" in again.content.decode()


def test_what_others_wrote_since_is_found_by_checking_again(
    world: World, gathers: User, client_of: ClientOf, settings: Any
) -> None:
    settings.IMPORT_AT_ONCE = 0
    client = client_of(gathers)
    check = work(ask(world, gathers, filled(world, gathers)))
    pending = ResultImport.objects.get()
    old = services.preview_of(pending, actor=gathers, now=NOW)
    typed = {"numerator": "1", "denominator": "9"}
    indicator = Indicator.objects.get(ref="ct01")
    services.record_result(world.sheet(), indicator, typed, 0, actor=world.clerk, now=NOW)
    accept = reverse("campaigns:import_accept", args=[pending.pk])
    client.post(accept, {"seen": old.seen})
    job = ImportAcceptance.objects.get()
    tasks.run(ImportAcceptance._meta.label_lower, job.pk)
    failed = client.get(reverse("campaigns:import_detail", args=[pending.pk])).content.decode()
    assert "Bấm Kiểm tra lại, xem số của hai bên rồi ghi." in failed
    refused = client.post(accept, {"seen": old.seen}, follow=True).content.decode()
    assert "vừa có người khác ghi" in refused
    assert "Bấm Kiểm tra lại, xem rồi ghi." in refused
    answer = client.post(reverse("campaigns:import_recheck", args=[pending.pk]))
    second = ImportCheck.objects.exclude(pk=check.pk).get()
    assert answer["Location"] == reverse("campaigns:import_check", args=[second.pk])
    assert work(second).imported == pending
    pending.refresh_from_db()
    told = services.preview_of(pending, actor=gathers, now=NOW)
    (stale,) = told.stale
    assert (stale.version, "1 trên 9" in kept_words(stale)) == (1, True)
    assert (
        "1 ô đã có người khác ghi"
        in client.get(reverse("campaigns:import_detail", args=[pending.pk])).content.decode()
    )
    services.refuse_old(pending)


def test_of_a_small_one_the_page_shows_what_stands_now(
    world: World, gathers: User, client_of: ClientOf, settings: Any
) -> None:
    """One switch: what is stored while somebody waits is looked up while he waits, too."""
    settings.IMPORT_AT_ONCE = 2
    assert work(ask(world, gathers, filled(world, gathers))).state == State.DONE
    pending = ResultImport.objects.get()
    assert pending.told is None
    settings.IMPORT_AT_ONCE = 1
    work(services.request_recheck(pending, actor=gathers, now=NOW))
    settings.IMPORT_AT_ONCE = 2  # kept as large, and no longer
    pending.refresh_from_db()
    assert pending.told is not None
    indicator, typed = Indicator.objects.get(ref="ct01"), {"numerator": "1", "denominator": "9"}
    seen = services.preview_of(pending, actor=gathers, now=NOW).seen
    services.record_result(world.sheet(), indicator, typed, 0, actor=world.clerk, now=NOW)
    client, accept = client_of(gathers), reverse("campaigns:import_accept", args=[pending.pk])
    refused = client.post(accept, {"seen": seen})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "1 ô đã có người khác ghi" in page
    assert "1 trên 9" in page
    assert "Kiểm tra lại" not in page
    client.post(accept, {"seen": refused.context["preview"].seen})
    pending.refresh_from_db()
    assert (pending.state, pending.written) == ("accepted", 1)


def test_a_plan_amended_meanwhile_is_told_before_it_is_agreed_to(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    work(ask(world, gathers, filled(world, gathers)))
    pending = ResultImport.objects.get()
    Campaign.objects.update(revision=7)
    client = client_of(gathers)
    page = client.get(reverse("campaigns:import_detail", args=[pending.pk])).content.decode()
    assert "Tệp không ghi được nữa" in page
    assert "Kế hoạch đã có bản sửa 7" in page
    assert "Tải bảng tính mới</a>" in page
    assert "Ghi vào phiếu" not in page
    assert "Kiểm tra lại" not in page
    for name in ("import_recheck", "import_accept"):
        url = reverse(f"campaigns:{name}", args=[pending.pk])
        assert "Kế hoạch đã có bản sửa 7" in client.post(url, follow=True).content.decode()
    assert (ImportCheck.objects.count(), ImportAcceptance.objects.count()) == (1, 0)


def test_what_no_page_has_shown_is_not_agreed_to(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    work(ask(world, gathers, filled(world, gathers)))
    pending = ResultImport.objects.get()
    accept = reverse("campaigns:import_accept", args=[pending.pk])
    for seen in ("0" * 65, "Đ"):
        answer = client_of(gathers).post(accept, {"seen": seen}, follow=True)
        assert "Tải lại trang, xem rồi ghi." in answer.content.decode()
    assert not ImportAcceptance.objects.exists()


def test_what_is_large_is_read_only_where_it_is_shown(
    world: World, gathers: User, client_of: ClientOf
) -> None:
    """A large workbook holds tens of megabytes, which the way round it has no use for."""
    check = work(ask(world, gathers, filled(world, gathers)))
    pending, client = ResultImport.objects.get(), client_of(gathers)
    heavy = [f'"campaigns_resultimport"."{name}"' for name in ("cells", "left", "told")]

    def light(name: str, pk: int, way: str = "get") -> None:
        with CaptureQueriesContext(connection) as held:
            answer = getattr(client, way)(reverse(f"campaigns:{name}", args=[pk]))
        assert answer.status_code in (200, 302)
        asked = [query["sql"] for query in held if any(one in query["sql"] for one in heavy)]
        assert asked == [], name

    light("import_file", pending.pk)
    light("import_recheck", pending.pk, "post")
    light("import_check", check.pk)
    services.request_acceptance(pending, actor=gathers, now=NOW)
    light("import_detail", pending.pk)
    light("import_progress", pending.pk)
    light("import_discard", pending.pk, "post")
    pending.refresh_from_db()
    assert (pending.state, pending.told) == ("discarded", None)


def test_of_what_was_found_only_what_was_left_out_is_kept(world: World, gathers: User) -> None:
    book = filled(world, gathers)
    book.at("thuy-loi", "ct01|numerator").value = "mười"
    pending = work(ask(world, gathers, book)).imported
    assert pending is not None
    assert pending.told is not None
    assert len(pending.told["rows"]) == 2
    pending = services.accept_import(pending, actor=gathers, now=timezone.now())
    pending.refresh_from_db()
    assert [row[3] for row in pending.told["rows"]] == ["wrong"]
    marked = services.annotated_workbook(pending, actor=gathers, now=timezone.now())
    assert Book(marked).at("thuy-loi", "ct01|numerator").comment is not None


def test_what_the_reader_may_not_see_any_more_is_left_out(world: World, gathers: User) -> None:
    check = work(ask(world, gathers, filled(world, gathers)))
    assert check.imported is not None
    told = services.preview_of(check.imported, actor=world.clerk, now=NOW)
    assert [one.unit for one in told.differences] == [world.branch]
    Indicator.objects.all().delete()
    assert services.preview_of(check.imported, actor=gathers, now=NOW).differences == []
