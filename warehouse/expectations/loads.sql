-- One row per file in force: counts only.
SELECT
    country,
    file,
    uri,
    sha256,
    bytes,
    rows_read,
    rows_accepted,
    rows_quarantined,
    rows_accepted + rows_quarantined AS rows_accounted_for,
    rows_quarantined / nullif(rows_read, 0) AS share_quarantined
FROM loads
WHERE survey_id = $survey AND status = 'landed'
ORDER BY uri
