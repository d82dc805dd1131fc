"""Still pictures: the shape of a figure, in its place, and nothing that a name could smuggle in."""

import xml.etree.ElementTree as ET

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, nothing
from dashboards.thumbnails import thumbnail


def chart(*traces: go.Scatter | go.Bar | go.Heatmap, title: str = "t", **layout: object) -> Chart:
    return Chart("c", title, "", "", pl.DataFrame(), go.Figure(data=list(traces), layout=layout))


def shapes(one: Chart) -> list[tuple[str, dict[str, str]]]:
    picture = thumbnail(one)
    assert picture is not None
    return [(node.tag.rpartition("}")[2], node.attrib) for node in ET.fromstring(picture)][1:]


def test_a_line_breaks_where_its_data_break() -> None:
    drawn = shapes(chart(go.Scatter(x=["2023-01-01", "2023-01-02", None, "2023-01-03"], y=[1, 2, None, 3])))
    assert [kind for kind, _ in drawn] == ["polyline", "polyline"]
    assert drawn[0][1]["points"] == "10.0,169.0 160.0,90.0"


def test_stacked_bars_begin_where_the_last_one_ends() -> None:
    one, two = (go.Bar(x=[share], y=[0.0], orientation="h", marker={"color": "#112233"}) for share in (1, 3))
    drawn = shapes(chart(one, two, barmode="stack"))
    assert [attributes["points"] for _, attributes in drawn] == [
        "10.0,90.0 85.0,90.0",
        "85.0,90.0 310.0,90.0",
    ]
    assert drawn[0][1]["stroke"] == "#112233"


def test_a_logarithmic_axis_has_no_place_for_nothing() -> None:
    drawn = shapes(chart(go.Scatter(x=[1, 2, 3], y=[0, 10, 1000], mode="markers"), yaxis={"type": "log"}))
    assert [attributes["cy"] for _, attributes in drawn] == ["169.0", "11.0"]


def test_what_cannot_be_drawn_small_has_no_picture() -> None:
    assert thumbnail(nothing("a", "b", "c")) is None
    assert thumbnail(chart(go.Heatmap(z=[[1]]))) is None
    assert thumbnail(chart(go.Scatter(x=[], y=[]))) is None


def test_names_are_text() -> None:
    picture = thumbnail(
        chart(go.Scatter(x=["<b>", "</svg>"], y=[1, 2], marker={"color": "#fff"}), title="</title><script>")
    )
    assert picture is not None
    assert "<script>" not in picture
    assert ET.fromstring(picture)[0].text == "</title><script>"
