-- One narrow row per interview with the code of an interviewer: who, where and when by number, and what was answered as a
-- hash. However many interviews there are, no answer is kept as text, and what does not fit in memory stays small on disk.
CREATE TEMP TABLE fieldwork_answers AS
WITH answers AS (
    SELECT country, region, district, settlement, interviewer, interview_date AS day,
        coalesce(relatives_raw, relatives) AS told,
        duration_minutes::DECIMAL(5, 2) AS minutes,
        {vector},
        ({cases})::INTEGER AS cases
    FROM interviews
    WHERE survey_id = $survey_id AND coalesce(interviewer, '') <> ''
)
SELECT work.work, work.who, day, told::SMALLINT AS told, cases, minutes, hash({names}) AS pattern
FROM answers JOIN fieldwork_work AS work USING (country, region, district, settlement, interviewer)
