"""Nesting: how deep a JSON text goes, told from its bytes before anything is built from it."""

import re

MAX_DEPTH = 16  # DOMAIN 5.4

_OTHER = bytes(set(range(256)) - set(b"{}[]"))
# Possessive, and an unclosed string runs to the end: a hostile payload costs no more than an honest one.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def too_deep(payload: bytes) -> bool:
    """Whether objects and lists are nested deeper than `MAX_DEPTH`.

    Example:
        >>> too_deep(b"[" * 16 + b"]" * 16), too_deep(b"[" * 17 + b"]" * 17), too_deep(b'"[[[[[[[[[[[[[[[[[["')
        (False, True, False)
    """
    # Most messages have fewer brackets than the limit, and then nothing needs to be looked at.
    if payload.count(b"{") + payload.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for byte in _STRING.sub(b"", payload).translate(None, _OTHER):
        if byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"}]":
            depth -= 1
    return False
