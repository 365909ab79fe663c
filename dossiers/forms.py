"""What people type about a dossier."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.models import Nomination
from dossiers.models import Dossier
from units.rules import field_sentences


class LetterForm(forms.ModelForm):
    """Number, day and signature of the letter; nothing is required while the dossier is open."""

    letter_on = forms.DateField(
        label="Ngày tờ trình",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text="Ngày ghi trên tờ trình, không trước ngày họp hội đồng.",
    )

    class Meta:
        model = Dossier
        fields = [
            "letter_number", "letter_on", "signing_capacity", "signer_title", "signer_name",
        ]  # fmt: skip
        labels = {
            "letter_number": "Số tờ trình",
            "signing_capacity": "Quyền hạn ký",
            "signer_title": "Chức vụ người ký",
            "signer_name": "Họ và tên người ký",
        }
        help_texts = {
            "letter_number": "Chỉ ghi số văn thư cấp, ví dụ 12; ký hiệu do cổng ghép.",
            "signing_capacity": "Ví dụ KT. GIÁM ĐỐC, TM. ỦY BAN NHÂN DÂN; để trống nếu thủ trưởng "
            "trực tiếp ký. Nhiều dòng thì cách nhau bằng dấu chấm phẩy.",
            "signer_title": "Ví dụ PHÓ GIÁM ĐỐC.",
            "signer_name": "Không ghi học hàm, học vị trước tên.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.Meta.labels.items():
            self.fields[name].error_messages |= field_sentences(label, "text")

    def clean_letter_number(self) -> str:
        number: str = self.cleaned_data["letter_number"].strip()
        if "/" in number:
            raise forms.ValidationError("Chỉ ghi số, không ghi ký hiệu sau dấu gạch chéo.")
        return number


class PartForm(forms.Form):
    """One file for one line of the checklist; a report or a proof may be that of one nominee."""

    file = forms.FileField(label="Tệp (PDF, ảnh PNG hoặc JPEG, DOCX, XLSX)")

    def __init__(self, *args: Any, nominations: QuerySet[Nomination], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nomination"] = forms.ModelChoiceField(
            queryset=nominations, required=False, label="Của đề nghị"
        )
