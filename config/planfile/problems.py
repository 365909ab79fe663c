"""What is wrong with a plan file, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from units.rules import DomainError


@dataclass(frozen=True, order=True)
class Problem:
    """One error: the file, its line (1-based), the field in words, what is allowed."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return (
            f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"
        )


class PlanFileError(DomainError):
    """Files refused as a whole, with every error found; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))
