"""What spark-submit is given: `spark-submit --master URL …/winnow.py curate CRAWL --output CORPUS`. People type `winnow`.

It has a folder of its own because spark-submit puts the file's folder on the path, before the standard library.
"""

from jobs.cli import main

if __name__ == "__main__":
    main()
