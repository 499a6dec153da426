import { addressText } from '../../base/address.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { serviceText } from '../../record/services.js';
import { wordMeaning } from '../../record/word-meaning.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { isGroup } from '../networks.js';
import { reason } from '../points.js';
import { countText, numberText, spanText } from '../text.js';
import type { Act } from '../told.js';
import type { Window } from '../window.js';
import { ADMIN_SERVICE } from './admin-services.js';
import { isIcmp, isIcmpError, TCP } from './traits.js';

/** Only what is stranger than this is looked at. */
const STRANGE = 2e-3;
/** Lines of one window. */
const LINES_MAX = 20;
/** Groups held while a window is read, and peers of each. */
const GROUPS_MAX = 50_000;
const PEERS_MAX = 1000;
/** Services of one pair of hosts that are one line. */
const SERVICES_LEAST = 3;
/** A line that was told this short a time ago says so of all its peers, instead of beginning another one. */
const AGAIN_US = 3600e6;
const AGAIN_MAX = 4096;
const POINTS_MAX = 28;

/** Strange flows of one host in one role with one service, or with several services of one peer. */
interface Group {
  host: string;
  side: 0 | 1;
  proto: string;
  /** Null for ICMP, and for several services. */
  port: number | null;
  peers: Set<string>;
  /** Service names, when there are several. */
  services: string[];
  strangest: number;
  row: number;
  flows: number;
  firstUs: number;
  lastUs: number;
}

/**
 * The strangest flows of a window by the topic model (`rare`), one line per host, role and service, so that forty
 * connections to forty hosts are one line, and so are forty services of one host. The statistic is the tail probability
 * that flows.score holds. A hint by itself: strange is not bad. What a stronger detector has said of the same source and
 * peer or service is not said again here.
 *
 * Limits: the model of the first windows has seen little and calls little strange; only the twenty strangest groups
 * of a window are told; what comes before a stronger finding about the same (the first contacts of a beacon) has been told
 * by then.
 */
export class RareDetector implements Detector {
  readonly name = 'rare';
  readonly evicted = 0;
  /** Peer of each line of the last hour, or null for several. */
  readonly #again = new Map<string, { peer: string | null; us: number }>();

  window(window: Window, context: Context, out: Finding[]): void {
    if (context.probabilities.model === null) return;
    const groups = this.#groups(window, context);
    const strangest = byPair(groups).sort((a, b) => a.strangest - b.strangest || a.row - b.row);
    for (const g of strangest.slice(0, LINES_MAX)) this.#tell(g, window, context, out);
  }

