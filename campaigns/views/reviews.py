"""What a verifier does with a sheet that was sent: assess, accept, return, open again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import forms, policies, queries, services
from campaigns.views.sheets import grid, seen
from units.rules import DomainError

PAGE = 50


@require_GET
def answer_list(request: HttpRequest) -> HttpResponse:
    """Answers in words of accepted sheets that wait for somebody to say how far they go."""
    found = queries.answers(request.user, request.GET.get("ke-hoach", ""))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "campaigns/answer_list.html", {"found": found, "page": page})


@require_POST
def result_sheet_verify(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = get_object_or_404(policies.verifiable_result_sheets(request.user), pk=pk)
    revision, said = forms.revision(request.POST), forms.assessed(request.POST)
    try:
        services.verify_sheet(
            sheet, actor=request.user, now=timezone.now(), revision=revision, said=said
        )
    except DomainError as error:
        messages.error(request, str(error))
        return grid(request, seen(request, pk), said=said, why=str(error), status=422)
    messages.success(request, "Đã thẩm định. Số liệu của phiếu được tính vào báo cáo.")
    return redirect("campaigns:result_sheet_detail", pk=pk)


@require_POST
def result_sheet_assess(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the criteria in words are met, without accepting the sheet yet, or after."""
    sheet = get_object_or_404(policies.verifiable_result_sheets(request.user), pk=pk)
    revision, said = forms.revision(request.POST), forms.assessed(request.POST)
    try:
        marks = services.assess_cells(
            sheet, said, actor=request.user, now=timezone.now(), revision=revision
        )
    except DomainError as error:
        messages.error(request, str(error))
        return grid(request, seen(request, pk), said=said, why=str(error), status=422)
    messages.success(request, f"Đã ghi kết quả xét {len(marks)} tiêu chí định tính.")
    return redirect("campaigns:result_sheet_detail", pk=pk)


@require_POST
def result_sheets_verify(request: HttpRequest) -> HttpResponse:
    """Many at once; what was refused is named unit by unit."""
    seen = forms.ticked(request.POST, "sheet")
    sheets = policies.verifiable_result_sheets(request.user).filter(pk__in=seen).order_by("pk")
    done = services.verify_sheets(
        [(one, seen[one.pk]) for one in sheets.select_related(*queries.SHEET_RELATED)],
        actor=request.user,
        now=timezone.now(),
    )
    if not done.sheets and not done.refused:
        messages.error(request, "Chưa chọn phiếu nào. Đánh dấu phiếu rồi bấm Thẩm định.")
    if done.sheets:
        units = ", ".join(str(sheet.participation.unit) for sheet in done.sheets)
        messages.success(request, f"Đã thẩm định {len(done.sheets)} phiếu: {units}.")
    if waiting := queries.unassessed(done.sheets):
        left = [
            f"{sheet.participation.unit} ({waiting[sheet.pk]})"
            for sheet in done.sheets
            if sheet.pk in waiting
        ]
        messages.warning(
            request,
            f"Còn tiêu chí định tính chưa xét: {', '.join(left)}. Mở phiếu để xét; chưa xét thì "
            "báo cáo không tính là đạt.",
        )
    for sheet, why in done.refused:
        messages.error(request, f"{sheet.participation.unit}: chưa thẩm định. {why}")
    return redirect("campaigns:result_sheet_list")


@require_POST
def result_sheet_return(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = get_object_or_404(policies.verifiable_result_sheets(request.user), pk=pk)
    reason, cells = request.POST.get("reason", ""), forms.flags(request.POST)
    try:
        services.return_sheet(
            sheet,
            reason=reason,
            actor=request.user,
            now=timezone.now(),
            revision=forms.revision(request.POST),
            cells=cells,
        )
    except DomainError as error:
        messages.error(request, str(error))
        said = {"reason": reason, "marked": cells, "why": str(error)}
        return grid(request, seen(request, pk), **said, status=422)
    messages.success(request, "Đã trả lại phiếu kèm lý do. Đơn vị sửa rồi gửi lại.")
    return redirect("campaigns:result_sheet_detail", pk=pk)


@require_POST
def result_sheet_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """A locked sheet: back to the unit until a day, or to the standing agency itself."""
    sheet = get_object_or_404(policies.verifiable_result_sheets(request.user), pk=pk)
    reason, cells = request.POST.get("reason", ""), forms.flags(request.POST)
    keep = request.POST.get("to") == "agency"
    try:
        services.reopen_sheet(
            sheet,
            reason=reason,
            until=None if keep else forms.day(request.POST.get("until", "")),
            actor=request.user,
            now=timezone.now(),
            revision=forms.revision(request.POST),
            cells=cells,
            keep=keep,
        )
    except DomainError as error:
        messages.error(request, str(error))
        said = {"reason": reason, "marked": cells, "why": str(error)}
        return grid(request, seen(request, pk), **said, status=422)
    messages.success(request, "Đã mở khóa phiếu. Báo cáo, đề nghị, hồ sơ dùng số cũ sẽ báo đã cũ.")
    return redirect("campaigns:result_sheet_detail", pk=pk)
