"""The stored state of an instance: what a step changed, its bytes, the rows it means, and large instances kept alive between steps."""
