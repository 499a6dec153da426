import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tapspot } from '#proto';
import { DNS_SERVICES as DNS_STAGE_SERVICES } from '../../src/dns/columns.js';
import { CONN_STATES as FLOW_CONN_STATES } from '../../src/flow/columns.js';
import { decodeAck, encodeAck } from '../../src/record/ack.js';
import { type FaultReason, RecordFault } from '../../src/record/fault.js';
import { signingKey, trustedKey } from '../../src/record/keys.js';
import { CONN_STATES, DNS_SERVICES, protocolName, protocolNumber } from '../../src/record/names.js';
import { signDocument, verifyDocument } from '../../src/record/signed.js';
import { parseTopic, topics } from '../../src/record/topics.js';
import { Prng } from '../support/prng.js';

const dir = mkdtempSync(join(tmpdir(), 'tapspot-uplink-record-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const refusal = (reason: FaultReason) => (error: unknown) => {
  assert.ok(error instanceof RecordFault, String(error));
  assert.equal(error.reason, reason, error.message);
  return true;
};

test('the record names states and services as the stages do', () => {
  assert.deepEqual(CONN_STATES, FLOW_CONN_STATES);
  assert.deepEqual(DNS_SERVICES, DNS_STAGE_SERVICES);
});

test('protocol names are those of /etc/protocols, and lead back', {
  skip: !existsSync('/etc/protocols') && 'there is none',
}, () => {
  const names = new Map<number, string[]>();
  for (const line of readFileSync('/etc/protocols', 'utf8').split('\n')) {
    const [name, number, ...aliases] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    if (name && number) names.set(Number(number), [...(names.get(Number(number)) ?? []), name, ...aliases]);
  }
  assert.ok(names.size > 30, `only ${names.size} to compare with`);
  for (const [number, known] of names) {
    const ours = protocolName(number);
    // IANA's keywords are IPv4 and ISIS over IPv4; the file has older or shorter ones.
    if (number === 4 || number === 124) continue;
    assert.ok(known.includes(ours) || ours === String(number), `${number} is ${known}, not ${ours}`);
  }
  for (let n = 0; n < 256; n++) assert.equal(protocolNumber(protocolName(n)), n);
  assert.deepEqual([1, 6, 17, 58, 132, 250].map(protocolName), ['icmp', 'tcp', 'udp', 'ipv6-icmp', 'sctp', '250']);
  for (const odd of ['', '256', '-1', 'TCP', '1e1', ' 6', 'constructor']) assert.equal(protocolNumber(odd), null, odd);
});

test('topics lead back to who they are of, and nothing else does', () => {
  assert.deepEqual(parseTopic(topics.batch('hq', 'tap1')), { site: 'hq', sensor: 'tap1', what: 'batch' });
  for (const odd of [
    '',
    'tapspot/v1/hq/tap1',
    'tapspot/v2/hq/tap1/batch',
    'tapspot/v1/+/tap1/batch',
    'tapspot/v1/hq/control/model',
    'tapspot/v1/hq/tap1/batch/x',
    `tapspot/v1/${'a'.repeat(64)}/b/batch`,
  ]) {
    assert.equal(parseTopic(odd), null, odd);
  }
});

test('acknowledgements come back, and everything else is refused', () => {
  assert.deepEqual(decodeAck(encodeAck({ epoch: 1763942400000, sequence: 42 })), {
    epoch: 1763942400000,
    sequence: 42,
  });
  assert.deepEqual(decodeAck(Buffer.from('{"epoch":1,"sequence":2,"later":"more"}')), { epoch: 1, sequence: 2 });
  const wrong: [FaultReason, string][] = [
    ['malformed', ''], ['malformed', '{'], ['malformed', 'null'], ['malformed', '7'], ['sequence', '{}'], ['sequence', '[]'],
    ['sequence', '{"epoch":"1","sequence":2}'], ['sequence', '{"epoch":1,"sequence":1.5}'], ['sequence', '{"epoch":1,"sequence":0}'],
    ['sequence', '{"epoch":1,"sequence":9007199254740993}'], ['oversize', `{"epoch":1,"sequence":2,"x":"${'x'.repeat(300)}"}`],
  ]; // biome-ignore format: a table
  for (const [reason, text] of wrong) assert.throws(() => decodeAck(Buffer.from(text)), refusal(reason), text);
});

test('a signed document is taken from the right key, for its kind, once', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const payload = Buffer.from(JSON.stringify({ phi: 'a'.repeat(10_000) }));
  const bytes = signDocument('model', 5, payload, privateKey);
  assert.ok(bytes.length < 1000, 'compressed');
  const { kind, generation, payload: back } = verifyDocument(bytes, publicKey, { kind: 'model', newerThan: 4 });
  assert.deepEqual([kind, generation, Buffer.from(back)], ['model', 5, payload]);
  assert.throws(() => verifyDocument(bytes, publicKey, { kind: 'model', newerThan: 5 }), refusal('generation'));
  assert.throws(() => verifyDocument(bytes, publicKey, { kind: 'rules', newerThan: 4 }), refusal('kind'));
  const stranger = generateKeyPairSync('ed25519').publicKey;
  assert.throws(() => verifyDocument(bytes, stranger, { kind: 'model', newerThan: 4 }), refusal('signature'));
  assert.throws(() => signDocument('model', 0, payload, privateKey), RangeError);
});

