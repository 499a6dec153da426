import { seeded } from '../../src/capture/faults.js';
import type { PcapWriter } from '../../src/capture/write.js';
import { FrameBuffer, PAYLOAD_UDP } from './frame.js';
import { hash2, zipf } from './random.js';

const START_US = Date.UTC(2026, 0, 15, 11) * 1000;
/** 50,000 queries a second, each answered 700 µs later. */
const STEP_US = 20;
const WAIT_STEPS = 35;
const CLIENTS = 20_000;
const NAMES = 200_000;
const TLDS = ['com', 'net', 'org', 'example', 'co.uk', 'io', 'de'] as const;
const SYLLABLES = [
  'ka',
  'mo',
  'ri',
  'ten',
  'lo',
  'shi',
  'ver',
  'an',
  'dex',
  'po',
  'lu',
  'gra',
  'net',
  'sol',
  'ci',
  'ba',
];
const RESOLVERS = [0x0a000035, 0x0a010035];
const TYPES = [1, 1, 1, 28, 28, 65, 15, 16] as const;
const SPF = Buffer.from('\x0bv=spf1 -all', 'latin1');

interface Query {
  client: number;
  port: number;
  id: number;
  name: number;
  type: number;
  resolver: number;
}

/**
 * `messages` DNS messages over UDP, half of them queries and half their answers: 20,000 clients, 200,000 names by
 * Zipf's law, and one name in twenty that was never asked before, which does not exist. Frames are kept whole.
 */
export function dns(writer: PcapWriter, messages: number, seed: number): void {
  const random = seeded(seed);
  const frame = new FrameBuffer();
  const waiting: Query[] = [];
  const queries = Math.floor(messages / 2);
  for (let i = 0; i < queries + WAIT_STEPS; i++) {
    const us = START_US + i * STEP_US;
    if (i < queries) {
      const client = zipf(CLIENTS, random());
      const isNew = random() < 0.05;
      const q: Query = {
        client: 0x0a020000 + client,
        port: 1024 + Math.floor(random() * 64_000),
        id: Math.floor(random() * 65_536),
        name: isNew ? NAMES + i : zipf(NAMES, random()),
        type: TYPES[Math.floor(random() * TYPES.length)]!,
        resolver: RESOLVERS[client & 1]!,
      };
      waiting.push(q);
      write(writer, frame, q, false, seed, us);
    }
    if (i >= WAIT_STEPS) write(writer, frame, waiting[i - WAIT_STEPS]!, true, seed, us + 1);
  }
}

function write(writer: PcapWriter, frame: FrameBuffer, q: Query, isAnswer: boolean, seed: number, us: number): void {
  const { view, bytes } = frame;
  const missing = q.name >= NAMES;
  const answers = !isAnswer || missing || q.type > 28 ? 0 : 1 + (hash2(q.name, seed + 9) & 3);
  view.setUint16(PAYLOAD_UDP, q.id);
  view.setUint16(PAYLOAD_UDP + 2, isAnswer ? (missing ? 0x8183 : 0x8180) : 0x0100);
  view.setUint16(PAYLOAD_UDP + 4, 1);
  view.setUint16(PAYLOAD_UDP + 6, answers);
  view.setUint16(PAYLOAD_UDP + 8, 0);
  view.setUint16(PAYLOAD_UDP + 10, 1);
  let at = putName(bytes, PAYLOAD_UDP + 12, q.name, seed);
  view.setUint16(at, q.type);
  view.setUint16(at + 2, 1);
  at += 4;
  for (let a = 0; a < answers; a++) {
    view.setUint16(at, 0xc00c);
    view.setUint16(at + 2, q.type);
    view.setUint16(at + 4, 1);
    view.setUint32(at + 6, 300);
    const length = putData(frame, at + 12, q, a, seed);
    view.setUint16(at + 10, length);
    at += 12 + length;
  }
  // EDNS0 (RFC 6891 §6.1.2): the root, type OPT, 1,232 bytes, no options.
  bytes.set([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0], at);
  at += 11;
  const [src, dst] = isAnswer ? [q.resolver, q.client] : [q.client, q.resolver];
  frame.ipv4(src, dst, 17, at - 14);
  frame.udp(isAnswer ? 53 : q.port, isAnswer ? q.port : 53, at - 34);
  frame.seal(17, at);
  writer.add(bytes, 0, Math.max(60, at), Math.max(60, at), us);
}

/** RDATA of one answer; returns its bytes. */
function putData({ view, bytes }: FrameBuffer, at: number, q: Query, n: number, seed: number): number {
  if (q.type === 15) {
    view.setUint16(at, 10 * n);
    view.setUint16(at + 2, 0xc00c); // the mail host is the name itself
    return 4;
  }
  if (q.type === 16) {
    bytes.set(SPF, at);
    return SPF.length;
  }
  const length = q.type === 28 ? 16 : 4;
  for (let i = 0; i < length; i += 4) view.setUint32(at + i, hash2(q.name + i, seed + n));
  return length;
}

/** A host below one of a few thousand domains; the same number gives the same name. */
function putName(bytes: Uint8Array, at: number, number: number, seed: number): number {
  const domain = hash2(number % 4099, seed + 4);
  const host = hash2(number, seed + 5);
  const labels = [`${'www api cdn mail img'.split(' ')[host % 5]}${number.toString(36)}`, word(domain, 3)];
  if (host & 0x100) labels.splice(1, 0, word(host >>> 9, 2));
  for (const label of [...labels, ...TLDS[domain % TLDS.length]!.split('.')]) {
    bytes[at++] = label.length;
    for (let i = 0; i < label.length; i++) bytes[at++] = label.charCodeAt(i);
  }
  bytes[at++] = 0;
  return at;
}

function word(from: number, syllables: number): string {
  let out = '';
  for (let i = 0; i < syllables; i++) out += SYLLABLES[(from >>> (4 * i)) & 15];
  return out;
}
