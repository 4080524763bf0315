-- The regions of the survey, one row each: a code list, nothing measured.
SELECT country, region, surveyed, population_thousands, grade
FROM regions
ORDER BY country, region