  #groups(window: Window, context: Context): Group[] {
    const f = window.flows;
    const groups = new Map<string, Group>();
    for (let i = 0; i < f.count; i++) {
      if (f.score[i]! > STRANGE || isGroup(f.addr, i * 8 + 4)) continue;
      const act = actOf(window, i, context);
      const us = f.lastUs[i]!;
      if (context.told.explains(act, us)) continue;
      // Errors that others send to a scanner are what it did, not they.
      if (isIcmpError(f, i) && context.told.any(act.dst, us)) continue;
      // Told of who began it, since one host may do it to many; of the other end when only that is our own.
      const outside = context.isOutside(f.addr, i * 8) && context.isHome(f.addr, i * 8 + 4);
      const side: 0 | 1 = outside ? 1 : 0;
      const [host, peer] = side === 0 ? [act.src, act.dst] : [act.dst, act.src];
      const key = `${host} ${side} ${act.proto} ${act.port}`;
      let g = groups.get(key);
      if (g === undefined) {
        if (groups.size >= GROUPS_MAX) continue;
        const { proto, port } = act;
        g = {
          host,
          side,
          proto,
          port,
          peers: new Set(),
          services: [],
          strangest: 1,
          row: i,
          flows: 0,
          firstUs: us,
          lastUs: us,
        };
        groups.set(key, g);
      }
      if (f.score[i]! < g.strangest) {
        g.strangest = f.score[i]!;
        g.row = i;
      }
      g.flows++;
      g.firstUs = Math.min(g.firstUs, f.firstUs[i]!);
      g.lastUs = Math.max(g.lastUs, us);
      if (g.peers.size < PEERS_MAX) g.peers.add(peer);
    }
    return [...groups.values()];
  }

  #tell(g: Group, window: Window, context: Context, out: Finding[]): void {
    const f = window.flows;
    const keys = new Uint32Array(4);
    context.wordSet.flowKeys(f, g.row, keys);
    const { flow } = context.probabilities;
    const stranger = flow[2 * g.row]! <= flow[2 * g.row + 1]! ? 0 : 1;
    const word = context.wordSet.flowText(keys[2 * stranger]!, keys[2 * stranger + 1]!);
    const whose = stranger === g.side ? '' : 'for the other end: ';
    const rarity = -Math.log10(g.strangest);
    const points = Math.min(POINTS_MAX, 8 * (rarity - 1.5));
    const only = g.peers.size === 1 ? [...g.peers][0]! : null;
    const to = `${g.side === 0 ? 'to' : 'from'} ${only ?? countText(g.peers.size, 'host')}`;
    const many = g.services.length > 0 ? `${countText(g.services.length, 'service')} (as ${g.services[0]})` : null;
    const text =
      `${many ?? serviceText(g.proto, g.port)} ${to} in ${spanText(g.lastUs - g.firstUs)}, ${countText(g.flows, 'flow')}: one in ` +
      `${numberText(1 / g.strangest)} of what is usual here (${whose}${wordMeaning(context.wordSet.name, 'flow', word)})`;
    const peer = this.#peerNow(g, only);
    out.push({
      kind: this.name,
      src: g.side === 0 || peer === null ? g.host : peer,
      dst: g.side === 0 ? peer : peer === null ? null : g.host,
      dstPort: g.port,
      proto: g.proto,
      domain: null,
      firstUs: g.firstUs,
      lastUs: g.lastUs,
      reasons: [reason('rare.flow', points, text)],
    });
  }

  /** The peer that the line names: none when it was told of another one in the last hour. */
  #peerNow(g: Group, only: string | null): string | null {
    if (g.services.length > 0) return only;
    const key = `${g.host} ${g.side} ${g.proto} ${g.port}`;
    const before = this.#again.get(key);
    const recent = before !== undefined && Math.abs(g.lastUs - before.us) < AGAIN_US;
    const peer = recent && before.peer !== only ? null : only;
    this.#again.delete(key);
    this.#again.set(key, { peer, us: g.lastUs });
    if (this.#again.size > AGAIN_MAX) this.#again.delete(this.#again.keys().next().value!);
    return peer;
  }
}

function actOf(window: Window, i: number, context: Context): Act {
  const f = window.flows;
  const icmp = isIcmp(f.proto[i]!);
  return {
    src: addressText(f.addr, i * 8),
    dst: addressText(f.addr, i * 8 + 4),
    port: icmp ? null : f.dport[i]!,
    proto: protocolName(f.proto[i]!),
    payload: f.origPayload[i]! + f.respPayload[i]!,
    admin: f.proto[i] === TCP && ADMIN_SERVICE[f.dport[i]!] !== 0 && context.isHome(f.addr, i * 8 + 4),
  };
}

/** Several services of one pair of hosts become one group. */
function byPair(groups: Group[]): Group[] {
  const pairs = new Map<string, Group[]>();
  const rest: Group[] = [];
  for (const g of groups) {
    if (g.peers.size !== 1 || g.port === null) {
      rest.push(g);
      continue;
    }
    const key = `${g.host} ${g.side} ${g.proto} ${[...g.peers][0]}`;
    const held = pairs.get(key);
    if (held === undefined) pairs.set(key, [g]);
    else held.push(g);
  }
  for (const of of pairs.values()) {
    if (of.length < SERVICES_LEAST) rest.push(...of);
    else rest.push(together(of));
  }
  return rest;
}

function together(groups: Group[]): Group {
  groups.sort((a, b) => a.strangest - b.strangest || a.row - b.row);
  const all: Group = { ...groups[0]!, port: null, flows: 0, services: [] };
  for (const g of groups) {
    all.services.push(serviceText(g.proto, g.port));
    all.flows += g.flows;
    all.firstUs = Math.min(all.firstUs, g.firstUs);
    all.lastUs = Math.max(all.lastUs, g.lastUs);
  }
  return all;
}
