import { startCentral } from '../../../src/central/central.js';
import { CentralConfig } from '../../../src/central/config.js';

/** A central as a process of its own, to be killed: `central-child.js <config as JSON>`; says its ports on stdout. */
const config = CentralConfig.parse(JSON.parse(process.argv[2]!));
const central = await startCentral(config, {
  log: { debug() {}, info() {}, warn() {}, error: (d, m) => process.stderr.write(`${m} ${JSON.stringify(d)}\n`) },
  version: '0.0.0-test',
});
process.stdout.write(`${JSON.stringify(central.ports)}\n`);
process.on('SIGTERM', () => {
  void central.stop().then(() => process.exit(0));
});
