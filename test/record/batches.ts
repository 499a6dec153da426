import fc from 'fast-check';
import { type Batch, RECORD_VERSION } from '../../src/record/batch.js';
import { dnsBlock, flowBlock, wordBlock } from '../../src/record/blocks.js';
import { scoreOf } from '../../src/record/score.js';
import type { Prng } from '../support/prng.js';

const START = 1_714_953_600_000_000;

/** A batch of any shape that the contract allows, as a decoder would give it: whole microseconds, quantised scores. */
export function anyBatch(prng: Prng, rows: number): Batch {
  const addresses = Array.from({ length: prng.between(1, 40) }, () =>
    prng.chance(0.7)
      ? `${prng.below(256)}.${prng.below(256)}.${prng.below(256)}.${prng.below(256)}`
      : `2001:db8:${(1 + prng.below(0xfffe)).toString(16)}::${(1 + prng.below(0xfffe)).toString(16)}`,
  );
  const strings = Array.from({ length: prng.between(1, 60) }, () => anyText(prng));
  const flows = flowBlock(rows);
  const answerCounts = Array.from({ length: prng.below(rows + 1) }, () => prng.below(4));
  const dns = dnsBlock(answerCounts.length, answerCounts.reduce((a, b) => a + b, 0)); // biome-ignore format: a sum
  const words = wordBlock(prng.below(rows + 1));
  const plain = prng.chance(0.3);
  const fill = (column: { length: number; [i: number]: number }, value: () => number) => {
    // Some columns stay at their rest value in every row, as most do in real batches.
    if (plain && prng.chance(0.5)) return;
    for (let i = 0; i < column.length; i++) column[i] = value();
  };
  const big = () => Math.floor(prng.float() ** 8 * 2 ** 53);
  const score = () => (prng.chance(0.1) ? 0 : scoreOf(prng.below(3800)));
  let at = START;
  const time = () => (at = Math.max(0, at + prng.between(-50_000, 2_000_000)));
  for (const column of [flows.src, flows.dst, dns.client, dns.server, words.host])
    fill(column, () => prng.below(addresses.length));
  for (const column of [flows.history, dns.qname, dns.answers, words.word])
    fill(column, () => prng.below(strings.length));
  for (const column of [flows.sport, flows.dport, flows.vlan, dns.cport, dns.sport, dns.vlan, dns.qtype, dns.qclass]) {
    fill(column, () => prng.below(65536));
  }
  for (const column of [flows.proto, dns.proto]) fill(column, () => prng.below(256));
  for (const column of [flows.durationUs, flows.origPackets, flows.origBytes, flows.respPackets, flows.respBytes])
    fill(column, big);
  for (const column of [dns.queryBytes, dns.responseBytes, words.occurrences]) fill(column, () => prng.u32());
  for (const column of [flows.score, dns.score]) fill(column, score);
  for (const column of [flows.weight, dns.weight]) fill(column, () => 1 + prng.float() * 1000);
  for (let i = 0; i < flows.count; i++) flows.tsUs[i] = time();
  for (let i = 0; i < dns.count; i++) dns.tsUs[i] = time();
  fill(flows.connState, () => prng.below(13));
  fill(flows.flows, () => 1 + prng.below(1_000_000));
  fill(dns.service, () => prng.below(3));
  fill(dns.latencyUs, () => (prng.chance(0.2) ? -1 : prng.below(10_000_000)));
  fill(dns.rcode, () => prng.between(-1, 4095));
  fill(words.source, () => prng.below(2));
  dns.answerCount.set(answerCounts);
  return {
    version: RECORD_VERSION,
    site: 'hq',
    sensor: 'tap-1.lab',
    windowFromUs: START,
    windowToUs: START + 60_000_000,
    modelGeneration: prng.below(1000),
    wordSet: prng.pick(['tapspot', 'spot', '']),
    degrade: prng.below(5),
    ledger: Object.fromEntries(
      Array.from({ length: prng.below(30) }, (_, i) => [
        `stage.count_${i}`,
        prng.chance(0.2) ? prng.float() * 1e9 : prng.u32(),
      ]),
    ),
    addresses,
    strings,
    flows,
    dns,
    words,
    findings: Array.from({ length: prng.below(4) }, () => ({
      kind: 'dns.tunnel',
      src: prng.pick(addresses),
      dst: prng.chance(0.5) ? null : prng.pick(addresses),
      dstPort: prng.chance(0.5) ? null : prng.below(65536),
      proto: prng.chance(0.5) ? null : 'tcp',
      domain: prng.chance(0.5) ? null : anyText(prng),
      firstUs: START,
      lastUs: START + prng.below(1e9),
      reasons: Array.from({ length: prng.below(4) }, () => ({
        name: 'beacon.interval',
        points: prng.float() * 10,
        text: anyText(prng),
      })),
    })),
  };
}

const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 300, seed: 5 });
function anyText(prng: Prng): string {
  return prng.chance(0.1) ? '' : Buffer.from(prng.pick(texts)).toString();
}
