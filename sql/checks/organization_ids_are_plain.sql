-- reference.organizations: ids are plain words, and none is a name that tables use for nobody in particular
select organization_id from reference.organizations
where
    organization_id in ('unknown', 'unregistered', 'several', 'any_proprietary', 'any_open', 'naming')
    or not regexp_full_match(organization_id, '[a-z0-9][a-z0-9.-]*')
