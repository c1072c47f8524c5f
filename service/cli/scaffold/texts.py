"""What the files of a new place say at their head."""

PLACE_HEAD = """# {naming.new_name}。由 rongjiu new-jurisdiction 照搬自{naming.source_name}（{naming.source}），尚未核实：
# 没有一条是{naming.new_name}的规定。文件、清单的条数、各项依据须逐条查明后改写；
# 查明的把 basis 改为 rule 等并写 source，见 docs/new-jurisdiction.md。
"""
CASES_HEAD = """# {naming.new_name}：由 rongjiu new-jurisdiction 照搬自{naming.source_name}的可执行案例，核实规则后逐例改写。
# 格式见 docs/cases-format.md。
"""
PAGE = """# {of} 的依据

由 `rongjiu new-jurisdiction` 照搬自{naming.source_name}，**尚未核实**：没有一条是{naming.new_name}的规定。

* 照搬的内容，逐条依据见 [{naming.source_name}的说明](../../{kind}/{naming.source}/{page})；那是{naming.source_name}的依据，不是本地的。
* 本地的规则查明一条，改一条：表里的 `description`、依据、效力 `force`，图里的 `basis`，并在这里写明出处；查不明的保留“缺省 [D]”。
* 怎样安全地改一张表：[docs/changing-a-table.md](../../docs/changing-a-table.md)。
"""
