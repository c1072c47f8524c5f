"""Secret ballots and signed opinions."""
