// Decision tables as dmn-js keeps them (dmn-moddle), and what feelin makes of them cell by cell.
// Questions: {kind: "rewrite", xml} -> {xml, warnings};
// {kind: "decide", table, context} -> {xml, matched, outcome}, `outcome` being a tagged value or null where the hit policy is violated.
import { createInterface } from 'node:readline';

import { DmnModdle } from 'dmn-moddle';

import { answer } from './oracle.mjs';

const moddle = new DmnModdle();

async function rewrite(xml) {
  const { rootElement, warnings } = await moddle.fromXML(xml);
  return { xml: (await moddle.toXML(rootElement, { format: true })).xml, warnings: warnings.map(({ message }) => message) };
}

function withText(type, id, text, more = {}) {
  return moddle.create(type, { id, text, ...more });
}

async function write({ hitPolicy, aggregation, inputs, outputs, rules }) {
  const decisionTable = moddle.create('dmn:DecisionTable', {
    id: 'table',
    hitPolicy,
    ...(aggregation ? { aggregation } : {}),
    input: inputs.map(({ name, typeRef, values }, at) => moddle.create('dmn:InputClause', {
      id: `input_${at}`,
      label: name,
      inputExpression: withText('dmn:LiteralExpression', `expression_${at}`, name, { typeRef }),
      ...(values ? { inputValues: withText('dmn:UnaryTests', `values_${at}`, values) } : {})
    })),
    output: outputs.map(({ name, typeRef, values }, at) => moddle.create('dmn:OutputClause', {
      id: `output_${at}`,
      name,
      typeRef,
      ...(values ? { outputValues: withText('dmn:UnaryTests', `out_${at}`, values) } : {})
    })),
    annotation: [ moddle.create('dmn:RuleAnnotationClause', { name: 'Basis' }) ],
    rule: rules.map(({ cells, results }, at) => moddle.create('dmn:DecisionRule', {
      id: `rule_${at}`,
      inputEntry: cells.map((text, column) => withText('dmn:UnaryTests', `cell_${at}_${column}`, text)),
      outputEntry: results.map((text, column) => withText('dmn:LiteralExpression', `result_${at}_${column}`, text)),
      annotationEntry: [ moddle.create('dmn:RuleAnnotation', { text: `basis ${at}` }) ]
    }))
  });
  const decision = moddle.create('dmn:Decision', { id: 'decision', name: 'Decision', decisionLogic: decisionTable });
  const bounds = moddle.create('dc:Bounds', { height: 80, width: 180, x: 160, y: 100 });
  const shape = moddle.create('dmndi:DMNShape', { dmnElementRef: decision, bounds });
  const definitions = moddle.create('dmn:Definitions', {
    id: 'definitions',
    name: 'DRD',
    namespace: 'http://camunda.org/schema/1.0/dmn',
    drgElement: [ decision ],
    dmnDI: moddle.create('dmndi:DMNDI', { diagrams: [ moddle.create('dmndi:DMNDiagram', { diagramElements: [ shape ] }) ] })
  });
  return (await moddle.toXML(definitions, { format: true })).xml;
}

const value = (text, context) => answer({ kind: 'expression', text, context }).value;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function applies(cells, inputs, context) {
  const known = new Map(context[1]);
  return cells.every((text, at) => {
    const tested = answer({ kind: 'unaryTests', text: text || '-', context, input: known.get(inputs[at].name) });
    return tested.value[1] === true;
  });
}

function decided({ hitPolicy, aggregation, outputs }, results) {
  // Every element of a list, the order of priority of the first output.
  const priorities = outputs[0].values ? value(`[${outputs[0].values}]`, [ 'context', [] ])[1].map((each) => JSON.stringify(each)) : [];
  const one = (row) => row.length === 1 ? row[0] : [ 'context', row.map((each, at) => [ outputs[at].name, each ]) ];
  const ranked = () => results.map(one).sort((a, b) => rank(a) - rank(b));
  const rank = (row) => priorities.indexOf(JSON.stringify(row[0] === 'context' ? row[1][0][1] : row));
  const numbers = results.map((row) => Number(row[0][1]));
  const number = (result) => [ 'number', String(result) ];
  if (hitPolicy === 'COLLECT' && aggregation) {
    if (aggregation === 'COUNT') return number(new Set(numbers).size);
    if (!numbers.length) return [ 'null' ];
    if (aggregation === 'SUM') return number(numbers.reduce((sum, each) => sum + each));
    return number(aggregation === 'MIN' ? Math.min(...numbers) : Math.max(...numbers));
  }
  if ([ 'COLLECT', 'RULE ORDER' ].includes(hitPolicy)) return [ 'list', results.map(one) ];
  if (hitPolicy === 'OUTPUT ORDER') return [ 'list', ranked() ];
  if (!results.length) return [ 'null' ];
  if (hitPolicy === 'PRIORITY') return ranked()[0];
  if (hitPolicy === 'UNIQUE' && results.length > 1) return null;
  if (hitPolicy === 'ANY' && !results.every((row) => same(row, results[0]))) return null;
  return one(results[0]);
}

async function decide({ table, context }) {
  const matched = table.rules.flatMap(({ cells }, at) => applies(cells, table.inputs, context) ? [ at ] : []);
  const results = matched.map((at) => table.rules[at].results.map((text) => value(text, context)));
  return { xml: await write(table), matched, outcome: decided(table, results) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const told = question.kind === 'rewrite' ? await rewrite(question.xml) : await decide(question);
  process.stdout.write(JSON.stringify(told) + '\n');
}
