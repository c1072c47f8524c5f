// feelin as a JSON-lines process: one question per line in, one answer per line out, in order.
// Question: {kind: "expression" | "unaryTests", text, context: value, input?: value}.
// Answer: {value} | {refused: "syntax" | message}. Values are tagged pairs, see wire.py.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import {
  FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime, dateAndTime, duration, evaluate, isFunction, parseDate, parseTime, unaryTest
} from 'feelin';

// feelin steps from start to end until it meets the end exactly: it never ends where it cannot meet it.
const enumerate = FeelRange.prototype.map;
FeelRange.prototype.map = function(visit) {
  const { start, end } = this;
  const meets = Number.isInteger(end - start) && (start !== end || (this['start included'] && this['end included']));
  if (typeof start === 'number' && typeof end === 'number' && !meets) throw new RangeError('endless iteration');
  return enumerate.call(this, visit);
};

const DECODERS = {
  null: () => null,
  boolean: (value) => value,
  string: (value) => value,
  number: (value) => Number(value),
  date: parseDate,
  time: parseTime,
  'date and time': dateAndTime,
  'years and months duration': duration,
  'days and time duration': duration,
  list: (items) => items.map(decode),
  context: (entries) => Object.fromEntries(entries.map(([ key, value ]) => [ key, decode(value) ]))
};

export function decode([ tag, payload ]) {
  return DECODERS[tag](payload);
}

function nanoseconds(value) {
  const seconds = ((BigInt(value.days) * 24n + BigInt(value.hours)) * 60n + BigInt(value.minutes)) * 60n + BigInt(value.seconds);
  const fraction = (BigInt(value.milliseconds) * 1000n + BigInt(value.microseconds)) * 1000n + BigInt(value.nanoseconds);
  return String(seconds * 1_000_000_000n + fraction);
}

export function encode(value) {
  if (value === null || value === undefined) return [ 'null' ];
  if (typeof value === 'boolean') return [ 'boolean', value ];
  if (typeof value === 'string') return [ 'string', value ];
  if (typeof value === 'number') return [ 'number', String(value) ];
  if (Array.isArray(value)) return [ 'list', Array.from(value, encode) ];
  if (value instanceof FeelDate) return [ 'date', value.toString() ];
  if (value instanceof FeelTime) return [ 'time', value.toString() ];
  if (value instanceof FeelDateTime) return [ 'date and time', value.toString() ];
  if (value instanceof FeelDuration) {
    const inner = value.unwrap();
    const months = String(inner.years * 12 + inner.months);
    return value.yearsMonths
      ? [ 'years and months duration', inner.days ? `${months} months and ${inner.days} days` : months ]
      : [ 'days and time duration', nanoseconds(inner) ];
  }
  if (value instanceof FeelRange) {
    return [ 'range', [ encode(value.start), encode(value.end), value['start included'], value['end included'] ] ];
  }
  if (isFunction(value) || typeof value === 'function') return [ 'function' ];
  return [ 'context', Object.entries(value).map(([ key, entry ]) => [ key, encode(entry) ]) ];
}

export function answer({ kind, text, context, input }) {
  const scope = decode(context);
  try {
    const { value } = kind === 'unaryTests' ? unaryTest(text, { ...scope, '?': decode(input) }) : evaluate(text, scope);
    return { value: encode(value) };
  } catch (error) {
    return { refused: error.position ? 'syntax' : `${error.name}: ${error.message}` };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
  }
}
