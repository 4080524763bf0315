-- One row per country over the accepted interviews: counts, means and extremes of the fieldwork, no single answer.
SELECT
    country,
    count(*) AS interviews,
    count(DISTINCT questionnaire_id) AS questionnaires,
    any_value(accepted) AS rows_accepted,
    count(*) FILTER (region IS NULL OR district IS NULL OR settlement IS NULL) AS without_place,
    count(*) FILTER (relatives IS NULL) AS without_relatives,
    count(*) FILTER (
        (interview_date < $first_day::DATE OR interview_date > $last_day::DATE)
        AND NOT coalesce(list_contains(waived, 'outside_fieldwork'), false)
    ) AS outside_fieldwork,
    count(*) FILTER (settlement_type NOT IN ('urban', 'rural')) AS other_settlement_type,
    count(*) FILTER (migrant_inside NOT IN ('yes', 'no') OR migrant_abroad NOT IN ('yes', 'no')) AS other_migrant_answer,
    count(*) FILTER (
        migrant_inside = 'no' AND (labour_inside_total_last_3_years IS NOT NULL OR sexual_inside_last_3_years IS NOT NULL)
        OR migrant_abroad = 'no' AND (labour_abroad_total_last_3_years IS NOT NULL OR sexual_abroad_last_3_years IS NOT NULL)
    ) AS answered_what_was_not_asked,
    count(*) FILTER (relatives > relatives_raw) AS edited_upwards,
    avg(relatives) AS mean_relatives,
    avg((settlement_type = 'urban')::INTEGER) AS share_urban,
    avg((migrant_inside = 'yes')::INTEGER) AS share_migrant_inside,
    avg((migrant_abroad = 'yes')::INTEGER) AS share_migrant_abroad,
    count(DISTINCT interviewer) AS interviewers,
    count(*) / nullif(count(DISTINCT interviewer), 0) AS interviews_per_interviewer
FROM interviews
JOIN (
    SELECT country, sum(rows_accepted) AS accepted
    FROM loads
    WHERE survey_id = $survey AND status = 'landed'
    GROUP BY country
) USING (country)
LEFT JOIN (
    SELECT load_id, source_row, list(action) AS waived FROM edits WHERE rule = 'waiver' GROUP BY load_id, source_row
) USING (load_id, source_row)
WHERE survey_id = $survey
GROUP BY country
ORDER BY country
