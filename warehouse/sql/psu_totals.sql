-- The one pass over microdata: interviews to PSU totals. Integer sums only, so no total depends on threads or row order.
-- Where families are told apart, a row is a PSU's families with the same answers, and their number stands in
-- n_respondents. A family reports labour in a place when women and men, or the separate total, name anyone; sexual when its total does.

WITH answers AS (
    SELECT
        survey_id, country, region,
        region AS stratum,
        region || '/' || district || '/' || settlement AS psu,
        settlement_type, relatives, relatives_raw,
        migrant_inside = 'yes' AS inside, migrant_abroad = 'yes' AS abroad,
        {answers}
        {told_apart}
    FROM interviews
    WHERE survey_id = $survey_id
)
SELECT
    survey_id, country, region, stratum, psu{family},
    count(*)::BIGINT AS n_respondents,
    count(*) FILTER (settlement_type = 'urban')::BIGINT AS n_urban,
    sum(relatives)::BIGINT AS relatives,
    sum(relatives_raw)::BIGINT AS relatives_raw,
    sum(relatives * relatives)::BIGINT AS relatives_squared,
    count(*) FILTER (inside)::BIGINT AS migrant_inside,
    count(*) FILTER (abroad)::BIGINT AS migrant_abroad,
    count(*) FILTER (inside AND abroad)::BIGINT AS migrant_both,
    count(*) FILTER (inside OR abroad)::BIGINT AS migrant_any,
    {sums},
    count(*) FILTER (labour_inside > 0 AND labour_abroad > 0)::BIGINT AS labour_both_families,
    count(*) FILTER (labour_inside > 0 OR labour_abroad > 0)::BIGINT AS labour_any_families,
    count(*) FILTER (sexual_inside > 0 AND sexual_abroad > 0)::BIGINT AS sexual_both_families,
    count(*) FILTER (sexual_inside > 0 OR sexual_abroad > 0)::BIGINT AS sexual_any_families,
    count(*) FILTER (labour_inside + labour_abroad + sexual_inside + sexual_abroad > 0)::BIGINT AS any_families
FROM answers
GROUP BY survey_id, country, region, stratum, psu{family}
ORDER BY survey_id, country, region, stratum, psu{family}
