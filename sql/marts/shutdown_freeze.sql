/*
description: >
  What a year without an organization's releases would cost in derivatives, as a list shows them. Loss within
  365 days = (1 - s) x [expected flow of derivatives from its existing and future bases - that from the
  existing ones], s the part that others would make good; stored for s = 0, any other follows by
  multiplying. The expectation is the release rate of the past year times the mean number of derivatives at
  each age of a base, by the births of the past year alone. Derivatives are those by others than the holder of
  their root, other giants' included, counted once, at the root of their main line (curated evidence). So losses
  add up over organizations, and so do the squares of their errors. Deleted models are not in the lists, so the
  flow is that of survivors. A list of a part of the Hub shows a part of the flow: its rows are illustrations,
  no estimates for the Hub. Where the data is too thin, the status says why and there is no estimate.
columns:
  scope: VARCHAR | Population whose births are counted; partial lists show a part of the flow only, and lists of a window or of chosen bases have no row.
  as_of_date: DATE | Last day on which the list shows a birth; the freeze begins after it.
  organization_id: VARCHAR | The organization that releases nothing more.
  bases: BIGINT | Its roots with a known release up to that day.
  releases: BIGINT | Those of them released in the 365 days before; a lower bound where releases are not known.
  derivatives: BIGINT | Derivatives of its roots by others, born in those 365 days.
  undated_derivatives: BIGINT | Those of them left out since the release of their base is unknown, or later than their birth.
  derivatives_a_base: DOUBLE | Derivatives that a base gets within 365 days of its release, on average.
  existing_flow: DOUBLE | Derivatives that the existing bases will get in the next 365 days; a lower bound, since ages that hardly any base has reached count nothing.
  loss: DOUBLE | Derivatives that the bases of the next 365 days would get within them, lost if s = 0.
  loss_error: DOUBLE | Standard error of the loss, bases taken as drawn at random; it leaves out that rate and curve may change.
  lower: DOUBLE | Lower end of the 95 % interval of the loss, log-normal.
  upper: DOUBLE | Upper end of that interval.
  past_year_flow: BIGINT | All derivatives born on the list in those 365 days whose holder is not their root's, whoever holds the root; what a loss may be compared with.
  past_year_of_new_bases: BIGINT | What a freeze a year before as_of_date would have cost, counted and not estimated, derivatives born since then of bases that the organization released since then; for s = 0, undated ones left out.
  status: VARCHAR | estimated; illustration, where the list is of a part of the Hub; or not estimable and why.
key: [scope, organization_id]
made_by: freeze.freeze
inputs:
  releases: >
    select a.organization_id, d.model_id, d.release_date
    from core.release_dates as d
    inner join core.accounts as a
        on contains(d.model_id, '/') and a.account = split_part(d.model_id, '/', 1)
        and a.valid_to = date '9999-12-31'
    inner join core.model_roots as r on r.model_id = d.model_id and r.evidence = 'curated' and r.parents = 0
  derivatives: >
    select b.scope, o.organization_id, r.root_id, b.birth_date, count(*) as derivatives
    from core.births as b
    inner join core.model_roots as r on r.model_id = b.model_id and r.evidence = 'curated' and r.parents > 0
    left join core.accounts as o
        on contains(r.root_id, '/') and o.account = split_part(r.root_id, '/', 1)
        and o.valid_to = date '9999-12-31'
    left join core.accounts as a
        on contains(b.model_id, '/') and a.account = split_part(b.model_id, '/', 1)
        and a.valid_to = date '9999-12-31'
    where b.series = 'births_surviving'
        and (a.account is null or o.account is null or a.organization_id <> o.organization_id)
    group by b.scope, o.organization_id, r.root_id, b.birth_date
  windows: >
    select
        b.scope,
        min(b.birth_date) as first_date,
        max(b.birth_date) as last_date,
        bool_and(coalesce(c.is_whole_population, false)) as is_whole
    from core.births as b
    left join core.snapshots as c
        on c.scope = b.scope and c.snapshot_date = b.as_of_date and c.is_model_list
    where b.series = 'births_surviving' and c.selection is null
    group by b.scope
checks:
  not_null: [as_of_date, bases, releases, derivatives, undated_derivatives, past_year_flow, past_year_of_new_bases, status]
  ranges: {loss: [0, null], lower: [0, null], upper: [0, null], undated_derivatives: [0, null]}
*/
