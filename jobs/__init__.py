"""The only place that knows Spark and files: a table in, a table out. One file per job, named by its verb."""
