"""What the shutdown page asks beside the exposure: what silence costs, removals, withdrawals, platforms.

Here: selecting from the published tables. Not here: any words.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from dashboards.data import lists
from dashboards.data.exposure import ExposedList
from dashboards.data.release import Release

_NORMAL_95 = 1.959963984540054


# Freeze --------------------------------------------------------------------------------------------------


def freezes(release: Release) -> pl.DataFrame:
    """Give what a year without each organization costs, the list that shows most births first."""
    return release.frame(
        """
        select f.scope, f.as_of_date, f.organization_id, coalesce(o.name, f.organization_id) as organization,
            f.bases, f.releases, f.derivatives, f.undated_derivatives, f.existing_flow, f.loss, f.loss_error,
            f.lower, f.upper, f.past_year_flow, f.past_year_of_new_bases, f.status,
            coalesce(s.title, f.scope) as title
        from marts.shutdown_freeze as f
        left join core.organizations as o on o.organization_id = f.organization_id
        left join (
            select scope, any_value(title order by snapshot_date desc) as title
            from core.snapshots
            where is_model_list
            group by scope
        ) as s on s.scope = f.scope
        order by f.past_year_flow desc, f.scope, f.past_year_of_new_bases desc, f.organization_id
        """
    )


#: Why there is no estimate, as marts.shutdown_freeze says it, and the key of the words for it.
_REASONS = (
    ("days", r"the list tells births of (\S+) days; it takes (\S+)"),
    ("thin", r"the list tells the birth of (\S+) derivatives of (\S+) roots; it takes (\S+) of (\S+)"),
    ("undated", r"the release of the base is known for (\S+) of (\S+) derivatives"),
    ("few", r"(\S+) derivatives of (\S+) bases; it takes (\S+) of (\S+)"),
    ("uneven", r"as uneven as if (\S+) bases had all derivatives; it takes (\S+)"),
    ("releases", r"(\S+) releases in the past year; it takes (\S+)"),
    ("watched", r"at some age below a year only (\S+) bases were watched; it takes (\S+)"),
)
#: What stands for an organization without a derivative in the year.
NO_DERIVATIVE = "no_derivative"


def reason(status: str) -> tuple[str, dict[str, str]]:
    """Take a status apart: the key of its words and what fills their places; `told` where nobody knows it."""
    text = status.removeprefix("not estimable: ")
    for key, pattern in _REASONS:
        if found := re.fullmatch(pattern, text):
            return key, dict(zip("abcd", found.groups(), strict=False))
    key = status.partition(":")[0].strip()
    return (key, {}) if key in ("estimated", "illustration") else ("told", {"a": text})


def frozen_year(
    rows: pl.DataFrame, stopped: Sequence[str]
) -> tuple[tuple[float, float, float] | None, int, int]:
    """Say what a year without `stopped` costs: the estimate with its interval, and the count from to.

    rows: those of one list of `freezes`. Losses add up, and so do the squares of their errors; no estimate
    where one of them has none.
    """
    own = rows.filter(pl.col("organization_id").is_in(list(stopped)))
    counted = int(own["past_year_of_new_bases"].sum())
    at_most = counted + int(own["undated_derivatives"].sum())
    if own.height < len(set(stopped)) or own["loss"].null_count():
        return None, counted, at_most
    loss = float(own["loss"].sum())
    error = math.sqrt(sum(each**2 for each in own["loss_error"]))
    return (loss, *_log_normal(loss, error)), counted, at_most


def _log_normal(loss: float, error: float) -> tuple[float, float]:
    if loss <= 0:
        return loss, loss
    variance = math.log1p((error / loss) ** 2)
    middle, spread = math.log(loss) + variance / 2, _NORMAL_95 * math.sqrt(variance)
    return math.exp(middle - spread), math.exp(middle + spread)


def freeze_shard(release: Release) -> list[dict[str, Any]]:
    """Give the freeze of every list, for the script."""
    return [
        {
            "scope": scope,
            "rows": [
                [
                    row["organization_id"], row["releases"], row["loss"], row["loss_error"],
                    row["past_year_of_new_bases"], row["undated_derivatives"], *reason(row["status"]),
                ]
                for row in rows.iter_rows(named=True)
            ],
        }
        for (scope,), rows in freezes(release).partition_by("scope", as_dict=True).items()
    ]  # fmt: skip


# Evidence ------------------------------------------------------------------------------------------------


def curve(release: Release, exposed: ExposedList, universe: str, weight: str) -> pl.DataFrame:
    """Give what remains of a list as organizations stop, with their names."""
    return release.frame(
        """
        select c.loss, c.removal_order, c.removed, c.organizations, c.organization_id,
            coalesce(o.name, c.organization_id) as organization, c.remaining_share, c.lower, c.upper
        from marts.shutdown_curve as c
        left join core.organizations as o on o.organization_id = c.organization_id
        where c.scope = ? and c.universe = ? and c.weight = ?
        order by c.loss, c.removal_order, c.removed
        """,
        exposed.scope, universe, weight,
    )  # fmt: skip


def withdrawals(release: Release) -> pl.DataFrame:
    """Give the registered withdrawals in order of their days."""
    return release.frame(
        """
        select w.name, coalesce(o.name, w.organization_id) as organization, w.kind, w.event_date,
            w.event_precision, w.substitute_id, w.substitute_kind, w.substitution_date,
            w.days_to_substitution, w.children, w.adapters, w.status, w.note, w.source
        from marts.withdrawals as w
        left join core.organizations as o on o.organization_id = w.organization_id
        where w.basis = 'register'
        order by w.event_date, w.name
        """
    )


def absent_bases(release: Release) -> pl.DataFrame:
    """Give the bases that others name and no list has, the most named first."""
    return release.frame(
        """
        select w.model_id, coalesce(o.name, w.organization_id) as organization, w.children, w.adapters,
            w.hub_status
        from marts.withdrawals as w
        left join core.organizations as o on o.organization_id = w.organization_id
        where w.basis = 'named_only'
        order by w.children desc, w.model_id
        """
    )


def platforms(release: Release) -> pl.DataFrame:
    """Give what is read of each list and what is known to lie elsewhere, the newest list first."""
    found = release.frame(
        """
        select p.platform, p.subject, p.scope, p.snapshot_date, p.unit, p.number, p.downloads_30d, p.share,
            p.knowledge, coalesce(s.title, p.scope) as title
        from marts.platform_exposure as p
        left join core.snapshots as s
            on s.scope = p.scope and s.snapshot_date = p.snapshot_date and s.is_model_list
        where p.platform = 'huggingface'
        order by p.snapshot_date desc nulls last, p.scope, p.subject
        """
    )
    return lists.with_counts(release, found)


def other_platforms(release: Release) -> pl.DataFrame:
    """Give what is read from other platforms, and the newest day that was read there."""
    return release.frame(
        """
        select p.platform, p.number, max(c.newest_date) as newest_date
        from marts.platform_exposure as p
        left join marts.coverage as c
            on starts_with(c.source, case p.platform when 'pypi' then 'package_downloads' else p.platform end)
        where p.platform <> 'huggingface' and p.number is not null
        group by p.platform, p.number
        order by p.platform
        """
    )
