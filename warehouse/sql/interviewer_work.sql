-- Each interviewer in each settlement, with a number; `who` is the number of the interviewer in the country.
CREATE TEMP TABLE fieldwork_work AS
SELECT *,
    row_number() OVER ()::INTEGER AS work,
    dense_rank() OVER (ORDER BY country, interviewer)::INTEGER AS who
FROM (
    SELECT country, region, district, settlement, interviewer, min(ngo) AS ngo
    FROM interviews
    WHERE survey_id = $survey_id AND coalesce(interviewer, '') <> ''
    GROUP BY ALL
)
