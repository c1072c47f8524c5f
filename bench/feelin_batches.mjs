// Runs in node: for each line, works through the cases `count` times and answers with the microseconds per decision,
// of CPU and by the clock.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runInThisContext } from 'node:vm';

const [ bundle, table ] = process.argv.slice(2);
runInThisContext(readFileSync(bundle, 'utf8'));
const { rules, inputs, cases } = JSON.parse(table);
const decide = globalThis.feelinTable.decider(rules, inputs);

for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line);
  const results = cases.map((facts) => decide(facts).result);
  const started = performance.now();
  const began = process.cpuUsage();
  for (let number = 0; number < count; number++) decide(cases[number % cases.length]);
  const { user, system } = process.cpuUsage(began);
  const clock = (performance.now() - started) * 1000 / count;
  const cpu = (user + system) / count;
  process.stdout.write(JSON.stringify({ cpu, clock, results }) + '\n');
}
