// A git server over HTTP, standing where Bitbucket stands: `node git-server.ts DIR PORT ACCOUNTS`.
import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Accounts by user name, as the file ACCOUNTS holds them. */
export type Accounts = Readonly<Record<string, { readonly password: string; readonly write: boolean }>>;

/** Path that all repositories lie below, as on Bitbucket. */
const PREFIX = '/scm';

const [dir = '', port = '', accountsFile = ''] = process.argv.slice(2);
const accounts = JSON.parse(readFileSync(accountsFile, 'utf8')) as Accounts;

createServer(handle).listen(Number(port), '127.0.0.1', () => {
  console.log(`serves ${dir} on port ${port}`);
});

function handle(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const user = authenticate(request.headers.authorization);
  if (user === undefined) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end('unauthorized\n');
    return;
  }
  // Behind the accounts, so that the git server of another sandbox is not taken for this one.
  if (url.pathname === '/healthz') {
    response.end('ok\n');
    return;
  }
  const writes = `${url.pathname}${url.search}`.includes('git-receive-pack');
  if (writes && accounts[user]?.write !== true) {
    response.writeHead(403).end('this account may only read\n');
    return;
  }
  if (!url.pathname.startsWith(`${PREFIX}/`)) {
    response.writeHead(404).end('not found\n');
    return;
  }
  // git checks the path itself: it serves nothing outside of GIT_PROJECT_ROOT.
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname.slice(PREFIX.length)),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: user,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(backend.stdin);
  // The client may go away while git still reads.
  backend.stdin.on('error', () => {});
  answer(backend.stdout, response);
}

/** Passes on what a CGI program answers: header lines, an empty line, the body. */
function answer(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  output.on('data', function onHead(chunk: Buffer) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    output.off('data', onHead);
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const at = line.indexOf(':');
      const [name, value] = [line.slice(0, at), line.slice(at + 1).trim()];
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    output.pipe(response);
  });
  output.on('end', () => response.end());
}

function authenticate(header: string | undefined): string | undefined {
  const [user = '', ...rest] = Buffer.from(header?.replace(/^Basic /, '') ?? '', 'base64')
    .toString()
    .split(':');
  const account = Object.hasOwn(accounts, user) ? accounts[user] : undefined;
  const given = Buffer.from(rest.join(':'));
  const wanted = Buffer.from(account?.password ?? '');
  return account !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted) ? user : undefined;
}
