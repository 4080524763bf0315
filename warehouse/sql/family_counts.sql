-- Families by region, network size and cases of the window, both places together: a small table however many interviews.
WITH answers AS (
    SELECT country, region, relatives,
        {answers}
    FROM interviews
    WHERE survey_id = $survey_id AND relatives > 0
)
SELECT country, region, relatives::BIGINT AS relatives, ({labour})::BIGINT AS labour, ({sexual})::BIGINT AS sexual,
    count(*)::BIGINT AS families
FROM answers
GROUP BY ALL
ORDER BY ALL
