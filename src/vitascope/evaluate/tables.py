"""Tables of scores as Markdown, for READMEs and model cards. Knows nothing of what they are about."""

from collections.abc import Mapping, Sequence

__all__ = ["markdown", "percent"]


def percent(share: float | None) -> str:
    """0.873 -> "87 %"; None -> "-"."""
    return "-" if share is None else f"{100 * share:.0f} %"


def markdown(rows: Sequence[Mapping[str, object]]) -> str:
    """A table of rows that share their keys, which head the columns; what is no text stands to the right."""
    if not rows:
        return ""
    heads = list(rows[0])
    texts = [[_cell(row[head]) for head in heads] for row in rows]
    right = [
        not all(isinstance(row[head], str) and not _number(str(row[head])) for row in rows) for head in heads
    ]
    rule = ["---:" if aligned else "---" for aligned in right]
    return "".join(f"| {' | '.join(line)} |\n" for line in [heads, rule, *texts])


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _number(text: str) -> bool:
    return text == "-" or text[:1].isdigit()
