import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readFiles, temporaryFolder } from '../test/helpers/folders.ts';
import { git, gitServer, publishedFiles, pushFiles } from '../test/helpers/git.ts';
import { poll } from '../test/helpers/processes.ts';
import { childPids } from './daemon.ts';

const REPOSITORY = 'platform/manifests.git';
const IDENTITY = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com'];
const READER = basic('reader:r-pass');
const WRITER = basic('writer:w-pass');
/** A request that asks for the refs of a repository, in version 2 of git's protocol. */
const LS_REFS = '0014command=ls-refs\n0000';

/** A server with one file in its repository. */
async function served() {
  const server = await gitServer();
  const repository = { url: server.repository, branch: 'main', credential: '' };
  await pushFiles(repository, { 'readme.txt': 'served' });
  const origin = new URL(server.url).origin;
  return { ...server, repository, origin, address: `${server.url}/${REPOSITORY}` };
}

function basic(credential: string): string {
  return `Basic ${Buffer.from(credential).toString('base64')}`;
}

/** Sends a request whose path is not touched on the way, as fetch would. */
async function send(
  origin: string,
  path: string,
  options: { authorization?: string; headers?: Record<string, string>; body?: Buffer } = {},
) {
  const { authorization, headers, body } = options;
  const { port } = new URL(origin);
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST' },
        headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
      },
      (response) => {
        void text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** A clone with one commit more than is served. */
async function cloneWithCommit(
  address: string,
  env: Record<string, string>,
  content: string | Buffer = 'more',
): Promise<string> {
  const clone = temporaryFolder();
  await execa('git', ['clone', '--quiet', address, clone], { env });
  writeFileSync(join(clone, 'more.txt'), content);
  await git('-C', clone, 'add', '--all');
  await git('-C', clone, ...IDENTITY, 'commit', '--quiet', '--message=More');
  return clone;
}

test('the account that may only read clones', async () => {
  const { address, env } = await served();
  const clone = temporaryFolder();
  await execa('git', ['clone', '--quiet', address, clone], { env: env('reader') });
  expect(readFiles(clone)['readme.txt']).toBe('served');
});

test('the account that may write pushes', async () => {
  const { address, env, repository } = await served();
  const clone = await cloneWithCommit(address, env('writer'));
  await execa('git', ['-C', clone, 'push', '--quiet'], { env: env('writer') });
  expect(await publishedFiles(repository)).toEqual({ 'readme.txt': 'served', 'more.txt': 'more' });
});

test('a push of the account that may only read is refused with 403, and changes nothing', async () => {
  const { address, env, repository } = await served();
  const clone = await cloneWithCommit(address, env('reader'));
  const { exitCode, stderr } = await execa('git', ['-C', clone, 'push'], { env: env('reader'), reject: false });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('The requested URL returned error: 403');
  expect(await publishedFiles(repository)).toEqual({ 'readme.txt': 'served' });
});

test('however it writes the path, the account that may only read does not get to what writes', async () => {
  const { origin } = await served();
  const headers = { 'content-type': 'application/x-git-receive-pack-request' };
  for (const service of ['git-receive-pack', 'git%2Dreceive-pack', '%67it-receive-pack', './git-receive-pack']) {
    const ask = (authorization: string) =>
      send(origin, `/scm/${REPOSITORY}/${service}`, { authorization, headers, body: Buffer.from('0000') });
    const statuses = [(await ask(READER)).status, (await ask(WRITER)).status];
    expect([service, ...statuses]).toEqual([service, 403, 200]);
  }
});

test('who has no account of it, or not its password, is refused with 401', async () => {
  const { origin } = await served();
  const wrong = ['reader:w-pass', 'reader:r-pas', 'reader:', 'nobody:r-pass', 'constructor:', '__proto__:', ''].map(
    basic,
  );
  for (const authorization of [undefined, ...wrong, 'Bearer r-pass', 'Basic', '']) {
    for (const path of [`/scm/${REPOSITORY}/info/refs?service=git-upload-pack`, '/healthz']) {
      const answer = await send(origin, path, authorization === undefined ? {} : { authorization });
      expect([authorization, answer]).toEqual([authorization, { status: 401, body: 'unauthorized\n' }]);
    }
  }
});

test('whoever has an account of it can ask whether it serves', async () => {
  const { origin } = await served();
  expect(await send(origin, '/healthz', { authorization: READER })).toEqual({ status: 200, body: 'ok\n' });
});

test('an unknown repository is not found', async () => {
  const { origin } = await served();
  const path = '/scm/platform/other.git/info/refs?service=git-upload-pack';
  expect((await send(origin, path, { authorization: READER })).status).toBe(404);
});

test('what lies outside of the repositories is never given, whatever the path, and the server stays', async () => {
  const { origin } = await served();
  const paths = [
    ...['/scm/../accounts.json', '/scm/%2e%2e/accounts.json', '/scm/..%2faccounts.json', '/scm/%2E%2E%2Faccounts.json'],
    ...['/scm/..%5caccounts.json', '/scm/platform/manifests.git/../../../accounts.json', '/scm//../accounts.json'],
    ...[`/scm/${REPOSITORY}/objects/..%2f..%2f..%2f..%2faccounts.json`, '/accounts.json', '/scm', '/scm/', '/', '//'],
    ...['/scm/%', '/scm/%00', '/scm/platform%00/HEAD', '//[', '/scm/%ff', 'http://[/', '/scm/%252e%252e/accounts.json'],
  ];
  for (const path of paths) {
    const { status, body } = await send(origin, path, { authorization: WRITER });
    expect([path, status >= 400]).toEqual([path, true]);
    expect(body).not.toContain('pass');
  }
  expect((await send(origin, '/healthz', { authorization: WRITER })).status).toBe(200);
});

test('a request that was compressed is understood', async () => {
  const { origin, repository } = await served();
  const answer = await send(origin, `/scm/${REPOSITORY}/git-upload-pack`, {
    authorization: READER,
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
      'git-protocol': 'version=2',
    },
    body: gzipSync(LS_REFS),
  });
  expect(answer.body).toContain(`${await git('-C', repository.url, 'rev-parse', 'main')} refs/heads/main`);
});

test('5 MB are pushed in pieces and cloned again, to the byte', async () => {
  const { address, env } = await served();
  const content = randomBytes(5 * 1024 * 1024);
  const clone = await cloneWithCommit(address, env('writer'), content);
  await execa('git', ['-C', clone, 'push', '--quiet'], { env: env('writer') });
  const again = await cloneWithCommit(address, env('reader'), 'other');
  const { stdout } = await execa('git', ['-C', again, 'show', 'HEAD~:more.txt'], { encoding: 'buffer' });
  expect(Buffer.compare(stdout, content)).toBe(0);
});

test('a client that goes away in the middle leaves no git running', async () => {
  const { origin, pid } = await served();
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const type = 'Content-Type: application/x-git-receive-pack-request';
  const lines = [`POST /scm/${REPOSITORY}/git-receive-pack HTTP/1.1`, 'Host: it', `Authorization: ${WRITER}`, type];
  socket.write(`${lines.join('\r\n')}\r\nContent-Length: 1000000\r\n\r\n00`);
  await poll(() => childPids(pid).length).toBe(1);
  socket.destroy();
  await poll(() => childPids(pid)).toEqual([]);
});
