"""Still pictures: each mark in its place, nothing that a name could smuggle in or that Plotly would deny."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboards.figures.chart import Chart, canvas, label, nothing, on_phones
from dashboards.language import Language
from dashboards.stills import narrow_height, preview, still
from dashboards.words import cut
from tests.dashboards.conftest import HOSTILE

EN, ZH = Language("en"), Language("zh")
BLUE, RED = "#3b7dd8", "#d64550"
Traces = Sequence[go.Scatter | go.Bar | go.Heatmap]


def chart(traces: Traces, **layout: Any) -> Chart:
    figure = canvas(200, **layout)
    figure.add_traces(list(traces))
    return Chart("c", "t", "", "", pl.DataFrame(), figure)


def points(x: Sequence[Any], y: Sequence[Any], **more: Any) -> go.Scatter:
    return go.Scatter(x=x, y=y, **{"mode": "markers", "marker": {"color": BLUE, "size": 8}} | more)


def bar(x: Sequence[Any], y: Sequence[Any], **more: Any) -> go.Bar:
    return go.Bar(x=x, y=y, **{"marker": {"color": BLUE}, "width": 0.5} | more)


def drawn(one: Chart, t: Language = EN) -> ET.Element:
    """Give the widest form of a still."""
    text = still(one, t)
    assert text is not None
    return ET.fromstring(f"<all>{text}</all>")[0]


def places(one: Chart, kind: str, *names: str) -> list[tuple[str, ...]]:
    """Give some attributes of all elements of a kind."""
    return [tuple(node.get(name, "") for name in names) for node in drawn(one).iter(kind)]


def labels(one: Chart, t: Language = EN) -> list[str]:
    return ["".join(node.itertext()) for node in drawn(one, t).iter("text")]


LINEAR = {"xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 100]}}


def test_five_points_stand_exactly_where_their_numbers_say() -> None:
    one = chart([points([0, 2.5, 5, 7.5, 10], [100, 75, 50, 25, 0])], **LINEAR)
    shares = ("0%", "25%", "50%", "75%", "100%")
    assert places(one, "circle", "cx", "cy", "r") == [(share, share, "4") for share in shares]


def test_what_lies_beyond_the_axes_is_not_drawn() -> None:
    one = chart([points([-1, 5, 11, 5, None], [50, 50, 50, 101, 50])], **LINEAR)
    assert places(one, "circle", "cx", "cy") == [("50%", "50%")]


def test_a_line_breaks_where_its_data_break() -> None:
    line = points(
        [0, 5, None, 5, 10], [0, 50, None, 50, 100], mode="lines", line={"color": RED, "dash": "dot"}
    )
    ((path, dashes),) = places(chart([line], **LINEAR), "path", "d", "stroke-dasharray")
    assert path == "M0 100L50 50M50 50L100 0"
    assert dashes == "3"


def test_dates_lie_by_their_days_and_years_are_named_in_the_language() -> None:
    days = ["2023-01-01", "2023-07-02", "2024-01-01", "2024-07-01", "2025-01-01"]
    one = chart(
        [points(days, [1] * 5)],
        xaxis={"range": ["2023-01-01", "2025-01-01"], "dtick": "M12"},
        yaxis={"range": [0, 2], "showticklabels": False},
    )
    assert [x for x, _ in places(one, "circle", "cx", "cy")] == ["0%", "24.9%", "49.93%", "74.83%", "100%"]
    assert labels(one) == ["2023", "2024", "2025"]
    assert labels(one, ZH) == ["2023年", "2024年", "2025年"]


def test_months_are_named_where_a_year_is_too_long() -> None:
    days = ["2024-01-01", "2024-12-01"]
    axes: dict[str, Any] = {"xaxis": {"range": days, "dtick": "M6"}, "yaxis": {"range": [0, 1]}}
    assert labels(chart([points(days, [1, 1])], **axes))[:2] == ["Jan 2024", "Jul 2024"]
    assert labels(chart([points(days, [1, 1])], **axes), ZH)[:2] == ["2024年1月", "2024年7月"]


def test_a_logarithmic_axis_has_equal_steps_and_no_place_for_nothing() -> None:
    one = chart(
        [points([1, 2, 3, 4, 5], [0, 1, 10, 100, 1000])],
        xaxis={"range": [0, 6]},
        yaxis={"type": "log", "range": [0, 3], "dtick": 1},
    )
    assert [y for _, y in places(one, "circle", "cx", "cy")] == ["100%", "66.67%", "33.33%", "0%"]
    assert labels(one)[-4:] == ["1", "10", "100", "1000"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"range": [0, 1], "tickformat": ".0%"}, ["0%", "20%", "40%", "60%", "80%", "100%"]),
        ({"range": [0, 4.4], "ticksuffix": "%", "dtick": 2}, ["0%", "2%", "4%"]),
        ({"range": [-50, 100], "dtick": 50}, ["−50", "0", "50", "100"]),
        ({"range": [0, 4951]}, ["0", "1000", "2000", "3000", "4000"]),
        ({"range": [0, 12605]}, ["0", "5k", "10k"]),
        ({"range": [0, 57557], "tickformat": ",d", "dtick": 20000}, ["0", "20,000", "40,000"]),
        ({"range": [0, 3], "tickvals": [0, 2], "ticktext": ["none", "a &lt; b"]}, ["none", "a < b"]),
        ({"range": [2, 4.5], "type": "log", "dtick": 1, "tickprefix": "&#36;", "tickformat": "~s"},
         ["$100", "$1k", "$10k"]),
    ],
)  # fmt: skip
def test_ticks_stand_and_read_as_plotly_has_them(options: dict[str, Any], words: list[str]) -> None:
    one = chart([points([1], [1])], xaxis={"range": [0, 2], "showticklabels": False}, yaxis=options)
    assert labels(one) == words


def test_stacked_bars_begin_where_the_last_one_ends() -> None:
    one = chart(
        [bar([1, 2], [0, -1], orientation="h"), bar([3, 2], [0, -1], orientation="h", marker={"color": RED})],
        barmode="stack", xaxis={"range": [0, 4]}, yaxis={"range": [-1.5, 0.5], "showticklabels": False},
    )  # fmt: skip
    assert places(one, "rect", "x", "width", "y", "height", "fill") == [
        ("0%", "25%", "12.5%", "25%", BLUE),
        ("0%", "50%", "62.5%", "25%", BLUE),
        ("25%", "75%", "12.5%", "25%", RED),
        ("50%", "50%", "62.5%", "25%", RED),
    ]


def test_bars_stand_on_words_in_the_order_of_the_data() -> None:
    one = chart([bar(["b", "a"], [1, 2], width=1)], xaxis={}, yaxis={"range": [0, 2]})
    assert places(one, "rect", "x", "width", "height") == [("0%", "50%", "50%"), ("50%", "50%", "100%")]
    assert labels(one)[:2] == ["b", "a"]


def test_a_bar_too_thin_to_see_is_one_pixel_thick_and_hatches_are_defined() -> None:
    hatched = {"color": BLUE, "pattern": {"shape": "/"}}
    one = chart(
        [bar([1e-4], [0], orientation="h", marker=hatched)], xaxis={"range": [0, 1]}, yaxis=LINEAR["yaxis"]
    )
    ((wide, fill),) = places(one, "rect", "width", "fill")
    assert wide == "1"
    assert [fill] == [f"url(#{name})" for (name,) in places(one, "pattern", "id")]


def test_text_in_a_bar_is_written_only_where_it_goes_in() -> None:
    inside = {
        "text": ["90 %", "0.1 %"],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
    }
    inside |= {"textfont": {"color": "#ffffff"}}
    one = chart([bar([0.9, 0.001], [0, 1], orientation="h", **inside)], xaxis={"range": [0, 1]},
                yaxis={"range": [-1, 2], "showticklabels": False})  # fmt: skip
    assert "90 %" in labels(one)
    assert "0.1 %" not in labels(one)


def test_error_bars_reach_from_end_to_end() -> None:
    span = {"type": "data", "symmetric": False, "array": [2], "arrayminus": [1], "color": RED, "width": 3}
    one = chart([points([5], [50], error_x=span)], **LINEAR)
    assert places(one, "line", "x1", "x2", "y1")[-1] == ("40%", "70%", "50%")


def test_shapes_and_notes_refer_to_the_axes_or_the_whole_drawing() -> None:
    line = {"type": "line", "x0": 5, "x1": 5, "y0": 0, "y1": 1, "yref": "paper"}
    line |= {"line": {"color": RED, "width": 1}}
    area = {"type": "rect", "x0": 2, "x1": 4, "y0": 0, "y1": 1, "yref": "y domain"}
    area |= {"fillcolor": BLUE, "line": {"width": 0}}
    one = chart(
        [points([5], [50])], **LINEAR,
        shapes=[line, area],
        annotations=[{"text": "<b>here</b>", "x": 5, "y": 1, "yref": "paper", "showarrow": False}],
    )  # fmt: skip
    assert ("50%", "50%", "100%", "0%") in places(one, "line", "x1", "x2", "y1", "y2")
    assert places(one, "rect", "x", "width", "y", "height") == [("20%", "20%", "0%", "100%")]
    (bold,) = drawn(one).iter("tspan")
    assert (bold.text, bold.get("font-weight")) == ("here", "bold")


def test_the_legend_names_what_has_a_name_in_it() -> None:
    one = chart(
        [points([1], [1], name="first &amp; last"), points([2], [2], name="hidden", showlegend=False)],
        **LINEAR, showlegend=True,
    )  # fmt: skip
    assert ["".join(node.itertext()) for node in drawn(one).iter("span")] == ["first & last"]


def test_phones_have_their_own_words_and_height() -> None:
    one = chart([points([5], [50])], **LINEAR, annotations=[{"text": "a long sentence", "x": 5, "y": 50}])
    assert one.figure is not None
    assert narrow_height(one) is None
    on_phones(one.figure, annotations__0__text="short", height=300)
    assert narrow_height(one) == 300
    forms = {
        node.get("class"): "".join(node.itertext()) for node in ET.fromstring(f"<all>{still(one, EN)}</all>")
    }
    assert set(forms) == {"still wide middle", "still narrow"}
    assert "a long sentence" in forms["still wide middle"]
    assert "a long sentence" not in forms["still narrow"]
    assert "short" in forms["still narrow"]


HARMLESS = {
    "all", "div", "span", "svg", "g", "path", "circle", "rect", "line", "text", "tspan", "title",
    "foreignObject",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE[:4])
def test_names_are_text_and_nothing_else(name: str) -> None:
    text = label(name, 20)
    one = chart(
        [bar([1], [text], orientation="h", name=text),
         points([5], [text], mode="markers+text", text=[text], name=text, textposition="top right")],
        xaxis={"range": [0, 10], "title": {"text": text}}, yaxis={"title": {"text": text}}, showlegend=True,
        annotations=[{"text": text, "x": 0.5, "xref": "paper", "y": 0.5, "yref": "paper"}],
    )  # fmt: skip
    for picture in (still(one, EN), preview(one, EN)):
        assert picture is not None
        nodes = list(ET.fromstring(f"<all>{picture}</all>").iter())
        assert {node.tag.rpartition("}")[2] for node in nodes} <= HARMLESS
        assert not [name for node in nodes for name in node.attrib if name.startswith("on")]
        seen = ["".join(node.itertext()) for node in nodes if node.tag.endswith(("text", "span"))]
        times, rest = divmod(seen.count(cut(name, 20)), 7)
        assert times > 0
        assert rest == 0


def test_raw_markup_in_a_figure_is_text_too() -> None:
    one = chart([points([5], [50])], **LINEAR, annotations=[{"text": "<i onclick=x>a</i>", "x": 5, "y": 50}])
    assert "<i onclick=x>a</i>" in labels(one)


@pytest.mark.parametrize(
    "one",
    [
        nothing("a", "b", "c"),
        chart([]),
        chart([go.Heatmap(z=[[1]])]),
        chart([points([], [])]),
        chart([points([1], [1], marker={"color": [0.5], "colorscale": "Viridis"})]),
        chart([points([1], [1], marker={"color": "rebeccapurple"})], **LINEAR),
        chart([points([1], [1], marker={"color": BLUE, "symbol": "star-diamond"})], **LINEAR),
        chart([points([1], [1], fill="tonexty")], **LINEAR),
        chart([points([1, 2], [1])], **LINEAR),
        chart([points([1, 2], [1, 2], marker={"color": [BLUE]})], **LINEAR),
        chart([points([1], [1])], xaxis={"range": [0, 1]}, yaxis={"tickvals": [0], "ticktext": ["x" * 200]}),
        chart([points([1], [1], xaxis="x2")], xaxis2={}),
        chart([points([1], [1])], xaxis={"type": "multicategory"}),
        chart([points([1], [1])], xaxis={"range": [10, 0]}, yaxis={"range": [0, 1]}),
        chart([points([1], [1])], xaxis={"range": [1, 1.5], "type": "log"}, yaxis={"range": [0, 1]}),
        chart([points([1], [1])], **LINEAR, annotations=[{"text": "a", "x": 1, "y": 1, "showarrow": True}]),
        chart([points([1], [1])], **LINEAR, annotations=[{"text": "a", "x": 1, "y": 1, "textangle": -90}]),
        chart([points([1], [1])], **LINEAR, shapes=[{"type": "circle", "x0": 0, "x1": 1, "y0": 0, "y1": 1}]),
        chart([bar([1], [1]), bar([1], [1])], **LINEAR),
        chart([bar([1], [-1]), bar([1], [1])], barmode="stack", **LINEAR),
        chart([bar([1], [1], marker={"color": BLUE, "pattern": {"shape": "x"}})], **LINEAR),
        chart([points([1], [1])], xaxis={"range": [0, 10], "dtick": 0.1}, yaxis={"range": [0, 1]}),
    ],
)  # fmt: skip
def test_in_doubt_there_is_no_still(one: Chart) -> None:
    assert still(one, EN) is None
    assert preview(one, EN) is None


def test_a_preview_stands_alone() -> None:
    picture = preview(chart([points([5], [50])], **LINEAR), EN)
    assert picture is not None
    root = ET.fromstring(picture)
    assert (root.get("width"), root.get("height")) == ("920", "200")
    assert list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert not re.search(r"(href|src|url)\s*[=(]", picture)
