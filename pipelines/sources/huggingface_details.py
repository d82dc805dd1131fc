"""Hugging Face, asked one by one: a model by its id, an organization by its account.

Only where a list does not tell: bases that nobody lists, families that vanished, accounts that the register
does not know. Here: asking and landing; a refusal is an answer and lands as well. Not here: the lists
(huggingface), and what an answer means (sql/core/model_statuses.sql).
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from urllib.parse import quote, urlencode

from pipelines.sources.errors import PastDayError, PayloadError, PermanentError, QuotaError, SourceError
from pipelines.sources.http import Answer, Client, bare, token_name
from pipelines.sources.payloads import Manifest, PayloadStore, Snapshot

logger = logging.getLogger("cambrian.huggingface_details")

DETAILS_SOURCE = "huggingface_model_details"
DETAILS_SCOPE = "asked-by-id"
ORGANIZATIONS_SOURCE = "huggingface_organizations"
ORGANIZATIONS_SCOPE = "unregistered-accounts"
MOST_MODELS_A_DAY = 500
MOST_ACCOUNTS_A_DAY = 200
#: One id may upset the server; three one after the other, and it is the server.
MAX_FAILURES_IN_A_ROW = 3
#: No answer about one model or account comes near it, and DuckDB reads no larger object.
MAX_ANSWER_BYTES = 8 * 1024 * 1024
ORIGIN = "Hugging Face Hub API"
#: What is asked of a model; its id comes with every answer. Without `expand` its files come, too: thousands.
FIELDS = (
    "author", "config", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated", "lastModified",
    "library_name", "likes", "pipeline_tag", "private", "safetensors", "tags",
)  # fmt: skip
#: "Who asks may not see it", "there is none", "it was taken down": answers, not errors.
REFUSALS = frozenset({401, 403, 404, 410, 451})
#: With these words a 401 speaks of the repository; with others of the token.
_ABOUT_THE_REPOSITORY = ("RepoNotFound", "GatedRepo")
#: What the Hub takes as an id. Everything else would ask another address, or none.
_ID = re.compile(r"[A-Za-z0-9_][\w.-]{0,95}(/[A-Za-z0-9_][\w.-]{0,95})?", re.ASCII)

# The two queries are for the warehouse, with the parameter $day; they give one column, weightiest first.

#: Bases with descendants that no list ever had, and those, or the roots of families, that the newest list of
#: the whole Hub has no more; not those of the last 28 days.
MODELS_TO_ASK = """
    with whole as (
        select max(snapshot_date) as newest_date
        from core.snapshots
        where is_whole_population and source in ('huggingface_models', 'hub_stats')
    ),
    children as (
        select parent_id, count(distinct child_id) as children from core.lineage group by parent_id
    ),
    known as (
        select lower(model_id) as folded_id from core.model_statuses where checked_date > $day - 28
        union
        select lower(current_id) from core.model_statuses where checked_date > $day - 28
    )
    select m.model_id
    from core.models as m
    cross join whole as w
    left join children as c on c.parent_id = m.model_id
    where (c.children > 0 or (m.family is not null and m.depth = 0))
        and (m.is_named_only and c.children > 0 or m.last_seen_date < w.newest_date)
        and not exists (select 1 from known as k where k.folded_id = lower(m.model_id))
        and regexp_full_match(m.model_id, '[A-Za-z0-9_][\\w.-]{0,95}(/[A-Za-z0-9_][\\w.-]{0,95})?')
        and not contains(m.model_id, '--') and not contains(m.model_id, '..')
    order by coalesce(c.children, 0) desc, m.model_id
    limit 500
"""

#: The most downloaded accounts without a register row; not those of the last 90 days.
ACCOUNTS_TO_ASK = """
    select account
    from marts.account_suggestions
    where (checked_date is null or checked_date <= $day - 90)
        and regexp_full_match(account, '[A-Za-z0-9_][\\w.-]{0,95}')
        and not contains(account, '--') and not contains(account, '..')
    order by downloads_30d desc, account
    limit 200
