import { readFileSync } from 'node:fs';
import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { Exit, OperatorError } from './errors.js';
import { parseBitRate, parseBytes, parseSeconds } from './units.js';

/** A size in bytes; written as `64MiB`. */
export const size = (standard: string) => measure(parseBytes, 'a size such as 64MiB', standard);
/** A span in seconds; written as `90s`, `5m`, `12h`. */
export const span = (standard: string) => measure(parseSeconds, 'a span of time such as 90s, 5m or 12h', standard);
/** A rate in bits per second; written as `256kbit/s`. */
export const bitRate = (standard: string) => measure(parseBitRate, 'a rate such as 256kbit/s', standard);

function measure(parse: (text: string) => number | null, what: string, standard: string) {
  return z
    .union([z.string(), z.number()])
    .default(standard)
    .transform((value, ctx) => {
      const parsed = parse(String(value));
      if (parsed !== null) return parsed;
      ctx.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is not ${what}` });
      return z.NEVER;
    });
}

/**
 * Reads and checks a YAML file. Every fault is told with file:line:column, all at once.
 * @throws OperatorError CONFIG_UNREADABLE (66) or CONFIG_INVALID (78).
 */
export function loadConfig<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new OperatorError('CONFIG_UNREADABLE', Exit.noInput, `${path}: ${why}`, { cause: error });
  }
  return parseConfig(text, schema, path);
}

/** As loadConfig, from text; `name` stands for the file in messages. */
export function parseConfig<S extends z.ZodType>(text: string, schema: S, name: string): z.output<S> {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, uniqueKeys: true, maxAliasCount: 0 } as object);
  const where = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const fail = (faults: string[]) => new OperatorError('CONFIG_INVALID', Exit.config, faults.join('\n'));
  if (doc.errors.length > 0) throw fail(doc.errors.map((e) => `${where(e.pos[0])}: ${e.message.split('\n')[0]}`));

  let data: unknown;
  try {
    data = doc.toJS({ maxAliasCount: 0 }) ?? {};
  } catch (error) {
    throw fail([`${name}: ${(error as Error).message}`]);
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => {
    const path = issue.path as (string | number)[];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const full = [...path, key];
        return `${where(offsetOf(doc, full, true))}: unknown key '${full.join('.')}'${suggestion(key, keysAt(schema, path))}`;
      });
    }
    return [`${where(offsetOf(doc, path, false))}: ${path.length > 0 ? `${path.join('.')}: ` : ''}${plain(issue)}`];
  });
  throw fail(faults);
}

function plain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required';
  return issue.message;
}

/** Where in the text the value (or its key) at `path` begins; the nearest parent when it is absent. */
function offsetOf(doc: Document, path: readonly (string | number)[], key: boolean): number {
  let node: Node | null = doc.contents as Node | null;
  let at = 0;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown })?.value) === String(step));
      if (pair === undefined) break;
      const keyNode = pair.key as Node;
      node = pair.value as Node | null;
      const last = depth === path.length - 1;
      at = (last && key ? keyNode.range?.[0] : (node?.range?.[0] ?? keyNode.range?.[0])) ?? at;
    } else if (isSeq(node)) {
      node = (node.items[Number(step)] as Node | undefined) ?? null;
      at = node?.range?.[0] ?? at;
    } else break;
  }
  return at;
}

/** Keys that the schema knows at `path`. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let here: unknown = schema;
  for (const step of ['', ...path]) {
    if (step !== '') {
      const shape = (here as { shape?: Record<string, unknown> }).shape;
      here = shape?.[String(step)] ?? (here as { element?: unknown }).element;
    }
    for (;;) {
      const def = (here as { def?: { innerType?: unknown; in?: unknown } } | undefined)?.def;
      if (def?.innerType !== undefined) here = def.innerType;
      else if (def?.in !== undefined) here = def.in;
      else break;
    }
  }
  return Object.keys((here as { shape?: object } | undefined)?.shape ?? {});
}

/** `; did you mean 'snaplen'?` for a near miss, else the list of what is known. */
export function suggestion(word: string, known: readonly string[]): string {
  let best = '';
  let least = 1 + Math.floor(word.length / 3);
  for (const candidate of known) {
    const d = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (d <= least) {
      best = candidate;
      least = d - 1;
    }
  }
  if (best !== '') return `; did you mean '${best}'?`;
  return known.length > 0 ? `; known here: ${known.join(', ')}` : '';
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
