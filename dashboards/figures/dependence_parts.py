"""Dependence by whom: organizations, countries, money, uploader against root, and the heaviest accounts."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import Chart, canvas, full, nothing
from dashboards.figures.lists import context
from dashboards.figures.rows import Mark, Part, as_shares, labelled, marked, stacked, total
from dashboards.language import Language
from dashboards.theme import BLUE, BROWN, GREY, ORANGE, PURPLE
from dashboards.words import cut, sentence

SHOWN_ORGANIZATIONS = 12
SHOWN_COUNTRIES = 8
#: Dimensions of money, and in which order their values stand.
MONEY = {
    "funding": ("giant", "funded", "modest", "unknown"),
    "legal_form": ("company", "nonprofit", "academic", "individual", "unknown"),
    "backing": ("well_funded", "company_sponsored", "public_sponsored", "modest", "unknown"),
}


def _list(chosen: ModelList, t: Language) -> str:
    return t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)


def _rows_of_shares(figure: go.Figure, labels: Sequence[str], places: list[float]) -> None:
    labelled(figure, labels, labels, [place + 0.45 for place in places])
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[places[-1] - 0.6, places[0] + 0.9], showgrid=True, tickvals=places)


def with_bounds(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the known origins, the largest first, with the share that each has if all unknown is its own."""
    is_known = pl.col("organization_id") != "unknown"
    unknown = total(frame.filter(~is_known), "origin_share")
    rows = frame.filter(is_known).sort("origin_share", "organization_id", descending=[True, False])
    return rows.with_columns(origin_upper=(pl.col("origin_share") + unknown).clip(0, 1))


