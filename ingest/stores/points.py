"""Points: the form in which every store keeps the tags and fields of derived points and the attributes of events."""

import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Mapping[str, Any]) -> str:
    """JSON text, the same for equal objects: keys sorted, no spaces, ASCII only, so that any text can be kept."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def some_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that say something; an empty tag is the same as no tag."""
    return {key: value for key, value in tags.items() if value}


def floats(fields: Mapping[str, float | str]) -> dict[str, float | str]:
    """Fields with every number as a float, because a store fixes a field's type when it first sees it."""
    return {key: value if isinstance(value, str) else float(value) for key, value in fields.items()}
