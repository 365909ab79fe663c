"""How a report speaks of its period: a year, half a year, an interim or a final review."""

REVIEWS = {"interim": "sơ kết", "final": "tổng kết"}


def span_text(first: int, last: int) -> str:
    """ "năm 2024", or "giai đoạn 2022 - 2024"."""
    return f"năm {first}" if first == last else f"giai đoạn {first} - {last}"


def subject_of(kind: str, campaign: str, name: str, first: int, last: int) -> str:
    """What the report is about, as its title says it. `name`: of the period, “Năm 2024”."""
    if kind in REVIEWS:
        review = REVIEWS[kind].capitalize()
        return f"{review} phong trào thi đua “{campaign}” {span_text(first, last)}"
    return f"Kết quả thực hiện phong trào thi đua “{campaign}” {name[:1].lower()}{name[1:]}"


def told_of(kind: str, name: str, first: int, last: int) -> str:
    """What the agency reports, inside a sentence."""
    if kind in REVIEWS:
        return f"kết quả {REVIEWS[kind]} {span_text(first, last)}"
    return f"kết quả {name[:1].lower()}{name[1:]}"


def ahead_of(kind: str, last: int) -> str:
    """The heading of what lies ahead after such a period."""
    after = {
        "year": f"năm {last + 1}",
        "half": "thời gian tới",
        "interim": "giai đoạn tiếp theo",
        "final": "giai đoạn mới",
    }
    return f"Phương hướng, nhiệm vụ {after[kind]}"
