"""Archive: a backup as one tar file, whose last member says what the others are and proves them."""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Self

import msgspec

from service.errors import ArchiveUnusableError

FORMAT = 1
MANIFEST = "manifest.json"
_A_PIECE = 1 << 20
_PRIVATE = 0o600  # what is inside can tell who lives where: keys, plates' hashes, residents' complaints

Advance = Callable[[str, int], None]
"""Is told what is being worked on, and how many bytes of it are done since the last time."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of a backup: its path below the data folder, its size in bytes and its digest."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is.

    Attributes:
        format: Of the archive; a reader refuses what is newer than itself.
        version: Of the product that made it.
        made_at: When, ISO 8601, by the machine's clock.
        history: `duckdb` if the readings' history is inside, else `elsewhere`.
        positions: How far it goes, in positions of the log: `log`, `scored`, and `history` if that is inside.
        newest: Per site, the newest device time in it, ISO 8601.
        counts: How many `work_orders` and `quarantined` messages it holds.
        files: In the order they were copied.
    """

    format: int
    version: str
    made_at: str
    history: str
    positions: Mapping[str, int]
    newest: Mapping[str, str]
    counts: Mapping[str, int]
    files: tuple[Packed, ...]


@dataclass(slots=True)
class ArchiveWriter:
    """A backup being written; it has its name only once it is complete."""

    _tar: tarfile.TarFile
    _packed: list[Packed] = field(default_factory=list)

    @property
    def packed(self) -> tuple[Packed, ...]:
        """What it holds so far."""
        return tuple(self._packed)

    def add(self, file: Path, name: str, advance: Advance) -> None:
        """Put a file into it that nobody writes meanwhile."""
        member = tarfile.TarInfo(name)
        stat = file.stat()
        member.size, member.mtime, member.mode = stat.st_size, int(stat.st_mtime), _PRIVATE
        with file.open("rb") as content:
            digested = _Digested(content, name, advance)
            self._tar.addfile(member, digested)
        self._packed.append(Packed(name, member.size, digested.sha256()))

    def finish(self, manifest: Manifest) -> None:
        """Say what it is; without this it is no backup."""
        said = msgspec.json.format(msgspec.json.encode(manifest))
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(said), _PRIVATE
        self._tar.addfile(member, io.BytesIO(said))


class _Digested(io.RawIOBase):
    """A file that digests what is read from it."""

    def __init__(self, content: IO[bytes], name: str, advance: Advance) -> None:
        self._content, self._name, self._advance = content, name, advance
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(size)
        self._digest.update(piece)
        self._advance(self._name, len(piece))
        return piece

    def sha256(self) -> str:
        return self._digest.hexdigest()


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive under a temporary name; it is on the disk under its own when the block ends, or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield ArchiveWriter(tar)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


class Archive:
    """A backup that is there, opened; its manifest has been read, its files have not.

    Raises:
        ArchiveUnusableError: It is not there, not complete, or not for us.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with ExitStack() as opened:
            try:
                self._tar = opened.enter_context(tarfile.open(path, "r:*"))
                self._members = {member.name: member for member in self._tar.getmembers()}
                self.manifest = self._manifest()
            except (tarfile.TarError, EOFError) as error:
                raise ArchiveUnusableError(path, f"it is no complete tar file ({error})") from error
            except OSError as error:
                raise ArchiveUnusableError(path, error.strerror or str(error)) from error
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def unpack(self, folder: Path | None, advance: Advance) -> None:
        """Read every file, prove it, and write it below `folder` (None: nowhere, to check it only).

        Raises:
            ArchiveUnusableError: A file is missing or not the one that was put in.
        """
        for packed in self.manifest.files:
            if folder is None:
                self._read(packed, None, advance)
                continue
            target = folder / packed.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
                self._read(packed, file, advance)
                file.flush()
                os.fsync(file.fileno())

    def _read(self, packed: Packed, to: IO[bytes] | None, advance: Advance) -> None:
        member = self._members.get(packed.name)
        content = self._tar.extractfile(member) if member is not None and member.isreg() else None
        if content is None:
            raise ArchiveUnusableError(self.path, f"{packed.name} is missing in it")
        digested = _Digested(content, packed.name, advance)
        try:
            while piece := digested.read(_A_PIECE):
                if to is not None:
                    to.write(piece)
        except (tarfile.TarError, EOFError) as error:
            raise ArchiveUnusableError(self.path, f"{packed.name} cannot be read ({error})") from error
        if digested.sha256() != packed.sha256:
            raise ArchiveUnusableError(self.path, f"{packed.name} in it is not what was put in (its sha256 differs)")

    def _manifest(self) -> Manifest:
        content = self._tar.extractfile(MANIFEST) if MANIFEST in self._members else None
        if content is None:
            raise ArchiveUnusableError(self.path, "it has no manifest, so it is no complete backup of Precomplaint")
        said = content.read()
        try:
            known = msgspec.json.decode(said, type=_Known).format
            if known > FORMAT:
                raise ArchiveUnusableError(
                    self.path, f"a newer Precomplaint made it (format {known}); install that one"
                )
            manifest = msgspec.json.decode(said, type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ArchiveUnusableError(self.path, f"its manifest is not ours ({error})") from error
        for packed in manifest.files:
            name = PurePosixPath(packed.name)
            if name.is_absolute() or ".." in name.parts:
                raise ArchiveUnusableError(self.path, f"it wants to write outside its folder ({packed.name})")
        return manifest


@dataclass(frozen=True, slots=True)
class _Known:
    """What every format of the manifest says."""

    format: int


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
