import { randomInt } from 'node:crypto';
import type { PipelineConfig } from './config.js';
import type { Origin } from './shard-worker.js';

/** Where each shard's frames come from: the same files for all, or handles that share each interface. */
export function originOf(input: {
  paths: string[];
  interfaces: string[];
  config: PipelineConfig;
}): (shard: number, shards: number) => Origin {
  const { paths, interfaces, config } = input;
  const filter = config.filter ?? '';
  // Group numbers are per network namespace and must not meet those of another program.
  const groups = interfaces.map(() => randomInt(1, 0x10000));
  return (shard, shards) =>
    interfaces.length === 0
      ? { kind: 'files', paths, filter, shard, shards }
      : {
          kind: 'taps',
          interfaces,
          filter,
          snapLen: config.snaplen,
          promiscuous: config.promiscuous,
          bufferBytes: config.buffer,
          fanoutGroups: shards > 1 ? groups : null,
          shard,
          shards,
        };
}
