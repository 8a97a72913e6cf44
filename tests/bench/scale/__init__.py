"""What a crawl costs as it grows: CPU by stage and by kind of process, Spark's jobs, memory, bytes that are shuffled."""
