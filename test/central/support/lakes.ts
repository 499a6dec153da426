import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { silent } from '../../../src/base/log.js';
import type { Disk } from '../../../src/central/lake/disk.js';
import { Lake } from '../../../src/central/lake/lake.js';

/** A folder that goes with the test. */
export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tapspot-central-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function openLake(dir: string, disk?: Disk): Promise<Lake> {
  const options = {
    dir: join(dir, 'lake'),
    tempDir: join(dir, 'tmp'),
    memoryBytes: 256 * 2 ** 20,
    threads: 1,
    log: silent,
  };
  return Lake.open(disk === undefined ? options : { ...options, disk });
}

/** Files of a table, relative to the lake, as they lie on the disk. */
export function parquetFiles(lakeDir: string, table: string): string[] {
  const names = readdirSync(join(lakeDir), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.startsWith(`${table}/`) && name.endsWith('.parquet')).sort();
}

/** All rows of a table, read by an engine that we did not write them with. */
export async function hyparquetRows(lakeDir: string, table: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const path of parquetFiles(lakeDir, table)) {
    const bytes = await readFile(join(lakeDir, path));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    for (const row of await parquetReadObjects({ file, compressors })) rows.push({ ...row, path });
  }
  return rows;
}
