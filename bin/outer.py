"""Behind every target of the Makefile: the part that may run as root.

It installs system packages, makes the service user and copies across the border; everything else
happens in bin/inner.py. As root that is a process of the system user `thidua`, in a copy of the
tree under /var/lib/thidua-<hash>, because PostgreSQL refuses root and because this user may not be
able to enter the checkout. Root never writes into that directory itself and never opens a path in
it: trees go over as tar streams that the service user packs and unpacks.
"""

import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bin import place
from bin.ground import OUR_PLACE, Ground
from bin.place import CHECKOUT, VAR, Trouble, say
from bin.system import install, missing, quiet, room

JOINS = {"backup", "shell", "manage"}  # may run beside a portal that is being served
COMMANDS = JOINS | {"demo", "test", "lint", "format", "bench", "restore", "reset", "requirements"}


# --- one command at a time -----------------------------------------------------------------------
@contextlib.contextmanager
def turn(command: str) -> Iterator[bool]:
    """Holds the checkout's lock; yields True where it joins a portal that is being served."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().split() or ["make", "?"]
            if command in JOINS and "serving" in holder:
                yield True
                return
            raise Trouble(
                f"Đang có lệnh “make {holder[0]}” (tiến trình {holder[1]}) chạy trong thư mục này. "
                "Đợi lệnh ấy xong, hoặc dừng nó bằng Ctrl-C, rồi chạy lại."
            ) from None
        note(file, f"{command} {os.getpid()}")
        yield False


def note(file: TextIO, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


# --- commands ------------------------------------------------------------------------------------
def reset() -> None:
    """Wipes `var/` and the service directory that `var/where` names, if it is one of ours."""
    where = VAR / "where"
    recorded = Path(where.read_text().strip()) if where.exists() else None
    if recorded and recorded.exists():
        ground = Ground()
        if ground.app.exists():
            ground.inner("stop")
        if ground.dir != VAR:
            if not OUR_PLACE.fullmatch(str(ground.dir)):
                raise Trouble(f"{ground.dir} không phải thư mục do cổng tạo ra, không xoá.")
            ground.run(["find", ground.dir, "-mindepth", "1", "-delete"], cwd=ground.dir)
            try:
                ground.dir.rmdir()
            except PermissionError:
                quiet(["sudo", "-n", "rmdir", str(ground.dir)])
    shutil.rmtree(VAR)
    if (CHECKOUT / ".venv").is_symlink() and not (CHECKOUT / ".venv").exists():
        (CHECKOUT / ".venv").unlink()
    say("Đã xoá dữ liệu, tệp và môi trường Python riêng của cổng.")


def rewrite(ground: Ground, command: str, names: list[str], brought_at: float) -> int:
    """`make format`, `make requirements`: the tools are the service user's, so it runs them."""
    code = ground.inner(command)
    if code < 128:  # not stopped half-way
        suffixes = (".py", ".html") if command == "format" else (".txt",)
        kept = [name for name in names if name.endswith(suffixes)]
        if command == "requirements":
            kept = [name for name in kept if name.startswith("requirements/")]
        for name in ground.bring_back(kept, brought_at):
            say(f"{name}: không chép về vì sẽ chạy với quyền root mà nội dung lệnh đổi. Sửa tay.")
            code = code or 1
    return code


def restore_file(rest: list[str]) -> Path:
    name = os.environ.get("FILE") or (rest[0] if rest else "")
    path = Path(os.environ.get("CALLED_FROM", ".")) / name
    if not name or not path.is_file():
        raise Trouble(
            f"Không có tệp sao lưu “{name}”. Cách gọi: make restore FILE=var/backups/thidua-….tar"
        )
    return path


def main(command: str, rest: list[str]) -> int:
    if command not in COMMANDS:
        raise Trouble(f"Không có lệnh “{command}”. Các lệnh: {', '.join(sorted(COMMANDS))}.")
    archive = restore_file(rest) if command == "restore" else None
    with turn(command) as joined:
        if command == "reset":
            reset()
            return 0
        ground = Ground()
        if command == "demo" and not place.flag("ONCE"):
            if not place.free(place.wanted_port()) and ground.app.exists():
                ground.inner("stop")  # it may be a web server of ours that outlived its run
            place.port()
        if not joined:
            settings = place.read_env(CHECKOUT / ".env") | os.environ
            install(missing(settings, browser=command == "test"))
            room(ground.dir)
            brought_at, names = time.time(), ground.bring_tree()
        if command in ("format", "requirements"):
            return rewrite(ground, command, names, brought_at)
        with contextlib.ExitStack() as stack:
            stdin = stack.enter_context(archive.open("rb")) if archive else None
            code = ground.inner(command, *rest, joined=joined, stdin=stdin, lock=VAR / "lock")
        link(ground)
        return code


def link(ground: Ground) -> None:
    """`.venv` leads to the venv, unless somebody made one by hand."""
    link, venv = CHECKOUT / ".venv", ground.dir / "venv"
    if link.is_symlink() and not link.exists():
        link.unlink()
    if not os.path.lexists(link) and venv.exists():
        link.symlink_to(venv)


if __name__ == "__main__":
    with place.plainly(VAR / "log"):
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]))
