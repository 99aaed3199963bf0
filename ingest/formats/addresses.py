"""Addresses: which device speaks, where the message itself does not say."""

from ingest.sources import Source
from ingest.topics import matches


def address_of(source: Source, filters: tuple[str, ...], topic: str) -> str:
    """The topic's level at the last `+` of the filter that brings it, else the source's address, else empty.

    Args:
        source: Whose topic.
        filters: What it is listened to by.
        topic: Of the message.

    Example:
        >>> address_of(Source("dtu", "thingsboard"), ("dtu/+/up",), "dtu/riser-1/up")
        'riser-1'
        >>> address_of(Source("dtu", "thingsboard", address="riser-1"), ("v2/t",), "v2/t")
        'riser-1'
        >>> address_of(Source("dtu", "thingsboard"), ("v2/t",), "v2/t")
        ''
    """
    levels = topic.split("/")
    for topic_filter in filters:
        wanted = topic_filter.split("/")
        if "+" in wanted and matches(topic_filter, topic):
            return levels[len(wanted) - 1 - wanted[::-1].index("+")]
    return source.address
