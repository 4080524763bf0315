-- One row per topic of the sensitivity table: counts of what cannot be.
SELECT
    topic,
    count(DISTINCT country) AS countries,
    count(DISTINCT country) * count(DISTINCT variant) - count(*) AS countries_lacking_a_variant,
    count(*) FILTER (estimate < ci_low OR estimate > ci_high) AS outside_limits,
    count(*) FILTER (estimate < 0) AS negative,
    count(*) FILTER (topic = 'leading' AND abs(ratio_to_leading - 1) > 1e-9) AS leading_is_not_one,
    min(ratio_to_leading) AS smallest_ratio,
    max(ratio_to_leading) AS largest_ratio
FROM sensitivity
GROUP BY topic
ORDER BY topic
