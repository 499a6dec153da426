import { decode, encode } from './text.js';

/** The address bar is the state: which screen, and what is chosen on it. */
export type Route =
  | { screen: 'shortlist' }
  | { screen: 'entity'; host: string }
  | { screen: 'sensors' }
  | { screen: 'model' }
  | { screen: 'nowhere'; path: string };

/** The screen a path names. Paths are as the address bar holds them, percent-encoded. */
export function routeOf(path: string): Route {
  const parts = path.split('/').filter((p) => p !== '');
  const [first, second] = parts;
  if (first === undefined) return { screen: 'shortlist' };
  if (parts.length === 1 && first === 'sensors') return { screen: 'sensors' };
  if (parts.length === 1 && first === 'model') return { screen: 'model' };
  if (parts.length === 2 && first === 'entity' && second !== undefined)
    return { screen: 'entity', host: decode(second) };
  return { screen: 'nowhere', path };
}

/** Parameters that mean the same on every screen, and so travel along a link. */
const SHARED = ['day'];

/**
 * The search string with some parameters set, and those given null or '' removed. Order is by name, so that equal
 * states have equal addresses.
 */
export function withParams(search: string, change: Readonly<Record<string, string | null>>): string {
  const params = new Map(new URLSearchParams(search));
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const names = [...params.keys()].sort();
  return names.length === 0 ? '' : `?${names.map((n) => `${encode(n)}=${encode(params.get(n)!)}`).join('&')}`;
}

/** What of a search string goes along to another screen. */
export function shared(search: string): string {
  const params = new URLSearchParams(search);
  return withParams('', Object.fromEntries(SHARED.map((name) => [name, params.get(name)])));
}

/** Where an entity's page is; null for what cannot be a path segment (a browser folds `.` and `..` away). */
export function entityPath(host: string, search: string): string | null {
  if (host === '' || host === '.' || host === '..') return null;
  return `/entity/${encode(host)}${shared(search)}`;
}

/** A UTC day as the API takes it, or null. */
export function dayParam(search: string): string | null {
  const day = new URLSearchParams(search).get('day');
  return day !== null && /^\d{4}-\d\d-\d\d$/.test(day) ? day : null;
}

/** A list of short names, separated by dots. */
export function listParam(search: string, name: string): string[] {
  return (new URLSearchParams(search).get(name) ?? '').split('.').filter((s) => /^[0-9a-z]{1,7}$/.test(s));
}

/** Two times in milliseconds written `from-to`; null unless from < to. */
export function spanParam(search: string, name: string): { from: number; to: number } | null {
  const m = /^(\d{1,16})-(\d{1,16})$/.exec(new URLSearchParams(search).get(name) ?? '');
  if (m === null) return null;
  const from = Number(m[1]);
  const to = Number(m[2]);
  return from < to ? { from, to } : null;
}

export interface Sort<C extends string> {
  column: C;
  descending: boolean;
}

/** A sort written `bytesOut` or `-bytesOut` (descending); the default when it names no known column. */
export function sortParam<C extends string>(search: string, name: string, known: readonly C[], or: Sort<C>): Sort<C> {
  const text = new URLSearchParams(search).get(name) ?? '';
  const descending = text.startsWith('-');
  const column = known.find((c) => c === (descending ? text.slice(1) : text));
  return column === undefined ? or : { column, descending };
}

export function sortText<C extends string>(sort: Sort<C>): string {
  return `${sort.descending ? '-' : ''}${sort.column}`;
}
