"""Markdown that a renderer would take."""

from vitascope.evaluate.tables import markdown, percent


def test_a_table_has_heads_a_rule_and_rows() -> None:
    rows = [{"name": "a|b", "score": 0.12345, "asked": 4}, {"name": "c\nd", "score": None, "asked": 12}]
    assert markdown(rows) == (
        "| name | score | asked |\n| --- | ---: | ---: |\n| a\\|b | 0.123 | 4 |\n| c d | - | 12 |\n"
    )
    assert markdown([]) == ""


def test_percentages_are_numbers_and_stand_right() -> None:
    assert (percent(0.876), percent(1.0), percent(None)) == ("88 %", "100 %", "-")
    assert markdown([{"painted": percent(0.5)}, {"painted": percent(None)}]).split("\n")[1] == "| ---: |"