test('not one bit of a signed document can be changed', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = signDocument('model', 5, Buffer.from('{"a":1}'), privateKey);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => verifyDocument(changed, publicKey, { kind: 'model', newerThan: 0 }), RecordFault, `bit ${bit}`);
  }
  const prng = new Prng(9);
  for (let n = 0; n < 500; n++) {
    assert.throws(
      () => verifyDocument(prng.bytes(prng.below(200)), publicKey, { kind: 'model', newerThan: 0 }),
      RecordFault,
    );
  }
});

test('a signature under the key for other bytes, or of a document without a context, is no signature of a document', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const path = join(dir, 'plain.pem');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const { document } = tapspot.v1.Signed.decode(signDocument('model', 5, Buffer.from('x'), privateKey));
  writeFileSync(join(dir, 'document'), document);
  execFileSync('openssl', [
    'pkeyutl',
    '-sign',
    '-inkey',
    path,
    '-rawin',
    '-in',
    join(dir, 'document'),
    '-out',
    join(dir, 'signature'),
  ]);
  const bytes = tapspot.v1.Signed.encode({ document, signature: readFileSync(join(dir, 'signature')) }).finish();
  assert.throws(() => verifyDocument(bytes, publicKey, { kind: 'model', newerThan: 0 }), refusal('signature'));
});

test('openssl agrees that a document is signed', () => {
  const { publicPem, privateKey } = signingKey(join(dir, 'sign.pem'));
  const { document, signature } = tapspot.v1.Signed.decode(signDocument('model', 5, Buffer.from('x'), privateKey));
  writeFileSync(join(dir, 'message'), Buffer.concat([Buffer.from('tapspot control v1\0'), document]));
  writeFileSync(join(dir, 'sig'), signature);
  writeFileSync(join(dir, 'pub.pem'), publicPem);
  const args = [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-inkey',
    join(dir, 'pub.pem'),
    '-rawin',
    '-in',
    join(dir, 'message'),
    '-sigfile',
    join(dir, 'sig'),
  ];
  assert.match(execFileSync('openssl', args).toString(), /Verified Successfully/);
});

test('the signing key is made once, for its owner only, and its public half is what sensors are given', () => {
  const path = join(dir, 'central.pem');
  const first = signingKey(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(signingKey(path).publicPem, first.publicPem);
  assert.deepEqual(
    trustedKey(`${path}.pub`).export({ format: 'jwk' }),
    createPublicKey(first.publicPem).export({ format: 'jwk' }),
  );
  chmodSync(path, 0o644);
  assert.throws(() => signingKey(path), { code: 'key.mode' });
  assert.throws(() => trustedKey(path), { code: 'key.read' }, 'the private half is no public key');
  assert.throws(() => trustedKey(join(dir, 'none.pub')), { code: 'key.missing' });
  writeFileSync(join(dir, 'junk'), 'junk');
  assert.throws(() => trustedKey(join(dir, 'junk')), { code: 'key.read' });
  copyFileSync(join(dir, 'junk'), join(dir, 'junk.pem'));
  assert.throws(() => signingKey(join(dir, 'junk.pem')), { code: 'key.read' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
  writeFileSync(join(dir, 'rsa.pub'), rsa);
  assert.throws(() => trustedKey(join(dir, 'rsa.pub')), { code: 'key.type' });
});
