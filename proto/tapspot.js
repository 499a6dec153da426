/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "./runtime.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const tapspot = $root.tapspot = (() => {

    const tapspot = {};

    tapspot.v1 = (function() {

        const v1 = {};

        v1.Envelope = (function() {

            const Envelope = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Envelope.prototype.version = 0;
            Envelope.prototype.site = "";
            Envelope.prototype.sensor = "";
            Envelope.prototype.epoch = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Envelope.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Envelope.prototype.codec = "";
            Envelope.prototype.checksum = 0;
            Envelope.prototype.length = 0;
            Envelope.prototype.body = $util.newBuffer([]);
            Envelope.prototype.gap = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            Envelope.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(8).uint32(message.version);
                if (message.site != null && $Object.hasOwnProperty.call(message, "site") && message.site !== "")
                    writer.uint32(18).string(message.site);
                if (message.sensor != null && $Object.hasOwnProperty.call(message, "sensor") && message.sensor !== "")
                    writer.uint32(26).string(message.sensor);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && (typeof message.epoch === "object" ? message.epoch.low || message.epoch.high : message.epoch !== 0))
                    writer.uint32(32).uint64(message.epoch);
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                    writer.uint32(40).uint64(message.sequence);
                if (message.codec != null && $Object.hasOwnProperty.call(message, "codec") && message.codec !== "")
                    writer.uint32(50).string(message.codec);
                if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum") && message.checksum !== 0)
                    writer.uint32(61).fixed32(message.checksum);
                if (message.length != null && $Object.hasOwnProperty.call(message, "length") && message.length !== 0)
                    writer.uint32(64).uint32(message.length);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(74).bytes(message.body);
                if (message.gap != null && $Object.hasOwnProperty.call(message, "gap") && (typeof message.gap === "object" ? message.gap.low || message.gap.high : message.gap !== 0))
                    writer.uint32(80).uint64(message.gap);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Envelope.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Envelope();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.site = value;
                            else
                                delete message.site;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.sensor = value;
                            else
                                delete message.sensor;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.codec = value;
                            else
                                delete message.codec;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 5)
                                break;
                            if (value = reader.fixed32())
                                message.checksum = value;
                            else
                                delete message.checksum;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.length = value;
                            else
                                delete message.length;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.gap = value;
                            else
                                delete message.gap;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Envelope;
        })();

        v1.Batch = (function() {

            const Batch = function (properties) {
                this.ledger = [];
                this.addresses = [];
                this.strings = [];
                this.findings = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Batch.prototype.version = 0;
            Batch.prototype.site = "";
            Batch.prototype.sensor = "";
            Batch.prototype.windowFromUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Batch.prototype.windowToUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Batch.prototype.modelGeneration = 0;
            Batch.prototype.wordSet = "";
            Batch.prototype.degrade = 0;
            Batch.prototype.ledger = $util.emptyArray;
            Batch.prototype.addresses = $util.emptyArray;
            Batch.prototype.strings = $util.emptyArray;
            Batch.prototype.flows = null;
            Batch.prototype.dns = null;
            Batch.prototype.words = null;
            Batch.prototype.findings = $util.emptyArray;

            Batch.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(8).uint32(message.version);
                if (message.site != null && $Object.hasOwnProperty.call(message, "site") && message.site !== "")
                    writer.uint32(18).string(message.site);
                if (message.sensor != null && $Object.hasOwnProperty.call(message, "sensor") && message.sensor !== "")
                    writer.uint32(26).string(message.sensor);
                if (message.windowFromUs != null && $Object.hasOwnProperty.call(message, "windowFromUs") && (typeof message.windowFromUs === "object" ? message.windowFromUs.low || message.windowFromUs.high : message.windowFromUs !== 0))
                    writer.uint32(32).uint64(message.windowFromUs);
                if (message.windowToUs != null && $Object.hasOwnProperty.call(message, "windowToUs") && (typeof message.windowToUs === "object" ? message.windowToUs.low || message.windowToUs.high : message.windowToUs !== 0))
                    writer.uint32(40).uint64(message.windowToUs);
                if (message.modelGeneration != null && $Object.hasOwnProperty.call(message, "modelGeneration") && message.modelGeneration !== 0)
                    writer.uint32(48).uint32(message.modelGeneration);
                if (message.wordSet != null && $Object.hasOwnProperty.call(message, "wordSet") && message.wordSet !== "")
                    writer.uint32(58).string(message.wordSet);
                if (message.degrade != null && $Object.hasOwnProperty.call(message, "degrade") && message.degrade !== 0)
                    writer.uint32(64).uint32(message.degrade);
                if (message.ledger != null && message.ledger.length)
                    for (let i = 0; i < message.ledger.length; ++i)
                        $root.tapspot.v1.LedgerEntry.encode(message.ledger[i], writer.uint32(74).fork(), _depth + 1).ldelim();
                if (message.addresses != null && message.addresses.length)
                    for (let i = 0; i < message.addresses.length; ++i)
                        writer.uint32(82).bytes(message.addresses[i]);
                if (message.strings != null && message.strings.length)
                    for (let i = 0; i < message.strings.length; ++i)
                        writer.uint32(90).string(message.strings[i]);
                if (message.flows != null && $Object.hasOwnProperty.call(message, "flows"))
                    $root.tapspot.v1.FlowBlock.encode(message.flows, writer.uint32(98).fork(), _depth + 1).ldelim();
                if (message.dns != null && $Object.hasOwnProperty.call(message, "dns"))
                    $root.tapspot.v1.DnsBlock.encode(message.dns, writer.uint32(106).fork(), _depth + 1).ldelim();
                if (message.words != null && $Object.hasOwnProperty.call(message, "words"))
                    $root.tapspot.v1.WordBlock.encode(message.words, writer.uint32(114).fork(), _depth + 1).ldelim();
                if (message.findings != null && message.findings.length)
                    for (let i = 0; i < message.findings.length; ++i)
                        $root.tapspot.v1.Finding.encode(message.findings[i], writer.uint32(122).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Batch.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Batch();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.site = value;
                            else
                                delete message.site;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.sensor = value;
                            else
                                delete message.sensor;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.windowFromUs = value;
                            else
                                delete message.windowFromUs;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.windowToUs = value;
                            else
                                delete message.windowToUs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.modelGeneration = value;
                            else
                                delete message.modelGeneration;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.wordSet = value;
                            else
                                delete message.wordSet;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.degrade = value;
                            else
                                delete message.degrade;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ledger && message.ledger.length))
                                message.ledger = [];
                            message.ledger.push($root.tapspot.v1.LedgerEntry.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if (!(message.addresses && message.addresses.length))
                                message.addresses = [];
                            message.addresses.push(reader.bytes());
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            if (!(message.strings && message.strings.length))
                                message.strings = [];
                            message.strings.push(reader.stringVerify());
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.flows = $root.tapspot.v1.FlowBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.flows);
                            continue;
                        }
                    case 13: {
                            if (wireType !== 2)
                                break;
                            message.dns = $root.tapspot.v1.DnsBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.dns);
                            continue;
                        }
                    case 14: {
                            if (wireType !== 2)
                                break;
                            message.words = $root.tapspot.v1.WordBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.words);
                            continue;
                        }
                    case 15: {
                            if (wireType !== 2)
                                break;
                            if (!(message.findings && message.findings.length))
                                message.findings = [];
                            message.findings.push($root.tapspot.v1.Finding.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Batch;
        })();

        v1.LedgerEntry = (function() {

            const LedgerEntry = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LedgerEntry.prototype.key = "";
            LedgerEntry.prototype.value = 0;

            LedgerEntry.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
                    writer.uint32(10).string(message.key);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && !$Object.is(message.value, 0))
                    writer.uint32(17).double(message.value);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LedgerEntry.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.LedgerEntry();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.key = value;
                            else
                                delete message.key;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LedgerEntry;
        })();

        v1.FlowBlock = (function() {

            const FlowBlock = function (properties) {
                this.src = [];
                this.dst = [];
                this.sport = [];
                this.dport = [];
                this.proto = [];
                this.vlan = [];
                this.tsDeltaUs = [];
                this.durationUs = [];
                this.origPackets = [];
                this.origBytes = [];
                this.respPackets = [];
                this.respBytes = [];
                this.connState = [];
                this.history = [];
                this.score = [];
                this.moreFlows = [];
                this.weight = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            FlowBlock.prototype.count = 0;
            FlowBlock.prototype.src = $util.emptyArray;
            FlowBlock.prototype.dst = $util.emptyArray;
            FlowBlock.prototype.sport = $util.emptyArray;
            FlowBlock.prototype.dport = $util.emptyArray;
            FlowBlock.prototype.proto = $util.emptyArray;
            FlowBlock.prototype.vlan = $util.emptyArray;
            FlowBlock.prototype.tsDeltaUs = $util.emptyArray;
            FlowBlock.prototype.durationUs = $util.emptyArray;
            FlowBlock.prototype.origPackets = $util.emptyArray;
            FlowBlock.prototype.origBytes = $util.emptyArray;
            FlowBlock.prototype.respPackets = $util.emptyArray;
            FlowBlock.prototype.respBytes = $util.emptyArray;
            FlowBlock.prototype.connState = $util.emptyArray;
            FlowBlock.prototype.history = $util.emptyArray;
            FlowBlock.prototype.score = $util.emptyArray;
            FlowBlock.prototype.moreFlows = $util.emptyArray;
            FlowBlock.prototype.weight = $util.emptyArray;

            FlowBlock.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(8).uint32(message.count);
                if (message.src != null && message.src.length)
                    writer.uint32(18).uint32s(message.src);
                if (message.dst != null && message.dst.length)
                    writer.uint32(26).uint32s(message.dst);
                if (message.sport != null && message.sport.length)
                    writer.uint32(34).uint32s(message.sport);
                if (message.dport != null && message.dport.length)
                    writer.uint32(42).uint32s(message.dport);
                if (message.proto != null && message.proto.length)
                    writer.uint32(50).uint32s(message.proto);
                if (message.vlan != null && message.vlan.length)
                    writer.uint32(58).uint32s(message.vlan);
                if (message.tsDeltaUs != null && message.tsDeltaUs.length)
                    writer.uint32(66).sint64s(message.tsDeltaUs);
                if (message.durationUs != null && message.durationUs.length)
                    writer.uint32(74).uint64s(message.durationUs);
                if (message.origPackets != null && message.origPackets.length)
                    writer.uint32(82).uint64s(message.origPackets);
                if (message.origBytes != null && message.origBytes.length)
                    writer.uint32(90).uint64s(message.origBytes);
                if (message.respPackets != null && message.respPackets.length)
                    writer.uint32(98).uint64s(message.respPackets);
                if (message.respBytes != null && message.respBytes.length)
                    writer.uint32(106).uint64s(message.respBytes);
                if (message.connState != null && message.connState.length)
                    writer.uint32(114).uint32s(message.connState);
                if (message.history != null && message.history.length)
                    writer.uint32(122).uint32s(message.history);
                if (message.score != null && message.score.length)
                    writer.uint32(130).uint32s(message.score);
                if (message.moreFlows != null && message.moreFlows.length)
                    writer.uint32(138).uint64s(message.moreFlows);
                if (message.weight != null && message.weight.length)
                    writer.uint32(146).doubles(message.weight);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            FlowBlock.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.FlowBlock();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.src && message.src.length))
                                    message.src = [];
                                reader.uint32s(message.src);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.src && message.src.length))
                                message.src = [];
                            message.src.push(reader.uint32());
                            continue;
                        }
                    case 3: {
                            if (wireType === 2) {
                                if (!(message.dst && message.dst.length))
                                    message.dst = [];
                                reader.uint32s(message.dst);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.dst && message.dst.length))
                                message.dst = [];
                            message.dst.push(reader.uint32());
                            continue;
                        }
                    case 4: {
                            if (wireType === 2) {
                                if (!(message.sport && message.sport.length))
                                    message.sport = [];
                                reader.uint32s(message.sport);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.sport && message.sport.length))
                                message.sport = [];
                            message.sport.push(reader.uint32());
                            continue;
                        }
                    case 5: {
                            if (wireType === 2) {
                                if (!(message.dport && message.dport.length))
                                    message.dport = [];
                                reader.uint32s(message.dport);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.dport && message.dport.length))
                                message.dport = [];
                            message.dport.push(reader.uint32());
                            continue;
                        }
                    case 6: {
                            if (wireType === 2) {
                                if (!(message.proto && message.proto.length))
                                    message.proto = [];
                                reader.uint32s(message.proto);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.proto && message.proto.length))
                                message.proto = [];
                            message.proto.push(reader.uint32());
                            continue;
                        }
                    case 7: {
                            if (wireType === 2) {
                                if (!(message.vlan && message.vlan.length))
                                    message.vlan = [];
                                reader.uint32s(message.vlan);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.vlan && message.vlan.length))
                                message.vlan = [];
                            message.vlan.push(reader.uint32());
                            continue;
                        }
                    case 8: {
                            if (wireType === 2) {
                                if (!(message.tsDeltaUs && message.tsDeltaUs.length))
                                    message.tsDeltaUs = [];
                                reader.sint64s(message.tsDeltaUs);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.tsDeltaUs && message.tsDeltaUs.length))
                                message.tsDeltaUs = [];
                            message.tsDeltaUs.push(reader.sint64());
                            continue;
                        }
                    case 9: {
                            if (wireType === 2) {
                                if (!(message.durationUs && message.durationUs.length))
                                    message.durationUs = [];
                                reader.uint64s(message.durationUs);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.durationUs && message.durationUs.length))
                                message.durationUs = [];
                            message.durationUs.push(reader.uint64());
                            continue;
                        }
                    case 10: {
                            if (wireType === 2) {
                                if (!(message.origPackets && message.origPackets.length))
                                    message.origPackets = [];
                                reader.uint64s(message.origPackets);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.origPackets && message.origPackets.length))
                                message.origPackets = [];
                            message.origPackets.push(reader.uint64());
                            continue;
                        }
                    case 11: {
                            if (wireType === 2) {
                                if (!(message.origBytes && message.origBytes.length))
                                    message.origBytes = [];
                                reader.uint64s(message.origBytes);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.origBytes && message.origBytes.length))
                                message.origBytes = [];
                            message.origBytes.push(reader.uint64());
                            continue;
                        }
                    case 12: {
                            if (wireType === 2) {
                                if (!(message.respPackets && message.respPackets.length))
                                    message.respPackets = [];
                                reader.uint64s(message.respPackets);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.respPackets && message.respPackets.length))
                                message.respPackets = [];
                            message.respPackets.push(reader.uint64());
                            continue;
                        }
                    case 13: {
                            if (wireType === 2) {
                                if (!(message.respBytes && message.respBytes.length))
                                    message.respBytes = [];
                                reader.uint64s(message.respBytes);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.respBytes && message.respBytes.length))
                                message.respBytes = [];
                            message.respBytes.push(reader.uint64());
                            continue;
                        }
                    case 14: {
                            if (wireType === 2) {
                                if (!(message.connState && message.connState.length))
                                    message.connState = [];
                                reader.uint32s(message.connState);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.connState && message.connState.length))
                                message.connState = [];
                            message.connState.push(reader.uint32());
                            continue;
                        }
                    case 15: {
                            if (wireType === 2) {
                                if (!(message.history && message.history.length))
                                    message.history = [];
                                reader.uint32s(message.history);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.history && message.history.length))
                                message.history = [];
                            message.history.push(reader.uint32());
                            continue;
                        }
                    case 16: {
                            if (wireType === 2) {
                                if (!(message.score && message.score.length))
                                    message.score = [];
                                reader.uint32s(message.score);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.score && message.score.length))
                                message.score = [];
                            message.score.push(reader.uint32());
                            continue;
                        }
                    case 17: {
                            if (wireType === 2) {
                                if (!(message.moreFlows && message.moreFlows.length))
                                    message.moreFlows = [];
                                reader.uint64s(message.moreFlows);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.moreFlows && message.moreFlows.length))
                                message.moreFlows = [];
                            message.moreFlows.push(reader.uint64());
                            continue;
                        }
                    case 18: {
                            if (wireType === 2) {
                                if (!(message.weight && message.weight.length))
                                    message.weight = [];
                                reader.doubles(message.weight);
                                continue;
                            }
                            if (wireType !== 1)
                                break;
                            if (!(message.weight && message.weight.length))
                                message.weight = [];
                            message.weight.push(reader.double());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return FlowBlock;
        })();

        v1.DnsBlock = (function() {

            const DnsBlock = function (properties) {
                this.client = [];
                this.server = [];
                this.cport = [];
                this.sport = [];
                this.proto = [];
                this.service = [];
                this.vlan = [];
                this.tsDeltaUs = [];
                this.latencyUsPlus_1 = [];
                this.qname = [];
                this.qtype = [];
                this.qclass = [];
                this.rcodePlus_1 = [];
                this.queryBytes = [];
                this.responseBytes = [];
                this.answerCount = [];
                this.answers = [];
                this.score = [];
                this.weight = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            DnsBlock.prototype.count = 0;
            DnsBlock.prototype.client = $util.emptyArray;
            DnsBlock.prototype.server = $util.emptyArray;
            DnsBlock.prototype.cport = $util.emptyArray;
            DnsBlock.prototype.sport = $util.emptyArray;
            DnsBlock.prototype.proto = $util.emptyArray;
            DnsBlock.prototype.service = $util.emptyArray;
            DnsBlock.prototype.vlan = $util.emptyArray;
            DnsBlock.prototype.tsDeltaUs = $util.emptyArray;
            DnsBlock.prototype.latencyUsPlus_1 = $util.emptyArray;
            DnsBlock.prototype.qname = $util.emptyArray;
            DnsBlock.prototype.qtype = $util.emptyArray;
            DnsBlock.prototype.qclass = $util.emptyArray;
            DnsBlock.prototype.rcodePlus_1 = $util.emptyArray;
            DnsBlock.prototype.queryBytes = $util.emptyArray;
            DnsBlock.prototype.responseBytes = $util.emptyArray;
            DnsBlock.prototype.answerCount = $util.emptyArray;
            DnsBlock.prototype.answers = $util.emptyArray;
            DnsBlock.prototype.score = $util.emptyArray;
            DnsBlock.prototype.weight = $util.emptyArray;

            DnsBlock.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(8).uint32(message.count);
                if (message.client != null && message.client.length)
                    writer.uint32(18).uint32s(message.client);
                if (message.server != null && message.server.length)
                    writer.uint32(26).uint32s(message.server);
                if (message.cport != null && message.cport.length)
                    writer.uint32(34).uint32s(message.cport);
                if (message.sport != null && message.sport.length)
                    writer.uint32(42).uint32s(message.sport);
                if (message.proto != null && message.proto.length)
                    writer.uint32(50).uint32s(message.proto);
                if (message.service != null && message.service.length)
                    writer.uint32(58).uint32s(message.service);
                if (message.vlan != null && message.vlan.length)
                    writer.uint32(66).uint32s(message.vlan);
                if (message.tsDeltaUs != null && message.tsDeltaUs.length)
                    writer.uint32(74).sint64s(message.tsDeltaUs);
                if (message.latencyUsPlus_1 != null && message.latencyUsPlus_1.length)
                    writer.uint32(82).uint64s(message.latencyUsPlus_1);
                if (message.qname != null && message.qname.length)
                    writer.uint32(90).uint32s(message.qname);
                if (message.qtype != null && message.qtype.length)
                    writer.uint32(98).uint32s(message.qtype);
                if (message.qclass != null && message.qclass.length)
                    writer.uint32(106).uint32s(message.qclass);
                if (message.rcodePlus_1 != null && message.rcodePlus_1.length)
                    writer.uint32(114).uint32s(message.rcodePlus_1);
                if (message.queryBytes != null && message.queryBytes.length)
                    writer.uint32(122).uint32s(message.queryBytes);
                if (message.responseBytes != null && message.responseBytes.length)
                    writer.uint32(130).uint32s(message.responseBytes);
                if (message.answerCount != null && message.answerCount.length)
                    writer.uint32(138).uint32s(message.answerCount);
                if (message.answers != null && message.answers.length)
                    writer.uint32(146).uint32s(message.answers);
                if (message.score != null && message.score.length)
                    writer.uint32(154).uint32s(message.score);
                if (message.weight != null && message.weight.length)
                    writer.uint32(162).doubles(message.weight);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            DnsBlock.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.DnsBlock();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.client && message.client.length))
                                    message.client = [];
                                reader.uint32s(message.client);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.client && message.client.length))
                                message.client = [];
                            message.client.push(reader.uint32());
                            continue;
                        }
                    case 3: {
                            if (wireType === 2) {
                                if (!(message.server && message.server.length))
                                    message.server = [];
                                reader.uint32s(message.server);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.server && message.server.length))
                                message.server = [];
                            message.server.push(reader.uint32());
                            continue;
                        }
                    case 4: {
                            if (wireType === 2) {
                                if (!(message.cport && message.cport.length))
                                    message.cport = [];
                                reader.uint32s(message.cport);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.cport && message.cport.length))
                                message.cport = [];
                            message.cport.push(reader.uint32());
                            continue;
                        }
                    case 5: {
                            if (wireType === 2) {
                                if (!(message.sport && message.sport.length))
                                    message.sport = [];
                                reader.uint32s(message.sport);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.sport && message.sport.length))
                                message.sport = [];
                            message.sport.push(reader.uint32());
                            continue;
                        }
                    case 6: {
                            if (wireType === 2) {
                                if (!(message.proto && message.proto.length))
                                    message.proto = [];
                                reader.uint32s(message.proto);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.proto && message.proto.length))
                                message.proto = [];
                            message.proto.push(reader.uint32());
                            continue;
                        }
                    case 7: {
                            if (wireType === 2) {
                                if (!(message.service && message.service.length))
                                    message.service = [];
                                reader.uint32s(message.service);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.service && message.service.length))
                                message.service = [];
                            message.service.push(reader.uint32());
                            continue;
                        }
                    case 8: {
                            if (wireType === 2) {
                                if (!(message.vlan && message.vlan.length))
                                    message.vlan = [];
                                reader.uint32s(message.vlan);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.vlan && message.vlan.length))
                                message.vlan = [];
                            message.vlan.push(reader.uint32());
                            continue;
                        }
                    case 9: {
                            if (wireType === 2) {
                                if (!(message.tsDeltaUs && message.tsDeltaUs.length))
                                    message.tsDeltaUs = [];
                                reader.sint64s(message.tsDeltaUs);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.tsDeltaUs && message.tsDeltaUs.length))
                                message.tsDeltaUs = [];
                            message.tsDeltaUs.push(reader.sint64());
                            continue;
                        }
                    case 10: {
                            if (wireType === 2) {
                                if (!(message.latencyUsPlus_1 && message.latencyUsPlus_1.length))
                                    message.latencyUsPlus_1 = [];
                                reader.uint64s(message.latencyUsPlus_1);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.latencyUsPlus_1 && message.latencyUsPlus_1.length))
                                message.latencyUsPlus_1 = [];
                            message.latencyUsPlus_1.push(reader.uint64());
                            continue;
                        }
                    case 11: {
                            if (wireType === 2) {
                                if (!(message.qname && message.qname.length))
                                    message.qname = [];
                                reader.uint32s(message.qname);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.qname && message.qname.length))
                                message.qname = [];
                            message.qname.push(reader.uint32());
                            continue;
                        }
                    case 12: {
                            if (wireType === 2) {
                                if (!(message.qtype && message.qtype.length))
                                    message.qtype = [];
                                reader.uint32s(message.qtype);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.qtype && message.qtype.length))
                                message.qtype = [];
                            message.qtype.push(reader.uint32());
                            continue;
                        }
                    case 13: {
                            if (wireType === 2) {
                                if (!(message.qclass && message.qclass.length))
                                    message.qclass = [];
                                reader.uint32s(message.qclass);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.qclass && message.qclass.length))
                                message.qclass = [];
                            message.qclass.push(reader.uint32());
                            continue;
                        }
                    case 14: {
                            if (wireType === 2) {
                                if (!(message.rcodePlus_1 && message.rcodePlus_1.length))
                                    message.rcodePlus_1 = [];
                                reader.uint32s(message.rcodePlus_1);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.rcodePlus_1 && message.rcodePlus_1.length))
                                message.rcodePlus_1 = [];
                            message.rcodePlus_1.push(reader.uint32());
                            continue;
                        }
                    case 15: {
                            if (wireType === 2) {
                                if (!(message.queryBytes && message.queryBytes.length))
                                    message.queryBytes = [];
                                reader.uint32s(message.queryBytes);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.queryBytes && message.queryBytes.length))
                                message.queryBytes = [];
                            message.queryBytes.push(reader.uint32());
                            continue;
                        }
                    case 16: {
                            if (wireType === 2) {
                                if (!(message.responseBytes && message.responseBytes.length))
                                    message.responseBytes = [];
                                reader.uint32s(message.responseBytes);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.responseBytes && message.responseBytes.length))
                                message.responseBytes = [];
                            message.responseBytes.push(reader.uint32());
                            continue;
                        }
                    case 17: {
                            if (wireType === 2) {
                                if (!(message.answerCount && message.answerCount.length))
                                    message.answerCount = [];
                                reader.uint32s(message.answerCount);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.answerCount && message.answerCount.length))
                                message.answerCount = [];
                            message.answerCount.push(reader.uint32());
                            continue;
                        }
                    case 18: {
                            if (wireType === 2) {
                                if (!(message.answers && message.answers.length))
                                    message.answers = [];
                                reader.uint32s(message.answers);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.answers && message.answers.length))
                                message.answers = [];
                            message.answers.push(reader.uint32());
                            continue;
                        }
                    case 19: {
                            if (wireType === 2) {
                                if (!(message.score && message.score.length))
                                    message.score = [];
                                reader.uint32s(message.score);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.score && message.score.length))
                                message.score = [];
                            message.score.push(reader.uint32());
                            continue;
                        }
                    case 20: {
                            if (wireType === 2) {
                                if (!(message.weight && message.weight.length))
                                    message.weight = [];
                                reader.doubles(message.weight);
                                continue;
                            }
                            if (wireType !== 1)
                                break;
                            if (!(message.weight && message.weight.length))
                                message.weight = [];
                            message.weight.push(reader.double());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DnsBlock;
        })();

        v1.WordBlock = (function() {

            const WordBlock = function (properties) {
                this.host = [];
                this.source = [];
                this.word = [];
                this.occurrences = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            WordBlock.prototype.count = 0;
            WordBlock.prototype.host = $util.emptyArray;
            WordBlock.prototype.source = $util.emptyArray;
            WordBlock.prototype.word = $util.emptyArray;
            WordBlock.prototype.occurrences = $util.emptyArray;

            WordBlock.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(8).uint32(message.count);
                if (message.host != null && message.host.length)
                    writer.uint32(18).uint32s(message.host);
                if (message.source != null && message.source.length)
                    writer.uint32(26).uint32s(message.source);
                if (message.word != null && message.word.length)
                    writer.uint32(34).uint32s(message.word);
                if (message.occurrences != null && message.occurrences.length)
                    writer.uint32(42).uint32s(message.occurrences);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            WordBlock.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.WordBlock();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.host && message.host.length))
                                    message.host = [];
                                reader.uint32s(message.host);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.host && message.host.length))
                                message.host = [];
                            message.host.push(reader.uint32());
                            continue;
                        }
                    case 3: {
                            if (wireType === 2) {
                                if (!(message.source && message.source.length))
                                    message.source = [];
                                reader.uint32s(message.source);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.source && message.source.length))
                                message.source = [];
                            message.source.push(reader.uint32());
                            continue;
                        }
                    case 4: {
                            if (wireType === 2) {
                                if (!(message.word && message.word.length))
                                    message.word = [];
                                reader.uint32s(message.word);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.word && message.word.length))
                                message.word = [];
                            message.word.push(reader.uint32());
                            continue;
                        }
                    case 5: {
                            if (wireType === 2) {
                                if (!(message.occurrences && message.occurrences.length))
                                    message.occurrences = [];
                                reader.uint32s(message.occurrences);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.occurrences && message.occurrences.length))
                                message.occurrences = [];
                            message.occurrences.push(reader.uint32());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return WordBlock;
        })();

        v1.Finding = (function() {

            const Finding = function (properties) {
                this.reasons = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Finding.prototype.kind = "";
            Finding.prototype.src = "";
            Finding.prototype.dst = null;
            Finding.prototype.dstPort = null;
            Finding.prototype.proto = null;
            Finding.prototype.domain = null;
            Finding.prototype.firstUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Finding.prototype.lastUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Finding.prototype.reasons = $util.emptyArray;

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Finding.prototype, "_dst", {
                get: $util.oneOfGetter($oneOfFields = ["dst"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Finding.prototype, "_dstPort", {
                get: $util.oneOfGetter($oneOfFields = ["dstPort"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Finding.prototype, "_proto", {
                get: $util.oneOfGetter($oneOfFields = ["proto"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Finding.prototype, "_domain", {
                get: $util.oneOfGetter($oneOfFields = ["domain"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            Finding.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(10).string(message.kind);
                if (message.src != null && $Object.hasOwnProperty.call(message, "src") && message.src !== "")
                    writer.uint32(18).string(message.src);
                if (message.dst != null && $Object.hasOwnProperty.call(message, "dst"))
                    writer.uint32(26).string(message.dst);
                if (message.dstPort != null && $Object.hasOwnProperty.call(message, "dstPort"))
                    writer.uint32(32).uint32(message.dstPort);
                if (message.proto != null && $Object.hasOwnProperty.call(message, "proto"))
                    writer.uint32(42).string(message.proto);
                if (message.domain != null && $Object.hasOwnProperty.call(message, "domain"))
                    writer.uint32(50).string(message.domain);
                if (message.firstUs != null && $Object.hasOwnProperty.call(message, "firstUs") && (typeof message.firstUs === "object" ? message.firstUs.low || message.firstUs.high : message.firstUs !== 0))
                    writer.uint32(56).uint64(message.firstUs);
                if (message.lastUs != null && $Object.hasOwnProperty.call(message, "lastUs") && (typeof message.lastUs === "object" ? message.lastUs.low || message.lastUs.high : message.lastUs !== 0))
                    writer.uint32(64).uint64(message.lastUs);
                if (message.reasons != null && message.reasons.length)
                    for (let i = 0; i < message.reasons.length; ++i)
                        $root.tapspot.v1.Reason.encode(message.reasons[i], writer.uint32(74).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Finding.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Finding();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.src = value;
                            else
                                delete message.src;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.dst = reader.stringVerify();
                            message._dst = "dst";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            message.dstPort = reader.uint32();
                            message._dstPort = "dstPort";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.proto = reader.stringVerify();
                            message._proto = "proto";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.domain = reader.stringVerify();
                            message._domain = "domain";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.firstUs = value;
                            else
                                delete message.firstUs;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.lastUs = value;
                            else
                                delete message.lastUs;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.reasons && message.reasons.length))
                                message.reasons = [];
                            message.reasons.push($root.tapspot.v1.Reason.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Finding;
        })();

        v1.Reason = (function() {

            const Reason = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Reason.prototype.name = "";
            Reason.prototype.points = 0;
            Reason.prototype.text = "";

            Reason.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.points != null && $Object.hasOwnProperty.call(message, "points") && !$Object.is(message.points, 0))
                    writer.uint32(17).double(message.points);
                if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text !== "")
                    writer.uint32(26).string(message.text);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Reason.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Reason();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.points = value;
                            else
                                delete message.points;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.text = value;
                            else
                                delete message.text;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Reason;
        })();

        v1.Signed = (function() {

            const Signed = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Signed.prototype.document = $util.newBuffer([]);
            Signed.prototype.signature = $util.newBuffer([]);

            Signed.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.document != null && $Object.hasOwnProperty.call(message, "document") && message.document.length)
                    writer.uint32(10).bytes(message.document);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Signed.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Signed();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.document = value;
                            else
                                delete message.document;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Signed;
        })();

        v1.Control = (function() {

            const Control = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Control.prototype.kind = "";
            Control.prototype.generation = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Control.prototype.codec = "";
            Control.prototype.length = 0;
            Control.prototype.body = $util.newBuffer([]);

            Control.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(10).string(message.kind);
                if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && (typeof message.generation === "object" ? message.generation.low || message.generation.high : message.generation !== 0))
                    writer.uint32(16).uint64(message.generation);
                if (message.codec != null && $Object.hasOwnProperty.call(message, "codec") && message.codec !== "")
                    writer.uint32(26).string(message.codec);
                if (message.length != null && $Object.hasOwnProperty.call(message, "length") && message.length !== 0)
                    writer.uint32(32).uint32(message.length);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(42).bytes(message.body);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Control.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tapspot.v1.Control();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.generation = value;
                            else
                                delete message.generation;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.codec = value;
                            else
                                delete message.codec;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.length = value;
                            else
                                delete message.length;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Control;
        })();

        return v1;
    })();

    return tapspot;
})();

export {
  $root as default
};
