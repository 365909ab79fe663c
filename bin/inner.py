"""Everything that needs no root: libraries, services, the sample, checks, backups.

Started by bin/outer.py as the service user, never by hand.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bin import archive, checks, place
from bin.place import CHECKOUT, Trouble, heading, say
from bin.services import Services, adopt_orphans, run, tables

DIR = Path(os.environ.get("GROUND", CHECKOUT / "var"))
PYTHON = DIR / "venv" / "bin" / "python"
MANAGE = [PYTHON, "manage.py"]


def tell(word: str) -> None:
    """To bin/outer.py: `outputs` may be fetched; we are `serving`."""
    os.write(int(os.environ["TELL"]), f"{word}\n".encode())


# --- libraries -----------------------------------------------------------------------------------
def set_up(kind: str) -> None:
    """The venv with exactly what requirements/<kind>.txt names; `dev` holds all of `base`."""
    venv, stamp = DIR / "venv", DIR / "venv" / "installed.json"
    wanted = {
        name: hashlib.sha256((CHECKOUT / f"requirements/{name}.txt").read_bytes()).hexdigest()
        for name in ("base", "dev")
    }
    basis = {"python": sys.version, "path": str(venv)}
    had = json.loads(stamp.read_text()) if stamp.exists() else {}
    if had.get("basis") != basis:
        heading("Tạo môi trường Python")
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", venv], "Không tạo được môi trường Python.")
        had = {}
    if had.get(kind) == wanted[kind]:
        return
    heading(f"Cài thư viện Python (requirements/{kind}.txt)")
    stamp.unlink(missing_ok=True)
    # The file names all there is to install. Left to look for itself, pip 23 takes the newest
    # coverage for pytest-cov's `coverage[toml]` although the file pins an older one, and stops.
    options = ["--quiet", "--disable-pip-version-check", "--no-input"]
    options += ["--require-hashes", "--no-deps"]
    log = DIR / "log" / "pip.log"
    with log.open("wb") as file:
        command = [PYTHON, "-m", "pip", "install", *options, "-r", f"requirements/{kind}.txt"]
        code = run(command, stdout=file, stderr=file)
    if code:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-6:])
        raise Trouble(
            f"{last}\nKhông cài được thư viện Python. Kiểm tra mạng, hoặc đặt PIP_INDEX_URL, "
            "HTTPS_PROXY cho đúng rồi chạy lại; phần đã tải được giữ."
        )
    now_there = wanted if kind == "dev" else {"base": wanted["base"]}
    stamp.write_text(json.dumps({"basis": basis} | now_there))


# --- services ------------------------------------------------------------------------------------
@contextlib.contextmanager
def stores() -> Iterator[Services]:
    """Database and Redis, started for as long as the block lasts, unless a portal is served."""
    services = Services(DIR)
    if os.environ.get("JOINED"):
        yield services
        return
    try:
        services.start_stores()
        yield services
    finally:
        place.on_signals(place.unmoved)
        services.stop()


def prepare(services: Services) -> None:
    """Tables as the owner, rights for the web's role, static files."""
    heading("Chuẩn bị cơ sở dữ liệu")
    static = subprocess.Popen(
        [*map(str, MANAGE), "collectstatic", "--noinput", "--verbosity=0"],
        cwd=CHECKOUT,
        env=services.environment(STATIC_MANIFEST="1"),
    )
    owner = services.environment(
        DATABASE_URL=services.owner_url,
        DATABASE_OWNER_URL=services.owner_url,
        DATABASE_APP_ROLE=services.app_role,
    )
    run([*MANAGE, "migrate", "--verbosity=0"], "Không cập nhật được bảng.", services, env=owner)
    run([*MANAGE, "grant_database"], "Không cấp được quyền cho web.", services, env=owner)
    if static.wait():
        raise Trouble("Không gom được tệp tĩnh (manage.py collectstatic).")


def start_workers(services: Services, environment: dict[str, str]) -> None:
    celery = [PYTHON, "-m", "celery", "-A", "config"]
    services.start("worker", [*celery, "worker", "-c", "2", "-l", "warning"], env=environment)
    services.start(
        "beat",
        [*celery, "beat", "-l", "warning", "-s", DIR / "beat", "--pidfile="],
        env=environment,
    )


def refuse_foreign(services: Services) -> None:
    """Sample data goes only into a private or an empty database, or one it filled before."""
    if services.private_database:
        return
    url = services.owner_url
    mark = hashlib.sha256(url.encode()).hexdigest()
    file = DIR / "sample-database"
    if tables(url) and not (file.exists() and file.read_text() == mark):
        raise Trouble(
            "DATABASE_URL trỏ tới cơ sở dữ liệu đã có bảng. Lệnh này chỉ dùng cơ sở dữ liệu riêng "
            "hoặc trống: bỏ DATABASE_URL để dùng bản riêng, hoặc tạo một cơ sở dữ liệu trống."
        )
    file.write_text(mark)


