/** Reads a capture from standard input and prints what it held. */
import { openCapture } from '../../src/capture/file.js';
import { collect } from './support.js';

const source = openCapture('-');
const rows = await collect(source);
source.close();
process.stdout.write(JSON.stringify({ frames: rows.length, last: rows.at(-1), fault: source.fault() }));
