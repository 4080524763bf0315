-- One row per contrast: counts of what cannot be.
SELECT
    contrast,
    count(*) AS comparisons,
    count(*) FILTER (p_value < 0 OR p_value > 1) AS impossible_p,
    count(*) FILTER (p_value_holm < p_value - 1e-9) AS holm_below_its_p,
    count(*) FILTER (ratio_low > ratio OR ratio_high < ratio) AS outside_limits,
    count(*) FILTER (contrast = 'countries' AND other_country IS NULL) AS without_other,
    count(*) FILTER (country = other_country AND location = coalesce(other_location, location) AND sex = coalesce(other_sex, sex)) AS with_itself,
    count(*) FILTER (abs(difference - (estimate - other_estimate)) > 1e-6 * greatest(abs(estimate), 1)) AS difference_is_not
FROM comparisons
GROUP BY contrast
ORDER BY contrast
