"""The subcommands of `winnow`: parse, call a job, print. The only place that prints."""
