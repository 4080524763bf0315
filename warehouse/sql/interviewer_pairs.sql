-- Pairs of questionnaires with a case, of one interviewer in one settlement, in blocks by the number of the questionnaire:
-- how many there are, and how many are equal in all but so many answers.
CREATE TEMP TABLE fieldwork_pairs AS
WITH numbered AS (
    SELECT work, {vector_as_small},
        row_number() OVER (PARTITION BY work ORDER BY questionnaire_id, source_row) AS number,
        (number - 1) // $block AS block
    FROM interviews JOIN fieldwork_work USING (country, region, district, settlement, interviewer)
    WHERE survey_id = $survey_id AND {some_case}
)
SELECT a.work, count(*)::BIGINT AS pairs, count(*) FILTER ({differing} <= $differing)::BIGINT AS near_duplicates
FROM numbered AS a JOIN numbered AS b ON a.work = b.work AND a.block = b.block AND a.number < b.number
GROUP BY a.work
