"""Options: what a format may be told, and the refusal of what it does not know."""

from ingest.errors import SourceOptionError
from ingest.sources import Source


def refuse_options(source: Source) -> None:
    """Refuse every option, for a format that has none: a misspelt one would be as if nobody had set it.

    Raises:
        SourceOptionError: There is one.
    """
    for option, value in source.options.items():
        raise SourceOptionError(source.id, option, value, f"left out: {source.format} has no options")
