-- One row per measure of the fieldwork table: counts of what cannot be, or must not be told.
SELECT
    measure,
    count(*) AS rows_told,
    count(*) FILTER (n_flagged < 3) AS so_few_told,
    count(*) FILTER (n_interviewers - n_flagged < 3) AS all_but_so_few_told,
    count(*) FILTER (n_flagged IS NULL AND flagged LIKE 'fewer%' AND conf_status = 'F') AS hidden_but_free,
    count(*) FILTER (value < 0 OR (unit = 'share' AND value > 1)) AS out_of_range
FROM fieldwork
GROUP BY measure
ORDER BY measure
