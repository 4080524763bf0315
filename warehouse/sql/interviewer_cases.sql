-- The cases of an interview in one place ({place}), missing answers as zero: labour by the larger of women and men
-- together and the total of its own question.
greatest(
    coalesce(labour_{place}_women_last_3_years, 0) + coalesce(labour_{place}_women_earlier, 0)
        + coalesce(labour_{place}_men_last_3_years, 0) + coalesce(labour_{place}_men_earlier, 0),
    coalesce(labour_{place}_total_last_3_years, 0) + coalesce(labour_{place}_total_earlier, 0)
) + coalesce(sexual_{place}_last_3_years, 0) + coalesce(sexual_{place}_earlier, 0)
