"""Files beside scores: who may bring, read and take away, and what they are good for."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import policies, queries, services
from campaigns.models import ScoreEvidence, ScoreLayer, ScoreSheet
from criteria.models import ScoreItem
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW
from units.models import AuditEntry, Blob, User
from units.rules import DomainError

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def scored() -> Scored:
    made = make_scored()
    made.accept(0)
    made.open()
    return made


def add(
    scored: Scored, layer: ScoreLayer, ref: str = "hand", content: bytes = PDF, by: Any = None
) -> ScoreEvidence:
    return services.add_score_evidence(
        layer,
        scored.item(ref),
        BytesIO(content),
        name="Bằng khen.pdf",
        size=len(content),
        actor=by or scored.by(layer),
        now=NOW,
    )


def seen(user: User) -> int:
    return policies.viewable_score_evidence(user).count()


def test_a_file_proves_what_must_be_proved(scored: Scored) -> None:
    ScoreItem.objects.filter(ref="hand").update(evidence_required=True)
    own = scored.layer(0, "self")
    scored.score(own, "hand", points="30")
    why = {one.item.ref: one.why for one in queries.left_to_score(scored.read(0), own)}
    assert why == {"hand": "nêu minh chứng cho"}
    file = add(scored, own)
    assert queries.left_to_score(scored.read(0), own) == []
    services.remove_score_evidence(file, actor=scored.heads[0], now=NOW)
    assert len(queries.left_to_score(scored.read(0), own)) == 1
    with pytest.raises(DomainError, match="đã được gỡ"):
        services.remove_score_evidence(file, actor=scored.heads[0], now=NOW)
    notes = AuditEntry.objects.filter(action__startswith="scoresheet.evidence").order_by("pk")
    assert [(entry.action, entry.note) for entry in notes] == [
        ("scoresheet.evidence_added", "M3, “Bằng khen.pdf”"),
        ("scoresheet.evidence_removed", "M3, “Bằng khen.pdf”"),
    ]
    assert notes[0].data == {"layer": own.pk}
    assert Blob.objects.count() == 1  # the row that was taken away still refers to it


def test_it_is_frozen_when_the_layer_is_sent(scored: Scored) -> None:
    own = scored.layer(0, "self")
    file, revision = add(scored, own), ScoreSheet.objects.get(pk=own.score_sheet_id).revision
    assert revision > 1  # a ranking on what was there before is stale
    scored.send(own)
    with pytest.raises(DomainError, match="đã gửi nên không sửa được"):
        services.remove_score_evidence(file, actor=scored.heads[0], now=NOW)
    with pytest.raises(DomainError, match="đã gửi nên không sửa được"):
        add(scored, own, "late")
    services.reopen_layer(own, reason="Xem lại", actor=scored.officer, now=NOW)
    assert services.remove_score_evidence(file, actor=scored.heads[0], now=NOW).removed_at == NOW


def test_what_is_refused(scored: Scored) -> None:
    own = scored.layer(0, "self")
    with pytest.raises(DomainError, match="Mục M1 không chấm riêng"):
        add(scored, own, "whole")
    with pytest.raises(DomainError, match="không thuộc loại được nhận"):
        add(scored, own, content=b"MZ" + b"x" * 300)
    with pytest.raises(DomainError, match="chưa gửi đủ nên chưa chấm được"):
        add(scored, scored.layer(0, "bloc"))
    assert not ScoreEvidence.objects.exists()


def test_it_is_read_by_whoever_may_read_the_layer(scored: Scored) -> None:
    own = scored.layer(0, "self")
    add(scored, own)
    mine, others = scored.clerks[0], (scored.officer, scored.leader)
    assert (seen(mine), seen(scored.heads[0])) == (1, 1)
    assert seen(scored.officer) == 0  # not in yet
    scored.send(own)
    assert [seen(user) for user in (mine, *others)] == [1, 1, 1]
    assert seen(scored.clerks[1]) == 1  # scores the first member, so reads its sheet
    peers = [scored.layer(0, "peer", at) for at in (1, 2)]
    for layer in peers:
        add(scored, layer, "late")
    assert seen(scored.heads[1]) == 2  # his own, without a look at what the other brings
    assert seen(mine) == 1
    for layer in peers:
        scored.send(layer)
    assert (seen(mine), seen(scored.heads[1])) == (3, 3)


def test_the_page_takes_shows_and_gives_files(scored: Scored, client_of: Any) -> None:
    own, item = scored.layer(0, "self"), scored.item("hand")
    client = client_of(scored.clerks[0])
    where = reverse("campaigns:score_evidence_add", args=[own.pk, item.pk])
    sheet = reverse("campaigns:score_sheet_detail", args=[own.score_sheet_id])
    page = client.post(where, {}, follow=True).content.decode()
    assert "Chưa chọn tệp. Chọn tệp rồi bấm Tải lên." in page
    bad = {f"file-{item.pk}": SimpleUploadedFile("x.exe", b"MZ" + b"x" * 300)}
    assert "không thuộc loại được nhận" in client.post(where, bad, follow=True).content.decode()
    good = {f"file-{item.pk}": SimpleUploadedFile("bang-khen.pdf", PDF)}
    answer = client.post(where, good)
    assert answer.url == f"{sheet}#s{item.pk}"
    page = client.get(sheet).content.decode()
    assert "Đã tải lên “bang-khen.pdf”." in page
    assert "cũng là minh chứng" not in page
    add(scored, own, "late")
    page = client.get(sheet).content.decode()
    assert "Tệp này cũng là minh chứng của M4." in page
    assert "Tệp này cũng là minh chứng của M3." in page
    file = ScoreEvidence.objects.get(item=item)
    given = client.get(reverse("campaigns:score_evidence_file", args=[file.pk]))
    assert (b"".join(given), given["Content-Type"]) == (PDF, "application/pdf")
    assert AuditEntry.objects.filter(action="evidence.downloaded").exists()
    gone = reverse("campaigns:score_evidence_remove", args=[file.pk])
    assert "Đã gỡ tệp “bang-khen.pdf”" in client.post(gone, follow=True).content.decode()
    scored.send(own)
    page = client.get(sheet).content.decode()
    assert "Bằng khen.pdf" in page
    assert "Đính kèm tệp" not in page
    left = ScoreEvidence.objects.get(item__ref="late")
    told = client.post(reverse("campaigns:score_evidence_remove", args=[left.pk]), follow=True)
    assert "đã gửi nên không sửa được" in told.content.decode()
    assert not ScoreEvidence.objects.get(pk=left.pk).removed_at


def test_bytes_that_are_gone_are_told(scored: Scored, client_of: Any, settings: Any) -> None:
    file = add(scored, scored.layer(0, "self"))
    settings.FILES_DIR = settings.FILES_DIR / "khac"
    where = reverse("campaigns:score_evidence_file", args=[file.pk])
    answer = client_of(scored.clerks[0]).get(where, follow=True)
    assert answer.redirect_chain
