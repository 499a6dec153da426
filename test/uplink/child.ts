// A sensor without taps, to be killed: appends numbered bodies and says on stdout which were promised.
//   node child.js <spool> <broker> <name of this run>
import { writeSync } from 'node:fs';
import { silent } from '../../src/base/log.js';
import { sealBody } from '../../src/record/envelope.js';
import { Spool } from '../../src/spool/spool.js';
import { Uplink } from '../../src/uplink/client.js';

const [dir, url, name] = process.argv.slice(2) as [string, string, string];
const spool = await Spool.open(dir, { limitBytes: 16 * 2 ** 20 });
const status = () => ({ online: true, site: 'hq', sensor: 'tap1' });
const uplink = new Uplink({ url, site: 'hq', sensor: 'tap1', spool, status, log: silent, ackTimeoutMs: 300 });
uplink.start();
for (let n = 0; ; n++) {
  const text = `${name} ${n}`;
  const sequence = await spool.append(sealBody(Buffer.from(text)));
  writeSync(1, `${sequence} ${text}\n`);
  if (n % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 2));
}
