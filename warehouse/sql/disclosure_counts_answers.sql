-- The answers about one place ({place}) and window ({window}), missing ones as zero; labour as in the PSU totals, the
-- larger of women and men together and the total of its own question.
coalesce(labour_{place}_women_{window}, 0) AS labour_women_{place}_{window},
coalesce(labour_{place}_men_{window}, 0) AS labour_men_{place}_{window},
coalesce(sexual_{place}_{window}, 0) AS sexual_all_{place}_{window},
greatest(
    labour_women_{place}_{window} + labour_men_{place}_{window}, coalesce(labour_{place}_total_{window}, 0)
) AS labour_all_{place}_{window},
labour_all_{place}_{window} + sexual_all_{place}_{window} AS all_all_{place}_{window},
labour_women_{place}_{window} + sexual_all_{place}_{window} AS all_women_{place}_{window}