"""


def land_details(
    client: Client,
    endpoint: str,
    ids: Iterable[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
) -> Manifest:
    """Ask for models by id and land one page each; its subject is the id that was asked.

    A renamed model answers under its new id. What was landed today is not asked again, and no more than
    MOST_MODELS_A_DAY are; what the Hub does not take as an id is left out. When a few cannot be had, the
    others are landed, and in the end SourceError names them. Raises PastDayError when `day` is not today and
    was not landed, PermanentError when the token is refused, QuotaError and so on as Client.get.
    """
    snapshot = Snapshot(
        source=DETAILS_SOURCE,
        day=day,
        scope=DETAILS_SCOPE,
        title="models asked for by id: bases that no list has, families that vanished",
        is_live=True,
        fields=FIELDS,
        origin=ORIGIN,
    )
    query = urlencode([("expand", name) for name in FIELDS])
    urls = {name: f"{endpoint}/api/models/{quote(name)}?{query}" for name in ids if _is_id(name)}
    return _land(client, urls, store, snapshot, most=MOST_MODELS_A_DAY, today=today, token=token)


def land_overviews(
    client: Client,
    endpoint: str,
    accounts: Iterable[str],
    store: PayloadStore,
    *,
    day: date,
    today: date,
    token: str | None = None,
) -> Manifest:
    """Ask for accounts as organizations and land one page each; 404 means that it is a user.

    No more than MOST_ACCOUNTS_A_DAY are asked; the rest as in `land_details`.
    """
    snapshot = Snapshot(
        source=ORGANIZATIONS_SOURCE,
        day=day,
        scope=ORGANIZATIONS_SCOPE,
        title="the most downloaded accounts that the register does not know",
        is_live=True,
        origin=ORIGIN,
    )
    urls = {
        name: f"{endpoint}/api/organizations/{quote(name)}/overview"
        for name in accounts
        if _is_id(name) and "/" not in name
    }
    return _land(client, urls, store, snapshot, most=MOST_ACCOUNTS_A_DAY, today=today, token=token)


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and "--" not in text and ".." not in text


def _land(
    client: Client,
    urls: dict[str, str],
    store: PayloadStore,
    snapshot: Snapshot,
    *,
    most: int,
    today: date,
    token: str | None,
) -> Manifest:
    """Ask each subject's address that is not landed yet; with nothing to ask, nothing is landed."""
    manifest = store.resume(snapshot)
    if manifest.is_complete:
        return manifest
    if snapshot.day != today:
        raise PastDayError(
            f"{snapshot.scope}: {snapshot.day} was not landed on its day, and the Hub tells only of today "
            f"({today} UTC). The day stays missing."
        )
    landed = {page.subject for page in manifest.pages}
    missing = [name for name in urls if name not in landed][: max(0, most - len(landed))]
    if not missing and not landed:
        return manifest
    manifest.snapshot = replace(manifest.snapshot, subjects=len(landed) + len(missing))
    _land_each(client, {name: urls[name] for name in missing}, store, manifest, token)
    store.complete(manifest)
    return manifest


def _land_each(
    client: Client, urls: dict[str, str], store: PayloadStore, manifest: Manifest, token: str | None
) -> None:
    failed: list[str] = []
    in_a_row = 0
    for name, url in urls.items():
        try:
            answer = _asked(client, url, token)
        except SourceError as error:
            if isinstance(error, QuotaError) or getattr(error, "status", None) == 401:
                raise
            failed.append(name)
            in_a_row += 1
            if in_a_row >= MAX_FAILURES_IN_A_ROW:
                raise
            logger.warning("%s", error)
            continue
        in_a_row = 0
        store.add_page(manifest, answer, subject=name, asked_as=token_name(token))
        logger.info("%s: %d of %d", manifest.snapshot.scope, len(manifest.pages), manifest.snapshot.subjects)
    if failed:
        raise SourceError(
            f"{manifest.snapshot.scope}: no answer about {', '.join(failed)}; {len(manifest.pages)} others "
            "are landed. Run the same command again to ask for the missing ones."
        )


def _asked(client: Client, url: str, token: str | None) -> Answer:
    answer = client.get(url, token=token, accept=REFUSALS)
    if len(answer.body) > MAX_ANSWER_BYTES:
        raise PayloadError(f"{bare(url)}: {len(answer.body)} bytes are too many for one subject.")
    # The refusal of a token is not the absence of a model.
    if token and answer.status == 401 and answer.headers.get("x-error-code") not in _ABOUT_THE_REPOSITORY:
        raise PermanentError("The Hub refused the token: check HF_TOKEN.", 401)
    return answer
