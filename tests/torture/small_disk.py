"""Small disk: a data folder that can be filled to the last byte and emptied again."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

_SIZE_MB = 1_500
_PIECE = 1 << 20


class SmallDisk:
    """A folder on a file system of its own, where we may mount one; else a plain folder that is never full.

    Args:
        folder: Where it is mounted; made here.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.filled = 0
        self._ballast = folder / "ballast"
        self.is_small = os.geteuid() == 0 and self._mount()

    def fill(self) -> None:
        """Leave not a byte free."""
        if not self.is_small:
            return
        self.filled += 1
        with suppress(OSError), self._ballast.open("wb", buffering=0) as ballast:
            left = os.statvfs(self.folder)
            with suppress(OSError):
                os.posix_fallocate(ballast.fileno(), 0, max(1, left.f_bavail * left.f_frsize - _PIECE))
            ballast.seek(0, os.SEEK_END)
            while True:
                ballast.write(b"\0" * 4_096)

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Take the file system away, with all that is on it."""
        if self.is_small:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
            self.is_small = False

    def _mount(self) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
