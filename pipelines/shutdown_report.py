"""The answer of `cambrian shutdown`: what is left if organizations stop, in words and small tables.

Here: finding the organizations that are meant, asking the published tables, wording and printing the answer.
Not here: the arithmetic (analysis.shutdown, analysis.freeze), options and exit codes (cli).
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.analysis.exposure import UNKNOWN
from pipelines.analysis.freeze import HORIZON_DAYS, ILLUSTRATION, interval
from pipelines.analysis.shutdown import shutdown

#: Asks the published file; parameters by name.
Ask = Callable[[str, dict[str, Any]], pl.DataFrame]

WEIGHTS = {"downloads": "downloads_30d", "derivatives": "derivatives"}
_WORDS = {"downloads_30d": "downloads in 30 days", "derivatives": "models with a known parent"}
_FIGURES = {
    "gone": "gone: their own repositories",
    "broken": "broken: adapters without a base",
    "lost_now": "lost now: gone + broken",
    "stranded": "stranded: go on, no upstream",
    "never_born_any": "never born: any path to them",
    "never_born_all": "never born: all paths to them",
}
_LIST_ALL = '`cambrian query "select organization_id, name from core.organizations" --rows 1000` lists them.'
_TOP = 5
#: Where nobody's terminal says how wide it is.
_WIDTH = 80


class UnknownWordError(ValueError):
    """Something on the command line that the published tables do not know."""


@dataclass(frozen=True)
class Answer:
    """What is printed: sentences, tables by title, what the answer does not say; `facts` are for machines."""

    sentences: list[str]
    tables: dict[str, pl.DataFrame]
    caveats: list[str]
    facts: dict[str, Any]


@dataclass(frozen=True)
class _List:
    """A list of models as it is spoken of."""

    day: date
    scope: str
    title: str
    is_whole: bool

    def __str__(self) -> str:
        limits = "the whole Hub" if self.is_whole else "not the whole Hub"
        return f"{self.title} (list {self.scope}, {limits})"


def find_organizations(ask: Ask, words: Sequence[str]) -> dict[str, str]:
    """Give id and name of each organization that is meant by its id, name or account, in the order given.

    Raises UnknownWordError with close matches for a word that means none.
    """
    known = ask("select organization_id, name from core.organizations order by organization_id", {})
    names = dict(known.iter_rows())
    meant = {name.casefold(): key for key, name in reversed(names.items())}
    accounts = ask(
        "select account, organization_id from core.accounts where valid_to = date '9999-12-31'", {}
    )
    meant = {account.casefold(): key for account, key in accounts.iter_rows()} | meant
    meant |= {key.casefold(): key for key in names}
    found = {}
    for word in words:
        key = meant.get(word.strip().casefold())
        if key is None:
            near = get_close_matches(word.strip().casefold(), meant, n=4, cutoff=0.6)
            hint = f" Did you mean {', '.join(dict.fromkeys(meant[each] for each in near))}?" if near else ""
            raise UnknownWordError(f"No registered organization is called {word!r}.{hint} {_LIST_ALL}")
        found[key] = names[key]
    return found


def delete(
    ask: Ask,
    organizations: dict[str, str],
    *,
    weight: str = "downloads",
    universe: str = "generative_language",
    scope: str | None = None,
) -> Answer:
    """Say what is lost if the organizations delete their repositories.

    weight: a key of WEIGHTS. universe: one of the list, or all. scope: a list; by default the one behind the
    overview. Raises UnknownWordError for a scope, universe or weight that is not there.
    """
    chosen = _list(ask, scope)
    rows = _exposed(ask, chosen, universe)
    unit = WEIGHTS[weight]
    figures = shutdown(rows, organizations).filter(pl.col("weight") == unit)
    total = figures["total"][0]
    if not total:
        raise UnknownWordError(f"The list {chosen.scope} tells no {_WORDS[unit]} for {universe}.")
    figures = figures.with_columns(
        lower_share=(pl.col("lower") / total).round(9), upper_share=(pl.col("upper") / total).round(9)
    )
    shares = {
        row["figure"]: (row["lower_share"], row["upper_share"]) for row in figures.iter_rows(named=True)
    }
    is_uncertain = pl.col("upstream").str.split("+").list.contains(UNKNOWN)
    uncertain = (rows.filter(is_uncertain)[unit].sum() or 0) / total
    hit = _hit(ask, organizations, chosen, universe, unit)
    facts = {
        "kind": "delete",
        "organizations": list(organizations),
        "as_of_date": str(chosen.day),
        "scope": chosen.scope,
        "universe": universe,
        "weight": unit,
        "total": total,
        "uncertain_share": round(uncertain, 9),
        "figures": {row.pop("figure"): row for row in figures.drop("weight", "total").to_dicts()},
        "never_born_by": {name: dict(frame.iter_rows()) for name, frame in hit.items()},
    }
    which = "all models" if universe == "all" else f"{universe.replace('_', ' ')} models"
    counts = f"{total:,} {_WORDS[unit]}, {rows['models'].sum():,} models"
    sentences = [
        _if_deleted(organizations, shares, unit),
        f"Of: {which} of {chosen}, as of {chosen.day}; {counts}.",
        f"{_percent(uncertain)} of the {weight} stand on roots of which not all is known. {_BOUNDS}",
    ]
    tables = {"": _figure_table(figures, weight)} | {
        f"never born, by {name}": frame.select(
            pl.col("name").alias(" "),
            pl.Series(weight, [_percent(amount / total) for amount in frame["weight"]], pl.String),
        )
        for name, frame in hit.items()
    }
    return Answer(sentences, tables, _DELETE_CAVEATS, facts)


_BOUNDS = (
    "Lower bound: none of that stands on those who stop; upper bound: all of it does, and of it all that may "
    "be an adapter is one."
)
_DELETE_CAVEATS = [
    "Only registered copies keep an adapter alive, others do too; whoever has the files keeps them.",
    "Adapters are known as such only where a list tells relation or library.",
    "Downloads count requests, those of test machines too.",
    "GPT-2, BERT, T5, ALBERT and RoBERTa lie on accounts that Hugging Face made: they go when it goes.",
    "Accounts as held today. All is read from one platform; see marts.platform_exposure.",
]


def _if_deleted(organizations: dict[str, str], shares: dict[str, tuple[float, float]], unit: str) -> str:
    lost, unborn = shares["lost_now"], shares["never_born_any"]
    whose, them = ("their", "them") if len(organizations) > 1 else ("its", "it")
    left = _span(1 - lost[1], 1 - lost[0])
    return (
        f"If {_join(organizations)} deleted {whose} repositories, {_span(*lost)} of this list's "
        f"{_WORDS[unit]} would be lost at once and {left} left; {_span(*unborn)} are of models that would "
        f"never have been born without {them}."
    )


def _figure_table(figures: pl.DataFrame, weight: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            " ": [_FIGURES[figure] for figure in figures["figure"]],
            "lower": [_percent(share) for share in figures["lower_share"]],
            "upper": [_percent(share) for share in figures["upper_share"]],
            f"{weight}, lower": figures["lower"],
        }
    )


def freeze(
    ask: Ask, organizations: dict[str, str], *, substitution: float = 0.0, scope: str | None = None
) -> Answer:
    """Say what a year without the organizations' releases costs in derivatives.

    substitution: the part that others make good, 0 to 1. scope: a list; by default the one that shows most
    births. Raises UnknownWordError for a list that shows none.
    """
    rows = ask("select * from marts.shutdown_freeze order by past_year_flow desc, scope", {})
    scopes = rows["scope"].unique(maintain_order=True).to_list()
    if not scopes or scope not in {None, *scopes}:
        told = f" Those that do: {', '.join(scopes)}." if scopes else ""
        raise UnknownWordError(f"No births of derivatives are known of {scope or 'any list'}.{told}")
    chosen = _list(ask, scope or scopes[0])
    rows = rows.filter(pl.col("scope") == chosen.scope)
    day, flow = rows["as_of_date"][0], rows["past_year_flow"][0]
    found = {row["organization_id"]: row for row in rows.iter_rows(named=True)}
    own = {key: found.get(key, _NO_DERIVATIVES) for key in organizations}
    left = 1 - substitution
    estimate = _estimate(list(own.values()), left)
    counted = sum(row["past_year_of_new_bases"] for row in own.values()) * left
    at_most = counted + sum(row["undated_derivatives"] for row in own.values()) * left
    facts = {
        "kind": "freeze",
        "organizations": list(organizations),
        "as_of_date": str(day),
        "scope": chosen.scope,
        "weight": "derivatives",
        "horizon_days": HORIZON_DAYS,
        "substitution": substitution,
        "estimate": estimate,
        "past_year": {"flow": flow, "lower": counted, "upper": at_most},
        "status": {key: row["status"] for key, row in own.items()},
    }
    made_good = f"if others make good {_percent(substitution)}"
    span = f"{counted:,.0f}" if counted == at_most else f"{counted:,.0f} to {at_most:,.0f}"
    share = _span(counted / flow, at_most / flow)
    happened = (
        f"Counted, not estimated: a freeze a year before {day} would have cost {span} of this list's "
        f"{flow:,} derivatives ({share}), those that stand on what was released since, {made_good}."
    )
    whole = f"Of: derivatives by others in {chosen}, births up to {day}."
    is_illustration = any(row["status"] == ILLUSTRATION for row in own.values())
    frozen = _if_frozen(organizations, estimate, made_good, is_illustration=is_illustration)
    sentences = [frozen, happened, whole]
    caveats = [f"{organizations[key]}: {row['status']}." for key, row in own.items() if row["loss"] is None]
    return Answer(sentences, {"": _freeze_table(own, left)}, [*caveats, *_FREEZE_CAVEATS], facts)


_NO_DERIVATIVES: dict[str, Any] = {
    "releases": None,
    "loss": None,
    "loss_error": None,
    "lower": None,
    "upper": None,
    "past_year_of_new_bases": 0,
    "undated_derivatives": 0,
    "status": "not estimable: the list has no derivative of its roots born in that year",
}
_FREEZE_CAVEATS = [
    "How much others would make good is not known; marts.withdrawals has the real cases.",
    "Derivatives are counted at the root of their main line; unregistered roots belong to nobody.",
    "Models that were deleted are not in the list.",
]


def _estimate(rows: list[dict[str, Any]], left: float) -> dict[str, float] | None:
    """Add up losses and the squares of their errors; nothing where one of them is not estimable."""
    if any(row["loss"] is None for row in rows):
        return None
    loss = sum(row["loss"] for row in rows)
    lower, upper = interval(loss, sum(row["loss_error"] ** 2 for row in rows) ** 0.5)
    return {
        "loss": round(loss * left, 6), "lower": round(lower * left, 6), "upper": round(upper * left, 6)
    }  # fmt: skip


def _if_frozen(
    organizations: dict[str, str], estimate: dict[str, float] | None, made_good: str, *, is_illustration: bool
) -> str:
    who = _join(organizations)
    if estimate is None:
        return f"What a year without releases of {who} would cost cannot be estimated from this list."
    low, loss, high = (f"{estimate[name]:,.0f}" for name in ("lower", "loss", "upper"))
    limits = " An illustration by a partial list, no estimate for the Hub." if is_illustration else ""
    return (
        f"If {who} released nothing more, about {loss} fewer of the derivatives that this list shows would "
        f"be born within a year (95 % interval {low} to {high}), {made_good}.{limits}"
    )


def _freeze_table(own: dict[str, dict[str, Any]], left: float) -> pl.DataFrame:
    def scaled(column: str) -> list[float | None]:
        return [None if row[column] is None else round(row[column] * left, 1) for row in own.values()]

    return pl.DataFrame(
        {
            " ": list(own),
            "releases": [row["releases"] for row in own.values()],
            "loss": scaled("loss"),
            "lower": scaled("lower"),
            "upper": scaled("upper"),
            "counted": scaled("past_year_of_new_bases"),
        },
        schema_overrides={"releases": pl.Int64} | dict.fromkeys(("loss", "lower", "upper"), pl.Float64),
    )


def _list(ask: Ask, scope: str | None) -> _List:
    """Give the newest list of a scope, or the one behind the overview; without that the newest of all."""
    lists = ask(_LISTS, {})
    chosen = lists.filter(pl.col("scope") == scope) if scope else lists
    if chosen.is_empty():
        told = f" There are {', '.join(sorted(lists['scope']))}." if len(lists) else ""
        raise UnknownWordError(f"There is no list {scope or 'yet'}.{told}")
    return _List(*chosen.select("snapshot_date", "scope", "title", "is_whole").row(0))


_LISTS = """
    select
        e.snapshot_date,
        e.scope,
        coalesce(min(s.title), e.scope) as title,
        coalesce(bool_or(s.is_whole_population), false) as is_whole
    from marts.shutdown_exposure as e
    left join core.snapshots as s
        on s.scope = e.scope and s.snapshot_date = e.snapshot_date and s.is_model_list
    left join marts.headlines as h
        on h.headline = 'openai_meta_share' and h.universe = 'all'
        and h.scope = e.scope and h.as_of_date = e.snapshot_date
    where e.evidence = 'curated'
    group by e.snapshot_date, e.scope
    order by count(h.scope) = 0, e.snapshot_date desc, e.scope
