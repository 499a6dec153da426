import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silent } from '../../src/base/log.js';
import { readPipelineConfig } from '../../src/sensor/config.js';
import { inspectTraffic } from '../../src/sensor/inspect.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-acceptance-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function lines(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l));
}

/**
 * DNS messages as tshark sees them, but for those quoted in ICMP errors, which are part of the error, and for DNS over
 * QUIC (RFC 9250), where it shows encrypted bytes as messages. test/dns/differences.json names the packets.
 */
function tsharkDns(path: string): { queries: number; responses: number } {
  const text = execFileSync(
    'tshark',
    [
      '-r',
      path,
      '-Y',
      '(dns || mdns || llmnr) && !icmp && !icmpv6 && !quic',
      '-T',
      'fields',
      '-e',
      'dns.flags.response',
      '-E',
      'separator=,',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let queries = 0;
  let responses = 0;
  for (const flag of text.split(/[\n,]/)) {
    if (flag === '0' || flag === 'False') queries++;
    else if (flag === '1' || flag === 'True') responses++;
  }
  return { queries, responses };
}

test('every labelled capture is read whole, its books balance, and its DNS is what tshark sees', {
  skip: noShared,
}, async (t) => {
  const captures = sharedCaptures();
  assert.ok(captures.length > 100, `only ${captures.length} captures`);
  let seenDns = 0;
  for (const name of captures) {
    await t.test(name, async () => {
      const path = unpackedFile(name);
      const flowsFile = join(folder, 'flows.ndjson');
      const result = await inspectTraffic({
        paths: [path],
        interfaces: [],
        durationSeconds: null,
        config: readPipelineConfig('shards: 1', 'test'),
        flowsFile,
        dnsFile: null,
        signal: new AbortController().signal,
        log: silent,
        onStart: () => {},
        onProgress: () => {},
      });
      assert.deepEqual(result.faults, []);
      const count = /Number of packets:\s+(\d+)/.exec(
        execFileSync('capinfos', ['-c', '-M', path], { encoding: 'utf8' }),
      );
      assert.equal(result.summary.packets, Number(count?.[1]), 'packets');

      const { verdicts } = result.summary;
      const inFlows = lines(flowsFile).reduce((sum, f) => sum + Number(f.origPackets) + Number(f.respPackets), 0);
      assert.equal(
        inFlows,
        verdicts.ok! + verdicts.snapped! + verdicts.fragment!,
        'every packet is in one flow or has a verdict',
      );

      const theirs = tsharkDns(path);
      const ours = { queries: result.ledger['dns.queries'] ?? 0, responses: result.ledger['dns.responses'] ?? 0 };
      seenDns += theirs.queries + theirs.responses;
      assert.deepEqual(ours, theirs, 'DNS messages');
    });
  }
  assert.ok(seenDns > 10_000, `tshark saw only ${seenDns} DNS messages: this test has stopped looking`);
});
