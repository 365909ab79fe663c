"""What every script here shares: where things lie, how it speaks, how it stops."""

import contextlib
import errno
import os
import re
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VAR = CHECKOUT / "var"
SOCKET_LIMIT = 107  # bytes of a Unix socket's path on Linux
SAFE_PATH = re.compile(r"[A-Za-z0-9._/+-]+")  # what needs no quoting in URLs and in PostgreSQL
OUTPUTS = ("demo", "bench.json", "screenshots", "backups")


class Trouble(Exception):
    """Something the person at the keyboard can mend; the text says what and how."""


class Stopped(BaseException):
    """Ctrl-C, or a signal that asks to end."""


def say(text: str) -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    say(f"\n── {text}")


def on_signals(handler: Callable[..., object]) -> None:
    """Also where SIGINT is ignored, as in a background job of a shell script."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def stop_once(*_: object) -> None:
    """The first signal stops the work; the clearing up that follows is not interrupted."""
    on_signals(unmoved)
    raise Stopped


def unmoved(*_: object) -> None:
    """Not SIG_IGN: children would inherit that."""


@contextlib.contextmanager
def plainly(log_dir: Path) -> Iterator[None]:
    """Turns whatever goes wrong into a sentence and an exit code; details go to a log."""
    try:
        on_signals(stop_once)
        yield
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr, flush=True)
        sys.exit(1)
    except Stopped:
        say("\nĐã dừng.")
        sys.exit(130)
    except OSError as error:
        print(f"\n{os_sentence(error)}", file=sys.stderr, flush=True)
        sys.exit(1)
    except Exception as error:
        with contextlib.suppress(OSError):
            log_dir.mkdir(parents=True, exist_ok=True)
            (log_dir / "error.log").write_text(traceback.format_exc())
        print(
            f"\nLỗi ngoài dự kiến: {error}. Chi tiết ở {log_dir / 'error.log'}.",
            file=sys.stderr,
            flush=True,
        )
        sys.exit(1)


def os_sentence(error: OSError) -> str:
    name = error.filename or "đĩa"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Hết chỗ trên đĩa khi ghi {name}. Giải phóng dung lượng rồi chạy lại lệnh cũ."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Không có quyền dùng {name}. Kiểm tra chủ sở hữu và quyền của đường dẫn này."
    return f"Hệ điều hành từ chối: {error.strerror or error} ({name})."


def read_env(path: Path) -> dict[str, str]:
    """NAME=VALUE lines; quotes round a value are dropped, `#` begins a comment line."""
    if not path.exists():
        return {}
    pairs = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            pairs[name.strip()] = value.strip().strip("\"'")
    return pairs


def write_secret(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner alone."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def fits_sockets(directory: Path) -> bool:
    name = str(directory / "run" / ".s.PGSQL.5432")
    return len(os.fsencode(name)) <= SOCKET_LIMIT and bool(SAFE_PATH.fullmatch(name))


def flag(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0")


def wanted_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535):
        raise Trouble(f"PORT={text} không dùng được: cần một số từ 1024 đến 65535.")
    return int(text)


def port() -> int:
    """The port asked for by PORT=, free at this moment."""
    wanted = wanted_port()
    if not free(wanted):
        other = next((p for p in range(wanted + 1, 65536) if free(p)), 8000)
        raise Trouble(
            f"Cổng {wanted} đang có chương trình khác dùng. "
            f"Dừng chương trình ấy, hoặc chạy: make demo PORT={other}"
        )
    return wanted


def free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True
