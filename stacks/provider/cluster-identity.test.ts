import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { CertificateAuthority } from '../../sandbox/pki.ts';
import { freePorts } from '../../sandbox/plan.ts';
import { temporaryFolder } from '../../test/helpers/folders.ts';
import { checkIdentity, createIdentity, diffIdentity, readLiveUid } from './cluster-identity.ts';

const CANARY = 'canary-credential';
const UID = '3f0c2f0e-6d0b-4a9e-8a37-5a1c9a4a7a10';
/** How Pulumi's engine marks a value as secret. */
const SECRET = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' };

/** Plays the API server of a cluster; returns the kubeconfig that leads to it. */
async function cluster(listener: RequestListener, hosts: readonly string[] = ['127.0.0.1']): Promise<string> {
  const dir = temporaryFolder();
  const authority = new CertificateAuthority(join(dir, 'pki'));
  await authority.ensure('it');
  const pair = await authority.issue('apiserver', { commonName: 'kube-apiserver', hosts });
  const server = createServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }, listener);
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return kubeconfig(`https://127.0.0.1:${port}`, readFileSync(authority.certFile).toString('base64'));
}

function kubeconfig(server: string, caData = ''): string {
  return JSON.stringify({
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server, 'certificate-authority-data': caData } }],
    users: [{ name: 'it', user: { token: CANARY } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  });
}

/** Answers like an API server: knows one token and one namespace. */
const apiServer: RequestListener = (request, response) => {
  if (request.headers.authorization !== `Bearer ${CANARY}`) return status(response, 401, 'Unauthorized');
  if (request.url !== '/api/v1/namespaces/kube-system') return status(response, 404, `no ${request.url}`);
  json(response, 200, { kind: 'Namespace', metadata: { name: 'kube-system', uid: UID } });
};

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** A failure as Kubernetes describes it, with a message that tells too much. */
function status(response: ServerResponse, code: number, reason: string): void {
  json(response, code, { kind: 'Status', reason, message: `${CANARY} may not do this at https://127.0.0.1`, code });
}

/** Reads from a cluster that fails; returns the error. */
async function failure(text: unknown, timeoutMs?: number): Promise<Error> {
  const error: unknown = await readLiveUid({ cluster: 'data-1', kubeconfig: text }, timeoutMs).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it must fail');
  return error;
}

function unreachable(reason: string): Error {
  return new Error(
    `cluster 'data-1' must be reachable, got ${reason}; bring it back, or leave it as it is this time: ` +
      "pulumi up --exclude '**::data-1' --exclude '**::data-1-*' --exclude-dependents",
  );
}

test('a cluster is known by the UID of its kube-system namespace', async () => {
  expect(await readLiveUid({ cluster: 'data-1', kubeconfig: await cluster(apiServer) })).toBe(UID);
});

test('a kubeconfig that Pulumi has marked as secret leads there as well', async () => {
  const wrapped = { ...SECRET, value: await cluster(apiServer) };
  expect(await readLiveUid({ cluster: 'data-1', kubeconfig: wrapped })).toBe(UID);
});

