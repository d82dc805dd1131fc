"""What the page about open against closed asks: the arena, packages, costs of training, stars and tokens."""

import polars as pl

from dashboards.data.release import Release


def arena(release: Release) -> pl.DataFrame:
    """Give the gap on the general boards, past and present; never one line over two boards or scales."""
    return release.frame(
        """
        select board, as_of_date, scale, noise_points, models, unverified_models, open_model, open_rating,
            proprietary_model, proprietary_rating, gap_points, gap_lower, gap_upper, interval_lower,
            interval_upper, open_win_share, caught_up_date, lag_days, lag_status, note
        from marts.arena_gap
        where board in ('lmarena-history', 'text/overall')
        order by board, as_of_date
        """
    )


def package_shares(release: Release) -> pl.DataFrame:
    """Give the share of proprietary packages month by month, of all packages and of clients alone.

    The client of the Hub is installed with open libraries: its part of the open downloads, and the share
    without it, are given beside.
    """
    return release.frame(
        """
        select s.package_set, s.as_of_date, s.list_length, s.open_packages, s.proprietary_packages,
            s.censored_packages, s.proprietary_share, s.proprietary_lower, s.panel_packages, s.panel_share,
            s.panel_share_before, s.note, h.downloads_30d / nullif(s.open_downloads_30d, 0) as hub_share,
            s.proprietary_downloads_30d / nullif(
                s.open_downloads_30d + s.proprietary_downloads_30d - h.downloads_30d, 0
            ) as share_without_hub
        from marts.package_shares as s
        left join marts.package_downloads_30d as h
            on h.package = 'huggingface-hub' and h.as_of_date = s.as_of_date and h.access = 'open'
                and h.role in ('sdk', 'runtime')
        order by s.package_set, s.as_of_date
        """
    )


def packages(release: Release) -> pl.DataFrame:
    """Give the downloads of the clients, which a program installs to talk to a model or to run one.

    Censored days too. `counted`: how many clients of either kind the shares of that day count; they leave
    out those whose register row is not verified.
    """
    return release.frame(
        """
        select p.package, p.access, p.role, p.organization_id, p.as_of_date, p.downloads_30d, p.is_censored,
            p.list_length, s.open_packages + s.proprietary_packages as counted
        from marts.package_downloads_30d as p
        left join marts.package_shares as s on s.package_set = 'clients' and s.as_of_date = p.as_of_date
        where p.access in ('open', 'proprietary') and p.role in ('sdk', 'runtime')
        order by p.package, p.as_of_date
        """
    )


def costs(release: Release) -> pl.DataFrame:
    """Give what derivatives and their bases cost, one row a derivative and definition."""
    return release.frame(
        """
        select derivative, base_model, definition, unit, derivative_amount, derivative_precision, base_amount,
            base_precision, ratio, ratio_precision, note,
            (select max(as_of_date) from core.sources) as as_of_date
        from marts.training_costs
        order by derivative, definition
        """
    )


def dependence(release: Release) -> pl.DataFrame:
    """Give the stars of repositories on company weights against the others, month by month."""
    return release.frame(
        """
        select series, month, dependence, as_of_date, repositories, stars, star_share, compared_date,
            compared_repositories, stars_gained, gained_share, company_lower, company_upper,
            (select count(*) from core.repositories) as registered
        from marts.repository_dependence
        order by series, month, dependence
        """
    )


def stars(release: Release) -> pl.DataFrame:
    """Give the newest observed and the newest surviving stars of each repository, each with its day."""
    return release.frame(
        """
        with observed as (
            select repository, date, stars_observed
            from marts.repository_stars_daily
            where stars_observed is not null
            qualify row_number() over (partition by repository order by date desc) = 1
        ),
        surviving as (
            select repository, survivors_as_of_date, stars_surviving
            from marts.repository_stars_daily
            where stars_surviving is not null
            qualify row_number() over (partition by repository order by date desc) = 1
        ),
        described as (
            select repository, role, family
            from marts.repository_stars_daily
            qualify row_number() over (partition by repository order by date desc) = 1
        )
        select d.repository, d.role, d.family, o.date as observed_date, o.stars_observed,
            s.survivors_as_of_date, s.stars_surviving, (select count(*) from core.repositories) as registered
        from described as d
        left join observed as o on o.repository = d.repository
        left join surviving as s on s.repository = d.repository
        order by coalesce(o.stars_observed, s.stars_surviving) desc, d.repository
        """
    )


def repository_releases(release: Release) -> pl.DataFrame:
    """Count the final releases of each repository by month."""
    return release.frame(
        """
        select repository, cast(date_trunc('month', published_at) as date) as month, count(*) as releases
        from core.repository_releases
        where is_prerelease is not true and published_at is not null
        group by all
        order by repository, month
        """
    )


def token_shares(release: Release) -> pl.DataFrame:
    """Give the token shares of the models that were largest on the newest day, and all others together."""
    return release.frame(
        """
        with newest as (select max(date) as date from core.token_shares_daily where share_of_day is not null),
        largest as (
            select t.model_slug
            from core.token_shares_daily as t
            inner join newest as n on n.date = t.date
            where not t.is_other
            order by t.share_of_day desc, t.model_slug
            limit 6
        )
        select t.date, t.model_slug, t.tokens, t.share_of_day
        from core.token_shares_daily as t
        inner join largest as l on l.model_slug = t.model_slug
        inner join newest as n on t.date > n.date - 60
        order by t.model_slug, t.date
        """
    )
