"""Which landed snapshots stay in the tables, and whose pages may go: a year must fit on a laptop.

A whole walk over the Hub is half a gigabyte a time; its counters (five megabytes, see warehouse/counters) are
kept for ever. What cannot be had again is thinned out only here, and only when its counters are kept.
"""

from datetime import date, timedelta

from pipelines.sources.payloads import Manifest

#: Daily pictures of a part of the Hub stay in the tables that long; of older months the last one.
DAILY_DAYS = 31
#: Whole walks of which every page is kept besides the last of each quarter.
WHOLE_WALKS = 2


def in_tables(manifests: list[Manifest]) -> list[Manifest]:
    """Give the lists that the tables hold: all recorded ones, and of each live scope the newest ones.

    Of whole lists only the newest: three million rows each. Counters of all others are in
    staging.model_counts.
    """
    kept = [manifest for manifest in manifests if not manifest.snapshot.is_live]
    for of_scope in _by_scope(manifests).values():
        if of_scope[-1].snapshot.is_whole_population:
            kept.append(of_scope[-1])
        else:
            kept += _daily_then_monthly(of_scope)
    return [manifest for manifest in kept if not manifest.is_thinned]


def thinnable(manifests: list[Manifest]) -> list[Manifest]:
    """Give the whole lists whose pages may be removed once their counters are kept."""
    found = []
    for of_scope in _by_scope(manifests).values():
        if of_scope[-1].snapshot.is_whole_population:
            last_of_quarter = {_quarter(manifest.snapshot.day): manifest.snapshot for manifest in of_scope}
            newest = [manifest.snapshot for manifest in of_scope[-WHOLE_WALKS:]]
            keep = [*last_of_quarter.values(), *newest]
            found += [m for m in of_scope if m.snapshot not in keep and not m.is_thinned]
    return found


def _by_scope(manifests: list[Manifest]) -> dict[tuple[str, str], list[Manifest]]:
    """Group the live, complete lists by source and scope, oldest first."""
    scopes: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in sorted(manifests, key=lambda manifest: manifest.snapshot.day):
        if manifest.snapshot.is_live and manifest.is_complete:
            scopes.setdefault((manifest.snapshot.source, manifest.snapshot.scope), []).append(manifest)
    return scopes


def _daily_then_monthly(of_scope: list[Manifest]) -> list[Manifest]:
    newest = of_scope[-1].snapshot.day
    last_of_month = {manifest.snapshot.day.strftime("%Y-%m"): manifest.snapshot.day for manifest in of_scope}
    keep = {*last_of_month.values()}
    return [
        manifest
        for manifest in of_scope
        if manifest.snapshot.day in keep or manifest.snapshot.day > newest - timedelta(days=DAILY_DAYS)
    ]


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3
