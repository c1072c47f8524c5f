"""Decision tables: compiled, indexed, run, and their hit policies."""
