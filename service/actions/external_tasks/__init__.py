"""Tasks of workers outside the service: fetched under a lock, completed, failed."""
