import * as $protobuf from "./runtime.js";
import Long = require("long");

/** Namespace tapspot. */
export namespace tapspot {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of an Envelope.
         * @deprecated Use tapspot.v1.Envelope.$Properties instead.
         */
        interface IEnvelope extends tapspot.v1.Envelope.$Properties {
        }

        /** Represents an Envelope. */
        class Envelope {

            /**
             * Constructs a new Envelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Envelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Envelope version. */
            version: number;

            /** Envelope site. */
            site: string;

            /** Envelope sensor. */
            sensor: string;

            /** Envelope epoch. */
            epoch: number;

            /** Envelope sequence. */
            sequence: number;

            /** Envelope codec. */
            codec: string;

            /** Envelope checksum. */
            checksum: number;

            /** Envelope length. */
            length: number;

            /** Envelope body. */
            body: Uint8Array;

            /** Envelope gap. */
            gap: number;

            /**
             * Encodes the specified Envelope message. Does not implicitly {@link tapspot.v1.Envelope.verify|verify} messages.
             * @param message Envelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Envelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Envelope & tapspot.v1.Envelope.$Shape} Envelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Envelope & tapspot.v1.Envelope.$Shape;
        }

        namespace Envelope {

            /** Properties of an Envelope. */
            interface $Properties {

                /** Envelope version */
                version?: (number|null);

                /** Envelope site */
                site?: (string|null);

                /** Envelope sensor */
                sensor?: (string|null);

                /** Envelope epoch */
                epoch?: (number|null);

                /** Envelope sequence */
                sequence?: (number|null);

                /** Envelope codec */
                codec?: (string|null);

                /** Envelope checksum */
                checksum?: (number|null);

                /** Envelope length */
                length?: (number|null);

                /** Envelope body */
                body?: (Uint8Array|null);

                /** Envelope gap */
                gap?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Envelope. */
            type $Shape = tapspot.v1.Envelope.$Properties;
        }

        /**
         * Properties of a Batch.
         * @deprecated Use tapspot.v1.Batch.$Properties instead.
         */
        interface IBatch extends tapspot.v1.Batch.$Properties {
        }

        /** Represents a Batch. */
        class Batch {

            /**
             * Constructs a new Batch.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Batch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Batch version. */
            version: number;

            /** Batch site. */
            site: string;

            /** Batch sensor. */
            sensor: string;

            /** Batch windowFromUs. */
            windowFromUs: number;

            /** Batch windowToUs. */
            windowToUs: number;

            /** Batch modelGeneration. */
            modelGeneration: number;

            /** Batch wordSet. */
            wordSet: string;

            /** Batch degrade. */
            degrade: number;

            /** Batch ledger. */
            ledger: tapspot.v1.LedgerEntry.$Properties[];

            /** Batch addresses. */
            addresses: Uint8Array[];

            /** Batch strings. */
            strings: string[];

            /** Batch flows. */
            flows?: (tapspot.v1.FlowBlock.$Properties|null);

            /** Batch dns. */
            dns?: (tapspot.v1.DnsBlock.$Properties|null);

            /** Batch words. */
            words?: (tapspot.v1.WordBlock.$Properties|null);

            /** Batch findings. */
            findings: tapspot.v1.Finding.$Properties[];

            /**
             * Encodes the specified Batch message. Does not implicitly {@link tapspot.v1.Batch.verify|verify} messages.
             * @param message Batch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Batch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Batch & tapspot.v1.Batch.$Shape} Batch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Batch & tapspot.v1.Batch.$Shape;
        }

        namespace Batch {

            /** Properties of a Batch. */
            interface $Properties {

                /** Batch version */
                version?: (number|null);

                /** Batch site */
                site?: (string|null);

                /** Batch sensor */
                sensor?: (string|null);

                /** Batch windowFromUs */
                windowFromUs?: (number|null);

                /** Batch windowToUs */
                windowToUs?: (number|null);

                /** Batch modelGeneration */
                modelGeneration?: (number|null);

                /** Batch wordSet */
                wordSet?: (string|null);

                /** Batch degrade */
                degrade?: (number|null);

                /** Batch ledger */
                ledger?: (tapspot.v1.LedgerEntry.$Properties[]|null);

                /** Batch addresses */
                addresses?: (Uint8Array[]|null);

                /** Batch strings */
                strings?: (string[]|null);

                /** Batch flows */
                flows?: (tapspot.v1.FlowBlock.$Properties|null);

                /** Batch dns */
                dns?: (tapspot.v1.DnsBlock.$Properties|null);

                /** Batch words */
                words?: (tapspot.v1.WordBlock.$Properties|null);

                /** Batch findings */
                findings?: (tapspot.v1.Finding.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Batch. */
            type $Shape = tapspot.v1.Batch.$Properties;
        }

