"""What is wrong with a plan file, and where."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from units.rules import DomainError


@dataclass(frozen=True, order=True)
class Problem:
    """One error: the file, its line (1-based), the place in words and as keys, what is allowed."""

    file: str
    line: int
    field: str
    message: str
    path: tuple[str | int, ...] = dataclasses.field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.told}"

    @property
    def told(self) -> str:
        """Without the line, for a plan that is no text."""
        return f"{self.field}: {self.message}" if self.field else self.message

    @property
    def sentence(self) -> str:
        """Where the place is plain already."""
        return self.message[:1].upper() + self.message[1:]


class PlanFileError(DomainError):
    """Files refused as a whole, with every error found; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))
