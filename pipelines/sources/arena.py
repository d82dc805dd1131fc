"""Arena: ratings of models by people's votes, one Parquet file a board. Optional, off by default.

They are the data set lmarena-ai/leaderboard-dataset on the Hub (CC BY 4.0). Its publisher describes one
subset a board (text, text_style_control, vision ...) with the splits `latest` and `full`. Inferred from code
that reads it, and not documented: the path `<board>/latest-00000-of-00001.parquet`, and the columns
model_name, organization, license, rating, rating_lower, rating_upper, vote_count, rank, category and
leaderboard_publish_date. Should the path be another, the data set's list of files is asked for it; should a
column be missing, its values are null (sql/raw/arena_ratings). Here: finding and landing the files. Not
here: which ratings are believed (sql/core/arena_ratings). The scope is the board.
"""

import logging
import re
from collections.abc import Sequence
from datetime import date

import msgspec

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError
from pipelines.sources.http import Client
from pipelines.sources.parquet import is_parquet
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.arena")

RATINGS_SOURCE = "arena_ratings"
DATASET = "lmarena-ai/leaderboard-dataset"
#: The same votes twice: as they are, and with the effect of length and formatting taken out.
BOARDS = ("text", "text_style_control")


class _File(msgspec.Struct):
    rfilename: str = ""


class _Dataset(msgspec.Struct):
    siblings: list[_File]


_DATASET = msgspec.json.Decoder(_Dataset)


def land_ratings(
    client: Client,
    endpoint: str,
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
    boards: Sequence[str] = BOARDS,
) -> list[Manifest]:
    """Land the newest ratings of each board as files, one snapshot a board.

    A board that is no longer there is left out with a warning; when all are gone, the last PermanentError is
    raised. Raises PastDayError when `day` is not today and was not landed on its day, PayloadError for a file
    that is no Parquet; else as Client.download.
    """
    landed = []
    gone: PermanentError | None = None
    for board in boards:
        try:
            landed.append(_land_board(client, endpoint, board, store, day=day, today=today, token=token))
        except PermanentError as error:
            if error.status != 404:
                raise
            gone = error
            logger.warning("arena ratings: there is no board %s any more", board)
    if gone is not None and not landed:
        raise gone
    return landed


def _land_board(
    client: Client,
    endpoint: str,
    board: str,
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None,
) -> Manifest:
    manifest = store.resume(_snapshot(day, board))
    if manifest.is_complete:
        return manifest
    if day != today:
        raise PastDayError(
            f"{day} was not landed on its day, and the file `latest` holds today's ratings ({today} UTC). "
            "The day stays missing."
        )
    if manifest.pages:  # killed between two of its files, which belong together
        store.restart(manifest)
    base = f"{endpoint}/datasets/{DATASET}/resolve/main"
    try:
        _land_file(client, f"{base}/{board}/latest-00000-of-00001.parquet", store, manifest, token)
    except PermanentError as error:
        if error.status != 404:
            raise
        paths = _listed(client, endpoint, board, token)
        if not paths:
            raise
        for path in paths:
            _land_file(client, f"{base}/{path}", store, manifest, token)
    store.complete(manifest)
    logger.info("arena ratings: %s landed", board)
    return manifest


def _land_file(client: Client, url: str, store: PayloadStore, manifest: Manifest, token: str | None) -> None:
    path = store.folder(manifest.snapshot) / f"arriving-{len(manifest.pages) + 1}.parquet"
    etag = client.download(url, path, token=token)
    if not is_parquet(path):
        path.unlink()
        raise PayloadError(f"{url} is no Parquet file; not kept. Run again later.")
    store.add_file(manifest, path, url, etag=etag)


def _listed(client: Client, endpoint: str, board: str, token: str | None) -> list[str]:
    """Give the paths of a board's newest ratings from the data set's list of files, in order."""
    answer = client.get(f"{endpoint}/api/datasets/{DATASET}", token=token)
    try:
        names = [file.rfilename for file in _DATASET.decode(answer.body).siblings]
    except msgspec.MsgspecError as error:
        raise PayloadError(f"{DATASET}: the list of files has another form ({error}).") from None
    return sorted(name for name in names if re.fullmatch(rf"{re.escape(board)}/latest[\w.-]*\.parquet", name))


def _snapshot(day: date, board: str) -> Snapshot:
    return Snapshot(
        source=RATINGS_SOURCE,
        day=day,
        scope=board,
        title=f"the newest arena ratings, board {board}",
        is_live=True,
        origin=f"Hugging Face data set {DATASET}",
        licence="CC BY 4.0",
        attribution=f"Ratings: Arena (LMArena), {DATASET}, CC BY 4.0, unchanged",
    )
