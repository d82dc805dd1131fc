"""Dependence: who holds the switch. Shares by class, by organization, by country, and without two of them."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data import ModelList
from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, row_labels, title_label
from dashboards.theme import BLUE, CLASS_WORDS, CLASSES, GREY, OLIVE, ORANGE, PURPLE, TEAL
from dashboards.words import (
    count,
    cut,
    cut_end,
    exact,
    list_words,
    listing,
    percent,
    percent_range,
    plural,
    sentence,
    short_day,
    universe,
)

#: How the classes are called in a legend; the page tells what they mean.
CLASS_NAMES = {
    "first_party": "first party", "derived": "derived", "unknown": "unknown", "independent": "independent",
}  # fmt: skip
SHOWN_ORGANIZATIONS = 12
SHOWN_COUNTRIES = 8
_SHARE_AXIS = {"range": [0, 1.001], "tickformat": ".0%", "dtick": 0.25}
_CLASS_HEADINGS = {
    "snapshot_date": "List of", "scope": "List", "title": "Population", "evidence": "Evidence",
    "total": "Downloads in 30 days", "models": "Models", "universe": "Universe",
    "first_party_share": "First party", "derived_share": "Derived", "unknown_share": "Unknown",
    "independent_share": "Independent", "dependent_lower": "Dependent, at least",
    "dependent_upper": "Dependent, at most",
}  # fmt: skip


def _class_bars(figure: go.Figure, rows: pl.DataFrame, places: list[float], hovers: list[str]) -> None:
    """Stack the classes so that the unknown part lies between the bounds, and draw the bounds on it."""
    for name, colour in CLASSES.items():
        shares = rows[f"{name}_share"].to_list()
        pattern = {"shape": "/", "size": 6, "solidity": 0.35} if name == "unknown" else {}
        figure.add_trace(
            go.Bar(
                x=shares, y=places, orientation="h", name=CLASS_NAMES[name], width=0.5,
                marker={"color": colour, "pattern": pattern, "line": {"width": 0}},
                customdata=[[hover, percent(share)] for hover, share in zip(hovers, shares, strict=True)],
                hovertemplate=f"%{{customdata[0]}}<br>{CLASS_WORDS[name]}: %{{customdata[1]}}<extra></extra>",
            )
        )  # fmt: skip
    lower, upper = rows["dependent_lower"].to_list(), rows["dependent_upper"].to_list()
    figure.add_trace(
        go.Scatter(
            x=lower, y=places, mode="markers", name="bounds", showlegend=False, hoverinfo="skip",
            marker={"size": 1, "color": GREY},
            error_x={
                "type": "data", "symmetric": False, "thickness": 2, "width": 7, "color": GREY,
                "array": _widths(lower, upper), "arrayminus": [0.0] * len(lower),
            },
        )
    )  # fmt: skip
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(**_SHARE_AXIS)


def _widths(lower: Sequence[float], upper: Sequence[float]) -> list[float]:
    return [high - low for low, high in zip(lower, upper, strict=True)]


def class_shares(
    frame: pl.DataFrame, chosen: ModelList | None, universe_name: str, dominant: pl.DataFrame | None = None
) -> Chart:
    """Draw the class shares of every list side by side; never joined, because each is another population."""
    name, words = f"classes-{universe_name.replace('_', '-')}", universe(universe_name)
    question = f"How much of the downloads of {words} depends on well-funded organizations?"
    if chosen:
        mine = (pl.col("scope") == chosen.scope) & (pl.col("snapshot_date") == chosen.snapshot_date)
        frame = frame.sort(mine, descending=True, maintain_order=True)
    rows = frame
    if rows.is_empty():
        return nothing(name, question, f"No list of this release tells the downloads of {words}.")
    places, headers, place = [], [], 0.0
    previous = None
    for row in rows.iter_rows(named=True):
        if (row["scope"], row["snapshot_date"]) != previous:
            previous = (row["scope"], row["snapshot_date"])
            place -= 0.9
            headers.append((row, place + 0.5))
        places.append(place - 0.5)
        place -= 1.2
    figure = canvas(int(-place * 36) + 90)
    hovers = [
        f"{full(row['title'] or row['scope'])}<br>{short_day(row['snapshot_date'])}, {row['evidence']} "
        "evidence"
        for row in rows.iter_rows(named=True)
    ]
    _class_bars(figure, rows, places, hovers)
    labels = [f"{row['evidence']}: {percent_range(row['dependent_lower'], row['dependent_upper'])} dependent"
              for row in rows.iter_rows(named=True)]  # fmt: skip
    row_labels(figure, [*(_list_label(row, 90) for row, _ in headers), *labels],
               [*(at for _, at in headers), *places], 0.0)  # fmt: skip
    for annotation in figure.layout.annotations[len(headers) :]:
        annotation.y += 0.42
    figure.update_yaxes(range=[place, 0.1])
    on_phones(figure, height=figure.layout.height + 40)
    for number, (row, _) in enumerate(headers):
        on_phones(figure, **{f"annotations__{number}__text": _list_label(row, 32)})
    first, lists, dates = rows.row(0, named=True), len(headers), rows["snapshot_date"].to_list()
    return Chart(
        name=name,
        title=(
            f"{sentence(words)}: {percent_range(first['dependent_lower'], first['dependent_upper'])} of the "
            "downloads depend on well-funded organizations in the list of "
            f"{short_day(first['snapshot_date'])}"
        ),
        subtitle=(
            f"Share of 30-day downloads by class in {plural(lists, 'list')} of {short_day(min(dates))} to "
            f"{short_day(max(dates))} that tell downloads: the list of the headline, then by number of "
            "models, "
            "not by date. The hatched part is unknown; the whisker over it runs from the lower to the upper "
            "bound. Curated evidence admits verified register rows, declared only the models' own tags."
        ),
        alt="Stacked bars, one a list and kind of evidence: "
        + "; ".join(_alt(row) for row in rows.iter_rows(named=True)),
        table=rows.select(
            "scope", "title", "snapshot_date", "evidence", "models", "total", "first_party_share",
            "derived_share", "unknown_share", "independent_share", "dependent_lower", "dependent_upper",
        ),
        figure=figure,
        note=(
            "No line joins these lists and no trend can be read: each is another population, chosen by "
            "somebody else for another purpose. A list of chosen organizations or families shows that choice."
            + _dominated(rows, dominant)
        ),
        headings=_CLASS_HEADINGS,
    )  # fmt: skip


def _dominated(rows: pl.DataFrame, dominant: pl.DataFrame | None) -> str:
    """Name the lists in which one model has more than half of the downloads, and the model."""
    titles = {
        (row["scope"], row["snapshot_date"]): row["title"] or row["scope"]
        for row in rows.iter_rows(named=True)
    }
    parts = [
        f"in that of {short_day(row['snapshot_date'])} ({cut_end(titles[key], 110)}), "
        f"{cut(row['model_id'], 60)} has {percent(row['share'])}"
        for row in (dominant.iter_rows(named=True) if dominant is not None else [])
        if (key := (row["scope"], row["snapshot_date"])) in titles
    ]
    return f" One model has more than half of the downloads of a list: {listing(parts)}." if parts else ""


def _list_label(row: dict[str, Any], length: int) -> str:
    return f"<b>{short_day(row['snapshot_date'])}: {title_label(row['title'] or row['scope'], length)}</b>"


def _alt(row: dict[str, Any]) -> str:
    bounds = percent_range(row["dependent_lower"], row["dependent_upper"])
    return f"{cut(row['scope'], 40)} {row['evidence']} {bounds}"


def universes(frame: pl.DataFrame, chosen: ModelList) -> Chart:
    """Draw the class shares of one list by universe."""
    name, question = "classes-by-universe", "Does it differ by kind of model?"
    rows = frame.filter(pl.col("universe") != "all")
    if rows.is_empty():
        return nothing(name, question, "The headline list tells no downloads by universe.")
    places = [-1.2 * place for place in range(rows.height)]
    figure = canvas(int(43 * rows.height) + 90)
    hovers = [f"{full(sentence(universe(row['universe'])))}, {exact(round(row['total']))} downloads"
              for row in rows.iter_rows(named=True)]  # fmt: skip
    _class_bars(figure, rows, places, hovers)
    labels = [
        f"{label(sentence(universe(row['universe'])))}: "
        f"{percent_range(row['dependent_lower'], row['dependent_upper'])}"
        for row in rows.iter_rows(named=True)
    ]
    row_labels(figure, labels, places, 0.45)
    figure.update_yaxes(range=[places[-1] - 0.5, 0.8])
    widest = max(rows.iter_rows(named=True), key=lambda row: row["unknown_share"] * row["total"])
    return Chart(
        name=name,
        title=(
            f"The largest unknown part is that of {universe(widest['universe'])}: "
            f"{percent(widest['unknown_share'])} of {count(widest['total'])} downloads"
        ),
        subtitle=(
            "Share of 30-day downloads by class and universe of the task in "
            f"{list_words(chosen.title, chosen.snapshot_date)}, curated evidence. Each share is of the "
            "downloads of "
            "its universe, which the table gives."
        ),
        alt="Stacked bars, one a universe: "
        + "; ".join(labels),
        table=rows,
        figure=figure,
        headings=_CLASS_HEADINGS,
    )  # fmt: skip


def organizations(frame: pl.DataFrame, chosen: ModelList, universe_name: str) -> Chart:
    """Draw what lies in each organization's accounts, what originates with it, and what has it upstream."""
    name, words = f"organizations-{universe_name.replace('_', '-')}", universe(universe_name)
    known = frame.filter(pl.col("organization_id") != "unknown")
    rows = known.sort("origin_share", "organization_id", descending=[True, False]).head(SHOWN_ORGANIZATIONS)
    if rows.is_empty():
        return nothing(name, f"Whose are the {words}?", f"The headline list tells no downloads of {words}.")
    unknown = _total(frame.filter(pl.col("organization_id") == "unknown"), "origin_share")
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(44 * rows.height + 90, showlegend=True)
    series = (
        ("uploaded_share", "in accounts held by it or kept for it", "square-open", ORANGE),
        ("origin_share", "originates with it", "circle", BLUE),
        ("any_share", "has it anywhere upstream", "diamond-open", PURPLE),
    )
    for column, legend, symbol, colour in series:
        shares = rows[column].to_list()
        whisker = (
            {"error_x": {"type": "data", "symmetric": False, "array": [unknown] * rows.height,
                         "arrayminus": [0.0] * rows.height, "color": GREY, "thickness": 1.5, "width": 4}}
            if column == "origin_share" and unknown else {}
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=shares, y=places, mode="markers", name=legend, cliponaxis=False,
                marker={"size": 11, "symbol": symbol, "color": colour, "line": {"width": 2, "color": colour}},
                customdata=[
                    [full(row["organization"]), percent(row[column])] for row in rows.iter_rows(named=True)
                ],
                hovertemplate=f"%{{customdata[0]}}<br>{legend}: %{{customdata[1]}}<extra></extra>", **whisker,
            )
        )  # fmt: skip
    labels = [f"{label(row['organization'], 30)}: origin of {percent(row['origin_share'])}"
              for row in rows.iter_rows(named=True)]  # fmt: skip
    row_labels(figure, labels, places, 0.45)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[-rows.height + 0.4, 0.9], showgrid=True, tickvals=places)
    first = rows.row(0, named=True)
    registered = _total(frame, "uploaded_share")
    return Chart(
        name=name,
        title=(
            f"{sentence(words)}: {percent(first['origin_share'])} of the downloads originate with "
            f"{cut(first['organization'], 30)}; {percent(first['uploaded_share'])} lie in accounts held by "
            "it or kept for it"
        ),
        subtitle=(
            f"Share of {count(first['downloads_total'])} downloads in 30 days, the {rows.height} largest "
            f"origins in {list_words(chosen.title, chosen.snapshot_date)}, curated evidence. The whisker "
            f"adds all downloads of unknown origin ({percent(unknown)}), any part of which may be anybody's. "
            "A model of a well-funded maker that declares no base counts as that maker's own."
        ),
        alt="Three marks a row: " + "; ".join(
            f"{cut(row['organization'], 30)} {percent(row['uploaded_share'])} in its accounts, "
            f"{percent(row['origin_share'])} origin"
            for row in rows.iter_rows(named=True)
        ),
        table=rows.select("organization", "uploaded_share", "origin_share", "any_share").with_columns(
            origin_upper=pl.col("origin_share") + unknown
        ),
        figure=figure,
        note=(
            "Shares by account and origin shares add up over all organizations; shares of any path do not, "
            "because a model may have several organizations upstream. "
            f"{percent(1 - registered)} of the downloads were uploaded by accounts that no organization of "
            "the register holds. Some accounts, such as google-bert and openai-community, are kept by others "
            "for the maker's weights."
        ),
        headings={
            "organization": "Organization", "uploaded_share": "In accounts held by it or kept for it",
            "origin_share": "Originates with it",
            "any_share": "Has it anywhere upstream", "origin_upper": "Originates with it, at most",
        },
    )  # fmt: skip


