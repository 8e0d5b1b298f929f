import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** A key and its certificate, both PEM. Made anew for each run: no key lies in the repository. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** What signs certificates for others. */
export interface TestAuthority extends TestCertificate {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** Who signs it; without one it signs itself. */
  readonly issuer?: TestAuthority;
  /** Default `livetap test`. */
  readonly commonName?: string;
  /** Default: in a day. A time in the past makes an expired certificate. */
  readonly validUntil?: Date;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = 'livetap test';

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array): Buffer => der(0x03, Buffer.from([0]), content);

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const OID_COMMON_NAME = oid('550403');
const OID_SUBJECT_ALT_NAME = oid('551d11');
const OID_BASIC_CONSTRAINTS = oid('551d13');
const TRUE = der(0x01, Buffer.from([0xff]));

const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(OID_COMMON_NAME, der(0x0c, Buffer.from(commonName)))));

function alternative(host: string): Buffer {
  if (isIP(host) === 4) return der(0x87, Buffer.from(host.split('.').map(Number)));
  return der(0x82, Buffer.from(host));
}

interface Draft {
  readonly subject: string;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly publicKey: KeyObject;
  readonly validUntil: Date;
  readonly extensions: readonly Buffer[];
}

function signed(draft: Draft): string {
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const from = new Date(Math.min(Date.now(), draft.validUntil.getTime()) - DAY_MS);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    nameOf(draft.issuer),
    sequence(utcTime(from), utcTime(draft.validUntil)),
    nameOf(draft.subject),
    draft.publicKey.export({ type: 'spki', format: 'der' }),
    ...(draft.extensions.length === 0 ? [] : [der(0xa3, sequence(...draft.extensions))]),
  );
  const bytes = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, draft.signer)));
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

/** A certificate for these DNS names and IPv4 addresses. */
export function makeCertificate(names: readonly string[], options: CertificateOptions = {}): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = options.commonName ?? COMMON_NAME;
  const cert = signed({
    subject,
    issuer: options.issuer?.commonName ?? subject,
    signer: options.issuer?.privateKey ?? privateKey,
    publicKey,
    validUntil: options.validUntil ?? new Date(Date.now() + DAY_MS),
    extensions:
      names.length === 0 ? [] : [sequence(OID_SUBJECT_ALT_NAME, der(0x04, sequence(...names.map(alternative))))],
  });
  return { key: pem(privateKey), cert };
}

/** A certificate authority of its own; `cert` is what clients have to trust. */
export function makeAuthority(commonName = 'livetap test authority'): TestAuthority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const cert = signed({
    subject: commonName,
    issuer: commonName,
    signer: privateKey,
    publicKey,
    validUntil: new Date(Date.now() + DAY_MS),
    extensions: [sequence(OID_BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)))],
  });
  return { key: pem(privateKey), cert, commonName, privateKey };
}
