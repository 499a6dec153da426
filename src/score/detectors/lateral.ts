import { addressText } from '../../base/address.js';
import type { Finding, Reason } from '../../record/finding.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { hashWords } from '../host-table.js';
import { isGroup } from '../networks.js';
import { grown, reason } from '../points.js';
import { countText, numberText, spanText } from '../text.js';
import type { Window } from '../window.js';
import { ADMIN_SERVICE, adminServiceName, familiesOf } from './admin-services.js';
import { Reach } from './reach.js';
import { established, Outcome, outcome, TCP } from './traits.js';

/** A sensor that has watched for less than this does not know who goes where. */
const LEARNT_US = 3600e6;
/** How long before a fan-out something that led to it may have happened. */
const BEFORE_US = 3600e6;

/**
 * Lateral movement (`lateral`; MITRE ATT&CK T1021): one own host that within ten minutes goes to several other own
 * hosts, by the services with which hosts are administered, where it never went before. The statistic is the number of
 * new edges in the graph of (source, host, service), as in Latte (Liu et al., "Latte: Large-Scale Lateral Movement
 * Detection", MILCOM 2018) and Hopper (Ho et al., USENIX Security 2021), which both take a login as suspect when its edge is
 * new and it follows another one. Several services on one host, failures among successes, guesses before, and an own host that
 * newly came to the source before, add to it.
 *
 * Limits: in the sensor's first hour all edges are new, so that many failures, or guesses, are asked for; steps from
 * one host to the next, one at a time, are not seen, nor is a fan-out slower than five hosts in ten minutes; who
 * administers many hosts must reach half as many new ones to be told of; silent hosts do not count (that is a scan).
 */
export class LateralDetector implements Detector {
  readonly name = 'lateral';
  /** Source, host and service; whether it ever succeeded. */
  readonly #edges: AssocTable;
  readonly #succeeded: Uint8Array;
  readonly #reach: Reach;
  /** Hosts newly reached by another own host: when, by whom, how. */
  readonly #visited: AssocTable;
  readonly #visitUs: Float64Array;
  readonly #visitor: Uint32Array;
  readonly #visitBy: Uint8Array;
  #startUs = Number.NaN;

  constructor(memoryBytes: number) {
    this.#edges = new AssocTable(9, memoryBytes * 0.55, 1);
    this.#succeeded = new Uint8Array(this.#edges.capacity);
    this.#reach = new Reach(memoryBytes * 0.35);
    this.#visited = new AssocTable(4, memoryBytes * 0.1, 8 + 16 + 1);
    this.#visitUs = new Float64Array(this.#visited.capacity);
    this.#visitor = new Uint32Array(this.#visited.capacity * 4);
    this.#visitBy = new Uint8Array(this.#visited.capacity);
  }

  get evicted(): number {
    return this.#edges.evicted + this.#reach.table.evicted + this.#visited.evicted;
  }

