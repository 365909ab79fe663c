"""What the machine must have: system packages and, as root, the service user."""

import ctypes
import glob
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from bin.place import CHECKOUT, VAR, Trouble, heading

USER = "thidua"
ROOT = os.geteuid() == 0


def make_user() -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command = ["useradd", *options, "--shell", "/usr/sbin/nologin", USER]
        if not quiet(command):
            raise Trouble(
                f"Không tạo được người dùng hệ thống “{USER}”: {' '.join(command)}"
            ) from None


def quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing(settings: dict[str, str], *, browser: bool) -> dict[str, str]:
    """Debian packages this machine lacks, each with what it is for."""
    server = "DATABASE_URL" not in settings
    database = glob.glob("/usr/lib/postgresql/*/bin/postgres") or shutil.which("postgres")
    found = {
        ("python3-venv", "môi trường Python riêng"): importlib.util.find_spec("ensurepip"),
        ("postgresql-15", "cơ sở dữ liệu"): database or not server,
        ("postgresql-client-15", "psql, pg_dump"): shutil.which("psql") or server,
        ("redis-server", "hàng đợi việc"): shutil.which("redis-server") or "REDIS_URL" in settings,
        ("libpango-1.0-0", "dàn trang PDF"): loads("libpango-1.0.so.0"),
        ("libpangoft2-1.0-0", "dàn trang PDF"): loads("libpangoft2-1.0.so.0"),
        ("libharfbuzz-subset0", "nhúng phông chữ vào PDF"): loads("libharfbuzz-subset.so.0"),
        ("fonts-croscore", "phông chữ văn bản, đủ chữ Việt"): glob.glob(
            "/usr/share/fonts/**/Tinos-Regular.ttf", recursive=True
        ),
        ("poppler-utils", "đọc lại PDF"): shutil.which("pdftotext"),
        ("chromium", "kiểm thử trên trình duyệt"): not browser
        or shutil.which(os.environ.get("CHROMIUM", "chromium")),
    }
    return {package: use for (package, use), here in found.items() if not here}


def install(lacking: dict[str, str]) -> None:
    if not lacking:
        return
    names = sorted(lacking)
    needs = "\n".join(f"  {name:22} {lacking[name]}" for name in names)
    if not shutil.which("apt-get"):
        raise Trouble(
            f"Máy này không phải Debian. Hãy cài tương đương của:\n{needs}\nrồi chạy lại."
        )
    sudo = [] if ROOT else ["sudo", "-n"]
    if not ROOT and not quiet(["sudo", "-n", "true"]):
        command = "apt-get install -y --no-install-recommends " + " ".join(names)
        raise Trouble(
            f"Máy còn thiếu:\n{needs}\nLệnh này không có quyền root. Hãy chạy:\n  sudo {command}\n"
            "rồi chạy lại lệnh vừa rồi."
        )
    heading("Cài gói hệ thống: " + " ".join(names))
    log = VAR / "packages.log"
    with log.open("w") as file:
        command = [*sudo, str(CHECKOUT / "bin" / "packages"), *names]
        process = subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()  # not kill: it has to take its marks off the system
            process.wait()
            raise
    if code:
        last = "\n".join(log.read_text().splitlines()[-5:])
        raise Trouble(f"{last}\nKhông cài được gói hệ thống. Kiểm tra mạng; chi tiết ở {log}.")


def room(directory: Path) -> None:
    """The first set-up fills about two gigabytes; later runs need air to breathe."""
    need = 300 if (directory / "venv").exists() else 2500
    have = shutil.disk_usage(directory).free // 1_000_000
    if have < need:
        raise Trouble(
            f"Ổ đĩa chứa {directory} chỉ còn {have} MB, cần ít nhất {need} MB. "
            "Giải phóng dung lượng rồi chạy lại."
        )
