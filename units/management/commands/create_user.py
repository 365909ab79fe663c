"""Makes an account from the server's console; the page for it is /tai-khoan/moi/."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from units import services
from units.forms import PersonalForm, check_password
from units.models import User
from units.rules import DomainError


class Command(BaseCommand):
    help = "Lập một tài khoản chưa có quyền gì; giao vai trò bằng lệnh grant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="tên đăng nhập")
        parser.add_argument("--full-name", required=True, help="họ và tên")
        parser.add_argument("--email", default="", help="thư điện tử")
        parser.add_argument(
            "--password-file", type=Path, help="tệp chứa mật khẩu; không có thì sinh ngẫu nhiên"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        form = PersonalForm({"full_name": options["full_name"], "email": options["email"]})
        if not form.is_valid():
            raise CommandError(" ".join(e for errors in form.errors.values() for e in errors))
        username, source = options["username"].strip().lower(), options["password_file"]
        try:
            User._meta.get_field("username").run_validators(username)
            if source:
                password = source.read_text(encoding="utf-8").strip()
                check_password(password, User(username=username, **form.cleaned_data))
            else:
                password = services.random_password()
            services.create_user(
                username=username,
                password=password,
                must_change_password=not source,
                actor=None,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except OSError as error:
            raise CommandError(f"Không đọc được {source}: {error.strerror}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Đã lập tài khoản {username}.")
        if not source:
            self.stdout.write(f"Mật khẩu tạm, phải đổi khi đăng nhập lần đầu: {password}")
