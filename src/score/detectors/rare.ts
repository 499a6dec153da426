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
import type { Window } from '../window.js';
import { ICMP, ICMP6 } from './traits.js';

/** Only what is stranger than this is looked at. */
const STRANGE = 2e-3;
/** Lines of one window. */
const LINES_MAX = 20;
/** Groups held while a window is read. */
const GROUPS_MAX = 50_000;
const POINTS_MAX = 28;

interface Group {
  host: number;
  peer: number;
  side: 0 | 1;
  peers: Set<string>;
  strangest: number;
  row: number;
  flows: number;
  firstUs: number;
  lastUs: number;
}

/**
 * The strangest flows of a window by the topic model (`rare`), one line per host, role and service, so that forty
 * connections to forty hosts are one line. The statistic is the tail probability that flows.score holds. A hint by
 * itself: strange is not bad.
 *
 * Limits: the model of the first windows has seen little and calls little strange; only the twenty strangest groups
 * of a window are told.
 */
export class RareDetector implements Detector {
  readonly name = 'rare';
  readonly evicted = 0;

  window(window: Window, context: Context, out: Finding[]): void {
    if (context.probabilities.model === null) return;
    const f = window.flows;
    const groups = new Map<string, Group>();
    for (let i = 0; i < f.count; i++) {
      if (f.score[i]! > STRANGE || isGroup(f.addr, i * 8 + 4)) continue;
      // Told of who began it, since one host may do it to many; of the other end when only that is our own.
      const outside = context.isOutside(f.addr, i * 8) && context.isHome(f.addr, i * 8 + 4);
      const side: 0 | 1 = outside ? 1 : 0;
      const host = addressText(f.addr, i * 8 + side * 4);
      const icmp = f.proto[i] === ICMP || f.proto[i] === ICMP6;
      const key = `${host} ${side} ${f.proto[i]} ${icmp ? 0 : f.dport[i]}`;
      let g = groups.get(key);
      if (g === undefined) {
        if (groups.size >= GROUPS_MAX) continue;
        g = {
          host: i * 8 + side * 4,
          peer: i * 8 + 4 - side * 4,
          side,
          peers: new Set(),
          strangest: 1,
          row: i,
          flows: 0,
          firstUs: f.firstUs[i]!,
          lastUs: f.lastUs[i]!,
        };
        groups.set(key, g);
      }
      if (f.score[i]! < g.strangest) {
        g.strangest = f.score[i]!;
        g.row = i;
      }
      g.flows++;
      g.lastUs = Math.max(g.lastUs, f.lastUs[i]!);
      if (g.peers.size < 1000) g.peers.add(addressText(f.addr, i * 8 + 4 - side * 4));
    }
    const strangest = [...groups.values()].sort((a, b) => a.strangest - b.strangest || a.row - b.row);
    for (const g of strangest.slice(0, LINES_MAX)) this.#tell(g, window, context, out);
  }

  #tell(g: Group, window: Window, context: Context, out: Finding[]): void {
    const f = window.flows;
    const host = addressText(f.addr, g.host);
    const peer = g.peers.size === 1 ? addressText(f.addr, g.peer) : null;
    const icmp = f.proto[g.row] === ICMP || f.proto[g.row] === ICMP6;
    const proto = protocolName(f.proto[g.row]!);
    const port = icmp ? null : f.dport[g.row]!;
    const keys = new Uint32Array(4);
    context.wordSet.flowKeys(f, g.row, keys);
    const { flow } = context.probabilities;
    const stranger = flow[2 * g.row]! <= flow[2 * g.row + 1]! ? 0 : 1;
    const word = context.wordSet.flowText(keys[2 * stranger]!, keys[2 * stranger + 1]!);
    const whose = stranger === g.side ? '' : 'for the other end: ';
    const rarity = -Math.log10(g.strangest);
    const points = Math.min(POINTS_MAX, 8 * (rarity - 1.5));
    const to = g.peers.size === 1 ? `${peer}` : countText(g.peers.size, 'host');
    const what = g.side === 0 ? `${serviceText(proto, port)} to ${to}` : `${serviceText(proto, port)} from ${to}`;
    const text =
      `${what} in ${spanText(g.lastUs - g.firstUs)}, ${countText(g.flows, 'flow')}: one in ` +
      `${numberText(1 / g.strangest)} of what is usual here (${whose}${wordMeaning(context.wordSet.name, 'flow', word)})`;
    const reasons = [reason('rare.flow', points, text)];
    const { firstUs, lastUs } = g;
    const [src, dst] = g.side === 0 ? [host, peer] : [peer ?? host, peer === null ? null : host];
    out.push({ kind: this.name, src, dst, dstPort: port, proto, domain: null, firstUs, lastUs, reasons });
  }
}
