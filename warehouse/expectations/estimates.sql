-- One row per method, level and indicator of the published estimates: counts and extremes of what is shown.
SELECT
    method,
    level,
    indicator,
    count(*) AS cells,
    count(*) FILTER (conf_status <> 'F') AS hidden,
    count(*) FILTER (estimate < 0) AS negative,
    count(*) FILTER (ci_low > ci_high) AS limits_reversed,
    count(*) FILTER (std_error IS NULL AND estimate IS NOT NULL AND method LIKE 'design%') AS without_error,
    count(*) FILTER (indicator LIKE 'share%' AND (estimate > 1 OR ci_high > 1 + 1e-9)) AS share_above_one,
    count(*) FILTER (n_psu > n_respondents) AS more_psus_than_interviews,
    count(*) FILTER (level = 'regional' AND region IS NULL) AS without_region,
    count(*) FILTER (level <> 'group' AND country IS NULL) AS without_country,
    count(DISTINCT confidence) AS confidences,
    min(confidence) AS lowest_confidence,
    count(DISTINCT unit) AS units,
    count(*) FILTER (obs_status = 'M') / count(*) AS share_missing,
    max(estimate) FILTER (indicator IN ('victims_per_1000_families', 'victims_per_1000_population')) AS largest_rate
FROM estimates
GROUP BY method, level, indicator
ORDER BY method, level, indicator
