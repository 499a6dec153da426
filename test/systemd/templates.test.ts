import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { parseConfig } from '../../src/base/config.js';
import { packageRoot } from '../../src/base/root.js';
import { CentralConfig } from '../../src/central/config.js';
import { SensorConfig } from '../../src/sensor/config.js';

interface Schema {
  properties?: Record<string, Schema>;
}
const ROLES = {
  // Beside each schema: keys that have no default, so that the template can only show an example, and a block
  // that excludes another.
  sensor: {
    schema: SensorConfig as z.ZodType,
    examples: ['filter', 'username', 'passwordFile', 'tls', 'modelKey'],
    exclusive: /$^/,
  },
  central: {
    schema: CentralConfig as z.ZodType,
    examples: ['tls', 'users', 'days'],
    exclusive: /^ {2}# A broker to use instead[\s\S]*?\n\n/m,
  },
};
const KEY = /^(\s*)#((?: {2})*)([A-Za-z]+:(?: .*)?)$/gm;
const textOf = (role: string) => readFileSync(join(packageRoot(), 'systemd', `${role}.yaml`), 'utf8');

/** Every key of a schema, as a path of names. */
function paths(schema: Schema, above: string[] = []): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    [...above, key],
    ...paths(value, [...above, key]),
  ]);
}

/** Every key of a template, live or commented out, as paths; told by indentation. */
function templatePaths(text: string): string[] {
  const above: string[] = [];
  const out: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\s*)#?((?: {2})*)([A-Za-z]+):(?: |$)/.exec(line);
    if (match === null) continue;
    const depth = (match[1]!.length + match[2]!.length) / 2;
    above.length = depth;
    above[depth] = match[3]!;
    out.push(above.join('.'));
  }
  return out;
}

for (const [role, { schema, examples, exclusive }] of Object.entries(ROLES)) {
  test(`the configuration that comes with the ${role} is a good one as it is`, () => {
    parseConfig(textOf(role), schema, `${role}.yaml`);
  });

  test(`the configuration that comes with the ${role} tells of every key there is, and of no other`, () => {
    const wanted = paths(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema).map((p) =>
      p.join('.'),
    );
    assert.ok(wanted.length > 20, 'the schema has lost its keys');
    assert.deepEqual(templatePaths(textOf(role)).sort(), wanted.sort());
  });

  test(`the commented keys of the ${role} show the defaults: with all of them live nothing changes`, () => {
    const text = textOf(role);
    const live = text
      .replace(exclusive, '')
      .replace(KEY, '$1$2$3')
      .replace(/^( *)#( +)#.*$/gm, '');
    assert.notEqual(live, text);
    const strip = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([k]) => !examples.includes(k))
              .map(([k, v]) => [k, strip(v)]),
          )
        : value;
    assert.deepEqual(strip(parseConfig(live, schema, 'live')), strip(parseConfig(text, schema, 'as it comes')));
  });
}