describe('a cluster that cannot be asked is an error without its address and the credential:', () => {
  test.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ])('status %i', async (code, reason) => {
    const error = await failure(await cluster((_request, response) => status(response, code, reason)));
    expectNothingTold(error, unreachable(`HTTP status ${code}`));
  });

  test('no answer in time', async () => {
    expectNothingTold(await failure(await cluster(() => {}), 200), unreachable('no answer within 0.2 s'));
  });

  test('half an answer', async () => {
    const text = await cluster((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"metadata":');
    });
    expectNothingTold(await failure(text, 200), unreachable('no answer within 0.2 s'));
  });

  test('a connection that is refused', async () => {
    const [port] = await freePorts(1);
    const error = await failure(kubeconfig(`https://127.0.0.1:${port}`));
    expectNothingTold(error, unreachable('ECONNREFUSED'));
  });

  test('a connection that is closed', async () => {
    const error = await failure(await cluster((request) => void request.socket.destroy()));
    expectNothingTold(error, unreachable('UND_ERR_SOCKET'));
  });

  test('a certificate for another host', async () => {
    const error = await failure(await cluster(apiServer, ['kubernetes.example.com']));
    expectNothingTold(error, unreachable('ERR_TLS_CERT_ALTNAME_INVALID'));
  });

  test('a certificate of another authority', async () => {
    const [one, other] = [await cluster(apiServer), await cluster(apiServer)].map(
      (text) => JSON.parse(text) as { clusters: { cluster: Record<string, string> }[] },
    );
    const mixed = structuredClone(one);
    const { cluster: entry } = mixed?.clusters[0] ?? { cluster: {} };
    entry['certificate-authority-data'] = other?.clusters[0]?.cluster['certificate-authority-data'] ?? '';
    const error = await failure(JSON.stringify(mixed));
    expect(error.message).toMatch(/got [A-Z_]*(SIGNATURE|SELF_SIGNED|ISSUER)[A-Z_]*;/);
    expectNothingTold(error);
  });

  test.each([
    ['text', '<html>welcome</html>', 'no usable answer'],
    ['nothing', '', 'no usable answer'],
    ['null', 'null', 'no usable answer'],
    ['another object', '{"kind":"Pod"}', 'its kube-system namespace has no UID'],
    ['a namespace without a UID', '{"metadata":{"name":"kube-system"}}', 'its kube-system namespace has no UID'],
    ['a namespace with an empty UID', '{"metadata":{"uid":""}}', 'its kube-system namespace has no UID'],
  ])('an answer that is %s', async (_what, body, reason) => {
    const text = await cluster((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(body);
    });
    expectNothingTold(await failure(text), unreachable(reason));
  });

  test.each([
    ['no YAML', `{ token: ${CANARY}`],
    ['text', CANARY],
    ['nothing', ''],
    ['without contexts', '{}'],
    ['unencrypted', kubeconfig('http://127.0.0.1:1')],
    ['of no address', kubeconfig('it')],
    ['undefined', undefined],
  ])('a kubeconfig that is %s', async (_what, text) => {
    expectNothingTold(await failure(text), unreachable('no usable answer'));
  });
});

/** An error says just what it should; what a person or a log gets to see holds neither credential nor address. */
function expectNothingTold(error: Error, expected = error): void {
  expect(error.message).toBe(expected.message);
  expect(`${error}: ${error.stack}`).not.toMatch(new RegExp(`${CANARY}|127\\.0\\.0\\.1|https?://`));
}

describe('an identity', () => {
  const inputs = { cluster: 'data-1', kubeconfig: 'one' };
  const state = { ...inputs, uid: UID };
  const reads = (uid: string) => vi.fn<() => Promise<string>>(async () => uid);

  test('is pinned when it is made, and what is secret stays so', async () => {
    const secret = { cluster: 'data-1', kubeconfig: { ...SECRET, value: 'one' } };
    expect(await createIdentity(secret, reads(UID))).toEqual({ id: UID, outs: { ...secret, uid: UID } });
  });

  test('of a cluster that cannot be asked is not made', async () => {
    await expect(createIdentity(inputs, () => Promise.reject(unreachable('ECONNREFUSED')))).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  test('takes its inputs as they are', async () => {
    expect(await checkIdentity(inputs)).toEqual({ inputs });
  });

  test('of the same cluster and the same kubeconfig is the same', async () => {
    expect(await diffIdentity(state, inputs, reads(UID))).toEqual({ changes: false });
    const wrapped = { ...inputs, kubeconfig: { ...SECRET, value: 'one' } };
    expect(await diffIdentity(state, wrapped, reads(UID))).toEqual({ changes: false });
    expect(await diffIdentity({ ...wrapped, uid: UID }, inputs, reads(UID))).toEqual({ changes: false });
  });

  test.each([
    ['credential or address', { ...inputs, kubeconfig: 'two' }],
    ['secret credential', { ...inputs, kubeconfig: { ...SECRET, value: 'two' } }],
    ['name', { ...inputs, cluster: 'data-2' }],
  ])('with another %s is an update, not another cluster', async (_what, news) => {
    expect(await diffIdentity(state, news, reads(UID))).toEqual({ changes: true });
  });

  test('of another cluster is an error that says how to go on', async () => {
    await expect(diffIdentity(state, inputs, reads('other'))).rejects.toThrow(
      new Error(
        `cluster 'data-1' must be the one that was registered (kube-system ${UID}), got another one (kube-system other); ` +
          'point its kubeconfig context back, or, if it was rebuilt on purpose, remove the old registration first: ' +
          "PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy --target '**::data-1' --target '**::data-1-*' --target-dependents",
      ),
    );
  });

  test('is compared with what the kubeconfig leads to now, not with what it led to', async () => {
    const read = reads(UID);
    const news = { ...inputs, kubeconfig: 'two' };
    await diffIdentity(state, news, read);
    expect(read).toHaveBeenCalledExactlyOnceWith(news);
  });
});
