"""load_registries: award forms and paper forms from files, all or nothing."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from awards.models import AwardForm
from campaigns.models import LegalAct
from dossiers.models import PaperForm
from units.models import AuditEntry

FORM = """\
award_forms:
  - ref: giay-khen
    name: Giấy khen
    short_name: GK
    rank: 4
    authority: Giám đốc
    threshold: 66.67
    quorum: 50
    rule_source: Quy chế mẫu
"""


@pytest.fixture
def load(tmp_path):
    def write(text, **options):
        path = tmp_path / "danh-muc.yaml"
        path.write_text(text, encoding="utf-8")
        out = StringIO()
        call_command("load_registries", path, stdout=out, **options)
        return out.getvalue()

    return write


@pytest.mark.django_db
def test_the_shipped_registries_load_and_again_change_nothing():
    out = StringIO()
    call_command("load_registries", stdout=out)
    call_command("load_registries", stdout=out)
    assert "hình thức khen thưởng: 0 thêm mới, 0 sửa, 7 giữ nguyên" in out.getvalue()
    assert "mẫu văn bản: 0 thêm mới, 0 sửa, 6 giữ nguyên" in out.getvalue()
    assert "bộ tiêu chí được dẫn: 0 thêm mới, 0 sửa, 4 giữ nguyên" in out.getvalue()
    assert "văn bản căn cứ: 0 thêm mới, 0 sửa, 12 giữ nguyên" in out.getvalue()
    assert AuditEntry.objects.filter(action="legal_act.saved").count() == 12
    assert LegalAct.objects.get(code="91/2017/NĐ-CP").replaced_by.replaced_by.code == (
        "152/2025/NĐ-CP"
    )
    assert AuditEntry.objects.filter(action="criteriaset.saved").count() == 4
    assert AuditEntry.objects.filter(action="award_form.saved").count() == 7
    assert AuditEntry.objects.filter(action="paper_form.saved").count() == 6
    assert all(form.rule_source.startswith("Quy chế mẫu") for form in AwardForm.objects.all())
    old = PaperForm.objects.get(ref="mau-07-nd91")
    assert old.valid_to == date(2023, 12, 31)
    assert old.replaced_by.valid_from == date(2024, 1, 1)
    assert old.replaced_by.replaced_by.ref == "mau-nd152"
    assert "chưa đối chiếu" in PaperForm.objects.get(ref="mau-nd152").note


@pytest.mark.django_db
def test_a_changed_form_is_updated_exactly_and_put_on_record(load):
    assert "1 thêm mới" in load(FORM)
    assert AwardForm.objects.get().threshold == Decimal("66.67")
    assert "0 thêm mới, 1 sửa" in load(FORM.replace("66.67", "70"))
    assert AwardForm.objects.get().threshold == 70
    assert AuditEntry.objects.filter(action="award_form.saved").count() == 2


@pytest.mark.django_db
def test_check_writes_nothing(load):
    assert "chưa ghi gì" in load(FORM, check=True)
    assert not AwardForm.objects.exists()


@pytest.mark.django_db
def test_a_replacement_may_already_be_in_the_portal(load):
    load("paper_forms: [{ref: moi, code: Mẫu mới, name: Mới}]")
    load("paper_forms: [{ref: cu, code: Mẫu cũ, name: Cũ, replaced_by: moi}]")
    assert PaperForm.objects.get(ref="cu").replaced_by.ref == "moi"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FORM.replace("66.67", "101"), "dòng 2: hình thức khen thưởng giay-khen: “threshold”"),
        (FORM.replace("50", "0.123"), "“quorum” là 0.123; phải từ 0 đến 100"),
        (FORM.replace("50", "không"), "“quorum” là “không”; phải là số"),
        (FORM.replace("50", ".nan"), "“quorum” là “nan”; phải là số"),
        (FORM.replace("50", "true"), "“quorum” là “True”; phải là số"),
        (FORM + "    voting: gio-tay\n", "chọn một trong: secret, show, written"),
        (FORM + FORM.split("\n", 1)[1], "giay-khen đã ghi ở"),
        ("award_forms: [chữ]", "hình thức khen thưởng: phải gồm các trường ref"),
        ("paper_forms: [5]", "mẫu văn bản: phải gồm các trường ref"),
        ("- a", "tệp phải gồm các mục"),
        (
            "paper_forms: [{ref: a, code: A, name: A, valid_from: 2024-01-01,"
            " valid_to: 2023-01-01}]",
            "“valid_to” 2023-01-01 trước “valid_from” 2024-01-01",
        ),
        ("paper_forms: [{ref: a, code: A, name: A, replaced_by: b}]", "không có mẫu b để thay"),
        (
            "paper_forms: [{ref: a, code: A, name: A, replaced_by: b},"
            " {ref: b, code: B, name: B, replaced_by: a}]",
            "được thay vòng tròn",
        ),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_what_is_allowed(load, text, sentence):
    with pytest.raises(CommandError) as refused:
        load(text)
    assert sentence in str(refused.value)
    assert "Chưa ghi gì" in str(refused.value)
    assert not AwardForm.objects.exists()
    assert not PaperForm.objects.exists()


ACTS = """\
legal_acts:
  - {code: 1/2020/NĐ-CP, title: Nghị định cũ, valid_to: 2023-12-31, replaced_by: 2/2023/NĐ-CP}
  - {code: 2/2023/NĐ-CP, title: Nghị định mới, valid_from: 2024-01-01}
"""


@pytest.mark.django_db
def test_acts_find_what_replaced_them_and_change_on_record(load):
    assert "văn bản căn cứ: 2 thêm mới" in load(ACTS)
    old = LegalAct.objects.get(code="1/2020/NĐ-CP")
    assert (old.valid_to, str(old.replaced_by)) == (date(2023, 12, 31), "2/2023/NĐ-CP")
    load(ACTS.replace(", replaced_by: 2/2023/NĐ-CP", ""))
    old.refresh_from_db()
    assert old.replaced_by is None
    assert AuditEntry.objects.filter(action="legal_act.saved").count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("replaced_by: 2/2023/NĐ-CP", "replaced_by: 3/2023/NĐ-CP", "không có văn bản “3/2023"),
        ("replaced_by: 2/2023/NĐ-CP", "replaced_by: 1/2020/NĐ-CP", "không có văn bản “1/2020"),
        ("valid_to: 2023-12-31", "valid_from: 2024-01-01, valid_to: 2023-12-31", "trước"),
        ("code: 2/2023/NĐ-CP", "code: 1/2020/NĐ-CP", "mỗi mã chỉ ghi một lần"),
    ],
)
def test_a_wrong_act_is_told(load, old, new, said):
    with pytest.raises(CommandError, match=said):
        load(ACTS.replace(old, new, 1))
    assert not LegalAct.objects.exists()
