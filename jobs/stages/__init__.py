"""The stages from crawl to report, one file each; jobs/stages/curate.py lists them in order."""
