"""What a Parquet file says of itself, before anybody loads it.

Here: whether it is whole, how many rows and which columns it has, the newest day of a column. Not here: what
is too old or too few (the sources), its rows (sql/raw).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from pipelines.sources.errors import PayloadError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow.parquet as pq

_MAGIC = b"PAR1"


@dataclass(frozen=True)
class Contents:
    """The number of rows, the names of the columns in small letters, and the newest day if it can be told."""

    rows: int
    columns: frozenset[str]
    newest: date | None


def is_parquet(path: Path) -> bool:
    """Tell whether a file begins and ends as Parquet does, with a footer that fits between."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
        file.seek(max(0, size - 8))
        tail = file.read()
    footer = int.from_bytes(tail[:4], "little")
    return head == _MAGIC and tail[4:] == _MAGIC and 0 < footer <= size - 12


def read_contents(path: Path, moments: str, *, until: date) -> Contents:
    """Read what the footer tells, and the newest day of the column `moments`, whatever its capitals.

    The column itself is read only when its statistics do not tell. Days after `until` are no news but
    mistakes, and left out. Raises PayloadError for a file that cannot be read.
    """
    import pyarrow as pa  # noqa: PLC0415 - only this source needs it, and it is large
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            newest = None
            for name in [name for name in names if name.lower() == moments.lower()][:1]:
                newest = _newest_by_statistics(file.metadata, name)
                if newest is None or newest > until:
                    newest = _newest_by_reading(file, name, until)
            columns = frozenset(name.lower() for name in names)
            return Contents(file.metadata.num_rows, columns, newest)
    except (pa.ArrowException, OSError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise PayloadError(f"the file cannot be read as Parquet ({said})") from None


def _newest_by_statistics(metadata: pq.FileMetaData, name: str) -> date | None:
    """Give the newest day by the footer alone; None when a part does not tell, or the column is no time."""
    paths = [metadata.schema.column(place).path for place in range(metadata.num_columns)]
    if name not in paths:  # a column of columns
        return None
    newest = []
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(paths.index(name)).statistics
        latest = None
        with suppress(ValueError, OverflowError):  # a year that Python does not know
            latest = statistics.max if statistics is not None and statistics.has_min_max else None
        if not isinstance(latest, date):
            return None
        newest.append(latest.date() if isinstance(latest, datetime) else latest)
    return max(newest, default=None)


def _newest_by_reading(file: pq.ParquetFile, name: str, until: date) -> date | None:
    """Give the newest day up to `until` from times or ISO texts; None when there are none."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    newest = None
    for batch in file.iter_batches(columns=[name]):
        try:
            texts = pc.cast(batch.column(0), pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # neither times nor texts
            return None
        for text in pc.unique(pc.utf8_slice_codeunits(texts, 0, 10)).to_pylist():
            with suppress(ValueError, TypeError):  # TypeError: null
                day = date.fromisoformat(text)
                if day <= until and (newest is None or day > newest):
                    newest = day
    return newest
