-- Sums over interviews that PSU totals cannot give: capped network sizes, and quotients of an interview's own answers.
-- Integers only, so no total depends on threads or row order. A quotient is kept in units of 10^-12, rounded once per
-- interview. Interviews without a network size are in none of the sums. Caps p99 and p97_5 are the country's own
-- sizes before editing, taken as an observed value: the least that 99 and 97.5 % of its families do not exceed.

WITH sized AS (
    SELECT *, region AS stratum, region || '/' || district || '/' || settlement AS psu,
        coalesce(relatives_raw, relatives) AS reported
        {told_apart}
    FROM interviews
    WHERE survey_id = $survey_id AND relatives > 0
),
sizes AS (
    SELECT country, reported, count(*) AS families FROM sized GROUP BY country, reported
),
ranked AS (
    SELECT country, reported,
        sum(families) OVER (PARTITION BY country ORDER BY reported) AS up_to_it,
        sum(families) OVER (PARTITION BY country) AS families
    FROM sizes
),
caps AS (
    SELECT country,
        min(reported) FILTER (100 * up_to_it >= 99 * families) AS cap_p99,
        min(reported) FILTER (1000 * up_to_it >= 975 * families) AS cap_p97_5
    FROM ranked GROUP BY country
),
answers AS (
    SELECT survey_id, country, region, stratum, psu{family}, relatives, reported, cap_p99, cap_p97_5,
        {answers}
    FROM sized JOIN caps USING (country)
)
SELECT
    survey_id, country, region, stratum, psu{family},
    count(*)::BIGINT AS n_respondents,
    sum(relatives)::BIGINT AS relatives,
    sum(reported)::BIGINT AS relatives_uncapped,
    sum(least(reported, $limit))::BIGINT AS relatives_cap,
    sum(least(reported, cap_p99))::BIGINT AS relatives_p99,
    sum(least(reported, cap_p97_5))::BIGINT AS relatives_p97_5,
    max(cap_p99)::BIGINT AS cap_p99,
    max(cap_p97_5)::BIGINT AS cap_p97_5,
    count(*) FILTER (reported <= $limit)::BIGINT AS n_within,
    coalesce(sum(reported) FILTER (reported <= $limit), 0)::BIGINT AS relatives_within,
    sum((1000000000000 + relatives // 2) // relatives)::BIGINT AS inverse_relatives,
    {sums}
FROM answers
GROUP BY survey_id, country, region, stratum, psu{family}
ORDER BY survey_id, country, region, stratum, psu{family}
