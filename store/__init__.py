"""Where it is kept: all SQL, migrations and the unit of work; the only importer of psycopg2."""
