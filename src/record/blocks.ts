import { type Batch, type DnsBlock, type FlowBlock, RECORD_VERSION, type WordBlock } from './batch.js';

/** Blocks with room for `count` rows, zero everywhere but where a row has to say one. */
export function flowBlock(count: number): FlowBlock {
  return {
    count,
    src: new Uint32Array(count),
    dst: new Uint32Array(count),
    sport: new Uint16Array(count),
    dport: new Uint16Array(count),
    proto: new Uint8Array(count),
    vlan: new Uint16Array(count),
    tsUs: new Float64Array(count),
    durationUs: new Float64Array(count),
    origPackets: new Float64Array(count),
    origBytes: new Float64Array(count),
    respPackets: new Float64Array(count),
    respBytes: new Float64Array(count),
    connState: new Uint8Array(count),
    history: new Uint32Array(count),
    score: new Float32Array(count).fill(1),
    flows: new Float64Array(count).fill(1),
    weight: new Float64Array(count).fill(1),
  };
}

export function dnsBlock(count: number, answers: number): DnsBlock {
  return {
    count,
    client: new Uint32Array(count),
    server: new Uint32Array(count),
    cport: new Uint16Array(count),
    sport: new Uint16Array(count),
    proto: new Uint8Array(count),
    service: new Uint8Array(count),
    vlan: new Uint16Array(count),
    tsUs: new Float64Array(count),
    latencyUs: new Float64Array(count).fill(-1),
    qname: new Uint32Array(count),
    qtype: new Uint16Array(count),
    qclass: new Uint16Array(count),
    rcode: new Int16Array(count).fill(-1),
    queryBytes: new Uint32Array(count),
    responseBytes: new Uint32Array(count),
    answerCount: new Uint16Array(count),
    answers: new Uint32Array(answers),
    score: new Float32Array(count).fill(1),
    weight: new Float64Array(count).fill(1),
  };
}

export function wordBlock(count: number): WordBlock {
  return {
    count,
    host: new Uint32Array(count),
    source: new Uint8Array(count),
    word: new Uint32Array(count),
    occurrences: new Uint32Array(count),
  };
}

/** A batch that says nothing yet. */
export function emptyBatch(site: string, sensor: string, windowFromUs: number, windowToUs: number): Batch {
  return {
    version: RECORD_VERSION,
    site,
    sensor,
    windowFromUs,
    windowToUs,
    modelGeneration: 0,
    wordSet: '',
    degrade: 0,
    ledger: {},
    addresses: [],
    strings: [],
    flows: flowBlock(0),
    dns: dnsBlock(0, 0),
    words: wordBlock(0),
    findings: [],
  };
}
