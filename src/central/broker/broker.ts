import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { Exit, OperatorError } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { MAX_ENVELOPE_BYTES } from '../../record/limits.js';
import type { ListenAddress } from '../config.js';
import { guardSocket } from './guard.js';
import { mayListen, mayPublish } from './rights.js';
import { Users } from './users.js';

export interface BrokerOptions {
  listen: ListenAddress;
  tls?: { certificate: string; key: string; clientCa?: string | undefined } | undefined;
  users?: string | undefined;
  maxClients: number;
  /** Sensors that may leave a retained status. */
  maxSensors: number;
}

/** A batch and the topic before it. */
const PACKET_BYTES_MAX = MAX_ENVELOPE_BYTES + 1024;
const STATUS_BYTES_MAX = 64 * 1024;
const CLIENT_ID_MAX = 256;

/** What is known of a connection, beside what aedes keeps. */
interface Peer {
  identity: string | null;
}

/**
 * The embedded MQTT 3.1.1 broker. It keeps nothing on disk and no session of anyone who is away: batches that nobody
 * has acknowledged are sent again by the sensors, and retained messages are published anew after a restart.
 */
export class EmbeddedBroker {
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #peers = new WeakMap<object, Peer>();
  readonly #inside = new WeakSet<object>();
  readonly #statuses = new Set<string>();
  readonly #options: BrokerOptions;
  readonly #log: Log;
  /** Connections and messages that were turned away. */
  refused = 0;

