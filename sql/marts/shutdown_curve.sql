/*
description: >
  How much of each list remains as organizations stop one after the other, the worst loss first or in random
  order. With removal_order worst_first each step takes the organization whose stop makes most of what still
  stands fall, ranked anew at each step; the steps together are a heuristic and no proof of the worst set.
  largest_first takes them by what they uploaded themselves. The newest list of each scope, curated evidence,
  accounts as held today; followed for twenty steps.
columns:
  snapshot_date: DATE | The day that the list is a picture of.
  scope: VARCHAR | Which population was listed.
  universe: VARCHAR | One universe, or all.
  weight: VARCHAR | What is counted, downloads_30d or derivatives.
  loss: VARCHAR | lost_now (gone or broken, if they delete their repositories) or never_born (one of them on any path to a root).
  removal_order: VARCHAR | worst_first, largest_first or random.
  removed: BIGINT | How many organizations have stopped; 0 is the whole list.
  organizations: BIGINT | How many there are in all, those on any path of a model of the list and the holders of copies of what its adapters need.
  organization_id: VARCHAR | Which one stops at this step; null for random orders and for step 0.
  remaining_share: DOUBLE | Share that stands, nothing unknown counted as fallen; for random orders the mean of 200.
  lower: DOUBLE | From the first step on as if all that is unknown stood on those who stop; for random orders the lower end of the band that holds 95 % of the orders.
  upper: DOUBLE | As if all that is unknown stood on others, which is remaining_share; for random orders the upper end of the band.
key: [snapshot_date, scope, universe, weight, loss, removal_order, removed]
made_by: shutdown.curve
inputs:
  exposure: select * from marts.shutdown_exposure where evidence = 'curated'
checks:
  not_null: [organizations, remaining_share, lower, upper]
  ranges: {remaining_share: [0, 1], lower: [0, 1], upper: [0, 1], removed: [0, 20]}
  accepted:
    weight: [downloads_30d, derivatives]
    loss: [lost_now, never_born]
    removal_order: [worst_first, largest_first, random]
*/