        /**
         * Properties of a LedgerEntry.
         * @deprecated Use tapspot.v1.LedgerEntry.$Properties instead.
         */
        interface ILedgerEntry extends tapspot.v1.LedgerEntry.$Properties {
        }

        /** Represents a LedgerEntry. */
        class LedgerEntry {

            /**
             * Constructs a new LedgerEntry.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.LedgerEntry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LedgerEntry key. */
            key: string;

            /** LedgerEntry value. */
            value: number;

            /**
             * Encodes the specified LedgerEntry message. Does not implicitly {@link tapspot.v1.LedgerEntry.verify|verify} messages.
             * @param message LedgerEntry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.LedgerEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LedgerEntry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.LedgerEntry & tapspot.v1.LedgerEntry.$Shape} LedgerEntry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.LedgerEntry & tapspot.v1.LedgerEntry.$Shape;
        }

        namespace LedgerEntry {

            /** Properties of a LedgerEntry. */
            interface $Properties {

                /** LedgerEntry key */
                key?: (string|null);

                /** LedgerEntry value */
                value?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LedgerEntry. */
            type $Shape = tapspot.v1.LedgerEntry.$Properties;
        }

        /**
         * Properties of a FlowBlock.
         * @deprecated Use tapspot.v1.FlowBlock.$Properties instead.
         */
        interface IFlowBlock extends tapspot.v1.FlowBlock.$Properties {
        }

        /** Represents a FlowBlock. */
        class FlowBlock {

            /**
             * Constructs a new FlowBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.FlowBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FlowBlock count. */
            count: number;

            /** FlowBlock src. */
            src: number[];

            /** FlowBlock dst. */
            dst: number[];

            /** FlowBlock sport. */
            sport: number[];

            /** FlowBlock dport. */
            dport: number[];

            /** FlowBlock proto. */
            proto: number[];

            /** FlowBlock vlan. */
            vlan: number[];

            /** FlowBlock tsDeltaUs. */
            tsDeltaUs: number[];

            /** FlowBlock durationUs. */
            durationUs: number[];

            /** FlowBlock origPackets. */
            origPackets: number[];

            /** FlowBlock origBytes. */
            origBytes: number[];

            /** FlowBlock respPackets. */
            respPackets: number[];

            /** FlowBlock respBytes. */
            respBytes: number[];

            /** FlowBlock connState. */
            connState: number[];

            /** FlowBlock history. */
            history: number[];

            /** FlowBlock score. */
            score: number[];

            /** FlowBlock moreFlows. */
            moreFlows: number[];

            /** FlowBlock weight. */
            weight: number[];

            /**
             * Encodes the specified FlowBlock message. Does not implicitly {@link tapspot.v1.FlowBlock.verify|verify} messages.
             * @param message FlowBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.FlowBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FlowBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.FlowBlock & tapspot.v1.FlowBlock.$Shape} FlowBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.FlowBlock & tapspot.v1.FlowBlock.$Shape;
        }

        namespace FlowBlock {

            /** Properties of a FlowBlock. */
            interface $Properties {

                /** FlowBlock count */
                count?: (number|null);

                /** FlowBlock src */
                src?: (number[]|null);

                /** FlowBlock dst */
                dst?: (number[]|null);

                /** FlowBlock sport */
                sport?: (number[]|null);

                /** FlowBlock dport */
                dport?: (number[]|null);

                /** FlowBlock proto */
                proto?: (number[]|null);

                /** FlowBlock vlan */
                vlan?: (number[]|null);

                /** FlowBlock tsDeltaUs */
                tsDeltaUs?: (number[]|null);

                /** FlowBlock durationUs */
                durationUs?: (number[]|null);

                /** FlowBlock origPackets */
                origPackets?: (number[]|null);

                /** FlowBlock origBytes */
                origBytes?: (number[]|null);

                /** FlowBlock respPackets */
                respPackets?: (number[]|null);

                /** FlowBlock respBytes */
                respBytes?: (number[]|null);

                /** FlowBlock connState */
                connState?: (number[]|null);

                /** FlowBlock history */
                history?: (number[]|null);

                /** FlowBlock score */
                score?: (number[]|null);

                /** FlowBlock moreFlows */
                moreFlows?: (number[]|null);

                /** FlowBlock weight */
                weight?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FlowBlock. */
            type $Shape = tapspot.v1.FlowBlock.$Properties;
        }

        /**
         * Properties of a DnsBlock.
         * @deprecated Use tapspot.v1.DnsBlock.$Properties instead.
         */
        interface IDnsBlock extends tapspot.v1.DnsBlock.$Properties {
        }

        /** Represents a DnsBlock. */
        class DnsBlock {

            /**
             * Constructs a new DnsBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.DnsBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DnsBlock count. */
            count: number;

