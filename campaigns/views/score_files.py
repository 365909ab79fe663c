"""Files beside the items of a score sheet: added, taken away, downloaded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from campaigns import policies, services
from campaigns.models import ScoreEvidence
from campaigns.views.score_gone import told_when_gone
from units import storage
from units.rules import DomainError


@require_POST
@told_when_gone
def score_evidence_add(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    layers = policies.scorable_layers(request.user).select_related("score_sheet__table")
    layer = get_object_or_404(layers, pk=pk)
    item = get_object_or_404(layer.score_sheet.table.items, pk=item_pk)
    upload, row = request.FILES.get(f"file-{item.pk}"), f"s{item.pk}"
    if upload is None:
        messages.error(request, "Chưa chọn tệp. Chọn tệp rồi bấm Tải lên.", extra_tags=row)
        return _row(layer.score_sheet_id, item.pk)
    about = {"name": upload.name, "size": upload.size, "actor": request.user, "now": timezone.now()}
    try:
        services.add_score_evidence(layer, item, upload, **about)
    except DomainError as error:
        messages.error(request, str(error), extra_tags=row)
    else:
        messages.success(request, f"Đã tải lên “{upload.name}”.", extra_tags=row)
    return _row(layer.score_sheet_id, item.pk)


@require_POST
def score_evidence_remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = policies.removable_score_evidence(request.user)
    evidence = get_object_or_404(rows.select_related("item", "score_layer__score_sheet"), pk=pk)
    row = f"s{evidence.item_id}"
    try:
        services.remove_score_evidence(evidence, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags=row)
    else:
        messages.success(request, f"Đã gỡ tệp “{evidence}”.", extra_tags=row)
    return _row(evidence.score_layer.score_sheet_id, evidence.item_id)


@require_GET
def score_evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A download is put on record, so this page writes."""
    rows = policies.viewable_score_evidence(request.user)
    evidence = get_object_or_404(rows.select_related("blob", "score_layer__scorer"), pk=pk)
    try:
        content = storage.read_bytes(evidence.blob)
    except DomainError as error:
        messages.error(request, str(error))
        return _row(evidence.score_layer.score_sheet_id, evidence.item_id)
    services.note_score_download(evidence, actor=request.user, now=timezone.now())
    return HttpResponse(content, content_type=evidence.blob.media_type, headers=_named(evidence))


score_evidence_file.writes_on_get = True  # type: ignore[attr-defined]


def _named(evidence: ScoreEvidence) -> dict[str, str]:
    name = content_disposition_header(as_attachment=True, filename=evidence.name)
    return {"Content-Disposition": name or "attachment"}


def _row(sheet_pk: int, item_pk: int) -> HttpResponse:
    return redirect(f"{reverse('campaigns:score_sheet_detail', args=[sheet_pk])}#s{item_pk}")
