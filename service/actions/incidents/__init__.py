"""Steps that failed: kept, tried again or given up."""
