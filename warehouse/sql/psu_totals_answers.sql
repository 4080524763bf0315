-- The answers of one place ({place}), missing ones as zero.
coalesce(labour_{place}_women_last_3_years, 0) AS women_recent_{place},
coalesce(labour_{place}_women_last_3_years, 0) + coalesce(labour_{place}_women_earlier, 0) AS women_{place},
coalesce(labour_{place}_men_last_3_years, 0) AS men_recent_{place},
coalesce(labour_{place}_men_last_3_years, 0) + coalesce(labour_{place}_men_earlier, 0) AS men_{place},
coalesce(labour_{place}_total_last_3_years, 0) AS total_recent_{place},
coalesce(labour_{place}_total_last_3_years, 0) + coalesce(labour_{place}_total_earlier, 0) AS total_{place},
coalesce(sexual_{place}_last_3_years, 0) AS sexual_recent_{place},
coalesce(sexual_{place}_last_3_years, 0) + coalesce(sexual_{place}_earlier, 0) AS sexual_{place},
women_{place} + men_{place} + total_{place} AS labour_{place}