"""


def _exposed(ask: Ask, chosen: _List, universe: str) -> pl.DataFrame:
    rows = ask(
        "select * from marts.shutdown_exposure where evidence = 'curated' and scope = $scope",
        {"scope": chosen.scope},
    )
    universes = sorted(rows["universe"].unique())
    if universe not in {"all", *universes}:
        there = ", ".join([*universes, "all"])
        raise UnknownWordError(f"The list {chosen.scope} has no universe {universe!r}. There are {there}.")
    return rows if universe == "all" else rows.filter(pl.col("universe") == universe)


def _hit(
    ask: Ask, organizations: dict[str, str], chosen: _List, universe: str, unit: str
) -> dict[str, pl.DataFrame]:
    """Weight of what would never have been born, by family and by country of the uploader; the most first."""
    given = {"organizations": list(organizations), "scope": chosen.scope, "day": chosen.day}
    hit = ask(_NEVER_BORN, given | {"universe": universe})
    return {
        name: hit.group_by(name=column)
        .agg(weight=pl.col(unit).sum())
        .filter(pl.col("weight") > 0)
        .sort("weight", "name", descending=[True, False])
        .head(_TOP)
        for name, column in {"family": "family", "country of the uploader": "country"}.items()
    }


_NEVER_BORN = """
    select
        coalesce(r.family, 'no curated family') as family,
        coalesce(o.country, 'not known') as country,
        cast(sum(s.downloads_30d) as bigint) as downloads_30d,
        cast(sum(case when r.parents > 0 then 1 else 0 end) as bigint) as derivatives
    from core.model_snapshots as s
    inner join (
        select distinct model_id
        from core.ancestry
        where evidence = 'curated' and through_share > 0
            and organization_id in (select unnest($organizations))
    ) as a on a.model_id = s.model_id
    inner join core.model_roots as r on r.model_id = s.model_id and r.evidence = 'curated'
    inner join core.models as m on m.model_id = s.model_id
    left join core.organizations as o on o.organization_id = m.organization_id
    where s.scope = $scope and s.snapshot_date = $day and ($universe = 'all' or s.universe = $universe)
    group by 1, 2
"""


def _join(organizations: dict[str, str]) -> str:
    *others, last = organizations.values()
    return f"{', '.join(others)} and {last}" if others else last


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _span(lower: float, upper: float) -> str:
    low, high = f"{100 * lower:.1f}", f"{100 * upper:.1f}"
    return f"{low} %" if low == high else f"{low} to {high} %"


def print_answer(answer: Answer, *, as_json: bool) -> None:
    """Print an answer for a person, or its facts as JSON."""
    if as_json:
        print(json.dumps(answer.facts, indent=2))  # noqa: T201 - what was asked for
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    for sentence in answer.sentences:
        console.print(escape(sentence))
        console.print()
    for title, frame in answer.tables.items():
        if title:
            console.print(escape(title))
        console.print(_table(frame))
        console.print()
    console.print("What this does not say:")
    for caveat in answer.caveats:
        console.print(f"- {escape(caveat)}")


def _table(frame: pl.DataFrame) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, name in enumerate(frame.columns):
        table.add_column(escape(name.strip()), justify="right" if place else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("-" if value is None else escape(_cell(value)) for value in row))
    return table


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