def _total(rows: pl.DataFrame, column: str) -> float:
    return min(1.0, float(sum(value or 0.0 for value in rows[column].to_list())))


def countries(frame: pl.DataFrame, names: dict[str, str], chosen: ModelList, universe_name: str) -> Chart:
    """Draw where the origins of the downloads have their headquarters."""
    name, words = f"countries-{universe_name.replace('_', '-')}", universe(universe_name)
    if frame.is_empty():
        return nothing(
            name, f"Where do the {words} originate?", f"The headline list tells no downloads of {words}."
        )
    placed = frame.filter(pl.col("country").is_not_null(), pl.col("organization_id") != "unknown")
    nowhere = _total(frame, "origin_share") - _total(placed, "origin_share")
    sums = placed.group_by("country").agg(share=pl.col("origin_share").sum(), organizations=pl.len())
    rows = sums.filter(pl.col("share") > 0).sort("share", "country", descending=[True, False])
    others = rows.slice(SHOWN_COUNTRIES)
    rows = rows.head(SHOWN_COUNTRIES)
    if rows.is_empty():
        return nothing(
            name, f"Where do the {words} originate?", "No origin of this list has a country in the register."
        )
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(40 * rows.height + 70)
    shares = rows["share"].to_list()
    titles = [sentence(names.get(country, country)) for country in rows["country"].to_list()]
    figure.add_trace(
        go.Bar(
            x=shares, y=places, orientation="h", width=0.4, marker={"color": TEAL}, name="origin share",
            error_x={"type": "data", "symmetric": False, "array": [nowhere] * rows.height,
                     "arrayminus": [0.0] * rows.height, "color": GREY, "thickness": 1.5, "width": 4},
            customdata=[[full(title), percent(share)] for title, share in zip(titles, shares, strict=True)],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    texts = [f"{label(title, 30)}: {percent_range(share, min(1.0, share + nowhere))}"
             for title, share in zip(titles, shares, strict=True)]  # fmt: skip
    row_labels(figure, texts, places, 0.45)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[-rows.height + 0.5, 0.9])
    together = _total(rows.head(2), "share")
    pair = " and ".join(names.get(country, country) for country in rows["country"].to_list()[:2])
    return Chart(
        name=name,
        title=f"{sentence(words)}: at least {percent(together)} of the downloads originate in {pair}",
        subtitle=(
            f"Origin share of 30-day downloads by country of headquarters, in "
            f"{list_words(chosen.title, chosen.snapshot_date)}, curated evidence. The whisker adds what has "
            f"no known origin or country ({percent(nowhere)})."
        ),
        alt="Bars, one a country: " + "; ".join(texts),
        table=rows.select("country", "organizations", "share").with_columns(upper=pl.col("share") + nowhere),
        figure=figure,
        note=(
            f"Not drawn: {plural(others.height, 'country', 'countries')} with "
            f"{percent(_total(others, 'share'))} together. A headquarters is where a company is registered "
            "to lead from, not where a model was trained."
        ),
        headings={
            "country": "Country", "organizations": "Organizations", "share": "Share, at least",
            "upper": "Share, at most",
        },
    )  # fmt: skip


def switch(headlines: pl.DataFrame) -> Chart:
    """Draw what has OpenAI or Meta upstream, what has not, and what nobody knows."""
    name, question = "openai-meta", "What is left if OpenAI and Meta stop?"
    rows = headlines.filter(
        pl.col("headline") == "openai_meta_share",
        pl.col("lower").is_not_null(),
        pl.col("upper").is_not_null(),
    ).sort(pl.col("universe") != "generative_language", "universe")
    if rows.is_empty():
        return nothing(name, question, "No list of this release is large enough for this number.")
    rows = rows.with_columns(
        with_them=pl.col("lower"),
        undecided=pl.col("upper") - pl.col("lower"),
        without_them=1 - pl.col("upper"),
    )
    places = [-1.2 * place for place in range(rows.height)]
    figure = canvas(50 * rows.height + 90, showlegend=True, barmode="stack")
    parts = (("with_them", "OpenAI or Meta upstream", PURPLE, ""), ("undecided", "not known", GREY, "/"),
             ("without_them", "neither known upstream", OLIVE, ""))  # fmt: skip
    for column, legend, colour, shape in parts:
        shares = rows[column].to_list()
        figure.add_trace(
            go.Bar(
                x=shares, y=places, orientation="h", width=0.5, name=legend,
                marker={"color": colour, "pattern": {"shape": shape, "size": 6, "solidity": 0.35}},
                customdata=[percent(share) for share in shares],
                hovertemplate=f"{legend}: %{{customdata}}<extra></extra>",
            )
        )  # fmt: skip
    names = [label(sentence(universe(row["universe"]))) for row in rows.iter_rows(named=True)]
    texts = [
        f"{one}: {percent_range(1 - row['upper'], 1 - row['lower'])} left"
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]
    row_labels(figure, texts, places, 0.45)
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(**_SHARE_AXIS)
    figure.update_yaxes(range=[places[-1] - 0.5, 0.8])
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=(
            f"Without OpenAI and Meta, {percent_range(1 - first['upper'], 1 - first['lower'])} of the "
            f"downloads of {universe(first['universe'])} would be left"
        ),
        subtitle=(
            f"Share of {first['denominator']}, {first['title'] or first['scope']}, "
            f"{short_day(first['as_of_date'])}, curated evidence. Upstream is anywhere in the known "
            "lineage, the two's own models included."
        ),
        alt="Stacked bars: " + "; ".join(texts),
        table=rows.select("universe", "as_of_date", "scope", "with_them", "undecided", "without_them"),
        figure=figure,
        note=(
            "What is not left has one of the two somewhere upstream. Files that are out would go on "
            "working if the two only stopped to release; and people would turn to others, which no number "
            "here guesses. Not known is what has no known origin, and what is only assumed to be its "
            "well-funded uploader's own work because it declares no base and no register has it."
        ),
        headings={
            "universe": "Universe", "as_of_date": "List of", "scope": "List",
            "with_them": "OpenAI or Meta upstream", "undecided": "Not known",
            "without_them": "Neither upstream",
        },
    )  # fmt: skip
