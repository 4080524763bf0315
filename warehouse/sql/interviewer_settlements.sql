-- What each interviewer brought from each settlement, as counts and sums: no answer of anybody. Private to the build
-- warehouse.
CREATE TEMP TABLE fieldwork_counts AS
WITH by_day AS (
    SELECT who, day, count(*)::BIGINT AS held FROM fieldwork_answers GROUP BY ALL
),
busiest AS (
    SELECT work, count(*)::BIGINT AS days, max(held)::BIGINT AS most_on_one_day
    FROM (SELECT DISTINCT work, who, day FROM fieldwork_answers) JOIN by_day USING (who, day)
    GROUP BY work
),
patterns AS (
    SELECT who, pattern FROM fieldwork_answers GROUP BY ALL HAVING count(*) > 1
),
again AS (
    SELECT work, count(*)::BIGINT AS repeated, count(*) FILTER (cases > 0)::BIGINT AS repeated_reports
    FROM fieldwork_answers SEMI JOIN patterns USING (who, pattern)
    GROUP BY work
),
summed AS (
    SELECT work,
        count(*)::BIGINT AS interviews,
        min(day) AS first_day,
        max(day) AS last_day,
        count(*) FILTER (cases = 0)::BIGINT AS zero_reports,
        count(*) FILTER (cases > 0)::BIGINT AS reports,
        count(told)::BIGINT AS relatives_known,
        coalesce(sum(told), 0)::BIGINT AS relatives,
        coalesce(sum(told::BIGINT * told), 0)::BIGINT AS relatives_squared,
        count(*) FILTER (told >= 3)::BIGINT AS relatives_from_3,
        count(*) FILTER (told >= 3 AND told % 5 = 0)::BIGINT AS relatives_ending_0_5,
        sum(cases)::BIGINT AS cases,
        sum(cases::BIGINT * cases)::BIGINT AS cases_squared,
        count(minutes)::BIGINT AS duration_known,
        coalesce(sum(minutes), 0)::DECIMAL(18, 2) AS duration_minutes,
        coalesce(sum(minutes * minutes), 0)::DECIMAL(18, 4) AS duration_squared
    FROM fieldwork_answers
    GROUP BY work
)
SELECT $survey_id AS survey_id, country, region, district, settlement, interviewer, ngo,
    summed.* EXCLUDE (work), days, most_on_one_day,
    coalesce(repeated, 0) AS repeated,
    coalesce(repeated_reports, 0) AS repeated_reports,
    coalesce(pairs, 0) AS pairs,
    coalesce(near_duplicates, 0) AS near_duplicates
FROM fieldwork_work
JOIN summed USING (work)
JOIN busiest USING (work)
LEFT JOIN again USING (work)
LEFT JOIN fieldwork_pairs USING (work)
