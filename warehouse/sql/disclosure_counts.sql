-- Who stands behind each count of a region: reporting families, settlements with one, cases, and the largest family's
-- cases. Private to the build warehouse: what disclosure control decides by, never published. Integers only.

WITH answers AS (
    SELECT country, region, region || '/' || district || '/' || settlement AS psu,
        {answers}
    FROM interviews
    WHERE survey_id = $survey_id
),
settlements AS (
    SELECT country, region, psu,
        {by_settlement}
    FROM answers
    GROUP BY country, region, psu
)
SELECT country, region,
    {by_region}
FROM settlements
GROUP BY country, region
ORDER BY country, region
