"""Outcomes: what becomes of one message, for tests that hand messages to the decoder themselves."""

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.quarantine import Passed, Refusal


def outcome_of(decoder: Decoder, arrival: Arrival, watermarks: dict[str, int]) -> Entry | Refusal | Passed:
    """The one thing that becomes of a message of one device, all of whose names are known."""
    judged = decoder.judge(decoder.decode(arrival), watermarks)
    (only,) = (*judged.entries, *judged.refusals, *judged.passed)
    return only