def organizations(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Draw what lies in each organization's accounts, what originates with it, and what has it upstream."""
    name, words = f"organizations-{universe.replace('_', '-')}", t.universe(universe)
    rows = with_bounds(frame).head(SHOWN_ORGANIZATIONS)
    if rows.is_empty():
        question = t("dependence.organizations.question", universe=words)
        return nothing(name, sentence(question), t("dependence.not_told", universe=words))
    unknown = total(frame.filter(pl.col("organization_id") == "unknown"), "origin_share")
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(44 * rows.height + 100)
    marks = (
        Mark("uploaded_share", t("dependence.organizations.uploaded"), "square-open", ORANGE),
        Mark("origin_share", t("dependence.organizations.origin"), "circle", BLUE, "origin_upper"),
        Mark("any_share", t("dependence.organizations.any"), "diamond-open", PURPLE),
    )
    marked(figure, rows, places, marks, [full(one) for one in rows["organization"].to_list()], t)
    texts = [
        t("dependence.organizations.row", name=cut(row["organization"], 30),
          share=t.percent(row["origin_share"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    _rows_of_shares(figure, texts, places)
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=sentence(
            t("dependence.organizations.title", universe=words, organization=cut(first["organization"], 30),
              range=t.percent_range(first["origin_share"], first["origin_upper"]),
              uploaded=t.percent(first["uploaded_share"] or 0.0))
        ),
        subtitle=t("dependence.organizations.subtitle", n=rows.height,
                   total=t.count(first["downloads_total"]), list=_list(chosen, t),
                   unknown=t.percent(unknown)),
        alt=t("dependence.organizations.alt", rows="; ".join(texts)),
        table=as_shares(
            rows.select("organization", "uploaded_share", "origin_share", "origin_upper", "any_share")
        ),
        figure=figure,
        note=t("dependence.organizations.note",
               unregistered=t.percent(1 - total(frame, "uploaded_share"))),
        headings=t.table("dependence.headings"),
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def _sides(t: Language) -> tuple[Mark, Mark]:
    return (
        Mark(
            "uploaded_share", t("dependence.sides.uploaded"), "square-open", ORANGE, "uploaded_upper", -0.16
        ),
        Mark("origin_share", t("dependence.sides.origin"), "circle", BLUE, "origin_upper", 0.06),
    )


def countries(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Draw where those sit who uploaded, and those with whom the downloads originate."""
    name, words = f"countries-{universe.replace('_', '-')}", t.universe(universe)
    mine = frame.filter(pl.col("dimension") == "country")
    known = mine.filter(pl.col("value") != "unknown").sort("origin_share", "value", descending=[True, False])
    rows, others = known.head(SHOWN_COUNTRIES), known.slice(SHOWN_COUNTRIES)
    if rows.is_empty():
        question = t("dependence.countries.question", universe=words)
        return nothing(name, sentence(question), t("dependence.countries.empty", universe=words))
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(46 * rows.height + 90)
    names = [sentence(t.country(value)) for value in rows["value"].to_list()]
    marked(figure, rows, places, _sides(t), [full(one) for one in names], t)
    texts = [
        t("dependence.countries.row", country=one,
          range=t.percent_range(row["origin_share"], row["origin_upper"]))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    _rows_of_shares(figure, texts, places)
    unknown = total(mine.filter(pl.col("value") == "unknown"), "origin_share")
    return Chart(
        name=name,
        title=sentence(
            t(f"dependence.countries.{'title' if rows.height > 1 else 'title_one'}", universe=words,
              share=t.percent(total(rows.head(2), "origin_share")),
              countries=t.listing(t.country(value) for value in rows["value"].to_list()[:2]))
        ),
        subtitle=t("dependence.countries.subtitle", list=_list(chosen, t), unknown=t.percent(unknown),
                   total=t.count(mine.item(0, "total"))),
        alt=t("dependence.countries.alt", rows="; ".join(texts)),
        table=as_shares(rows.select(pl.col("value").alias("country"), "uploaded_share", "uploaded_upper",
                                    "origin_share", "origin_upper")),
        figure=figure,
        note=t("dependence.countries.note", n=others.height, share=t.percent(total(others, "origin_share"))),
        headings=t.table("dependence.headings"),
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def money(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Draw who pays: legal form, funding and backing of uploaders and of origins."""
    name, words = f"money-{universe.replace('_', '-')}", t.universe(universe)
    ordered = [
        mine for dimension, values in MONEY.items() for value in values
        if (mine := frame.filter((pl.col("dimension") == dimension) & (pl.col("value") == value))).height
    ]  # fmt: skip
    if not ordered:
        question = t("dependence.money.question", universe=words)
        return nothing(name, sentence(question), t("dependence.not_told", universe=words))
    rows = pl.concat(ordered)
    places, headers, end, previous = [], [], 0.0, ""
    for dimension in rows["dimension"].to_list():
        if dimension != previous:
            previous, end = dimension, end - 0.8
            headers.append((dimension, end + 0.55))
        places.append(end - 0.5)
        end -= 1.0
    figure = canvas(int(-end * 44) + 90)
    names = [
        sentence(t.or_else(f"dependence.values.{row['dimension']}.{row['value']}", row["value"]))
        for row in rows.iter_rows(named=True)
    ]
    marked(figure, rows, places, _sides(t), [full(one) for one in names], t)
    texts = [
        t("dependence.money.row", value=one, range=t.percent_range(row["origin_share"], row["origin_upper"])
          if row["origin_upper"] is not None else t.percent(row["origin_share"]))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    heads = [sentence(t(f"dependence.dimensions.{one}")) for one, _ in headers]
    labelled(figure, heads, heads, [at for _, at in headers], style="<b>{}</b>")
    labelled(figure, texts, names, [place + 0.45 for place in places], first=len(heads))
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_yaxes(range=[end, 0.2], showgrid=True, tickvals=places)
    return Chart(
        name=name,
        title=sentence(t("dependence.money.title", universe=words, **_giants(rows, t))),
        subtitle=t("dependence.money.subtitle", list=_list(chosen, t), total=t.count(rows.item(0, "total"))),
        alt=t("dependence.money.alt", rows="; ".join(texts)),
        table=as_shares(rows.drop("total")),
        figure=figure,
        note=t("dependence.money.note", **_sponsored(rows, t)),
        headings=t.table("dependence.headings"),
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def _giants(rows: pl.DataFrame, t: Language) -> dict[str, str]:
    mine = rows.filter((pl.col("dimension") == "funding") & (pl.col("value") == "giant"))
    share, uploaded = total(mine, "origin_share"), total(mine, "uploaded_share")
    upper = mine.item(0, "origin_upper") if mine.height else 0.0
    return {"range": t.percent_range(share, upper or share), "uploaded": t.percent(uploaded)}


def _sponsored(rows: pl.DataFrame, t: Language) -> dict[str, str]:
    def share(value: str) -> str:
        mine = rows.filter((pl.col("dimension") == "backing") & (pl.col("value") == value))
        return t.percent(total(mine, "uploaded_share"))

    return {"company": share("company_sponsored"), "public": share("public_sponsored")}


def uploads(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Draw from whose accounts the weights of each origin are downloaded."""
    name, words = f"uploader-root-{universe.replace('_', '-')}", t.universe(universe)
    known = frame.filter(pl.col("organization_id") != "unknown")
    rows = known.head(SHOWN_ORGANIZATIONS)
    if rows.is_empty():
        question = t("dependence.uploads.question", universe=words)
        return nothing(name, sentence(question), t("dependence.not_told", universe=words))
    places = [-1.2 * place for place in range(rows.height)]
    figure = canvas(44 * rows.height + 100)
    parts = (
        Part("own_share", t("dependence.uploads.own"), BLUE),
        Part("others_share", t("dependence.uploads.others"), BROWN),
        Part("unregistered_share", t("dependence.uploads.unregistered"), ORANGE),
    )
    stacked(figure, rows, places, parts, [full(one) for one in rows["organization"].to_list()], t)
    texts = [
        t("dependence.uploads.row", name=cut(row["organization"], 30), share=t.percent(row["origin_share"]),
          elsewhere=t.percent(_elsewhere(row) / row["origin_share"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    shorter = [
        t("dependence.uploads.short", name=cut(row["organization"], 20), share=t.percent(row["origin_share"]),
          elsewhere=t.percent(_elsewhere(row) / row["origin_share"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    labelled(figure, texts, shorter, [place + 0.45 for place in places])
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[places[-1] - 0.5, 0.9])
    elsewhere = sum(_elsewhere(row) for row in known.iter_rows(named=True))
    return Chart(
        name=name,
        title=sentence(
            t("dependence.uploads.title", universe=words, share=t.percent(elsewhere),
              known=t.percent(total(known, "origin_share")))
        ),
        subtitle=t("dependence.uploads.subtitle", n=rows.height, list=_list(chosen, t),
                   total=t.count(rows.item(0, "total"))),
        alt=t("dependence.uploads.alt", rows="; ".join(texts)),
        table=rows.select("organization", "origin_share", "own_share", "others_share", "unregistered_share"),
        figure=figure,
        note=t("dependence.uploads.note"),
        headings=t.table("dependence.headings"),
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def _elsewhere(row: dict[str, Any]) -> float:
    return float(row["others_share"] + row["unregistered_share"])


def sensitivity(rows: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Draw the bounds as published and as if each of the ten heaviest accounts were of the other class."""
    name, words = f"sensitivity-{universe.replace('_', '-')}", t.universe(universe)
    if rows.is_empty():
        question = t("dependence.sensitivity.question", universe=words)
        return nothing(name, sentence(question), t("dependence.not_told", universe=words))
    told = rows.filter(pl.col("flipped_lower").is_not_null())
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(42 * rows.height + 70)
    first = rows.row(0, named=True)
    lower, upper = first["dependent_lower"], first["dependent_upper"]
    figure.add_vrect(x0=lower, x1=max(upper, lower + 2e-3), fillcolor=GREY, opacity=0.28, line_width=0,
                     layer="below")  # fmt: skip
    for row, place in zip(rows.iter_rows(named=True), places, strict=True):
        if row["flipped_lower"] is None:
            continue
        figure.add_trace(
            go.Scatter(
                x=[row["flipped_lower"], row["flipped_upper"]], y=[place, place], mode="lines+markers",
                line={"color": BLUE if row["flip"] == "account" else PURPLE, "width": 4},
                marker={"size": 9, "symbol": "line-ns-open", "line": {"width": 3}}, cliponaxis=False,
                name=full(_flip(row, t)), hovertemplate=f"{full(_flip_row(row, t))}<extra></extra>",
            )
        )  # fmt: skip
    texts = [_flip_row(row, t) for row in rows.iter_rows(named=True)]
    shorter = [_flip_row(row, t, is_short=True) for row in rows.iter_rows(named=True)]
    labelled(figure, texts, shorter, [place + 0.42 for place in places])
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_yaxes(range=[places[-1] - 0.6, 0.9])
    return Chart(
        name=name,
        title=sentence(t(f"dependence.sensitivity.{'title' if told.height else 'title_unknown'}",
                         universe=words, **_widest(told, t))),
        subtitle=t("dependence.sensitivity.subtitle", list=_list(chosen, t),
                   range=t.percent_range(lower, upper)),
        alt=t("dependence.sensitivity.alt", rows="; ".join(texts)),
        table=as_shares(
            rows.select("place", "flip", "account", "organization", "is_well_funded", "dependent_lower",
                        "dependent_upper", "flipped_lower", "flipped_upper", "status")
        ),
        figure=figure,
        note=t("dependence.sensitivity.note"),
        headings=t.table("dependence.headings"),
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def _widest(told: pl.DataFrame, t: Language) -> dict[str, str]:
    """Give the account whose class moves the lower bound most, and by how much."""
    single = told.filter(pl.col("flip") == "account")
    if single.is_empty():
        return {"account": "", "before": "", "after": ""}
    row = max(
        single.iter_rows(named=True),
        key=lambda one: (abs(one["flipped_lower"] - one["dependent_lower"]), -one["place"]),
    )
    return {
        "account": cut(row["account"], 40),
        "before": t.percent(row["dependent_lower"]),
        "after": t.percent(row["flipped_lower"]),
    }


def _flip(row: dict[str, Any], t: Language) -> str:
    if row["flip"] != "account":
        return t(f"dependence.sensitivity.{row['flip']}")
    if row["is_well_funded"] is None:
        kind = "unknown"
    else:
        kind = "well_funded" if row["is_well_funded"] else "modest"
    return t(f"dependence.sensitivity.as_{kind}", account=cut(row["account"], 40))


def _flip_row(row: dict[str, Any], t: Language, *, is_short: bool = False) -> str:
    if row["flipped_lower"] is None:
        return t("dependence.sensitivity.row_unknown", account=cut(row["account"] or "", 40))
    name = (
        cut(row["account"] or t(f"dependence.sensitivity.{row['flip']}_short"), 30)
        if is_short
        else _flip(row, t)
    )
    bounds = t.percent_range(row["flipped_lower"], row["flipped_upper"])
    return t("dependence.sensitivity.row", name=name, range=bounds)
