import { openCapture } from '../src/capture/file.js';
import { budget } from '../src/sensor/budget.js';
import { Shard } from '../src/sensor/shard.js';

const MEMORY_BYTES = 1 << 30;
const TIMEOUTS = { tcp: 300, udp: 60, icmp: 30, active: 1800, dns: 10 };

/** What one pass over a capture gave and took. */
export interface Pass {
  frames: number;
  flows: number;
  dnsTransactions: number;
  /** CPU, user and system, of this process during the pass, helpers of the runtime included. */
  ns: number;
}

/** Everything one shard does, in this thread: frames to finished flows and DNS transactions, taken and dropped. */
export function shardPass(capture: string): Pass {
  const source = openCapture(capture);
  const shard = new Shard([source], { budget: budget(MEMORY_BYTES, 1), hashSeed: 7, timeouts: TIMEOUTS });
  const pass: Pass = { frames: 0, flows: 0, dnsTransactions: 0, ns: 0 };
  const take = () => {
    const part = shard.take();
    pass.flows += part.flows.count;
    pass.dnsTransactions += part.dns.rows.count;
  };
  const before = process.cpuUsage();
  while (shard.run(Number.POSITIVE_INFINITY, () => true) !== 'end') take();
  while (!shard.flush()) take();
  take();
  const { user, system } = process.cpuUsage(before);
  pass.ns = (user + system) * 1000;
  pass.frames = source.stats().frames;
  source.close();
  return pass;
}
