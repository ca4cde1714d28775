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
  const user = authenticate(request.headers.authorization);
  if (user === undefined) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end('unauthorized\n');
    return;
  }
  // Behind the accounts, so that the git server of another sandbox is not taken for this one.
  const { path, query } = parseAddress(request.url ?? '');
  if (path === '/healthz') {
    response.end('ok\n');
    return;
  }
  if (!path.startsWith(`${PREFIX}/`)) {
    response.writeHead(404).end('not found\n');
    return;
  }
  // git checks the path itself: it serves nothing outside of GIT_PROJECT_ROOT.
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path.slice(PREFIX.length),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: user,
      // Who may write: git knows best which requests do.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: String(accounts[user]?.write === true),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(backend.stdin);
  // git may answer before it has read everything.
  backend.stdin.on('error', () => {});
  backend.on('error', (error) => {
    console.error(error.message);
    response.writeHead(500).end('git does not start\n');
  });
  answer(backend.stdout, response);
  // The client may go away while git still reads or writes: that ends it.
  response.on('close', () => {
    backend.stdin.destroy();
    backend.stdout.destroy();
  });
}

/** The decoded path of an address, empty where it has none, and its query. */
function parseAddress(address: string): { path: string; query: string } {
  const url = URL.parse(address, 'http://localhost');
  try {
    const path = decodeURIComponent(url?.pathname ?? '');
    return { path: path.includes('\0') ? '' : path, query: url?.search.slice(1) ?? '' };
  } catch {
    return { path: '', query: '' };
  }
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
  output.on('end', () => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
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
