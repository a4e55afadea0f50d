"""A table as Markdown: the first column says what, the others are figures."""

from collections.abc import Sequence


def markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = rows
    lines = [head, ("---", *("---:",) * (len(head) - 1)), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
