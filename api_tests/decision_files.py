"""Small decision files, written out: one decision each, or a decision service over two."""

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="{name}" namespace="urn:test:{name}">'


IMPORT = '<import name="{name}" namespace="urn:test:{imported}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'


def formula(name: str, text: str) -> bytes:
    """The decision `name`: a FEEL expression over the number `x`."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"""{HEAD.format(name=name)}
  <inputData id="{name}_x" name="x"><variable name="x" typeRef="number"/></inputData>
  <decision id="{name}" name="{name}"><variable name="{name}"/>
    <informationRequirement><requiredInput href="#{name}_x"/></informationRequirement>
    <literalExpression id="{name}_text"><text>{escaped}</text></literalExpression></decision>
</definitions>""".encode()


def long_texts(count: int) -> str:
    """FEEL: a list that takes hardly any room or time, with one text of 90 000 characters in it `count` times."""
    return f'{{text: string join(for i in 1..900 return "{"0123456789" * 10}"), list: for i in 1..{count} return text}}.list'


def importing(name: str, imported: str, text: str) -> bytes:
    """The decision `name`: a FEEL expression over the decision `imported` of another file, known as `other.<imported>`."""
    return f"""{HEAD.format(name=name)}
  {IMPORT.format(name="other", imported=imported)}
  <decision id="{name}" name="{name}"><variable name="{name}"/>
    <informationRequirement><requiredDecision href="urn:test:{imported}#{imported}"/></informationRequirement>
    <literalExpression><text>{text}</text></literalExpression></decision>
</definitions>""".encode()


def knowledge(name: str, text: str) -> bytes:
    """No decision, only the business knowledge model `name`: a function of the number `n`."""
    return f"""{HEAD.format(name=name)}
  <businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>
    <encapsulatedLogic><formalParameter name="n" typeRef="number"/>
      <literalExpression><text>{text}</text></literalExpression></encapsulatedLogic>
  </businessKnowledgeModel>
</definitions>""".encode()


def knowing(name: str, imported: str, text: str) -> bytes:
    """The decision `name`: a FEEL expression over the number `x` and the knowledge model of another file, known as `lib.<imported>`."""
    required = f'<knowledgeRequirement><requiredKnowledge href="urn:test:{imported}#{imported}"/></knowledgeRequirement>'
    imports = IMPORT.format(name="lib", imported=imported)
    whole = formula(name, text).decode().replace("  <inputData", f"  {imports}\n  <inputData")
    return whole.replace("    <literalExpression", f"    {required}\n    <literalExpression").encode()


def table(name: str, *rules: tuple[str, str], hit_policy: str = "UNIQUE", expression: str = "x") -> bytes:
    """The decision `name`: a table over the number `x`; each rule is (test, output), and its basis names it."""
    rows = "".join(
        f'<rule id="{name}_{index}"><description>rule {index}</description>'
        f"<inputEntry><text>{test.replace('<', '&lt;')}</text></inputEntry><outputEntry><text>{output}</text></outputEntry></rule>"
        for index, (test, output) in enumerate(rules, 1)
    )
    return f"""{HEAD.format(name=name)}
  <inputData id="{name}_x" name="x"><variable name="x" typeRef="number"/></inputData>
  <decision id="{name}" name="{name}"><variable name="{name}"/>
    <informationRequirement><requiredInput href="#{name}_x"/></informationRequirement>
    <decisionTable id="{name}_table" hitPolicy="{hit_policy}">
      <input><inputExpression><text>{expression}</text></inputExpression></input><output name="y" typeRef="number"/>{rows}
    </decisionTable></decision>
</definitions>""".encode()


def service(name: str) -> bytes:
    """The decision service `name` over the number `x`: its outputs are `more` = x + 1 and `twice` = more * 2."""
    return f"""{HEAD.format(name=name)}
  <inputData id="{name}_x" name="x"><variable name="x" typeRef="number"/></inputData>
  <decision id="{name}_more" name="more"><variable name="more"/>
    <informationRequirement><requiredInput href="#{name}_x"/></informationRequirement>
    <literalExpression><text>x + 1</text></literalExpression></decision>
  <decision id="{name}_twice" name="twice"><variable name="twice"/>
    <informationRequirement><requiredDecision href="#{name}_more"/></informationRequirement>
    <literalExpression><text>more * 2</text></literalExpression></decision>
  <decisionService id="{name}" name="{name}"><variable name="{name}"/>
    <outputDecision href="#{name}_more"/><outputDecision href="#{name}_twice"/><inputData href="#{name}_x"/></decisionService>
</definitions>""".encode()
