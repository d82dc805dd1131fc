-- reference.families: patterns are lower case, since they are matched against lower-cased ids
select pattern from reference.families where pattern <> lower(pattern)
