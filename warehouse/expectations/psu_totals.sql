-- One row per country over the PSU totals: how many settlements, and what the estimators must be able to rely on.
SELECT
    country,
    count(*) AS psus,
    count(DISTINCT region) AS regions,
    sum(n_respondents) AS respondents,
    any_value(accepted) AS rows_accepted,
    count(*) FILTER (region IS NULL OR stratum IS NULL OR psu IS NULL) AS without_stratum,
    count(*) - count(DISTINCT (region, stratum, psu)) AS repeated,
    count(*) FILTER (n_respondents < 1) AS empty,
    count(*) FILTER (relatives < n_respondents) AS fewer_relatives_than_interviews,
    count(*) FILTER (migrant_any <> migrant_inside + migrant_abroad - migrant_both) AS migrants_not_adding_up,
    count(*) FILTER (any_families > migrant_any) AS more_families_with_cases_than_migrants,
    count(*) FILTER (
        labour_inside_any_last_3_years < greatest(labour_inside_women_last_3_years + labour_inside_men_last_3_years, labour_inside_total_last_3_years)
        OR labour_abroad_any_last_3_years < greatest(labour_abroad_women_last_3_years + labour_abroad_men_last_3_years, labour_abroad_total_last_3_years)
    ) AS parts_above_their_union,
    max(n_respondents) / sum(n_respondents) AS largest_share
FROM psu_totals
JOIN (
    SELECT country, sum(rows_accepted) AS accepted
    FROM loads
    WHERE survey_id = $survey AND status = 'landed'
    GROUP BY country
) USING (country)
WHERE survey_id = $survey
GROUP BY country
ORDER BY country
