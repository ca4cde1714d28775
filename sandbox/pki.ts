import 'reflect-metadata';

import type { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };
const LIFETIME_DAYS = 365;

/** Paths of a certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is for. */
export interface CertificateOptions {
  /** User name for a client, host name for a server. */
  readonly commonName: string;
  /** Group names for a client. @default - none */
  readonly organization?: string;
  /** DNS names and IP addresses it is served on. @default - a client certificate */
  readonly hosts?: readonly string[];
}

/** A certificate authority in a folder: issues each certificate once and finds it again later. */
export class CertificateAuthority {
  readonly certFile: string;
  private readonly dir: string;
  private readonly keyFile: string;

  constructor(dir: string) {
    this.dir = dir;
    this.certFile = join(dir, 'ca.crt');
    this.keyFile = join(dir, 'ca.key');
  }

  /** The authority's own certificate, made on first use. */
  async ensure(name: string): Promise<void> {
    if (existsSync(this.certFile)) return;
    const keys = await newKeys();
    const cert = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      ...validity(),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      ],
    });
    await this.save({ cert: this.certFile, key: this.keyFile }, keys.privateKey, cert);
  }

  /** A certificate called `name` in this folder, issued on first use. */
  async issue(name: string, options: CertificateOptions): Promise<KeyPair> {
    const pair = { cert: join(this.dir, `${name}.crt`), key: join(this.dir, `${name}.key`) };
    if (existsSync(pair.cert)) return pair;
    const issuer = new X509Certificate(readFileSync(this.certFile, 'utf8'));
    const signingKey = await crypto.subtle.importKey(
      'pkcs8',
      PemConverter.decode(readFileSync(this.keyFile, 'utf8'))[0] as ArrayBuffer,
      KEY_ALGORITHM,
      false,
      ['sign'],
    );
    const keys = await newKeys();
    const usage = options.hosts === undefined ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
    const extensions = [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
    ];
    const names = (options.hosts ?? []).map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const);
    const cert = await X509CertificateGenerator.create({
      subject: [
        ...(options.organization === undefined ? [] : [{ O: [options.organization] }]),
        { CN: [options.commonName] },
      ],
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      ...validity(),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: names.length > 0 ? [...extensions, new SubjectAlternativeNameExtension(names)] : extensions,
    });
    await this.save(pair, keys.privateKey, cert);
    return pair;
  }

  private async save(pair: KeyPair, privateKey: webcrypto.CryptoKey, cert: X509Certificate): Promise<void> {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey);
    writeFileSync(pair.key, `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`, { mode: 0o600 });
    // The certificate comes last: its presence says that the pair is whole.
    writeFileSync(pair.cert, `${cert.toString('pem')}\n`);
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  // An hour back, so that a clock that is set back a little does not make a new cluster unusable.
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + LIFETIME_DAYS * 86_400_000) };
}
