-- The sums of one place ({place}).
sum(labour_{place})::BIGINT AS labour_{place},
sum(sexual_{place})::BIGINT AS sexual_{place},
coalesce(sum(labour_{place}) FILTER (reported <= $limit), 0)::BIGINT AS labour_{place}_within,
coalesce(sum(sexual_{place}) FILTER (reported <= $limit), 0)::BIGINT AS sexual_{place}_within,
sum((labour_{place} * 1000000000000 + relatives // 2) // relatives)::BIGINT AS labour_{place}_per_relative,
sum((sexual_{place} * 1000000000000 + relatives // 2) // relatives)::BIGINT AS sexual_{place}_per_relative
