"""Dependence: who holds the switch?"""

from dashboards.data import ModelList, Release
from dashboards.figures import dependence
from dashboards.figures.chart import Chart
from dashboards.pages.overview import FIRST, choice, dependence_answer, list_limit
from dashboards.pages.page import Page, Section
from dashboards.words import definitions, paragraphs

#: Countries as they stand in a sentence; others keep their code.
COUNTRIES = {
    "US": "the United States", "CN": "China", "DE": "Germany", "FR": "France", "KR": "South Korea",
    "GB": "the United Kingdom", "CA": "Canada", "JP": "Japan", "TH": "Thailand", "IL": "Israel",
    "RU": "Russia", "SG": "Singapore", "AE": "the United Arab Emirates", "CH": "Switzerland", "CL": "Chile",
    "AU": "Australia", "SA": "Saudi Arabia", "LV": "Latvia", "ES": "Spain", "CZ": "Czechia", "GR": "Greece",
    "SE": "Sweden", "IT": "Italy", "NL": "the Netherlands", "IN": "India", "FI": "Finland", "BR": "Brazil",
}  # fmt: skip

CLASSES = definitions(
    """
    First party: Lies in an account held by a well-funded organization or kept for it. Well-funded is one that
    is a public or comparable large company, or that raised or was given more than 100 million US dollars.
    Some accounts, such as google-bert and openai-community, are kept by others for the maker's weights.

    Derived: Lies in another account, with at least one well-funded organization anywhere upstream.

    Independent: Every root of its descent is registered as trained from scratch by an organization known not
    to be well funded.

    Unknown: No lineage is known that decides. It makes the difference between the lower and the upper bound
    and is never counted as independent.
    """
)


def build(release: Release) -> Page:
    """Gather the page on dependence."""
    headlines, chosen, coverage = release.headlines(), release.headline_list(), release.coverage()
    return Page(
        file="dependence.html",
        name="Dependence",
        question="Who holds the switch?",
        answer=dependence_answer(headlines, chosen),
        sections=[
            Section(
                "By class, list beside list",
                text=[
                    *choice(chosen, coverage),
                    *paragraphs(
                        """
                    The lists stand side by side. They are never joined by a line: each is a picture of a
                    different population, so a difference between two of them is as likely the choice of the
                    list as a change in the world.
                    """
                    ),
                ],
                definitions=CLASSES,
                charts=[
                    dependence.class_shares(
                        release.dependence(name), chosen, name, release.dominant_models(name)
                    )
                    for name in (FIRST, "all")
                ],
            ),
            Section("By universe, organization and country", charts=_by_organization(release, chosen)),
            Section("If OpenAI and Meta stop", charts=[dependence.switch(headlines)]),
        ],
        limits=[
            *list_limit(chosen, coverage),
            *paragraphs(
                """
            Only what is declared or was looked up is known. Registers cover the most downloaded models first,
            so the lower bound rises with work done and not only with the world.

            Whether an organization is well funded is a register row with its source. Where that is not
            verified, its models count as unknown, unless others upstream decide.

            A model of a well-funded organization that declares no base counts as its own work. Where it
            silently stands on another's, the share of that other is larger than shown.

            All is read from one platform, itself an American company. ModelScope, Ollama, mirrors and private
            use are unseen.
            """
            ),
        ],
    )


def _by_organization(release: Release, chosen: ModelList | None) -> list[Chart]:
    if chosen is None:
        return []
    charts = [dependence.universes(release.universes(chosen), chosen)]
    for name in (FIRST, "all"):
        frame = release.organizations(chosen, name)
        charts.append(dependence.organizations(frame, chosen, name))
        charts.append(dependence.countries(frame, COUNTRIES, chosen, name))
    return charts
