import re
from pathlib import Path

from service.forms import acceptance, field_reader, flattening, form, reader, values

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 1
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})


def test_every_code_is_listed() -> None:
    call = r"(?:Fault|FormProblem|_problem|\.add|\.fault)\("
    pattern = re.compile(call + r'(?:field, |pointer, |pointer_to\(self\._base\), |"", )?"([a-z-]+)"')
    used: set[str] = set()
    for module in (field_reader, reader, values, acceptance, flattening, form):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        used |= set(pattern.findall(source))
    assert len(used) > 40
    assert {code for code in used if f"`{code}`" not in README} == set()
