-- The sums of one place ({place}).
sum(women_{place})::BIGINT AS labour_{place}_women,
sum(women_recent_{place})::BIGINT AS labour_{place}_women_last_3_years,
sum(men_{place})::BIGINT AS labour_{place}_men,
sum(men_recent_{place})::BIGINT AS labour_{place}_men_last_3_years,
sum(total_{place})::BIGINT AS labour_{place}_total,
sum(total_recent_{place})::BIGINT AS labour_{place}_total_last_3_years,
sum(greatest(women_recent_{place} + men_recent_{place}, total_recent_{place}))::BIGINT AS labour_{place}_any_last_3_years,
sum(greatest(women_{place} - women_recent_{place} + men_{place} - men_recent_{place}, total_{place} - total_recent_{place}))::BIGINT AS labour_{place}_any_earlier,
count(*) FILTER (labour_{place} > 0)::BIGINT AS labour_{place}_families,
sum(sexual_{place})::BIGINT AS sexual_{place},
sum(sexual_recent_{place})::BIGINT AS sexual_{place}_last_3_years,
count(*) FILTER (sexual_{place} > 0)::BIGINT AS sexual_{place}_families,
count(*) FILTER (labour_{place} + sexual_{place} > 0)::BIGINT AS any_{place}_families
