import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../test/helpers/folders.ts';
import { CertificateAuthority, type KeyPair } from './pki.ts';

async function authority(name = 'it'): Promise<{ authority: CertificateAuthority; dir: string }> {
  const dir = join(temporaryFolder(), 'pki');
  const made = new CertificateAuthority(dir);
  await made.ensure(name);
  return { authority: made, dir };
}

function pem({ cert, key }: KeyPair): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** A server that asks for a client certificate and says whose it got; returns its port. */
async function serve(pair: KeyPair, clientCa: string): Promise<number> {
  const options = { ...pem(pair), ca: readFileSync(clientCa), requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (socket) => {
    const { subject } = socket.getPeerCertificate();
    const body = JSON.stringify({ O: subject.O, CN: subject.CN });
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What a server answers to a client that checks who it is as `servername`; the reason where it does not. */
async function connect(port: number, ca: string, client: KeyPair | undefined, servername?: string): Promise<string> {
  const certificates = client === undefined ? {} : pem(client);
  const options = { host: '127.0.0.1', port, ca: readFileSync(ca), ...certificates, agent: false };
  return new Promise((resolve) => {
    get({ ...options, ...(servername === undefined ? {} : { servername }) }, (response) => {
      expect(response.socket).toBeInstanceOf(TLSSocket);
      response.on('data', (chunk: Buffer) => resolve(String(chunk)));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

const ADMIN = { commonName: 'sandbox-manager', organization: 'system:masters' };
const SERVER = { commonName: 'kube-apiserver', hosts: ['kubernetes.default.svc', '127.0.0.1'] };

describe('a server with a certificate of the authority', () => {
  test('is accepted under its address and its name, and knows its client and the group of that', async () => {
    const { authority: ca } = await authority();
    const client = await ca.issue('admin', ADMIN);
    const port = await serve(await ca.issue('apiserver', SERVER), ca.certFile);
    const expected = JSON.stringify({ O: 'system:masters', CN: 'sandbox-manager' });
    expect(await connect(port, ca.certFile, client)).toBe(expected);
    expect(await connect(port, ca.certFile, client, 'kubernetes.default.svc')).toBe(expected);
  });

  test('is refused under another name or address', async () => {
    const { authority: ca } = await authority();
    const client = await ca.issue('admin', ADMIN);
    const port = await serve(await ca.issue('apiserver', SERVER), ca.certFile);
    expect(await connect(port, ca.certFile, client, 'kubernetes.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const other = await serve(await ca.issue('other', { ...SERVER, hosts: ['127.0.0.2'] }), ca.certFile);
    expect(await connect(other, ca.certFile, client)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is refused by whoever trusts another authority, also one of the same name', async () => {
    const [{ authority: ca }, { authority: other }] = [await authority(), await authority()];
    const port = await serve(await ca.issue('apiserver', SERVER), ca.certFile);
    expect(await connect(port, other.certFile, await ca.issue('admin', ADMIN))).toMatch(/SIGNATURE|SELF_SIGNED|LEAF/);
  });

  test('refuses a client of another authority, and one without a certificate', async () => {
    const [{ authority: ca }, { authority: other }] = [await authority(), await authority()];
    const port = await serve(await ca.issue('apiserver', SERVER), ca.certFile);
    expect(await connect(port, ca.certFile, await other.issue('admin', ADMIN))).not.toContain('system:masters');
    expect(await connect(port, ca.certFile, undefined)).toMatch(/^(ECONN|EPIPE|ERR_SSL)/);
  });
});

test('a client certificate is good for no server, and that of a server for no client', async () => {
  const { authority: ca } = await authority();
  const [client, server] = [await ca.issue('admin', ADMIN), await ca.issue('apiserver', SERVER)];
  const port = await serve(client, ca.certFile);
  expect(await connect(port, ca.certFile, client)).toBe('INVALID_PURPOSE');
  expect(await connect(await serve(server, ca.certFile), ca.certFile, server)).not.toContain('kube-apiserver');
});

test('what is issued cannot issue anything', async () => {
  const { authority: ca } = await authority();
  const { cert } = await ca.issue('admin', ADMIN);
  expect(new X509Certificate(readFileSync(cert)).ca).toBe(false);
  expect(new X509Certificate(readFileSync(ca.certFile)).ca).toBe(true);
});

test('a certificate without a group names none', async () => {
  const { authority: ca } = await authority();
  const { cert } = await ca.issue('scheduler', { commonName: 'system:kube-scheduler' });
  expect(new X509Certificate(readFileSync(cert)).subject).toBe('CN=system:kube-scheduler');
});

test('an authority and its certificates are made once and found again', async () => {
  const { authority: ca, dir } = await authority();
  const pair = await ca.issue('admin', ADMIN);
  const before = [readFileSync(ca.certFile), ...Object.values(pem(pair))];
  const again = new CertificateAuthority(dir);
  await again.ensure('it');
  expect(await again.issue('admin', ADMIN)).toEqual(pair);
  expect([readFileSync(ca.certFile), ...Object.values(pem(pair))]).toEqual(before);
});

test('a pair of which the certificate is missing is issued anew', async () => {
  const { authority: ca, dir } = await authority();
  writeFileSync(join(dir, 'admin.key'), 'half');
  const { cert, key } = pem(await ca.issue('admin', ADMIN));
  expect(String(key)).toContain('PRIVATE KEY');
  expect(new X509Certificate(cert).verify(new X509Certificate(readFileSync(ca.certFile)).publicKey)).toBe(true);
});

test('keys are for their owner alone', async () => {
  const { authority: ca, dir } = await authority();
  await ca.issue('admin', ADMIN);
  const keys = readdirSync(dir).filter((name) => name.endsWith('.key'));
  expect(keys).toEqual(['admin.key', 'ca.key']);
  expect(keys.map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test('a certificate is good for a year, and for a clock that is a little behind', async () => {
  const { authority: ca } = await authority();
  const { cert } = await ca.issue('admin', ADMIN);
  const { validFromDate, validToDate } = new X509Certificate(readFileSync(cert));
  expect((validToDate.getTime() - Date.now()) / 86_400_000).toBeCloseTo(365, 0);
  expect((Date.now() - validFromDate.getTime()) / 60_000).toBeGreaterThan(50);
});
