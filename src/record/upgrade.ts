import { RECORD_VERSION } from './batch.js';
import { RecordFault } from './fault.js';

/**
 * Oldest version this reader accepts: the one before its own. Collectors are upgraded first, and a sensor's spool may
 * hold batches that its former version made, so N-1 is what a site in the middle of an upgrade really sends.
 * A change of the record adds the step from its predecessor to decode.ts and one real record of the old version to
 * test/record/past/.
 */
export const OLDEST_VERSION = Math.max(1, RECORD_VERSION - 1);

/** Throws RecordFault 'version' for what this reader cannot read, with the upgrade that would help. */
export function checkVersion(version: number): void {
  if (version > RECORD_VERSION) {
    throw new RecordFault(
      'version',
      `record version ${version}, and this reader knows up to ${RECORD_VERSION}: upgrade the central before its sensors`,
    );
  }
  if (version < OLDEST_VERSION) {
    throw new RecordFault(
      'version',
      `record version ${version}, and this reader knows from ${OLDEST_VERSION}: upgrade the sensor`,
    );
  }
}
