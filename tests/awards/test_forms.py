"""What the forms say when something is missing or wrong: the field, the rule, the way out."""

from typing import Any

import pytest
from django import forms as fields
from django.core.files.uploadedfile import SimpleUploadedFile

from awards import forms
from awards.forms.fields import Form, clock_field, day_field

DJANGO = ("Trường này", "Hãy chọn", "Nhập một", "Đảm bảo", "Tập tin")


class Sample(Form):
    """One field of each type that a form of awards has."""

    day = day_field("Ngày họp")
    at = clock_field("Bắt đầu lúc")
    count = fields.IntegerField(label="Số chỗ", min_value=1)
    choice = fields.ChoiceField(label="Hội đồng xét", choices=[("a", "A")])
    name = fields.CharField(label="Tên đợt xét", max_length=5)
    own = fields.CharField(label="Số", error_messages={"required": "Lời riêng."})


def said(**typed: Any) -> dict[str, str]:
    form = Sample(typed)
    form.full_clean()
    form.full_clean()  # again, and nothing else
    return {name: " ".join(errors) for name, errors in form.errors.items()}


def test_a_field_left_empty_is_named() -> None:
    assert said() == {
        "day": "Nhập “Ngày họp”.",
        "count": "Nhập “Số chỗ” bằng chữ số.",
        "choice": "Chọn “Hội đồng xét”.",
        "name": "Nhập “Tên đợt xét”.",
        "own": "Lời riêng.",
    }


def test_a_field_filled_wrongly_says_what_is_right() -> None:
    typed = {"day": "31/02/2025", "at": "khoảng 8 giờ", "count": "0", "choice": "b"}
    assert said(**typed, name="Tên quá dài", own="1") == {
        "day": "“Ngày họp” phải là một ngày có thật, ví dụ 24/11/2025. Nhập lại.",
        "at": "“Bắt đầu lúc” phải là giờ và phút, ví dụ 08:30. Nhập lại.",
        "count": "“Số chỗ” phải từ 1 trở lên. Nhập lại.",
        "choice": "Mục đã chọn ở “Hội đồng xét” không có trong danh sách. Chọn lại.",
        "name": "“Tên đợt xét” dài 11 ký tự, nhiều nhất 5. Viết gọn lại.",
    }
    assert said(count="năm")["count"].startswith("“Số chỗ” phải là số nguyên")


@pytest.mark.parametrize(
    "form",
    [
        forms.AllotForm({}),
        forms.AllotForm({"kind": "x", "places": "x", "document": "x" * 300, "document_on": "x"}),
        forms.SessionForm({"held_on": "x", "opened_at": "x", "place": "x" * 300}),
        forms.CloseForm({"minutes_number": "x", "ended_at": "x"}, waiting=[]),
        forms.ReopenForm({"closes_on": "x"}),
        forms.EvidenceForm({}, {}),
        forms.EvidenceForm({}, {"file": SimpleUploadedFile("a.pdf", b"")}),
    ],
    ids=lambda form: type(form).__name__,
)
def test_no_form_speaks_in_djangos_words(form: Form) -> None:
    sentences = [sentence for errors in form.errors.values() for sentence in errors]
    assert sentences
    for sentence in sentences:
        assert not sentence.startswith(DJANGO), sentence
