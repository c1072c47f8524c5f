"""Recusal (回避): declared, decided, and asked about wherever a task gets into somebody's hands."""
