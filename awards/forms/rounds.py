"""Places allotted, rounds, sessions of the council, decisions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.forms.fields import Form, clock_field, day_field, long_text
from awards.models import Attendance, Council, CouncilSeat, Nomination
from campaigns.models import Campaign, Phase
from units.models import Unit


class AllotForm(Form):
    kind = forms.ChoiceField(
        label="Việc ghi",
        choices=[("allot", "Phân bổ thêm chỗ"), ("withdraw", "Thu hồi chỗ chưa dùng")],
        initial="allot",
        widget=forms.RadioSelect,
    )
    places = forms.IntegerField(
        label="Số chỗ", min_value=1, widget=forms.NumberInput(attrs={"class": "input--num"})
    )
    document = forms.CharField(
        label="Số, ký hiệu văn bản", max_length=200, help_text="Ví dụ 12/TB-SNN."
    )
    document_on = day_field("Ngày văn bản")


class RoundForm(Form):
    name = forms.CharField(label="Tên đợt xét", max_length=250)
    phase = forms.ModelChoiceField(
        label="Giai đoạn", queryset=Phase.objects.none(), empty_label=None
    )
    council = forms.ModelChoiceField(
        label="Hội đồng xét", queryset=Council.objects.none(), empty_label="Chọn hội đồng"
    )
    opens_on = day_field("Nhận đề nghị từ ngày")
    closes_on = day_field("Đến hết ngày", required=False)

    def __init__(
        self,
        *args: Any,
        campaign: Campaign,
        councils: Iterable[Council],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phase"].queryset = campaign.phases.all()
        keys = [council.pk for council in councils]
        self.fields["council"].queryset = Council.objects.filter(pk__in=keys)


class ReopenForm(Form):
    closes_on = day_field("Nhận đề nghị đến hết ngày", required=False)


class SessionForm(Form):
    held_on = day_field("Ngày họp")
    opened_at = clock_field("Bắt đầu lúc")
    place = forms.CharField(label="Địa điểm", required=False, max_length=250)


class AttendanceForm(Form):
    def __init__(self, *args: Any, seats: Iterable[CouncilSeat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for seat in seats:
            self.fields[f"seat_{seat.pk}"] = forms.ChoiceField(
                choices=Attendance.State.choices, label=seat.person.full_name
            )

    def states(self) -> dict[int, str]:
        return {int(name[5:]): state for name, state in self.cleaned_data.items()}


COUNTS = {
    "yes": "Đồng ý",
    "no": "Không đồng ý",
    "abstained": "Không ý kiến",
    "absent": "Vắng mặt",
    "recused": "Không tham gia",
}


class TallyForm(Form):
    """Five counts of one nomination; `chair_agreed` only where the rule asks for the chair."""

    def __init__(self, *args: Any, nomination: Nomination, chair: bool, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"n{nomination.pk}-%s", **kwargs)
        for name, label in COUNTS.items():
            self.fields[name] = forms.IntegerField(
                label=label,
                min_value=0,
                error_messages={"required": f"Nhập “{label}”, không có thì ghi 0."},
                widget=forms.NumberInput(attrs={"class": "input--num"}),
            )
        if chair:
            self.fields["chair_agreed"] = forms.TypedChoiceField(
                label="Chủ tịch hội đồng",
                choices=[("", "–"), ("yes", "đồng ý"), ("no", "không đồng ý")],
                coerce=lambda value: value == "yes",
            )


class CloseForm(Form):
    """Ends a session for good: `checked` keeps a stray Enter from doing so."""

    minutes_number = forms.RegexField(
        r"^[0-9]{1,6}$",
        label="Số biên bản",
        required=False,
        help_text="Chỉ ghi số, ví dụ 05; ký hiệu biên bản cổng tự ghi theo hội đồng.",
        error_messages={
            "invalid": "Số biên bản chỉ gồm chữ số, nhiều nhất 6, ví dụ 05. Bỏ chữ và ký hiệu; "
            "chưa có số thì để trống."
        },
    )
    ended_at = clock_field("Kết thúc lúc")
    conclusion = long_text("Kết luận của chủ trì", 4)
    left_out = forms.TypedMultipleChoiceField(
        label="Để lại phiên sau",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Có đề nghị không còn chờ kiểm phiếu tại phiên họp này. Danh sách đã "
            "được tải lại, chọn lại rồi kết thúc."
        },
    )
    checked = forms.BooleanField(
        label="Tôi đã kiểm tra điểm danh và kết quả kiểm phiếu của từng đề nghị",
        error_messages={
            "required": "Đánh dấu ô này khi đã kiểm tra xong; kết thúc rồi không sửa được."
        },
    )

    def __init__(self, *args: Any, waiting: Iterable[Nomination], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.pk, one.nominee_title) for one in waiting]
        self.fields["left_out"].choices = choices
        if not choices:
            del self.fields["left_out"]

    @property
    def leaving(self) -> forms.BoundField | None:
        return self["left_out"] if "left_out" in self.fields else None

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "left_out"]

    def said(self) -> dict[str, Any]:
        """The cleaned values as `close_session` takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "checked"}


class DecisionForm(Form):
    unit = forms.ModelChoiceField(
        label="Cơ quan quyết định", queryset=Unit.objects.none(), empty_label=None
    )
    number = forms.CharField(label="Số", max_length=20, help_text="Ví dụ 1234.")
    symbol = forms.CharField(label="Ký hiệu", max_length=40, help_text="Ví dụ QĐ-UBND.")
    issued_on = day_field("Ngày ký")
    signer_title = forms.CharField(label="Chức vụ người ký", max_length=200)
    signer_name = forms.CharField(label="Người ký", max_length=150)
    subject_line = forms.CharField(label="Trích yếu", max_length=500)
    VERDICTS = [("granted", "Tặng"), ("refused", "Không tặng"), ("wait", "Chưa quyết định")]

    def __init__(
        self,
        *args: Any,
        units: QuerySet[Unit],
        nominations: Iterable[Nomination],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
        self.nominations = list(nominations)
        for one in self.nominations:
            self.fields[f"n_{one.pk}"] = forms.ChoiceField(
                label=one.nominee_title, choices=self.VERDICTS, initial="granted"
            )

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("n_")]

    @property
    def lines(self) -> list[tuple[Nomination, forms.BoundField]]:
        return [(one, self[f"n_{one.pk}"]) for one in self.nominations]

    def chosen(self, verdict: str) -> list[Nomination]:
        return [one for one in self.nominations if self.cleaned_data[f"n_{one.pk}"] == verdict]
