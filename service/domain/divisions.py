"""Which place lies in which, by their numbers of GB/T 2260: six digits, two each for province, prefecture and county; 00 is the whole."""

PARTS = 3


def lies_in(code: str, above: str) -> bool:
    """Whether the place numbered `code` is a part of the one numbered `above`; none is a part of itself. 500105 lies in 500000."""
    parts = [above[2 * part : 2 * part + 2] for part in range(PARTS)]
    while parts and parts[-1] == "00":
        parts.pop()
    return code != above and code.startswith("".join(parts))
