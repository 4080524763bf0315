-- What analysts query first: the newest release's national and regional numbers, and the numbers as they stood at a time.

CREATE VIEW latest_release AS
SELECT release_id FROM releases WHERE withdrawn_at IS NULL
ORDER BY published_at DESC, length(release_id) DESC, release_id DESC LIMIT 1;

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

COMMENT ON VIEW latest_release IS 'Name of the newest release in this file that was not withdrawn';
COMMENT ON VIEW national_estimates IS 'Estimates of nations in the newest release';
COMMENT ON VIEW regional_estimates IS 'Estimates of regions in the newest release, with the region''s name';
COMMENT ON MACRO TABLE estimates_asof IS 'Estimates as they stood at a moment (UTC): SELECT * FROM estimates_asof(''2026-01-31'')';
