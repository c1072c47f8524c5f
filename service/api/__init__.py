"""The HTTP door: one file per URL noun; every route is a typed call of one action."""
