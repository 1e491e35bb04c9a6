"""Inspections: forms, plans, rounds with their findings, two signatures, the paper (REQUIREMENTS G1, E4)."""

from app.inspections.expected import expect_rounds
from app.inspections.figures import known_figures
from app.inspections.filling import begin, set_opinion, set_value, start, take_figures
from app.inspections.findings import order_work, raise_incident
from app.inspections.limits import LimitRow, limit_rows, restore_limits, set_limits, site_template
from app.inspections.paper import blank_pdf, empty_pdf, record_pdf, workbook, write
from app.inspections.plans import (
    FormChoices,
    PlanEntry,
    PlanRow,
    add_default_plans,
    add_plan,
    choices,
    edit_plan,
    plans,
    void_plan,
)
from app.inspections.queries import by_number, count, counts, page, rows
from app.inspections.rounds import round_of
from app.inspections.rows import InspectionRow, KnownFigure, Round, RoundItem, Saved
from app.inspections.signing import correct, sign, take_back, void, witness

__all__ = [
    "FormChoices",
    "InspectionRow",
    "KnownFigure",
    "LimitRow",
    "PlanEntry",
    "PlanRow",
    "Round",
    "RoundItem",
    "Saved",
    "add_default_plans",
    "add_plan",
    "begin",
    "blank_pdf",
    "by_number",
    "choices",
    "correct",
    "count",
    "counts",
    "edit_plan",
    "empty_pdf",
    "expect_rounds",
    "known_figures",
    "limit_rows",
    "order_work",
    "page",
    "plans",
    "raise_incident",
    "record_pdf",
    "restore_limits",
    "round_of",
    "rows",
    "set_limits",
    "set_opinion",
    "set_value",
    "sign",
    "site_template",
    "start",
    "take_back",
    "take_figures",
    "void",
    "void_plan",
    "witness",
    "workbook",
    "write",
]
