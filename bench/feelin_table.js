// A decision table over feelin, with the record service.dmn gives: feelin itself evaluates one cell at a time.
import { evaluate, unaryTest } from 'feelin';

export function decider(rules, inputs) {
  return (facts) => {
    for (const [ index, { cells, fee } ] of rules.entries()) {
      const applies = cells.every((cell, column) => cell === '-' || unaryTest(cell, { ...facts, '?': facts[inputs[column]] }).value === true);
      if (applies) {
        const outputs = { amount: evaluate(fee, facts).value };
        return {
          decisionKey: 'fee',
          result: outputs.amount,
          outputs,
          inputs: inputs.map((name) => ({ expression: name, value: facts[name] })),
          matchedRules: [ { ruleId: `r${index + 1}`, index: index + 1, description: `Fees Act, section ${index + 1}`, outputs } ],
          warnings: [],
          requiredDecisions: []
        };
      }
    }
    return null;
  };
}