  window(window: Window, context: Context, out: Finding[]): void {
    const f = window.flows;
    const { addr, proto, dport, firstUs, respPackets } = f;
    if (Number.isNaN(this.#startUs) && f.count > 0) this.#startUs = firstUs[0]!;
    const edge = new Uint32Array(9);
    const host = new Uint32Array(4);
    const touched = new Set<number>();
    for (let i = 0; i < f.count; i++) {
      const service = ADMIN_SERVICE[dport[i]!]! - 1;
      if (service < 0 || proto[i] !== TCP || respPackets[i] === 0) continue;
      const at = i * 8;
      if (!context.isHome(addr, at) || !context.isHome(addr, at + 4) || isGroup(addr, at + 4)) continue;
      for (let w = 0; w < 8; w++) edge[w] = addr[at + w]!;
      if (edge[0] === edge[4] && edge[1] === edge[5] && edge[2] === edge[6] && edge[3] === edge[7]) continue;
      edge[8] = service;
      const row = this.#edges.row(edge);
      // A handshake alone is a probe, and a banner read at most.
      const success = established(f, i) && f.origPayload[i]! > 0 && f.respPayload[i]! > 0;
      if (this.#edges.fresh) this.#succeeded[row] = 0;
      else if (!success || this.#succeeded[row] === 1) continue;
      // The middle of a connection is an edge from before, whoever began it and whenever.
      const unclear = outcome(f, i) === Outcome.unclear;
      if (success || unclear) this.#succeeded[row] = 1;
      if (unclear) continue;
      const us = firstUs[i]!;
      for (let w = 0; w < 4; w++) host[w] = edge[w]!;
      const settled = us - this.#startUs > LEARNT_US;
      const suspect = !settled && context.told.was('bruteforce', addressText(host, 0), us, BEFORE_US);
      const reached = this.#reach.add(host, hashWords(edge, 4, 4), service, success, us, settled, suspect);
      if (reached >= 0) touched.add(reached);
      if (success) this.#visit(edge, us);
    }
    for (const row of touched) this.#tell(row, context, out);
  }

  /** Remembers who newly came to a host, for what that host may do next; the first of an hour stays. */
  #visit(edge: Uint32Array, us: number): void {
    const row = this.#visited.row(edge.slice(4, 8));
    if (!this.#visited.fresh && Math.abs(us - this.#visitUs[row]!) < BEFORE_US) return;
    this.#visitUs[row] = us;
    this.#visitor.set(edge.subarray(0, 4), row * 4);
    this.#visitBy[row] = edge[8]!;
  }

  #tell(row: number, context: Context, out: Finding[]): void {
    const reach = this.#reach;
    const key = reach.table.key.slice(row * 4, row * 4 + 4);
    const src = addressText(key, 0);
    const firstUs = reach.firstUs[row]!;
    const lastUs = reach.lastUs[row]!;
    const hosts = reach.hosts(row);
    const services = reach.services(row);
    const names: string[] = [];
    for (let s = 0; services >>> s !== 0; s++) if ((services >>> s) & 1) names.push(adminServiceName(s));
    const watched = firstUs - this.#startUs;
    const how = names.length === 0 ? 'services of administration' : listText(names);
    const never = watched > LEARNT_US ? `; never did so before in ${spanText(watched)}` : '';
    const reasons: Reason[] = [
      reason(
        'lateral.hosts',
        grown(hosts, 3, 26, 40, 52),
        `reached ${countText(hosts, 'own host')} on ${how} in ${spanText(lastUs - firstUs)}${never}`,
      ),
    ];
    const tries = reach.tries[row]!;
    const failed = tries - reach.successes[row]!;
    const families = familiesOf(services);
    if (families >= 2) {
      const text = `tried ${countText(tries, 'service')} on them, of ${numberText(families)} different kinds`;
      reasons.push(reason('lateral.services', Math.min(15, families * 4), text));
    }
    if (failed >= 0.2 * tries && reach.letIn[row]! > 0) {
      const text = `${numberText(failed)} of ${countText(tries, 'first try', 'first tries')} failed, and ${countText(reach.letIn[row]!, 'host')} let it in`;
      reasons.push(reason('lateral.mixed', 10, text));
    }
    if (context.told.was('bruteforce', src, lastUs, BEFORE_US)) {
      reasons.push(reason('lateral.guessed', 12, `${src} guessed passwords before`));
    }
    const visit = this.#visited.find(key);
    if (visit >= 0 && this.#visitUs[visit]! < firstUs && firstUs - this.#visitUs[visit]! <= BEFORE_US) {
      const by = `${addressText(this.#visitor, visit * 4)} came to ${src} on ${adminServiceName(this.#visitBy[visit]!)}`;
      const ago = spanText(firstUs - this.#visitUs[visit]!);
      reasons.push(reason('lateral.visited', 10, `${by} for the first time, ${ago} before`));
    }
    const points = reasons.reduce((sum, r) => sum + r.points, 0);
    if (!reach.emission.due(row, points, lastUs)) return;
    const common = { domain: null, firstUs, lastUs, reasons };
    out.push({ kind: this.name, src, dst: null, dstPort: null, proto: 'tcp', ...common });
  }
}

/** `a, b and c`. */
function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