            /** DnsBlock client. */
            client: number[];

            /** DnsBlock server. */
            server: number[];

            /** DnsBlock cport. */
            cport: number[];

            /** DnsBlock sport. */
            sport: number[];

            /** DnsBlock proto. */
            proto: number[];

            /** DnsBlock service. */
            service: number[];

            /** DnsBlock vlan. */
            vlan: number[];

            /** DnsBlock tsDeltaUs. */
            tsDeltaUs: number[];

            /** DnsBlock latencyUsPlus_1. */
            latencyUsPlus_1: number[];

            /** DnsBlock qname. */
            qname: number[];

            /** DnsBlock qtype. */
            qtype: number[];

            /** DnsBlock qclass. */
            qclass: number[];

            /** DnsBlock rcodePlus_1. */
            rcodePlus_1: number[];

            /** DnsBlock queryBytes. */
            queryBytes: number[];

            /** DnsBlock responseBytes. */
            responseBytes: number[];

            /** DnsBlock answerCount. */
            answerCount: number[];

            /** DnsBlock answers. */
            answers: number[];

            /** DnsBlock score. */
            score: number[];

            /** DnsBlock weight. */
            weight: number[];

            /**
             * Encodes the specified DnsBlock message. Does not implicitly {@link tapspot.v1.DnsBlock.verify|verify} messages.
             * @param message DnsBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.DnsBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DnsBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.DnsBlock & tapspot.v1.DnsBlock.$Shape} DnsBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.DnsBlock & tapspot.v1.DnsBlock.$Shape;
        }

        namespace DnsBlock {

            /** Properties of a DnsBlock. */
            interface $Properties {

                /** DnsBlock count */
                count?: (number|null);

                /** DnsBlock client */
                client?: (number[]|null);

                /** DnsBlock server */
                server?: (number[]|null);

                /** DnsBlock cport */
                cport?: (number[]|null);

                /** DnsBlock sport */
                sport?: (number[]|null);

                /** DnsBlock proto */
                proto?: (number[]|null);

                /** DnsBlock service */
                service?: (number[]|null);

                /** DnsBlock vlan */
                vlan?: (number[]|null);

                /** DnsBlock tsDeltaUs */
                tsDeltaUs?: (number[]|null);

                /** DnsBlock latencyUsPlus_1 */
                latencyUsPlus_1?: (number[]|null);

                /** DnsBlock qname */
                qname?: (number[]|null);

                /** DnsBlock qtype */
                qtype?: (number[]|null);

                /** DnsBlock qclass */
                qclass?: (number[]|null);

                /** DnsBlock rcodePlus_1 */
                rcodePlus_1?: (number[]|null);

                /** DnsBlock queryBytes */
                queryBytes?: (number[]|null);

                /** DnsBlock responseBytes */
                responseBytes?: (number[]|null);

                /** DnsBlock answerCount */
                answerCount?: (number[]|null);

                /** DnsBlock answers */
                answers?: (number[]|null);

                /** DnsBlock score */
                score?: (number[]|null);

                /** DnsBlock weight */
                weight?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DnsBlock. */
            type $Shape = tapspot.v1.DnsBlock.$Properties;
        }

        /**
         * Properties of a WordBlock.
         * @deprecated Use tapspot.v1.WordBlock.$Properties instead.
         */
        interface IWordBlock extends tapspot.v1.WordBlock.$Properties {
        }

        /** Represents a WordBlock. */
        class WordBlock {

            /**
             * Constructs a new WordBlock.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.WordBlock.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WordBlock count. */
            count: number;

            /** WordBlock host. */
            host: number[];

            /** WordBlock source. */
            source: number[];

            /** WordBlock word. */
            word: number[];

            /** WordBlock occurrences. */
            occurrences: number[];

            /**
             * Encodes the specified WordBlock message. Does not implicitly {@link tapspot.v1.WordBlock.verify|verify} messages.
             * @param message WordBlock message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.WordBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WordBlock message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.WordBlock & tapspot.v1.WordBlock.$Shape} WordBlock
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.WordBlock & tapspot.v1.WordBlock.$Shape;
        }

        namespace WordBlock {

            /** Properties of a WordBlock. */
            interface $Properties {

                /** WordBlock count */
                count?: (number|null);

                /** WordBlock host */
                host?: (number[]|null);

                /** WordBlock source */
                source?: (number[]|null);

                /** WordBlock word */
                word?: (number[]|null);

                /** WordBlock occurrences */
                occurrences?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WordBlock. */
            type $Shape = tapspot.v1.WordBlock.$Properties;
        }

        /**
         * Properties of a Finding.
         * @deprecated Use tapspot.v1.Finding.$Properties instead.
         */
        interface IFinding extends tapspot.v1.Finding.$Properties {
        }

        /** Represents a Finding. */
        class Finding {

