-- Sums by PSU of the products of an interview's own numbers, which PSU totals cannot give. Integers only.
WITH answers AS (
    SELECT country, region, region AS stratum, region || '/' || district || '/' || settlement AS psu, relatives,
        {answers}
        {told_apart}
    FROM interviews
    WHERE survey_id = $survey_id AND relatives > 0
),
together AS (
    SELECT country, region, stratum, psu{family}, relatives, {labour} AS labour, {sexual} AS sexual FROM answers
)
SELECT country, region, stratum, psu{family},
    sum(relatives)::BIGINT AS relatives,
    sum(relatives * relatives)::BIGINT AS relatives_squared,
    sum(labour)::BIGINT AS labour,
    sum(sexual)::BIGINT AS sexual,
    sum(labour * labour)::BIGINT AS labour_labour,
    sum(sexual * sexual)::BIGINT AS sexual_sexual,
    sum(labour * sexual)::BIGINT AS labour_sexual,
    sum(labour * relatives)::BIGINT AS labour_relatives,
    sum(sexual * relatives)::BIGINT AS sexual_relatives
FROM together
GROUP BY country, region, stratum, psu{family}
ORDER BY country, region, stratum, psu{family}
