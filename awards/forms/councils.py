"""Seats on a council: somebody new, and the last day of one."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from awards.forms.fields import Form, day_field
from awards.models import CouncilSeat
from units.models import Person, User


class SeatForm(Form):
    person = forms.ModelChoiceField(
        label="Chọn người trong danh sách",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Người chưa có trong danh sách",
    )
    full_name = forms.CharField(
        label="Họ và tên",
        required=False,
        max_length=150,
        help_text="Chỉ ghi khi người này chưa có trong danh sách.",
    )
    post = forms.CharField(
        label="Chức vụ", max_length=250, help_text="Như trong quyết định; in vào biên bản họp."
    )
    role = forms.ChoiceField(
        label="Vai trò trong hội đồng", choices=[("", "Chọn vai trò"), *CouncilSeat.Role.choices]
    )
    votes = forms.BooleanField(label="Có quyền biểu quyết", required=False, initial=True)
    account = forms.ModelChoiceField(
        label="Tài khoản trên cổng",
        queryset=User.objects.none(),
        required=False,
        empty_label="Không có tài khoản",
        help_text="Tài khoản đã được giao vai trò hội đồng tại đơn vị. Thiếu thì giao vai trò ở "
        "mục Tài khoản trước.",
    )
    valid_from = day_field("Tham gia từ ngày")

    def __init__(
        self, *args: Any, people: QuerySet[Person], accounts: QuerySet[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        self.fields["account"].queryset = accounts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("person")) == bool(data.get("full_name")):
            self.add_error(
                "person", "Hoặc chọn một người trong danh sách, hoặc ghi họ và tên người mới."
            )
        return data


class EndSeatForm(Form):
    valid_to = day_field("Tham gia đến hết ngày")
