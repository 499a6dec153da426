/** What a sensor says of itself on its retained status topic (JSON). The last will is `{"online":false}` with names. */
export interface SensorStatus {
  online: boolean;
  site: string;
  sensor: string;
  version?: string;
  /** Milliseconds since the epoch. */
  at?: number;
  startedAt?: number;
  modelGeneration?: number | null;
  shards?: number;
  interfaces?: string[];
  /** Running totals since start, all stages (see ledger.ts). */
  ledger?: Record<string, number>;
  spool?: { batches: number; bytes: number; oldestSeconds: number; droppedBatches: number; corrupt: number };
  /** Rung of the memory ladder the sensor stands on; 0 is the top. */
  degrade?: number;
  /** Anything an engineer should know, one sentence each. */
  health?: string[];
}
