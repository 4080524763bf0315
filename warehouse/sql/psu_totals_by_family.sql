-- Generated from warehouse/psu_expression.py by Ibis, for DuckDB. Do not edit: change the expression, then
-- python -m warehouse.compiled_queries
-- The same sums of each PSU's families with the same answers. Parameter: $survey_id.

SELECT
  *
FROM (
  SELECT
    "t1"."survey_id",
    "t1"."country",
    "t1"."region",
    "t1"."stratum",
    "t1"."psu",
    "t1"."family",
    COUNT(*) AS "n_respondents",
    COUNT(*) FILTER(WHERE
      "t1"."urban") AS "n_urban",
    CAST(CAST(SUM("t1"."relatives") AS DECIMAL(38, 0)) AS BIGINT) AS "relatives",
    CAST(CAST(SUM("t1"."relatives_raw") AS DECIMAL(38, 0)) AS BIGINT) AS "relatives_raw",
    CAST(CAST(SUM("t1"."relatives" * "t1"."relatives") AS DECIMAL(38, 0)) AS BIGINT) AS "relatives_squared",
    COUNT(*) FILTER(WHERE
      "t1"."inside") AS "migrant_inside",
    COUNT(*) FILTER(WHERE
      "t1"."abroad") AS "migrant_abroad",
    COUNT(*) FILTER(WHERE
      "t1"."inside" AND "t1"."abroad") AS "migrant_both",
    COUNT(*) FILTER(WHERE
      "t1"."inside" OR "t1"."abroad") AS "migrant_any",
    CAST(CAST(SUM("t1"."women_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_women",
    CAST(CAST(SUM("t1"."women_recent_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_women_last_3_years",
    CAST(CAST(SUM("t1"."men_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_men",
    CAST(CAST(SUM("t1"."men_recent_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_men_last_3_years",
    CAST(CAST(SUM("t1"."total_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_total",
    CAST(CAST(SUM("t1"."total_recent_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_total_last_3_years",
    CAST(CAST(SUM(
      GREATEST("t1"."women_recent_inside" + "t1"."men_recent_inside", "t1"."total_recent_inside")
    ) AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_any_last_3_years",
    CAST(CAST(SUM(
      GREATEST(
        (
          "t1"."women_inside" + "t1"."men_inside"
        ) - (
          "t1"."women_recent_inside" + "t1"."men_recent_inside"
        ),
        "t1"."total_inside" - "t1"."total_recent_inside"
      )
    ) AS DECIMAL(38, 0)) AS BIGINT) AS "labour_inside_any_earlier",
    COUNT(*) FILTER(WHERE
      (
        "t1"."women_inside" + "t1"."men_inside" + "t1"."total_inside"
      ) > 0) AS "labour_inside_families",
    CAST(CAST(SUM("t1"."sexual_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "sexual_inside",
    CAST(CAST(SUM("t1"."sexual_recent_inside") AS DECIMAL(38, 0)) AS BIGINT) AS "sexual_inside_last_3_years",
    COUNT(*) FILTER(WHERE
      "t1"."sexual_inside" > 0) AS "sexual_inside_families",
    COUNT(*) FILTER(WHERE
      (
        "t1"."women_inside" + "t1"."men_inside" + "t1"."total_inside" + "t1"."sexual_inside"
      ) > 0) AS "any_inside_families",
    CAST(CAST(SUM("t1"."women_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_women",
    CAST(CAST(SUM("t1"."women_recent_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_women_last_3_years",
    CAST(CAST(SUM("t1"."men_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_men",
    CAST(CAST(SUM("t1"."men_recent_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_men_last_3_years",
    CAST(CAST(SUM("t1"."total_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_total",
    CAST(CAST(SUM("t1"."total_recent_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_total_last_3_years",
    CAST(CAST(SUM(
      GREATEST("t1"."women_recent_abroad" + "t1"."men_recent_abroad", "t1"."total_recent_abroad")
    ) AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_any_last_3_years",
    CAST(CAST(SUM(
      GREATEST(
        (
          "t1"."women_abroad" + "t1"."men_abroad"
        ) - (
          "t1"."women_recent_abroad" + "t1"."men_recent_abroad"
        ),
        "t1"."total_abroad" - "t1"."total_recent_abroad"
      )
    ) AS DECIMAL(38, 0)) AS BIGINT) AS "labour_abroad_any_earlier",
    COUNT(*) FILTER(WHERE
      (
        "t1"."women_abroad" + "t1"."men_abroad" + "t1"."total_abroad"
      ) > 0) AS "labour_abroad_families",
    CAST(CAST(SUM("t1"."sexual_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "sexual_abroad",
    CAST(CAST(SUM("t1"."sexual_recent_abroad") AS DECIMAL(38, 0)) AS BIGINT) AS "sexual_abroad_last_3_years",
    COUNT(*) FILTER(WHERE
      "t1"."sexual_abroad" > 0) AS "sexual_abroad_families",
    COUNT(*) FILTER(WHERE
      (
        "t1"."women_abroad" + "t1"."men_abroad" + "t1"."total_abroad" + "t1"."sexual_abroad"
      ) > 0) AS "any_abroad_families",
    COUNT(*) FILTER(WHERE
      (
        (
          "t1"."women_inside" + "t1"."men_inside" + "t1"."total_inside"
        ) > 0
      )
      AND (
        (
          "t1"."women_abroad" + "t1"."men_abroad" + "t1"."total_abroad"
        ) > 0
      )) AS "labour_both_families",
    COUNT(*) FILTER(WHERE
      (
        (
          "t1"."women_inside" + "t1"."men_inside" + "t1"."total_inside"
        ) > 0
      )
      OR (
        (
          "t1"."women_abroad" + "t1"."men_abroad" + "t1"."total_abroad"
        ) > 0
      )) AS "labour_any_families",
    COUNT(*) FILTER(WHERE
      (
        "t1"."sexual_inside" > 0
      ) AND (
        "t1"."sexual_abroad" > 0
      )) AS "sexual_both_families",
    COUNT(*) FILTER(WHERE
      (
        "t1"."sexual_inside" > 0
      ) OR (
        "t1"."sexual_abroad" > 0
      )) AS "sexual_any_families",
    COUNT(*) FILTER(WHERE
      (
        "t1"."women_inside" + "t1"."men_inside" + "t1"."total_inside" + (
          "t1"."women_abroad" + "t1"."men_abroad" + "t1"."total_abroad"
        ) + "t1"."sexual_inside" + "t1"."sexual_abroad"
      ) > 0) AS "any_families"
  FROM (
    SELECT
      "t0"."survey_id",
      "t0"."country",
      "t0"."region",
      "t0"."relatives",
      "t0"."relatives_raw",
      "t0"."region" AS "stratum",
      "t0"."region" || '/' || "t0"."district" || '/' || "t0"."settlement" AS "psu",
      COALESCE("t0"."settlement_type" = 'urban', FALSE) AS "urban",
      COALESCE("t0"."migrant_inside" = 'yes', FALSE) AS "inside",
      COALESCE("t0"."migrant_abroad" = 'yes', FALSE) AS "abroad",
      COALESCE("t0"."labour_inside_women_last_3_years", 0) AS "women_recent_inside",
      COALESCE("t0"."labour_inside_women_last_3_years", 0) + COALESCE("t0"."labour_inside_women_earlier", 0) AS "women_inside",
      COALESCE("t0"."labour_inside_men_last_3_years", 0) AS "men_recent_inside",
      COALESCE("t0"."labour_inside_men_last_3_years", 0) + COALESCE("t0"."labour_inside_men_earlier", 0) AS "men_inside",
      COALESCE("t0"."labour_inside_total_last_3_years", 0) AS "total_recent_inside",
      COALESCE("t0"."labour_inside_total_last_3_years", 0) + COALESCE("t0"."labour_inside_total_earlier", 0) AS "total_inside",
      COALESCE("t0"."sexual_inside_last_3_years", 0) AS "sexual_recent_inside",
      COALESCE("t0"."sexual_inside_last_3_years", 0) + COALESCE("t0"."sexual_inside_earlier", 0) AS "sexual_inside",
      COALESCE("t0"."labour_abroad_women_last_3_years", 0) AS "women_recent_abroad",
      COALESCE("t0"."labour_abroad_women_last_3_years", 0) + COALESCE("t0"."labour_abroad_women_earlier", 0) AS "women_abroad",
      COALESCE("t0"."labour_abroad_men_last_3_years", 0) AS "men_recent_abroad",
      COALESCE("t0"."labour_abroad_men_last_3_years", 0) + COALESCE("t0"."labour_abroad_men_earlier", 0) AS "men_abroad",
      COALESCE("t0"."labour_abroad_total_last_3_years", 0) AS "total_recent_abroad",
      COALESCE("t0"."labour_abroad_total_last_3_years", 0) + COALESCE("t0"."labour_abroad_total_earlier", 0) AS "total_abroad",
      COALESCE("t0"."sexual_abroad_last_3_years", 0) AS "sexual_recent_abroad",
      COALESCE("t0"."sexual_abroad_last_3_years", 0) + COALESCE("t0"."sexual_abroad_earlier", 0) AS "sexual_abroad",
      CONCAT_WS(
        '/',
        COALESCE(CAST("t0"."relatives_raw" AS TEXT), ''),
        COALESCE("t0"."settlement_type", ''),
        COALESCE("t0"."migrant_inside", ''),
        COALESCE("t0"."migrant_abroad", ''),
        COALESCE(CAST("t0"."relatives" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_women_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_women_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_men_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_men_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_total_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_inside_total_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."sexual_inside_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."sexual_inside_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_women_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_women_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_men_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_men_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_total_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."labour_abroad_total_earlier" AS TEXT), ''),
        COALESCE(CAST("t0"."sexual_abroad_last_3_years" AS TEXT), ''),
        COALESCE(CAST("t0"."sexual_abroad_earlier" AS TEXT), '')
      ) AS "family"
    FROM "interviews" AS "t0"
    WHERE
      "t0"."survey_id" = $survey_id
  ) AS "t1"
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6
) AS "t2"
ORDER BY
  "t2"."survey_id" ASC,
  "t2"."country" ASC,
  "t2"."region" ASC,
  "t2"."stratum" ASC,
  "t2"."psu" ASC,
  "t2"."family" ASC
