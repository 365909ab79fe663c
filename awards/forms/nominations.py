"""A nomination in three steps: for which award, of whom, what it says."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.forms.fields import Form, day_field, long_text
from awards.models import Nomination, NominationAnswer, Quota
from awards.queries import Candidates, PlaceRow
from criteria.models import Indicator
from units.models import Person, Unit
from units.rules import PAPER


class PlaceChoice(forms.ModelChoiceField):
    """A quota, with what is left of it."""

    places: dict[int, str]

    def label_from_instance(self, quota: Quota) -> str:
        return self.places[quota.pk]


class ChoiceForm(Form):
    """First step, by GET: for which award, in the name of which unit."""

    quota = PlaceChoice(
        label="Hình thức và đối tượng",
        queryset=Quota.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Chọn một hình thức."},
    )
    unit = forms.ModelChoiceField(
        label="Đơn vị đề nghị", queryset=Unit.objects.none(), empty_label=None
    )

    def __init__(
        self, *args: Any, places: Iterable[PlaceRow], units: QuerySet[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        labels = {row.quota.pk: f"{row.form}, {row.recipient} ({row.left_text})" for row in places}
        quota = self.fields["quota"]
        quota.places = labels
        quota.queryset = Quota.objects.filter(pk__in=labels).order_by("order", "pk")
        self.fields["unit"].queryset = units


ROLES = {
    "direct": ("Người trực tiếp thực hiện", True, False),
    "leader": ("Lãnh đạo, quản lý", False, True),
    "support": ("Phối hợp, tuyên truyền", False, False),
}


def role_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Vai trò trong phong trào",
        choices=[(key, name) for key, (name, _direct, _leader) in ROLES.items()],
        widget=forms.RadioSelect,
        help_text="Dùng để tính cơ cấu danh sách; ghi theo việc người này thực sự làm.",
    )


class NomineeForm(Form):
    """Second step: who. A person or household not on record yet is named here."""

    nominee = forms.ModelChoiceField(queryset=Unit.objects.none(), required=False)

    def __init__(self, *args: Any, kind: str, candidates: Candidates, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        nominee = self.fields["nominee"]
        if kind == "collective":
            nominee.label, nominee.queryset = "Tập thể được đề nghị", candidates.units
            nominee.required, nominee.empty_label = True, "Chọn tập thể"
        elif kind == "individual":
            nominee.label, nominee.queryset = "Cá nhân được đề nghị", candidates.people
            nominee.empty_label = "Chọn trong danh sách"
            self.fields["full_name"] = forms.CharField(
                label="Họ và tên", required=False, max_length=150
            )
            self.fields["gender"] = forms.ChoiceField(
                label="Xưng hô", required=False, choices=[("", "–"), *Person.Gender.choices]
            )
            self.fields["born_on"] = day_field("Ngày sinh", required=False)
            self.fields["title"] = forms.CharField(label="Chức vụ", required=False, max_length=150)
            self.fields["role"] = role_field()
        else:
            nominee.label, nominee.queryset = "Hộ gia đình được đề nghị", candidates.households
            nominee.empty_label = "Chọn trong danh sách"
            self.fields["head_name"] = forms.CharField(
                label="Họ tên chủ hộ", required=False, max_length=150
            )
            self.fields["address"] = forms.CharField(
                label="Địa chỉ", required=False, max_length=250
            )

    NEW = {"individual": ("full_name", "title"), "household": ("head_name", "address")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        named = [data.get(name, "") for name in self.NEW.get(self.kind, ())]
        if data.get("nominee") and any(named):
            self.add_error(
                "nominee", "Hoặc chọn trong danh sách, hoặc ghi người, hộ mới; không làm cả hai."
            )
        elif not data.get("nominee") and not all(named):
            self.add_error(
                "nominee",
                "Chọn trong danh sách, hoặc ghi đủ họ tên và chức vụ (hộ: họ tên và địa chỉ).",
            )
        return data

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("nominee", "role") if name in self.fields]

    @property
    def new_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in ("nominee", "role")]

    def new_nominee(self) -> dict[str, Any]:
        """What was typed about somebody not on record yet; empty when one was chosen."""
        if self.cleaned_data["nominee"]:
            return {}
        return {field.name: self.cleaned_data[field.name] for field in self.new_fields}

    @property
    def opened(self) -> bool:
        """Whether something was typed about a new person or household."""
        return any(field.value() for field in self.new_fields)


class NominationForm(Form):
    """Third step: what the nomination says, with one pair of fields for each criterion."""

    version = forms.IntegerField(label="Lần sửa", widget=forms.HiddenInput)
    post = forms.CharField(
        label="Chức vụ, đơn vị công tác",
        required=False,
        max_length=250,
        help_text="Như trong ngày đề nghị; in nguyên văn vào giấy tờ.",
    )
    role = role_field()
    achievement = long_text(
        "Nội dung thành tích",
        10,
        "Việc đã làm, số liệu, hiệu quả, phạm vi ảnh hưởng; đối chiếu từng chỉ tiêu của kế hoạch. "
        "Phải có trước khi gửi hội đồng.",
        limit=PAPER,
    )
    summary = long_text("Tóm tắt một câu", 2, "Dùng cho danh sách trích ngang và sổ khen thưởng.")
    achievement_from = day_field("Thành tích từ ngày", required=False)
    achievement_to = day_field("Đến ngày", required=False)

    def __init__(
        self,
        *args: Any,
        nomination: Nomination,
        criteria: Sequence[Indicator],
        answers: Iterable[NominationAnswer],
        **kwargs: Any,
    ) -> None:
        phase = nomination.award_round.phase
        said = {answer.indicator_id: answer for answer in answers}
        role = {(d, lead): key for key, (_name, d, lead) in ROLES.items()}.get(
            (nomination.is_direct_worker, nomination.is_leader)
        )
        initial = {
            "version": nomination.revision,
            "post": nomination.post,
            "role": role,
            "achievement": nomination.achievement,
            "summary": nomination.summary,
            "achievement_from": nomination.achievement_from or phase.period_from,
            "achievement_to": nomination.achievement_to or phase.period_to,
        }
        super().__init__(*args, initial=initial, **kwargs)
        if not nomination.person_id:
            del self.fields["role"]
            if not nomination.household_id:
                del self.fields["post"]
        else:
            self.fields["role"].required = False
        self.criteria = list(criteria)
        for indicator in self.criteria:
            answer = said.get(indicator.pk)
            meets = {True: "yes", False: "no"}.get(answer.meets) if answer else None
            self.fields[f"meets_{indicator.pk}"] = forms.ChoiceField(
                label="Tự đánh giá",
                required=False,
                choices=[("", "Chưa đánh giá"), ("yes", "Đạt"), ("no", "Không đạt")],
                initial=meets or "",
            )
            self.fields[f"text_{indicator.pk}"] = long_text("Căn cứ, số liệu", 3)
            self.initial[f"text_{indicator.pk}"] = answer.text if answer else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("achievement_from"), data.get("achievement_to")
        if start and end and end < start:
            self.add_error(
                "achievement_to", "Ngày kết thúc phải từ ngày bắt đầu trở đi; sửa một trong hai."
            )
        return data

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith(("meets_", "text_"))]

    @property
    def questions(self) -> list[tuple[Indicator, forms.BoundField, forms.BoundField]]:
        return [(one, self[f"meets_{one.pk}"], self[f"text_{one.pk}"]) for one in self.criteria]

    def said(self) -> dict[str, Any]:
        """The cleaned values as `edit_nomination` takes them."""
        data = self.cleaned_data
        _name, direct, leader = ROLES.get(data.get("role", ""), ("", None, None))
        return {
            "version": data["version"],
            "post": data.get("post", ""),
            "is_direct_worker": direct,
            "is_leader": leader,
            "achievement": data["achievement"],
            "summary": data["summary"],
            "achievement_from": data["achievement_from"],
            "achievement_to": data["achievement_to"],
            "answers": {
                one.pk: (
                    {"yes": True, "no": False}.get(data[f"meets_{one.pk}"]),
                    data[f"text_{one.pk}"],
                )
                for one in self.criteria
            },
        }


class EvidenceForm(Form):
    file = forms.FileField(
        label="Tệp tài liệu",
        help_text="PDF, ảnh PNG hoặc JPEG, DOCX, XLSX.",
        error_messages={
            "required": "Chọn một tệp rồi bấm Tải lên.",
            "empty": "Tệp vừa chọn rỗng. Kiểm tra lại tệp rồi tải lên.",
        },
    )
