"""DuckDB and the disk layout: the private build file, raw store, release folders. All SQL of the project is here."""
