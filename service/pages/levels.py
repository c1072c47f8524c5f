"""What kind of place a place is, in the words of its own name: a municipality is no autonomous region, a district no county."""

from service.pages.place import Place, text

TEMPLATE = "template"
LEVELS = {
    "national": "全国",
    "province": "省级",
    "prefecture": "市（设区的市一级）",
    "county": "县级",
    "zone": "功能区（开发区、自贸区等）",
    TEMPLATE: "作者建议，不是地方",
    "comparator": "只供对照，不作为规则",
}
_ENDINGS = {
    "province": {"市": "直辖市", "自治区": "自治区", "省": "省"},
    "county": {"市": "县级市", "区": "市辖区", "县": "县"},
}


def level_of(place: Place) -> str:
    """The level of jurisdiction.yaml, told more exactly where the name of the place does."""
    level = text(place.about, "level")
    endings = _ENDINGS.get(level, {})
    return next((word for ending, word in endings.items() if place.name.endswith(ending)), LEVELS.get(level, "—"))
