"""What is called otherwise in the copy, and how the copy says whose words it repeats."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

CITED = re.compile(r"(?<![A-Za-z0-9-])(?:S[0-4]|U\d\d)(?![A-Za-z0-9-])")
"""The codes of sources."""
_COUNTED = re.compile(
    r"(?<!第)(?:\d+|[二三四五六七八九十]{1,3})\s?[种项个条](?:条件|情形|方面|文本|不予|可|须|都|容错|未)|(?<![\w/])\d+\s*/\s*\d+(?![\w/])"
)
"""How many conditions, situations … a text says that there are, or are known."""
_MARK = re.compile(r"缺省 \[D\]，照搬自.*?、待核实（所引是.*?的依据）：")
_SUFFIX = re.compile(r"(?:省|市|县|区|州|旗|盟)$")
_ASIDE = re.compile(r"（[^（）]*）$")
_LEADING = re.compile(r"\s*(?:(?:[#>*\-]+|\d+[.、])\s+)?")


@dataclass(frozen=True)
class Naming:
    """From the place `source` to the place `new`. The codes are those of the shared tables (`tPlace`); None where there is none."""

    source: str
    source_name: str
    source_code: str | None
    new: str
    new_name: str
    new_code: str | None
    others: Collection[str] = ()
    """The ids of the other places: one that begins with the source's is not the source."""
    aliases: Collection[str] = ()
    """What else the source is called."""

    def renamed(self, text: str) -> str:
        """The text with keys, file names, namespaces and the code of the new place."""
        text = self._token.sub(self.new, text)
        return self._code.sub(self.new_code, text) if self._code is not None and self.new_code is not None else text

    @cached_property
    def _token(self) -> re.Pattern[str]:
        longer = [re.escape(other.removeprefix(self.source)) for other in self.others if other.startswith(f"{self.source}_")]
        spared = f"(?!{'|'.join(longer)})" if longer else ""
        return re.compile(rf"(?<![A-Za-z0-9]){re.escape(self.source)}{spared}(?![A-Za-z0-9])")

    @cached_property
    def _code(self) -> re.Pattern[str] | None:
        return None if self.source_code is None else re.compile(rf"(?<![A-Za-z0-9-]){re.escape(self.source_code)}(?![A-Za-z0-9-])")

    def titled(self, text: str) -> str:
        """A title: what is called after the source is called after the new place."""
        names = sorted({self.source_name, *self._shorter}, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, names)), lambda _: self.new_name, text)

    @cached_property
    def _shorter(self) -> frozenset[str]:
        """The source's name as prose has it: without what stands in brackets, without the word for its rank; and its other names."""
        plain = _ASIDE.sub("", self.source_name)
        return frozenset(name for name in (plain, _SUFFIX.sub("", plain), *self.aliases) if len(name) > 1)

    @property
    def mark(self) -> str:
        """What stands before words that are the source's."""
        return f"缺省 [D]，照搬自{self.source_name}、待核实（所引是{self.source_name}的依据）："

    def is_the_sources(self, text: str) -> bool:
        """True for words that cite a source, count what it has, or tell of the source place."""
        told = any(name in text for name in (self.source_name, *self._shorter))
        return told or CITED.search(text) is not None or _COUNTED.search(text) is not None

    def is_marked(self, text: str) -> bool:
        """True where the text says already whose words it repeats."""
        return _MARK.search(text) is not None

    def of_source(self, text: str) -> str:
        """The text with the mark before it: it is the source's, whatever it says. Words that the source copied stay marked as they are."""
        return text if self.is_marked(text) else self.mark + text

    def marked(self, text: str) -> str:
        """The text, with the mark before it when it is the source's."""
        return self.of_source(text) if self.is_the_sources(text) else text

    def marked_lines(self, text: str) -> str:
        """As `marked`, line by line and behind what makes a line a heading or an item."""
        return "\n".join(self._marked_line(line) for line in text.split("\n"))

    def _marked_line(self, line: str) -> str:
        if not self.is_the_sources(line) or self.is_marked(line):
            return line
        leading = _LEADING.match(line)
        begin = leading.end() if leading is not None else 0
        return line[:begin] + self.mark + line[begin:]