  private constructor(options: BrokerOptions, aedes: Aedes, log: Log) {
    this.#options = options;
    this.#aedes = aedes;
    this.#log = log;
    const take = (socket: Socket) => this.#take(socket);
    this.#server = options.tls === undefined ? createServer(take) : createTlsServer(tlsOptions(options.tls), take);
    this.#server.maxConnections = options.maxClients;
    this.#server.on('tlsClientError', (error: Error, socket: Socket) => {
      this.refused++;
      log.warn({ peer: socket.remoteAddress, reason: error.message }, 'a connection was refused by TLS');
    });
  }

  /** @throws OperatorError BROKER_LISTEN, BROKER_TLS, BROKER_USERS. */
  static async start(options: BrokerOptions, log: Log): Promise<EmbeddedBroker> {
    const users = options.users === undefined ? null : Users.load(options.users);
    const aedes = new Aedes({ connectTimeout: 10_000, maxTopicLevels: 8, maxInflightInbound: 16 });
    const broker = new EmbeddedBroker(options, aedes, log);
    aedes.preConnect = (client, packet, done) => {
      const fits = (aedes.connectedClients ?? 0) <= options.maxClients && packet.clientId.length <= CLIENT_ID_MAX;
      // Nobody's messages are kept while he is away: memory is for those who are here.
      packet.clean = true;
      if (fits || broker.#inside.has(client.conn)) return done(null, true);
      broker.refused++;
      done(new Error('too many connections, or too long a client id'), false);
    };
    aedes.authenticate = (client, username, password, done) => {
      void broker.#identify(client, users, username, password).then(
        (welcome) => done(null, welcome),
        (error: unknown) => {
          log.error({ err: error }, 'a connection could not be checked');
          done(null, false);
        },
      );
    };
    aedes.authorizePublish = (client, packet, done) => done(broker.#judge(client, packet as AedesPublishPacket));
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const allowed = broker.#inside.has(client.conn) || mayListen(broker.#identity(client), subscription.topic);
      if (!allowed) broker.refused++;
      done(null, allowed ? subscription : null);
    };
    aedes.on('clientError', (client, error) =>
      log.debug({ client: client.id, reason: error.message }, 'a connection broke'),
    );
    aedes.on('connectionError', (_, error) =>
      log.debug({ reason: error.message }, 'a connection broke before it was one'),
    );
    await aedes.listen();
    try {
      await broker.#listen();
    } catch (error) {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      throw error;
    }
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get clients(): number {
    return this.#aedes.connectedClients;
  }

  /** A connection from within this process, which may do everything. */
  connect(): Duplex {
    const [ours, brokers] = duplexPair();
    // A pair of streams is no socket: that one end is gone has to be told to the other.
    ours.once('close', () => brokers.destroy());
    brokers.once('close', () => ours.destroy());
    this.#inside.add(brokers);
    this.#aedes.handle(brokers);
    return ours;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    await closed;
  }

  #take(socket: Socket): void {
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    guardSocket(socket, PACKET_BYTES_MAX);
    this.#aedes.handle(socket);
  }

  /** Whether the peer may come in; remembers who it is. */
  async #identify(client: Client, users: Users | null, name?: string, password?: Buffer): Promise<boolean> {
    if (this.#inside.has(client.conn)) return true;
    const peer = (client.conn as Socket).remoteAddress;
    let identity: string | null = null;
    if (this.#options.tls?.clientCa !== undefined) {
      const subject = (client.conn as TLSSocket).getPeerCertificate?.()?.subject?.CN;
      // A certificate with several common names is nobody's in particular.
      if (typeof subject !== 'string' || subject === '')
        return this.#turnAway(peer, 'its certificate has no common name');
      identity = subject;
    }
    if (users !== null) {
      if (name === undefined || password === undefined || !(await users.check(name, password))) {
        return this.#turnAway(peer, 'user name or password is wrong');
      }
      if (identity !== null && identity !== name) return this.#turnAway(peer, 'its certificate is of another name');
      identity = name;
    }
    this.#peers.set(client, { identity });
    return true;
  }

  #turnAway(peer: string | undefined, reason: string): false {
    this.refused++;
    this.#log.warn({ peer, reason }, 'a connection was refused');
    return false;
  }

  /** An error closes the connection: MQTT 3.1.1 knows no other answer. */
  #judge(client: Client | null, packet: AedesPublishPacket): Error | null {
    if (client === null || this.#inside.has(client.conn)) return null;
    const what = mayPublish(this.#identity(client), packet.topic);
    const fault = what === null ? 'may not publish there' : this.#unfit(what, packet);
    if (fault === null) return null;
    this.refused++;
    this.#log.warn({ client: client.id, topic: packet.topic.slice(0, 200), reason: fault }, 'a message was refused');
    return new Error(fault);
  }

  #unfit(what: 'batch' | 'status', packet: AedesPublishPacket): string | null {
    // Only the status is kept for those who come later.
    if (what === 'batch') {
      packet.retain = false;
      return null;
    }
    if (packet.payload.length > STATUS_BYTES_MAX) return `a status of more than ${STATUS_BYTES_MAX} bytes`;
    if (!this.#statuses.has(packet.topic)) {
      if (this.#statuses.size >= this.#options.maxSensors) return `more than ${this.#options.maxSensors} sensors`;
      this.#statuses.add(packet.topic);
    }
    return null;
  }

  #identity(client: Client): string | null {
    const peer = this.#peers.get(client);
    // Someone who was never identified is nobody: '' is no sensor's name.
    return peer === undefined ? '' : peer.identity;
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? 'something else listens there already' : error.message;
        const message = `the broker cannot listen on ${host}:${port}: ${why}. Change broker.listen, or name that broker by broker.url.`;
        reject(new OperatorError('BROKER_LISTEN', Exit.unavailable, message, { cause: error }));
      });
      this.#server.listen(port, host, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', (err) => this.#log.error({ err }, 'the broker cannot take a connection'));
        resolve();
      });
    });
  }
}

function tlsOptions(tls: NonNullable<BrokerOptions['tls']>) {
  const asked = tls.clientCa !== undefined;
  return {
    cert: pem(tls.certificate, 'broker.tls.certificate'),
    key: pem(tls.key, 'broker.tls.key'),
    ca: asked ? pem(tls.clientCa!, 'broker.tls.clientCa') : undefined,
    requestCert: asked,
    rejectUnauthorized: asked,
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: 10_000,
  };
}

/** @throws OperatorError BROKER_TLS. */
export function pem(path: string, key: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const message = `${key}: ${path} cannot be read: ${(error as Error).message}`;
    throw new OperatorError('BROKER_TLS', Exit.config, message, { cause: error });
  }
}