# --- commands ------------------------------------------------------------------------------------
def demo() -> None:
    once = place.flag("ONCE")
    set_up("base")
    with stores() as services:
        refuse_foreign(services)
        prepare(services)
        environment = services.environment(DEMO="1", STATIC_MANIFEST="1")
        start_workers(services, environment)
        heading("Nạp dữ liệu mẫu, lập báo cáo và hồ sơ")
        run([*MANAGE, "demo"], "Dữ liệu mẫu chưa nạp xong.", services, env=environment)
        tell("outputs")
        show_outputs()
        if not once:
            serve(services, environment)


def show_outputs() -> None:
    folder = DIR / "demo"
    accounts, manifest = folder / "accounts.json", folder / "manifest.json"
    if manifest.exists():
        heading("Báo cáo và hồ sơ (trong var/demo/)")
        for paper in json.loads(manifest.read_text()):
            say(f"  {paper['path']}")
    if accounts.exists():
        heading("Người đăng nhập được (mật khẩu ở var/demo/accounts.json)")
        for person in json.loads(accounts.read_text()):
            say(f"  {person['username']:24} {person['role']}, {person['unit'] or 'toàn cổng'}")


def serve(services: Services, environment: dict[str, str]) -> None:
    port = place.port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    options += ["--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]
    command = [PYTHON, "-m", "gunicorn", *options, "config.wsgi:application"]
    services.start("web", command, console=True, env=environment)
    services.wait("web", lambda: answers(port))
    tell("serving")
    say(f"\nCổng đang chạy tại http://127.0.0.1:{port} (Ctrl-C để dừng)")
    try:
        while True:
            services.watch()
            time.sleep(1)
    except place.Stopped:  # the ordinary end
        say("\nĐang dừng…")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test() -> int:
    set_up("dev")
    with stores() as services:
        refuse_foreign(services)
        return checks.everything(services, PYTHON)


def lint() -> int:
    """Needs no service: nothing it runs opens a connection."""
    set_up("dev")
    return checks.static_only(Services(DIR), PYTHON)


def bench() -> int:
    set_up("dev")
    with stores() as services:
        refuse_foreign(services)
        prepare(services)
        environment = {"DEMO": "1", "STATIC_MANIFEST": "1"}
        start_workers(services, services.environment(**environment))
        measuring = services.owner_environment(**environment)  # makes a database of its own
        code = run([PYTHON, "-m", "bin.bench"], services=services, env=measuring)
        tell("outputs")
        return code


def shell() -> int:
    return manage("shell")


def manage(*words: str) -> int:
    """Any command of manage.py, with the private services; the terminal stays with it."""
    if not os.environ.get("JOINED"):
        set_up("base")
    with stores() as services:
        environment = services.owner_environment(STATIC_MANIFEST="1")
        return subprocess.run([*map(str, MANAGE), *words], cwd=CHECKOUT, env=environment).returncode


def backup() -> None:
    with stores() as services:
        name = archive.backup(services)
        tell("outputs")
        say(f"Đã sao lưu vào var/backups/{name}")


def restore() -> None:
    set_up("base")
    with stores() as services:
        archive.restore(services, sys.stdin.buffer)
        prepare(services)
    say("Đã khôi phục. Chạy “make demo” để mở cổng.")


# --- what rewrites the source: as root in the copied tree, see Ground.bring_back ------------------
def in_turn(steps: list[list], **environment: str) -> int:
    codes = [run(step, env=os.environ | environment) for step in steps]
    return next((code for code in codes if code), 0)


def format_source() -> int:
    set_up("dev")
    tools, options = DIR / "venv" / "bin", ["--target-version", "5.2"]
    ruff = [[tools / "ruff", "check", "--fix", "--quiet", "."], [tools / "ruff", "format", "."]]
    return in_turn([*ruff, [tools / "djade", *options, *checks.templates()]], RUFF_NO_CACHE="true")


def requirements() -> int:
    set_up("dev")
    compile_ = [DIR / "venv" / "bin" / "uv", "pip", "compile", "--quiet", "--generate-hashes"]
    compile_ += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate"]
    compile_ += ["--universal", "--python-version", "3.11", "pyproject.toml"]
    base, dev = "requirements/base.txt", "requirements/dev.txt"
    steps = [[*compile_, "-o", base], [*compile_, "--group", "dev", "-c", base, "-o", dev]]
    return in_turn(steps, UV_CUSTOM_COMPILE_COMMAND="make requirements", UV_NO_CACHE="true")


def stop() -> None:
    Services(DIR).end_leftovers()


COMMANDS = {
    f.__name__: f
    for f in (demo, test, lint, bench, shell, manage, backup, restore, requirements, stop)
} | {"format": format_source}

if __name__ == "__main__":
    with place.plainly(DIR / "log"):
        adopt_orphans()
        sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
