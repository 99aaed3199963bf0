"""Log migrations: how the tables of the log's file came to be; run by `ingest.log_file.LogFile`."""
