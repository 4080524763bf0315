"""Result tables and their metadata in, files for other programs out: data package, SDMX, workbook. No DuckDB."""
