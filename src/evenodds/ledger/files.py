"""Files that are whole or absent: atomic replacement, and lines that survive a kill.

A disk that fills up, a kill or a power cut leaves the old file, or the new one, never a part of
either. In a file of lines the worst case is one torn last line, which the next read ignores and
the next append cuts off.
"""

import os
from pathlib import Path


def write_atomically(path: str | Path, data: str | bytes) -> None:
    """Put `data` at `path` whole: write a sibling, fsync it, rename it over. Text is UTF-8.

    Folders on the way are made. Raises OSError (disk full, no permission); nothing is left then.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    sibling = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _write_and_sync(sibling, data.encode() if isinstance(data, str) else data)
        sibling.replace(target)
    except BaseException:
        sibling.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def append_line(path: str | Path, line: str) -> None:
    """Append one line to `path` and fsync it; on failure the file keeps its former lines only.

    A torn last line, left by a kill, is cut off first. Raises OSError, and ValueError if `line`
    holds a line break (it would be read back as two).
    """
    if "\n" in line or "\r" in line:
        raise ValueError(f"a line must not hold a line break: {line[:80]!r}")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab+", buffering=0) as file:  # a buffer would be written once more on closing
        end = _end_of_whole_lines(file.fileno())
        try:
            file.truncate(end)
            _write_all(file.fileno(), line.encode() + b"\n")
            os.fsync(file.fileno())
        except BaseException:
            os.ftruncate(file.fileno(), end)
            raise


def read_lines(path: str | Path) -> list[str]:
    """The whole lines of a file, without their line breaks; a torn last line is left out.

    A file that does not exist has no lines.
    """
    target = Path(path)
    if not target.exists():
        return []
    whole, _, _ = target.read_bytes().rpartition(b"\n")
    return whole.decode().split("\n") if whole else []


def _write_and_sync(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; systems that cannot open a folder do without."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _end_of_whole_lines(handle: int, block: int = 65536) -> int:
    """Number of bytes up to and including the last line break of an open file."""
    end = os.lseek(handle, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - block)
        os.lseek(handle, start, os.SEEK_SET)
        at = os.read(handle, end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0
