-- What analysts query first: the newest release's numbers, one cell, rates by head, numbers at a time, two releases
-- side by side. What each is, and its columns, is said in schemas/result_views.yaml; comments are made from there.

CREATE VIEW latest_release AS
SELECT release_id FROM releases WHERE withdrawn_at IS NULL
ORDER BY published_at DESC, length(release_id) DESC, release_id DESC LIMIT 1;

CREATE VIEW leading_method AS -- qualified throughout: `cell` has a parameter of the column's name
SELECT m.method FROM (SELECT DISTINCT e.method FROM estimates AS e WHERE e.release_id = (FROM latest_release)) AS m
ORDER BY coalesce(list_position({leading_methods}, m.method), 99), m.method LIMIT 1;

CREATE VIEW national_estimates AS
SELECT * FROM estimates WHERE level = 'national' AND release_id = (FROM latest_release)
ORDER BY country, indicator, exploitation, location, sex, period, method;

CREATE VIEW regional_estimates AS
SELECT e.* EXCLUDE (region), e.region, r.name_en AS region_name
FROM estimates AS e LEFT JOIN regions AS r USING (survey_id, country, region)
WHERE level = 'regional' AND release_id = (FROM latest_release)
ORDER BY e.country, e.region, indicator, exploitation, location, sex, period, method;

CREATE MACRO estimates_asof(moment) AS TABLE
SELECT * FROM estimates WHERE release_id = (
    SELECT release_id FROM releases
    WHERE published_at <= moment::TIMESTAMP AND (withdrawn_at IS NULL OR withdrawn_at > moment::TIMESTAMP)
    ORDER BY published_at DESC, length(release_id) DESC, release_id DESC LIMIT 1
);

CREATE MACRO visibility(estimate, conf_status) AS
CASE WHEN conf_status IN ('C', 'D') THEN 'hidden'
     WHEN conf_status = 'N' THEN 'not for publication'
     WHEN estimate IS NULL THEN 'no number'
     ELSE 'shown' END;

CREATE MACRO cell(
    place, indicator := 'victims', exploitation := 'all', location := 'both', sex := 'all', method := NULL
) AS TABLE
SELECT e.country, e.region, e.indicator, e.exploitation, e.location, e.sex, e.period, e.method,
       e.estimate, e.ci_low, e.ci_high, e.confidence, e.unit, e.n_respondents, e.n_psu, e.reliability,
       visibility(e.estimate, e.conf_status) AS visibility
FROM estimates AS e
WHERE e.release_id = (FROM latest_release)
  AND CASE e.level WHEN 'national' THEN e.country WHEN 'regional' THEN e.region ELSE 'all' END = place
  AND e.indicator = indicator AND e.exploitation = exploitation AND e.location = location AND e.sex = sex
  AND (e.method = coalesce(method, (FROM leading_method)) OR method IS NULL AND e.method IN {methods_of_records})
ORDER BY e.period, e.method;

CREATE MACRO per_capita() AS TABLE
SELECT f.level, f.country, f.region, r.name_en AS region_name, f.exploitation, f.location, f.sex,
       f.estimate AS per_1000_families, f.ci_low AS families_low, f.ci_high AS families_high,
       f.reliability AS families_reliability,
       p.estimate AS per_1000_population, p.ci_low AS population_low, p.ci_high AS population_high,
       p.reliability AS population_reliability,
       f.n_respondents, f.n_psu, visibility(f.estimate, f.conf_status) AS visibility
FROM estimates AS f
JOIN estimates AS p
  ON p.indicator = 'victims_per_1000_population' AND p.release_id = f.release_id AND p.level = f.level
 AND p.country IS NOT DISTINCT FROM f.country AND p.region IS NOT DISTINCT FROM f.region
 AND p.exploitation = f.exploitation AND p.location = f.location AND p.sex = f.sex
 AND p.period = f.period AND p.method = f.method
LEFT JOIN regions AS r ON r.survey_id = f.survey_id AND r.country = f.country AND r.region = f.region
WHERE f.indicator = 'victims_per_1000_families' AND f.release_id = (FROM latest_release)
  AND f.method = (FROM leading_method) AND f.period = 'annual'
ORDER BY f.level, f.country, f.region, f.exploitation, f.location, f.sex;

CREATE MACRO named_release(name) AS (
    SELECT CASE WHEN count(*) = 1 THEN any_value(release_id)
                ELSE error(concat('"', name, '" names ', count(*), ' of the releases in this file; they are: ',
                                  (SELECT string_agg(release_id, ', ' ORDER BY published_at, release_id) FROM releases)))
           END
    FROM releases
    WHERE release_id = CASE name WHEN 'latest' THEN (FROM latest_release) ELSE name END
       OR regexp_extract(release_id, 'r[0-9]+$') = name
);

