"""Spelling: the word that was probably meant, for the end of an error's sentence."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(word: str, known: Iterable[str]) -> str:
    """The known word closest to a misspelt one as "; did you mean 'x'?", or nothing if none is close.

    Example:
        >>> meant("riser-9", ["riser-8", "pump-1"])
        "; did you mean 'riser-8'?"
        >>> meant("banana", ["riser-8", "pump-1"])
        ''
    """
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {str(close[0])!r}?" if close else ""
