"""Reports made by hand."""

from __future__ import annotations

from evote.report import (
    CellSummary,
    Check,
    ContestSummary,
    ElectionSummary,
    FieldSummary,
    Report,
    ReportBuilder,
    Subject,
)

CHECKS = (
    Check("1.A", "The version is right", "section 1"),
    Check("6.D", "Proofs hold", "section 6"),
    Check("15.A", "Vectors", "section 15"),
    Check("E.1", "Contexts open", "own"),
)


def builder() -> ReportBuilder:
    return ReportBuilder(CHECKS, format_name="sample 1")


def passing() -> ReportBuilder:
    """Everything passes or does not apply."""
    made = builder()
    made.count("1.A")
    made.count("6.D", 7)
    made.count("E.1", 3)
    made.not_applicable("15.A", "there are no such ballots")
    made.add("ballots", 3)
    made.add("cast", 2)
    made.add("challenged")
    made.add("selections", 12)
    made.subject = Subject("ab" * 32, "cd" * 32, "group", "", None, "Town", "final", False)
    return made


def summary(name: str = "Town of Ada", option: str = "Ada") -> ElectionSummary:
    fields = (
        FieldSummary("ada", option, 1200),
        FieldSummary("bo", "Bo", 300),
        FieldSummary("o", "Over", 4, False),
    )
    return ElectionSummary(
        "town",
        name,
        (
            ContestSummary(
                "mayor",
                "Mayor",
                1,
                (
                    CellSummary("north", ("North",), 1500, 1500, fields),
                    CellSummary("south", ("South",), 3, 3, (), "3 ballots are too few"),
                ),
            ),
        ),
        5,
        3,
        3,
    )


def report() -> Report:
    return passing().build()