CREATE MACRO differs(a, b) AS -- as much as tells two published numbers apart; a missing one differs from any other
coalesce(abs(a - b) > 1e-10 * greatest(abs(a), abs(b)), (a IS NULL) <> (b IS NULL));

CREATE MACRO compare(a, b) AS TABLE
WITH old AS (SELECT * FROM estimates WHERE release_id = named_release(a)),
new AS (SELECT * FROM estimates WHERE release_id = named_release(b)),
paired AS (
    SELECT coalesce(old.survey_id, new.survey_id) AS survey_id, coalesce(old.wave, new.wave) AS wave,
           coalesce(old.level, new.level) AS level, coalesce(old.country, new.country) AS country,
           coalesce(old.region, new.region) AS region, coalesce(old.indicator, new.indicator) AS indicator,
           coalesce(old.exploitation, new.exploitation) AS exploitation,
           coalesce(old.location, new.location) AS location, coalesce(old.sex, new.sex) AS sex,
           coalesce(old.period, new.period) AS period, coalesce(old.method, new.method) AS method,
           old.release_id IS NOT NULL AND new.release_id IS NOT NULL AS in_both,
           coalesce(old.conf_status IN ('C', 'D'), false) AS was_hidden,
           coalesce(new.conf_status IN ('C', 'D'), false) AS is_hidden,
           differs(old.estimate, new.estimate) AS moved,
           differs(old.std_error, new.std_error) OR differs(old.cv, new.cv) OR differs(old.ci_low, new.ci_low)
           OR differs(old.ci_high, new.ci_high) OR differs(old.confidence, new.confidence)
           OR differs(old.n_respondents, new.n_respondents) OR differs(old.n_cases, new.n_cases)
           OR differs(old.n_psu, new.n_psu) OR differs(old.df, new.df) OR differs(old.deff, new.deff)
           OR differs(old.implied_deff, new.implied_deff) OR old.lonely_psu IS DISTINCT FROM new.lonely_psu
           OR old.unit IS DISTINCT FROM new.unit OR old.reliability IS DISTINCT FROM new.reliability AS rest_moved,
           CASE WHEN is_hidden THEN NULL ELSE old.estimate END AS previous_estimate,
           CASE WHEN is_hidden THEN NULL ELSE old.ci_low END AS previous_ci_low,
           CASE WHEN is_hidden THEN NULL ELSE old.ci_high END AS previous_ci_high,
           new.estimate, new.ci_low, new.ci_high,
           visibility(old.estimate, coalesce(old.conf_status, 'F')) AS previous_visibility,
           visibility(new.estimate, coalesce(new.conf_status, 'F')) AS visibility
    FROM old FULL JOIN new
      ON old.survey_id = new.survey_id AND old.wave = new.wave AND old.level = new.level
     AND old.country IS NOT DISTINCT FROM new.country AND old.region IS NOT DISTINCT FROM new.region
     AND old.indicator = new.indicator AND old.exploitation = new.exploitation AND old.location = new.location
     AND old.sex = new.sex AND old.period = new.period AND old.method = new.method
)
SELECT named_release(a) AS previous_release_id, named_release(b) AS release_id, survey_id, wave, level, country, region,
       indicator, exploitation, location, sex, period, method,
       CASE WHEN was_hidden AND is_hidden THEN 'same'
            WHEN is_hidden THEN 'hidden'
            WHEN was_hidden AND estimate IS NOT NULL THEN 'shown'
            WHEN previous_estimate IS NULL AND estimate IS NOT NULL THEN 'added'
            WHEN previous_estimate IS NOT NULL AND estimate IS NULL OR was_hidden AND NOT in_both THEN 'removed'
            WHEN moved THEN 'revised'
            WHEN in_both AND rest_moved THEN 'uncertainty'
            ELSE 'same' END AS change,
       previous_estimate, previous_ci_low, previous_ci_high, estimate, ci_low, ci_high,
       estimate - previous_estimate AS difference, estimate / nullif(previous_estimate, 0) - 1 AS relative_change,
       estimate < previous_ci_low OR estimate > previous_ci_high AS beyond_limits,
       ci_low > previous_ci_high OR ci_high < previous_ci_low AS limits_apart, previous_visibility, visibility
FROM paired
ORDER BY level, country, region, indicator, exploitation, location, sex, period, method;
