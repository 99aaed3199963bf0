"""Display: what a person sees of long work."""

from io import StringIO
from zoneinfo import ZoneInfo

from rich.console import Console

from device_simulators.publish import Progress
from device_simulators.recording import Span
from service.display import publishing

_SPAN = Span(first_us=1_000_000_000, last_us=1_200_000_000, rows=200)


def test_a_recording_shows_how_much_is_left() -> None:
    """Half of a recording published, shifted to another time or not, is a bar at 50 %."""
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    with publishing(console, ZoneInfo("UTC"), _SPAN) as show:
        show(Progress(1, 5_000_000_000, 10.0, connected=True))
        show(Progress(100, 5_100_000_000, 10.0, connected=True))

    assert "50%" in screen.getvalue()
    assert "100 messages" in screen.getvalue()


def test_without_a_terminal_nothing_moves() -> None:
    """A log file gets no bars."""
    screen = StringIO()
    with publishing(Console(file=screen), ZoneInfo("UTC"), _SPAN) as show:
        show(Progress(100, 5_100_000_000, 10.0, connected=True))

    assert "messages" not in screen.getvalue()