            /**
             * Constructs a new Finding.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Finding.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Finding kind. */
            kind: string;

            /** Finding src. */
            src: string;

            /** Finding dst. */
            dst?: (string|null);

            /** Finding dstPort. */
            dstPort?: (number|null);

            /** Finding proto. */
            proto?: (string|null);

            /** Finding domain. */
            domain?: (string|null);

            /** Finding firstUs. */
            firstUs: number;

            /** Finding lastUs. */
            lastUs: number;

            /** Finding reasons. */
            reasons: tapspot.v1.Reason.$Properties[];

            /**
             * Encodes the specified Finding message. Does not implicitly {@link tapspot.v1.Finding.verify|verify} messages.
             * @param message Finding message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Finding.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Finding message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Finding & tapspot.v1.Finding.$Shape} Finding
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Finding & tapspot.v1.Finding.$Shape;
        }

        namespace Finding {

            /** Properties of a Finding. */
            interface $Properties {

                /** Finding kind */
                kind?: (string|null);

                /** Finding src */
                src?: (string|null);

                /** Finding dst */
                dst?: (string|null);

                /** Finding dstPort */
                dstPort?: (number|null);

                /** Finding proto */
                proto?: (string|null);

                /** Finding domain */
                domain?: (string|null);

                /** Finding firstUs */
                firstUs?: (number|null);

                /** Finding lastUs */
                lastUs?: (number|null);

                /** Finding reasons */
                reasons?: (tapspot.v1.Reason.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Finding. */
            type $Shape = tapspot.v1.Finding.$Properties;
        }

        /**
         * Properties of a Reason.
         * @deprecated Use tapspot.v1.Reason.$Properties instead.
         */
        interface IReason extends tapspot.v1.Reason.$Properties {
        }

        /** Represents a Reason. */
        class Reason {

            /**
             * Constructs a new Reason.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Reason.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Reason name. */
            name: string;

            /** Reason points. */
            points: number;

            /** Reason text. */
            text: string;

            /**
             * Encodes the specified Reason message. Does not implicitly {@link tapspot.v1.Reason.verify|verify} messages.
             * @param message Reason message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Reason.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Reason message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Reason & tapspot.v1.Reason.$Shape} Reason
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Reason & tapspot.v1.Reason.$Shape;
        }

        namespace Reason {

            /** Properties of a Reason. */
            interface $Properties {

                /** Reason name */
                name?: (string|null);

                /** Reason points */
                points?: (number|null);

                /** Reason text */
                text?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Reason. */
            type $Shape = tapspot.v1.Reason.$Properties;
        }

        /**
         * Properties of a Signed.
         * @deprecated Use tapspot.v1.Signed.$Properties instead.
         */
        interface ISigned extends tapspot.v1.Signed.$Properties {
        }

        /** Represents a Signed. */
        class Signed {

            /**
             * Constructs a new Signed.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Signed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Signed document. */
            document: Uint8Array;

            /** Signed signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified Signed message. Does not implicitly {@link tapspot.v1.Signed.verify|verify} messages.
             * @param message Signed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Signed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Signed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Signed & tapspot.v1.Signed.$Shape} Signed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Signed & tapspot.v1.Signed.$Shape;
        }

        namespace Signed {

            /** Properties of a Signed. */
            interface $Properties {

                /** Signed document */
                document?: (Uint8Array|null);

                /** Signed signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Signed. */
            type $Shape = tapspot.v1.Signed.$Properties;
        }

        /**
         * Properties of a Control.
         * @deprecated Use tapspot.v1.Control.$Properties instead.
         */
        interface IControl extends tapspot.v1.Control.$Properties {
        }

        /** Represents a Control. */
        class Control {

            /**
             * Constructs a new Control.
             * @param [properties] Properties to set
             */
            constructor(properties?: tapspot.v1.Control.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Control kind. */
            kind: string;

            /** Control generation. */
            generation: number;

            /** Control codec. */
            codec: string;

            /** Control length. */
            length: number;

            /** Control body. */
            body: Uint8Array;

            /**
             * Encodes the specified Control message. Does not implicitly {@link tapspot.v1.Control.verify|verify} messages.
             * @param message Control message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: tapspot.v1.Control.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Control message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {tapspot.v1.Control & tapspot.v1.Control.$Shape} Control
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): tapspot.v1.Control & tapspot.v1.Control.$Shape;
        }

        namespace Control {

            /** Properties of a Control. */
            interface $Properties {

                /** Control kind */
                kind?: (string|null);

                /** Control generation */
                generation?: (number|null);

                /** Control codec */
                codec?: (string|null);

                /** Control length */
                length?: (number|null);

                /** Control body */
                body?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Control. */
            type $Shape = tapspot.v1.Control.$Properties;
        }
    }
}
