"""How the site looks where CSS cannot say it: fixed colours and the Plotly template.

A colour belongs to an organization, a class or a kind for ever, on every page. All of them keep a contrast
of 3:1 on the light and on the dark ground, and none is the only carrier of a meaning.
"""

from typing import Any

BLUE, ORANGE, GREEN, PURPLE, RED = "#3b7dd8", "#cf6a1d", "#2a8f5b", "#9a63c9", "#d64550"
TEAL, GREY, BROWN, PINK, OLIVE = "#1c8a9c", "#808890", "#a3713d", "#c9589b", "#7f8a1f"

ORGANIZATIONS = {
    "meta": BLUE,
    "google": GREEN,
    "openai": TEAL,
    "alibaba": PURPLE,
    "mistral": ORANGE,
    "microsoft": OLIVE,
    "deepseek": RED,
    "hugging-face": BROWN,
    "stability-ai": PINK,
}

CLASSES = {"first_party": BLUE, "derived": TEAL, "unknown": GREY, "independent": ORANGE}

KINDS = {
    "leak": RED,
    "withdrawal": BROWN,
    "open_release": GREEN,
    "gated_release": TEAL,
    "proprietary_launch": PURPLE,
    "announcement": GREY,
}
#: Regimes of growth; each also stands in words wherever it is drawn.
REGIMES = {"explosive": RED, "growing": TEAL, "plateau": GREY, "contraction": PURPLE, "undetermined": OLIVE}
#: Licence classes, gates and ways out; what nobody tells is grey.
OPENNESS = {
    "osi_approved": GREEN,
    "open_content": TEAL,
    "custom": ORANGE,
    "noncommercial": RED,
    "unstated": BROWN,
    "unclassified": OLIVE,
    "none_known": GREY,
    "open": GREEN,
    "gated": TEAL,
    "open_release": GREEN,
    "gated_release": TEAL,
    "leaked_and_released": PINK,
    "leaked": RED,
    "unknown": GREY,
}
#: How a model descends from its parent.
RELATIONS = {
    "finetune": BLUE,
    "adapter": ORANGE,
    "quantized": GREEN,
    "merge": PURPLE,
    "copy": TEAL,
    "unspecified": BROWN,
}
SERIES = (BLUE, ORANGE, GREEN, PURPLE, RED, TEAL, BROWN, PINK, OLIVE, GREY)

GROUNDS = {"light": "#ffffff", "dark": "#15191e"}
_INKS = {"light": "#22282f", "dark": "#e4e8ec"}
_GRIDS = {"light": "#e3e6ea", "dark": "#323a43"}


def organization_colour(organization_id: str | None) -> str:
    """Give the colour of an organization; those without one of their own are grey."""
    return ORGANIZATIONS.get(organization_id or "", GREY)


def template(mode: str) -> dict[str, Any]:
    """Give the Plotly template for light or dark ground."""
    axis = {
        "gridcolor": _GRIDS[mode],
        "linecolor": _GRIDS[mode],
        "zerolinecolor": _GRIDS[mode],
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        "ticklabeloverflow": "allow",
        "title": {"font": {"size": 12}, "standoff": 8},
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {
                "family": "system-ui, -apple-system, 'Segoe UI', sans-serif",
                "size": 13,
                "color": _INKS[mode],
            },
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": GROUNDS[mode],
                "bordercolor": _GRIDS[mode],
                "font": {"color": _INKS[mode]},
                "align": "left",
            },
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"},
            "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
            "annotationdefaults": {"font": {"color": _INKS[mode]}, "showarrow": False},
            "bargap": 0.2,
            "hovermode": "closest",
            "separators": ".,",
        }
    }
