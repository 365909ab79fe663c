"""One account a role, and a second in another unit; random passwords, told once in a file."""

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from units.models import Unit, User
from units.services import change_password, create_user, give_role


class Account(NamedTuple):
    username: str
    role: str
    unit: str
    name: str
    and_below: bool = False


SNN = "dong-thap.so-nnptnt"
DAK_SONG = "dak-nong.dak-song"
KHOI = "lam-dong.so-nnptnt"

ACCOUNTS = (
    Account("nhaplieu.ptnt", "clerk", f"{SNN}.chi-cuc-ptnt", "Lê Văn Thí Dụ"),
    Account("nhaplieu.nuocsach", "clerk", f"{SNN}.trung-tam-nuoc-sach", "Phạm Thị Thử"),
    Account("nhaplieu.caibe", "clerk", "tien-giang.cai-be", "Võ Thị Mẫu"),
    Account("nhaplieu.dakmol", "clerk", f"{DAK_SONG}.dak-mol", "Y Mẫu Niê"),
    Account("nhaplieu.kiemlam", "clerk", f"{KHOI}.chi-cuc-kiem-lam", "Bùi Văn Thí Dụ"),
    Account("nhaplieu.snn", "clerk", SNN, "Nguyễn Thị Minh Họa"),
    Account("thutruong.ptnt", "head_of_unit", f"{SNN}.chi-cuc-ptnt", "Trần Văn Mẫu"),
    Account("thutruong.nuocsach", "head_of_unit", f"{SNN}.trung-tam-nuoc-sach", "Đỗ Thị Thử"),
    Account("thutruong.trongtrot", "head_of_unit", f"{SNN}.chi-cuc-trong-trot-bvtv", "Lê Thị Thử"),
    Account("thutruong.dakmol", "head_of_unit", f"{DAK_SONG}.dak-mol", "H’Mẫu Êban"),
    Account("thutruong.snn", "head_of_unit", SNN, "Huỳnh Văn Minh Họa"),
    Account("thutruong.kiemlam", "head_of_unit", f"{KHOI}.chi-cuc-kiem-lam", "Cao Văn Mẫu"),
    Account("thutruong.thuyloi", "head_of_unit", f"{KHOI}.chi-cuc-thuy-loi", "Đoàn Thị Thử"),
    Account("thuongtruc.snn", "standing_agency", f"{SNN}.van-phong", "Trần Thị Mẫu"),
    Account("thuongtruc.stttt", "standing_agency", "dong-thap.so-tttt", "Lâm Văn Thử"),
    Account("thuongtruc.tiengiang", "standing_agency", "tien-giang.so-nnptnt", "Ngô Thị Mẫu"),
    Account("thuongtruc.daksong", "standing_agency", f"{DAK_SONG}.phong-vhtt", "Đinh Văn Thử"),
    Account("thuongtruc.lamdong", "standing_agency", KHOI, "Trịnh Văn Mẫu"),
    Account("chutri.stttt", "lead_department", "tien-giang.so-tttt", "Phan Thị Thí Dụ"),
    Account("chutri.snn", "lead_department", "tien-giang.so-nnptnt", "Hồ Văn Thí Dụ"),
    Account("khoitruong.kiemlam", "bloc_leader", f"{KHOI}.chi-cuc-kiem-lam", "Đặng Văn Mẫu"),
    Account("khoitruong.thuyloi", "bloc_leader", f"{KHOI}.chi-cuc-thuy-loi", "Dương Thị Mẫu"),
    Account("khoitruong.channuoi", "bloc_leader", f"{KHOI}.chi-cuc-chan-nuoi-thu-y", "Lại Thị Mẫu"),
    Account("uyvien.snn", "council_member", SNN, "Mai Thị Ủy Viên"),
    Account("uyvien.daksong", "council_member", DAK_SONG, "Vũ Văn Ủy Viên"),
    Account("thuky.snn", "council_secretary", SNN, "Tô Thị Thư Ký"),
    Account("thuky.daksong", "council_secretary", DAK_SONG, "Lý Văn Thư Ký"),
    Account("thuky.dongthap", "council_secretary", "dong-thap", "Châu Thị Thư Ký"),
    Account("chutich.snn", "council_chair", SNN, "Võ Văn Chủ Tọa"),
    Account("chutich.daksong", "council_chair", DAK_SONG, "Hà Văn Chủ Tọa"),
    Account("noivu.dongthap", "home_affairs", "dong-thap", "Nguyễn Văn Nội Vụ"),
    Account("noivu.tiengiang", "home_affairs", "tien-giang", "Trương Thị Nội Vụ"),
    Account("noivu.daknong", "home_affairs", "dak-nong", "Đoàn Văn Nội Vụ"),
    Account("noivu.lamdong", "home_affairs", "lam-dong", "Lưu Thị Nội Vụ"),
    Account("quyetdinh.snn", "decider", SNN, "Võ Văn Quyết"),
    Account("quyetdinh.dongthap", "decider", "dong-thap", "Phạm Văn Định"),
    Account("quyetdinh.daksong", "decider", DAK_SONG, "Hà Văn Định"),
    Account("taikhoan.dongthap", "account_admin", "dong-thap", "Kiều Văn Quản Trị", True),
    Account("taikhoan.daksong", "account_admin", DAK_SONG, "Thái Thị Quản Trị", True),
)
# Who wrote the sample results of units without an account of their own; nobody can sign in as them.
HANDS = {
    "clerk": ("mau.nhap-lieu", "Cán bộ nhập liệu (mẫu)"),
    "head": ("mau.thu-truong", "Thủ trưởng đơn vị (mẫu)"),
    "verifier": ("mau.tham-dinh", "Cán bộ thẩm định (mẫu)"),
}


def make_accounts(*, now: datetime) -> None:
    for username, full_name in HANDS.values():
        user = create_user(
            username=username, full_name=full_name, email="", password=None, actor=None, now=now
        )
        User.objects.filter(pk=user.pk).update(is_active=False)
    units = {unit.ref: unit for unit in Unit.objects.filter(ref__in={a.unit for a in ACCOUNTS})}
    for account in ACCOUNTS:
        user = create_user(
            username=account.username,
            full_name=account.name,
            email=f"{account.username}@example.test",
            password=None,
            actor=None,
            now=now,
            must_change_password=False,
        )
        give_role(
            user=user,
            unit=units[account.unit],
            role=account.role,
            and_below=account.and_below,
            actor=None,
            now=now,
        )


def hand(part: str) -> User:
    return User.objects.get(username=HANDS[part][0])


def write_passwords(target: Path, *, now: datetime) -> None:
    """`accounts.json`: made once; an account whose password is not in the file gets a new one."""
    known = (
        {row["username"]: row for row in json.loads(target.read_text())} if target.exists() else {}
    )
    made = set(User.objects.values_list("username", flat=True))  # of an older demo maybe not all
    rows = [known.get(a.username) or _row(a, now) for a in ACCOUNTS if a.username in made]
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(rows, out, ensure_ascii=False, indent=2)


def _row(account: Account, now: datetime) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user = User.objects.get(username=account.username)
    change_password(user, password=password, actor=None, now=now)
    return {
        "username": account.username,
        "password": password,
        "role": account.role,
        "unit": account.unit,
    }
