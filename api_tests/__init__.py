"""Black-box tests through HTTP against a real server process; one file per action, same name."""
