"""Refusals: a validation error in our words, as one reason and one sentence."""

import math
from typing import Any

from pydantic import ValidationError

from ingest.quarantine import Reason, Rejection

_BY_TYPE = {
    "json_invalid": Reason.NOT_JSON,
    "missing": Reason.MISSING_FIELD,
    "extra_forbidden": Reason.UNKNOWN_FIELD,
    "finite_number": Reason.NOT_FINITE,
    "too_short": Reason.EMPTY,
    "too_long": Reason.TOO_MANY_METRICS,
}
_SHOWN = 40


def explain(error: ValidationError, *, show_value: bool = True) -> Rejection:
    """The refusal a validation error stands for: its first fault, or the version if that is a fault too.

    Args:
        error: What pydantic says.
        show_value: Whether the sentence may repeat a short value that is wrong.

    Example:
        >>> from pydantic import TypeAdapter
        >>> try:
        ...     TypeAdapter(dict[str, int]).validate_json(b"{")
        ... except ValidationError as error:
        ...     explain(error).reason
        <Reason.NOT_JSON: 'not_json'>
    """
    faults = error.errors(include_url=False, include_context=False)
    version = [fault for fault in faults if fault["loc"] == ("v",) and fault["type"] == "literal_error"]
    fault = version[0] if version else faults[0]
    value = fault["input"]
    where = ".".join(str(part) for part in fault["loc"])[:120] or "payload"
    reason = Reason.UNKNOWN_VERSION if version else _BY_TYPE.get(fault["type"], Reason.WRONG_TYPE)
    if reason is Reason.WRONG_TYPE and isinstance(value, float) and not math.isfinite(value):
        reason = Reason.NOT_FINITE
    if reason is Reason.WRONG_TYPE and "values" in fault["loc"] and isinstance(value, str):
        reason = _text_for_value(value)
    return Rejection(reason, f"{where}: {fault['msg']}{_shown(value, reason) if show_value else ''}")


def _text_for_value(text: str) -> Reason:
    stripped = text.strip()
    if stripped.lower() in {"true", "false", "on", "off", "yes", "no"}:
        return Reason.TEXT_FOR_BOOLEAN
    if "," in stripped and stripped.replace(",", "", 1).removeprefix("-").isdecimal():
        return Reason.COMMA_DECIMAL
    return Reason.TEXT_FOR_NUMBER


def _shown(value: Any, reason: Reason) -> str:
    # A whole payload is never repeated in a log or a page.
    if reason in {Reason.NOT_JSON, Reason.MISSING_FIELD} or not isinstance(value, str | int | float):
        return ""
    return f", got {str(value)[:_SHOWN]!r}"
