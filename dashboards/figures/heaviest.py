"""The heaviest: the ten models and the ten accounts that carry the headline."""

import plotly.graph_objects as go
import polars as pl

from dashboards.data import ModelList
from dashboards.figures.chart import Chart, canvas, full, label, nothing, row_labels
from dashboards.theme import CLASSES
from dashboards.words import cut, exact, list_words, percent, universe

_WORDS = {
    "first_party": "first party",
    "derived": "derived",
    "unknown": "unknown",
    "independent": "independent",
}


def models(frame: pl.DataFrame, chosen: ModelList, universe_name: str) -> Chart:
    """Name the most downloaded models with their class."""
    name = f"heaviest-models-{universe_name.replace('_', '-')}"
    words = universe(universe_name)
    if frame.is_empty():
        return nothing(
            name, f"Which {words} are the heaviest?", f"The headline list has no downloads of {words}."
        )
    texts = [f"{label(row['model_id'], 40)}: {percent(row['share'])}, {_WORDS[row['dependence_class']]}"
             for row in frame.iter_rows(named=True)]  # fmt: skip
    hovers = [f"{full(row['model_id'])}<br>{exact(row['downloads_30d'])} downloads in 30 days"
              for row in frame.iter_rows(named=True)]  # fmt: skip
    figure = _bars(frame, texts, hovers, frame["dependence_class"].to_list())
    several = frame.height > 1
    carry = f"The {frame.height} heaviest of {words} carry" if several else f"The heaviest of {words} carries"
    return Chart(
        name=name,
        title=(
            f"{carry} {percent(sum(frame['share'].to_list()))} of their downloads in this list"
        ),
        subtitle=_subtitle(chosen, words),
        alt="Bars, one a model: " + "; ".join(
            f"{cut(row['model_id'], 60)} {percent(row['share'])}" for row in frame.iter_rows(named=True)
        ),
        table=frame.select(
            "place", "model_id", "uploader", "base_model_id", "dependence_class", "downloads_30d", "share"
        ),
        figure=figure,
        headings={
            "place": "Place", "model_id": "Model", "uploader": "Uploaded by",
            "base_model_id": "Last known ancestor", "dependence_class": "Class",
            "downloads_30d": "Downloads in 30 days", "share": "Share",
        },
    )  # fmt: skip


def accounts(frame: pl.DataFrame, chosen: ModelList, universe_name: str) -> Chart:
    """Name the most downloaded accounts, with the class that the register gives them."""
    name = f"heaviest-accounts-{universe_name.replace('_', '-')}"
    words = universe(universe_name)
    if frame.is_empty():
        return nothing(
            name, f"Which accounts carry the {words}?", f"The headline list has no downloads of {words}."
        )
    classes = [_account_class(row["first_party_share"]) for row in frame.iter_rows(named=True)]
    texts = [f"{label(row['account'], 30)}: {percent(row['share'])}, {row['funding'] or 'not registered'}"
             for row in frame.iter_rows(named=True)]  # fmt: skip
    hovers = [
        f"{full(row['account'])}<br>{full(row['organization'] or 'not registered')}<br>"
        f"{exact(row['downloads_30d'])} downloads in 30 days"
        for row in frame.iter_rows(named=True)
    ]
    figure = _bars(frame, texts, hovers, classes)
    first = frame.row(0, named=True)
    headings = {
        "place": "Place", "account": "Account", "organization": "Organization", "funding": "Funding",
        "models": "Models", "downloads_30d": "Downloads in 30 days", "share": "Share",
        "first_party_share": "Part that is first party", "at_stake_share": "Would move the lower bound by",
    }  # fmt: skip
    return Chart(
        name=name,
        title=(
            f"One account, {cut(first['account'], 40)}, carries {percent(first['share'])} of the downloads "
            f"of {words} in this list"
        ),
        subtitle=_subtitle(chosen, words)
        + " Blue: its organization is well funded on that day. Grey: it is not, or not known to be.",
        alt="Bars, one an account: "
        + "; ".join(
            f"{cut(row['account'], 60)} {percent(row['share'])}" for row in frame.iter_rows(named=True)
        ),
        table=frame.select(column for column in headings if column in frame.columns),
        figure=figure,
        note=sensitivity(frame),
        headings=headings,
    )


def sensitivity(frame: pl.DataFrame) -> str:
    """Say how far the class of one account can move the headline; nothing where the release does not tell."""
    if "at_stake_share" not in frame.columns:
        return ""
    rows = frame.filter(pl.col("at_stake_share") > 0).sort(
        "at_stake_share", "place", descending=[True, False]
    )
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    is_in = (row["first_party_share"] or 0) > 0
    return (
        f"The class of one account can move the headline. Were the organization of "
        f"{cut(row['account'], 40)} {'not ' if is_in else ''}well funded, the lower bound of dependence "
        f"would {'fall' if is_in else 'rise'} by {_points(row['at_stake_share'])}; of the accounts named "
        "here none would move it further."
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f} percentage points"


def _account_class(first_party: float | None) -> str:
    return "first_party" if (first_party or 0) >= 0.5 else "unknown"


def _subtitle(chosen: ModelList, words: str) -> str:
    listed = list_words(chosen.title, chosen.snapshot_date)
    return f"Share of the 30-day downloads of {words} in {listed}, curated evidence."


def _bars(frame: pl.DataFrame, texts: list[str], hovers: list[str], classes: list[str]) -> go.Figure:
    places = [float(-place) for place in range(frame.height)]
    figure = canvas(40 * frame.height + 60)
    figure.add_trace(
        go.Bar(
            x=frame["share"].to_list(), y=places, orientation="h", width=0.36, name="share of downloads",
            marker={"color": [CLASSES[one] for one in classes]},
            customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    row_labels(figure, texts, places, 0.42)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%", nticks=6)
    figure.update_yaxes(range=[-frame.height + 0.5, 0.85])
    return figure
