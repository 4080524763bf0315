-- The cases of the last three years in one place ({place}), missing answers as zero: labour as `labour_{place}_any` of
-- the PSU totals counts them, the larger of women and men together and the total of its own question.
greatest(
    coalesce(labour_{place}_women_last_3_years, 0) + coalesce(labour_{place}_men_last_3_years, 0),
    coalesce(labour_{place}_total_last_3_years, 0)
) AS labour_{place},
coalesce(sexual_{place}_last_3_years, 0) AS sexual_{place}
