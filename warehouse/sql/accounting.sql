-- One row per load, file or row of which something does not add up, over every load that ever landed; none is the proof.
WITH records AS ({records}),
kept AS (
    SELECT
        loads.*,
        coalesce(accepted.n, 0) AS interviews_stored,
        coalesce(refused.n, 0) AS quarantine_stored,
        coalesce(refused.places, 0) AS quarantine_places
    FROM loads
    LEFT JOIN (SELECT load_id, count(*) AS n FROM records GROUP BY load_id) AS accepted USING (load_id)
    LEFT JOIN (
        SELECT load_id, count(*) AS n, count(DISTINCT source_row) AS places FROM quarantine GROUP BY load_id
    ) AS refused USING (load_id)
    WHERE status <> 'refused'
),
found AS (
    SELECT survey_id, load_id, country, file,
           format('{} rows read, {} accepted, {} quarantined', rows_read, rows_accepted, rows_quarantined) AS what
    FROM kept WHERE rows_read <> rows_accepted + rows_quarantined
    UNION ALL
    SELECT survey_id, load_id, country, file,
           format('{} rows were quarantined, {} are stored', rows_quarantined, quarantine_stored)
    FROM kept
    WHERE (quarantine_stored <> rows_quarantined OR quarantine_places <> quarantine_stored)
      AND (status = 'landed' OR load_id IN (SELECT load_id FROM replacements))
    UNION ALL
    SELECT survey_id, load_id, country, file,
           format('{} rows were accepted, {} interviews are stored', rows_accepted, interviews_stored)
    FROM kept WHERE status = 'landed' AND interviews_stored <> rows_accepted
    UNION ALL
    SELECT survey_id, load_id, country, file,
           format('it is replaced, and {} interviews of it are stored', interviews_stored)
    FROM kept WHERE status = 'replaced' AND interviews_stored <> 0
    UNION ALL
    SELECT survey_id, any_value(load_id), any_value(country), any_value(file),
           format('{} versions of one file are in force', count(*))
    FROM loads WHERE status = 'landed' GROUP BY survey_id, uri HAVING count(*) > 1
    UNION ALL
    SELECT survey_id, load_id, any_value(country), '', format('{} interviews are of no load', count(*))
    FROM records ANTI JOIN (SELECT load_id FROM loads WHERE status <> 'refused') AS landed USING (load_id)
    GROUP BY survey_id, load_id
    UNION ALL
    SELECT survey_id, load_id, any_value(country), any_value(file), format('{} refused rows are of no load', count(*))
    FROM quarantine ANTI JOIN (SELECT load_id FROM loads WHERE status <> 'refused') AS landed USING (load_id)
    GROUP BY survey_id, load_id
    UNION ALL
    SELECT survey_id, load_id, any_value(country), any_value(file),
           format('{} refused rows of a replaced load are still open', count(*))
    FROM quarantine JOIN (SELECT load_id FROM loads WHERE status = 'replaced') AS replaced USING (load_id)
    WHERE status IN ('open', 'dropped')
    GROUP BY survey_id, load_id
)
SELECT load_id, country, file, what FROM found
WHERE $survey IS NULL OR survey_id = $survey
ORDER BY country, file, load_id, what
