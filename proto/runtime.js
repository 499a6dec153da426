// Decoded 64-bit integers are plain numbers: exact up to 2^53, and what lies above is refused by src/record.
// protobufjs would hand out Long objects otherwise, so this has to run before the generated module is loaded.
import protobuf from 'protobufjs/minimal.js';

protobuf.util.Long = null;
protobuf.configure();

export default protobuf;
