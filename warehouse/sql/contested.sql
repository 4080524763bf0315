-- Listed files of a survey whose rows do not follow from the rule that the first file of the listing holds a number.
WITH held AS (
    SELECT loads.country, questionnaire_id,
           -- an older version that stays in force, for its file's newest one does not count, comes before all others
           coalesce(CASE WHEN NOT listing_order.stays OR loads.load_id = listing_order.listed
                         THEN listing_order.place END, -1) AS place
    FROM interviews JOIN loads USING (load_id) LEFT JOIN listing_order USING (uri)
    WHERE loads.survey_id = $survey AND loads.status = 'landed'
),
twice AS (
    SELECT country, questionnaire_id, min(place) AS first_place
    FROM held GROUP BY country, questionnaire_id HAVING count(*) > 1
),
denied AS (
    SELECT DISTINCT loads.country, quarantine.value AS questionnaire_id, listing_order.place
    FROM quarantine JOIN loads USING (load_id) JOIN listing_order USING (uri)
    WHERE loads.survey_id = $survey AND loads.status = 'landed'
      AND quarantine.rule = $rule AND quarantine.status = 'open'
      AND quarantine.message = replace($message, '{value}', quarantine.value)  -- not twice in its own file
)
SELECT DISTINCT place
FROM held JOIN twice USING (country, questionnaire_id)
WHERE place > first_place
UNION
SELECT denied.place
FROM denied
WHERE NOT EXISTS (
    SELECT 1 FROM held
    WHERE held.country = denied.country AND held.questionnaire_id = denied.questionnaire_id
      AND held.place <= denied.place
)
ORDER BY place
