-- One row per printed table: how its numbers were met.
SELECT
    source_table,
    count(*) AS numbers,
    count(*) FILTER (verdict = 'match') AS matches,
    count(*) FILTER (verdict = 'not_reproducible') AS not_reproducible,
    count(*) FILTER (verdict <> 'match' AND reason IS NULL) AS without_reason,
    count(*) FILTER (verdict = 'match' AND computed IS NULL) AS matches_without_number,
    count(*) FILTER (verdict = 'match') / count(*) AS share_matching
FROM reproduction
GROUP BY source_table
ORDER BY source_table
