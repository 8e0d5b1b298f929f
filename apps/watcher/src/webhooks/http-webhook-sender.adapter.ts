import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { addressesFor, answerLookup } from '../common/answer-lookup.js';
import type { Clock } from '../common/clock.port.js';
import type { Secret } from '../common/secret.js';
import { addressFault, bareHost, isIpAddress, isPublicAddress } from './address-guard.js';
import { outcomeOf, retryAfterMs } from './delivery-plan.js';
import type { AttemptOutcome } from './webhook.js';
import type { SendRequest, SendResult, WebhookSender } from './webhook-sender.port.js';

/** All addresses of a name. With an error the system's own resolver gives no list at all. */
export type ResolveName = (
  name: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[] | undefined) => void,
) => void;

export interface HttpWebhookSenderOptions {
  readonly clock: Clock;
  /** Loopback, private and other internal addresses, and http, are allowed. */
  readonly allowPrivate: boolean;
  /** Connections to one destination at a time. */
  readonly maxConnections: number;
  /** The resolver of the system by default. */
  readonly resolve?: ResolveName;
  /** Authorities (PEM) to trust instead of Node's, for tests. */
  readonly ca?: string;
}

/** Of an answer's body no more is read than this: it says nothing that is needed. */
const MAX_ANSWER_BYTES = 16 * 1024;
const IDLE_CONNECTION_MS = 5_000;
const FORBIDDEN = 'WATCHER_WEBHOOK_ADDRESS_REFUSED';
/** OpenSSL's and Node's codes for a certificate or a handshake that is not right. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

class ForbiddenAddress extends Error {
  readonly code = FORBIDDEN;
}

/**
 * Sends by Node's own HTTP client. The name is resolved by the connection itself, through a lookup that refuses addresses
 * which may not be called: so what was checked is what is connected to, whatever the name says a moment later.
 */
export class HttpWebhookSender implements WebhookSender {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #resolve: ResolveName;

  constructor(private readonly options: HttpWebhookSenderOptions) {
    this.#resolve = options.resolve ?? ((name, done) => systemLookup(name, { all: true }, done));
    const pool = {
      keepAlive: true,
      maxSockets: options.maxConnections,
      maxFreeSockets: 2,
      timeout: IDLE_CONNECTION_MS,
      lookup: this.#lookup,
    };
    this.#http = new HttpAgent(pool);
    this.#https = new HttpsAgent({ ...pool, ...(options.ca === undefined ? {} : { ca: options.ca }) });
  }

  async send(request: SendRequest): Promise<SendResult> {
    // Rules may have become stricter since the address was stored; a literal address never meets the lookup.
    if (addressFault(request.url.reveal(), this.options.allowPrivate) !== undefined) {
      return { outcome: 'forbiddenAddress' };
    }
    return new Promise((resolve) => this.#post(request, resolve));
  }

  async mayCall(url: Secret): Promise<boolean> {
    const host = bareHost(new URL(url.reveal()));
    if (isIpAddress(host)) return this.#allowed(host);
    return new Promise((resolve) => {
      this.#resolve(host, (error, found = []) =>
        resolve(error !== null || found.every(({ address }) => this.#allowed(address))),
      );
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #post(request: SendRequest, resolve: (result: SendResult) => void, again = true): void {
    const { clock } = this.options;
    const target = new URL(request.url.reveal());
    const encrypted = target.protocol === 'https:';
    let answer: IncomingMessage | undefined;
    const call: ClientRequest = (encrypted ? httpsRequest : httpRequest)(target, {
      method: 'POST',
      agent: encrypted ? this.#https : this.#http,
      headers: { ...request.headers, 'content-length': String(request.body.length) },
    });
    const answered = (received: IncomingMessage): SendResult => {
      const status = received.statusCode ?? 0;
      const wait = retryAfterMs(received.headers['retry-after'], clock.now());
      return { outcome: outcomeOf(status), status, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
    };
    const finish = (result: SendResult): void => {
      timer.cancel();
      resolve(result);
    };
    const timer = clock.setTimeout(() => {
      // With the head of the answer the destination has said all that counts.
      finish(answer ? answered(answer) : { outcome: 'timeout' });
      call.destroy();
    }, request.timeoutMs);
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (answer === undefined && again && call.reusedSocket && error.code === 'ECONNRESET') {
        // The destination had closed an idle connection at that moment: not its failure, and a new one tells.
        timer.cancel();
        this.#post(request, resolve, false);
      } else finish(answer ? answered(answer) : failureOf(error));
    });
    call.on('response', (received) => {
      answer = received;
      let bytes = 0;
      received.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) call.destroy();
      });
      received.on('error', () => finish(answered(received)));
      received.on('close', () => finish(answered(received)));
    });
    call.end(request.body);
  }

  readonly #lookup: LookupFunction = (name, options, done) => {
    this.#resolve(name, (error, found = []) => {
      const wanted = addressesFor(options, found);
      if (error !== null) done(error, '', 0);
      else if (wanted.length > 0 && !found.every(({ address }) => this.#allowed(address))) {
        // One bad address among good ones is no accident: none of them is tried.
        done(new ForbiddenAddress('The name leads to an address that may not be called.'), '', 0);
      } else answerLookup(wanted, options, done);
    });
  };

  #allowed(address: string): boolean {
    return this.options.allowPrivate || isPublicAddress(address);
  }
}

function failureOf(error: NodeJS.ErrnoException): SendResult {
  const code = error.code ?? '';
  let outcome: AttemptOutcome = 'unreachable';
  if (code === FORBIDDEN) outcome = 'forbiddenAddress';
  else if (TLS_CODE.test(code)) outcome = 'tls';
  // Only codes: messages name addresses.
  return { outcome, ...(/^[A-Z0-9_]{1,64}$/.test(code) ? { detail: code } : {}) };
}
