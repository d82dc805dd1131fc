/*
description: >
  Who stands behind the accounts: one row per organization and period. Legal form and funding are two
  things (AI2 is a nonprofit and well funded); well-funded follows from funding alone.
columns:
  organization_id: VARCHAR | Short name of the organization, lower case.
  name: VARCHAR | Name as people write it.
  legal_form: VARCHAR | company, academic, nonprofit, individual or unknown.
  funding: VARCHAR | giant (public or comparable large company), funded (raised or was given more than 100 M USD), modest, or unknown.
  country: VARCHAR | Country of the headquarters, ISO 3166 alpha-2; empty where there is none or it is not known.
  valid_from: DATE | First day of the period; empty means since ever.
  valid_to: DATE | First day after the period; empty means until further notice.
  status: VARCHAR | verified (the source says so) or unverified (left out of headlines).
  source: VARCHAR | Row of a data set, or the page that was read.
  note: VARCHAR | What a reader should know.
key: [organization_id, valid_from]
made_by: pipelines.warehouse.registers
checks:
  not_null: [organization_id, name, legal_form, funding, status, source]
  accepted:
    legal_form: [company, academic, nonprofit, individual, unknown]
    funding: [giant, funded, modest, unknown]
    status: [verified, unverified]
*/
