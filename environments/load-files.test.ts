import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEnvironments } from './load.ts';
import { errorsOf, type Files, inFolder, loadFiles, SITE_A, SITE_B } from '../test/helpers/environment-files.ts';

const BOTH = { 'stg/site-a.yaml': SITE_A, 'stg/site-b.yaml': SITE_B };
const MINIMAL = 'domain: site-a.example.com\n';
/** Each level repeats the one before nine times. */
const BOMB = Array.from({ length: 9 }, (_, i) => `l${i}: &l${i} [${i === 0 ? 'x' : Array(9).fill(`*l${i - 1}`)}]\n`);
const MERGE_BOMB = Array.from(
  { length: 9 },
  (_, i) => `l${i}: &l${i} { <<: [${i === 0 ? '{ x: 1 }' : Array(9).fill(`*l${i - 1}`)}] }\n`,
);
/** Objects list keys that are numbers in ascending order, so here each one before what it repeats. */
const CHAIN = Array.from({ length: 20_000 }, (_, i) => `${20_000 - i}: &l${i} [${i === 0 ? 'x' : `*l${i - 1}`}]\n`);

describe('a file that is no YAML of ours is refused', () => {
  test.each<[title: string, content: string | Uint8Array, ...errors: string[]]>([
    ['empty', '', '1:1: the file must be a map, got an empty file; begin with a line like domain: site-a.example.com'],
    [
      'comments alone',
      '# later\n',
      '1:1: the file must be a map, got an empty file; begin with a line like domain: site-a.example.com',
    ],
    ['a text', 'hunter2', '1:1: the file must be a map, got a text; begin with a line like domain: site-a.example.com'],
    [
      'a list',
      '- domain: a.example.com\n',
      '1:1: the file must be a map, got a list; begin with a line like domain: site-a.example.com',
    ],
    [
      'a tab',
      'clusters:\n\tdata-1: {}\n',
      '2:1: the file must be YAML that can be read, got a tab; indent with spaces',
    ],
    [
      'different indentation',
      'clusters:\n    a: {}\n  b: {}\n',
      '3:1: the file must be YAML that can be read, got a line that is indented differently; indent it like its neighbours',
    ],
    [
      'a colon in a text',
      'description: Site A: common services\n',
      '1:14: the file must be YAML that can be read, got a second colon, or a deeper indentation; put a text with a colon in quotes, and indent a key like its neighbours',
    ],
    [
      'a line without a colon',
      'domain: a.example.com\nclusters\ntenants: {}\n',
      '2:1: the file must be YAML that can be read, got a line that is no key; add a colon, or indent it as part of the value above',
    ],
    [
      'an open bracket',
      'clusters: { a: {}\ndomain: a.example.com\n',
      '2:1: the file must be YAML that can be read, got a bracket that does not end; close it, and indent everything inside of it',
    ],
    [
      'an open quote, without what stands in it',
      'description: "hunter2\n',
      '2:1: the file must be YAML that can be read, got a text, list or map that does not end; close the quote or bracket, or add the colon',
    ],
    [
      'faults on several lines',
      'description: @a\ndomain: `b`\n',
      '1:14: the file must be YAML that can be read, got a text that starts with a reserved character; put it in quotes',
      '2:9: the file must be YAML that can be read, got a text that starts with a reserved character; put it in quotes',
    ],
    [
      'something behind an alias, in lines that the parser loses count of',
      '*a!x description\r\n]\n  : ',
      '1:6: the file must be YAML that can be read, got something that does not belong here; check indentation, quotes and brackets here and above',
      '3:3: the file must be YAML that can be read, got something that does not belong here; check indentation, quotes and brackets here and above',
    ],
    [
      'two documents',
      `${MINIMAL}---\n${MINIMAL}`,
      '2:1: the file must be YAML that can be read, got a second document; keep one, and remove the line ---',
    ],
    [
      'a tag',
      'domain: !vault a.example.com\n',
      '1:9: the file must be YAML that can be read, got a tag; remove it, or put a text that starts with ! in quotes',
    ],
    [
      'a key that is a list',
      '? [domain]\n: a.example.com\n',
      '1:3: the file must be YAML that can be read, got a key that is no text; write a name',
    ],
    [
      'a key that stands twice',
      'clusters:\n  a: {}\n  a: {}\n',
      "3:3: 'clusters.a' must stand once in its map, got it again; keep one of the two",
    ],
    [
      'an alias of nothing',
      'domain: *domian\n',
      "1:9: 'domain' must repeat an anchor that stands above it, got an alias of none; correct the name behind the *",
    ],
    [
      'an alias of itself',
      'clusters: &all { a: *all }\n',
      "1:21: 'clusters.a' must not repeat what it is in, got an alias of itself; write out what is meant",
    ],
    [
      'a merge of a text',
      '<<: hunter2\ndomain: a.example.com\n',
      "1:1: '<<' must merge maps alone, got something else; write <<: *name with the anchor of a map",
    ],
    [
      'aliases that grow without bound',
      BOMB.join(''),
      '1:1: the file must hold at most 500000 values in 32 levels, those that aliases repeat included, got more; use fewer aliases, or split it into several sites',
    ],
    [
      'merges that grow without bound',
      MERGE_BOMB.join(''),
      '1:1: the file must hold at most 500000 values in 32 levels, those that aliases repeat included, got more; use fewer aliases, or split it into several sites',
    ],
    [
      'many aliases of a big list',
      `a: &a [${'x,'.repeat(1000)}]\nb: [${'*a,'.repeat(1000)}]\n`,
      '1:1: the file must hold at most 500000 values in 32 levels, those that aliases repeat included, got more; use fewer aliases, or split it into several sites',
    ],
    [
      'aliases that nest without bound, the deepest first',
      CHAIN.join(''),
      '1:1: the file must hold at most 500000 values in 32 levels, those that aliases repeat included, got more; use fewer aliases, or split it into several sites',
    ],
    [
      'deep nesting',
      `clusters:\n  ${'['.repeat(5000)}${']'.repeat(5000)}\n`,
      '2:35: the file must nest at most 32 levels, got more; use fewer, or close the brackets that are open',
    ],
    [
      'brackets that do not end',
      '['.repeat(50_000),
      '1:34: the file must nest at most 32 levels, got more; use fewer, or close the brackets that are open',
    ],
    [
      'two megabytes',
      `${MINIMAL}#${'x'.repeat(2_000_000)}`,
      '1:1: the file must have at most 1048576 bytes, got 2000028; split it into several sites',
    ],
    [
      'UTF-16',
      Buffer.from(`\ufeff${MINIMAL}`, 'utf16le'),
      '1:1: the file must be text in UTF-8, got other bytes; save it as UTF-8',
    ],
  ])('%s', (_, content, ...errors) => {
    expect(errorsOf({ 'stg/site-a.yaml': content })).toEqual(errors.map((error) => `stg/site-a.yaml:${error}`));
  });

  test('a big map of unknown keys, in time', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join('');
    expect(errorsOf({ 'stg/site-a.yaml': MINIMAL + keys })).toHaveLength(20_000);
  });
});

describe('folders and names of files are refused', () => {
  test.each<[title: string, files: Files, ...errors: string[]]>([
    [
      'no environment',
      { 'readme.txt': '' },
      '.:1:1: the folder must hold an environment, got no folder with .yaml files; add one, like stg/site-a.yaml',
    ],
    [
      'an environment in upper case',
      { 'STG/site-a.yaml': MINIMAL },
      'STG:1:1: the folder must be named like an environment, got "STG"; rename it to a name like stg',
    ],
    [
      'a site with a space',
      { 'stg/site a.yaml': MINIMAL },
      'stg/site a.yaml:1:1: the file must be named like a site, got "site a.yaml"; rename it to a name like site-a.yaml',
    ],
    [
      'two files of a site',
      { 'stg/a.yaml': MINIMAL, 'stg/a.yml': MINIMAL },
      'stg/a.yml:1:1: the file must be the only file of its site, got a.yaml beside it; keep one of them',
    ],
    [
      'a folder as file',
      { 'stg/a.yaml/b.txt': '' },
      'stg/a.yaml:1:1: the file must be a file, got a folder; rename it',
    ],
  ])('%s', (_, files, ...errors) => {
    expect(errorsOf(files)).toEqual(errors);
  });

  test('an environment that is not there', () => {
    expect(errorsOf({ 'stg/a.yaml': MINIMAL, 'prod/a.yaml': MINIMAL }, 'stage')).toEqual([
      'stage:1:1: the folder must be an environment, got no folder with .yaml files; did you mean stg?',
    ]);
  });

  test('a folder that is not there, and a file in its place', () => {
    inFolder({ file: '' }, (dir) => {
      const load = (name: string) => () => loadEnvironments({ dir: join(dir, name) });
      expect(load('nowhere')).toThrow('the folder must be readable, got nothing; create it, or name another one');
      expect(load('file')).toThrow('got a file; name the folder that holds the environments');
    });
  });
});

describe('sites are checked against each other', () => {
  test('everything that is wrong is reported at once, in order of place', () => {
    const files = {
      'prod/site-a.yaml': 'domain: localhost\ncolour: red\n',
      'stg/site-a.yaml': SITE_A.replace('kind: sso', 'kind: oss'),
      'stg/site-b.yaml': SITE_B.replace('size: 50Gi', 'size: 50GB').replace('pods: 20', 'pods: 0'),
      'stg/site-c.yaml': 'domain: "open\n',
    };
    expect(errorsOf(files)).toEqual([
      `prod/site-a.yaml:1:9: 'domain' must be a DNS name in lower case, got "localhost"; write it like site-b.example.com`,
      `prod/site-a.yaml:2:1: 'colour' must be a known key, got "colour"; remove it, or take one of clusters, controlPlane, description, domain, externalServices, manifests, tenants`,
      `stg/site-a.yaml:5:16: 'externalServices.sso.kind' must be one of artifacts, cdn, database, git, issues, mail, messenger, portal, sso, got "oss"; did you mean sso?`,
      `stg/site-b.yaml:17:65: 'clusters.control.components.nexus.storage.size' must be a size in Mi, Gi or Ti, got "50GB"; write it like 50Gi`,
      `stg/site-b.yaml:34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be at least 1, got 0; raise it to 1 or more`,
      'stg/site-c.yaml:2:1: the file must be YAML that can be read, got a text, list or map that does not end; close the quote or bracket, or add the colon',
    ]);
  });

  test('nothing is said about what a broken site may hold', () => {
    expect(errorsOf({ ...BOTH, 'stg/site-a.yaml': 'domain: [' })).toEqual([
      'stg/site-a.yaml:1:10: the file must be YAML that can be read, got a bracket that does not end; close it, and indent everything inside of it',
    ]);
    expect(errorsOf({ ...BOTH, 'stg/site-a.yaml': SITE_A.replace('externalServices', 'externalService') })).toEqual([
      `stg/site-a.yaml:2:1: 'externalService' must be a known key, got "externalService"; did you mean externalServices?`,
    ]);
  });

  test('a control plane of a broken site is not doubted', () => {
    const siteC = `domain: site-c.example.com\ncontrolPlane: { site: site-b, cluster: control }\n`;
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': '[', 'stg/site-c.yaml': siteC })).toHaveLength(1);
    expect(
      errorsOf({ ...BOTH, 'stg/site-b.yaml': SITE_B.replace('clusters:', 'cluster:'), 'stg/site-c.yaml': siteC }),
    ).toHaveLength(1);
  });

  test('clusters of one name', () => {
    const siteC = SITE_B.replaceAll('site-b', 'site-c').replaceAll(': 10.', ': 100.');
    expect(errorsOf({ ...BOTH, 'stg/site-c.yaml': siteC })).toEqual([
      "stg/site-c.yaml:9:3: 'clusters.control' must have a name of its own in the environment, got control as in site-b.yaml:9; rename one of the two",
      "stg/site-c.yaml:19:3: 'clusters.data-1' must have a name of its own in the environment, got data-1 as in site-b.yaml:19; rename one of the two",
    ]);
    expect(errorsOf({ ...BOTH, 'prod/site-a.yaml': SITE_A, 'prod/site-b.yaml': SITE_B })).toEqual([]);
  });

  test('names that become one in Argo CD', () => {
    const cluster = (name: string, range: number) =>
      `clusters:\n  ${name}:\n    plane: control\n    infrastructure: local\n    network: { nodes: ${range}.1.0.0/16, pods: ${range}.2.0.0/16, services: ${range}.3.0.0/16 }\n`;
    const [domain, ...manifests] = SITE_B.split('\n').slice(0, 5);
    const head = `${domain}\n${manifests.join('\n')}\n`;
    const files = {
      'stg/site-a.yaml': SITE_A,
      'stg/x.yaml': head + cluster('y-z', 20),
      'stg/x-y.yaml': head + cluster('z', 30),
    };
    expect(errorsOf(files)).toEqual([
      "stg/x.yaml:7:3: 'clusters.y-z' must have names of its own in Argo CD, got Application stg-x-y-z like clusters.z (x-y.yaml:7); rename one of the two",
    ]);
    expect(errorsOf({ ...files, 'stg/x.yaml': head + cluster('y', 20) })).toEqual([
      "stg/x.yaml:7:3: 'clusters.y' must have names of its own in Argo CD, got Application stg-x-y like site x-y (x-y.yaml:1); rename one of the two",
    ]);
  });

  test('ranges of two sites', () => {
    const siteC = SITE_B.replaceAll('site-b', 'site-c')
      .replace('  control:', '  center:')
      .replace('  data-1:', '  data-2:');
    const errors = errorsOf({ ...BOTH, 'stg/site-c.yaml': siteC });
    expect(errors).toHaveLength(7);
    expect(errors[0]).toBe(
      "stg/site-c.yaml:12:23: 'clusters.center.network.nodes' must not overlap 10.1.0.0/24 of clusters.control.network.nodes (site-b.yaml:12), got 10.1.0.0/24; choose a range of its own",
    );
  });

  test('one host, led to two clusters', () => {
    const siteB = SITE_B.replace(
      'argocd: { host',
      'grafana: { tier: long-term, host: app.site-b.example.com }\n      argocd: { host',
    );
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': siteB })).toEqual([
      "stg/site-b.yaml:41:30: 'clusters.data-1.tenants.team-a.services.backend.ingress.host' must lead to one place, got app.site-b.example.com as in site-b.yaml:16; choose another name",
    ]);
  });
});

describe('places', () => {
  test('what an alias repeats is reported where it is written', () => {
    const siteB = SITE_B.replace(
      'storage: { size: 50Gi, class: fast }',
      'storage: &volume { size: 50Gi, class: slow }',
    ).replace('storage: { size: 9Gi, class: fast }', 'storage: *volume');
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': siteB })).toEqual([
      "stg/site-b.yaml:17:86: 'clusters.control.components.nexus.storage.class' must be a storage class of the cluster, got slow; there is only fast",
      "stg/site-b.yaml:17:86: 'clusters.control.components.prometheus.storage.class' must be a storage class of the cluster, got slow; there is only fast",
    ]);
  });

  test('what a merge brings in is reported where it is written', () => {
    const siteB = SITE_B.replace(
      'storage: { size: 50Gi, class: fast }',
      'storage: &volume { size: 50Gi, class: fast }',
    ).replace('storage: { size: 9Gi, class: fast }', 'storage: { <<: *volume, size: 9G }');
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': siteB })).toEqual([
      `stg/site-b.yaml:18:84: 'clusters.control.components.prometheus.storage.size' must be a size in Mi, Gi or Ti, got "9G"; write it like 50Gi`,
    ]);
    expect(
      errorsOf({
        ...BOTH,
        'stg/site-b.yaml': siteB.replace('class: fast }', 'class: slow }').replace('9G }', '9Gi }'),
      }),
    ).toEqual([
      "stg/site-b.yaml:17:86: 'clusters.control.components.nexus.storage.class' must be a storage class of the cluster, got slow; there is only fast",
      "stg/site-b.yaml:17:86: 'clusters.control.components.prometheus.storage.class' must be a storage class of the cluster, got slow; there is only fast",
    ]);
  });

  test('lines of Windows are counted like others', () => {
    expect(errorsOf({ 'stg/site-a.yaml': '\ufeffdomain: a.example.com\r\ncolour: red\r\n' })[0]).toMatch(
      /^stg\/site-a\.yaml:2:1: /,
    );
  });
});

describe('environments that are right', () => {
  test('the smallest site', () => {
    expect(loadFiles({ 'stg/site-a.yaml': MINIMAL })).toMatchObject([
      {
        name: 'stg',
        sites: [
          {
            environment: 'stg',
            name: 'site-a',
            domain: 'site-a.example.com',
            clusters: [],
            externalServices: {},
            tenants: {},
            servedBy: undefined,
            repository: undefined,
          },
        ],
      },
    ]);
  });

  test('a site is linked with what serves it, and defaults are filled in', () => {
    const [environment] = loadFiles(BOTH);
    const site = environment?.sites.find(({ name }) => name === 'site-b');
    expect(site?.servedBy?.endpoint).toBe('stg-site-b-control');
    expect(site?.repository).toEqual({
      url: 'https://bitbucket.site-a.example.com/scm/platform/manifests.git',
      branch: 'main',
      credential: 'openbao:platform/argocd#bitbucket',
    });
    expect(site?.clusters.map(({ name }) => name)).toEqual(['control', 'data-1']);
    expect(site?.clusters[1]?.tenants['team-a']?.services['backend']).toMatchObject({
      port: 8080,
      health: { liveness: '/healthz', readiness: '/readyz' },
      autoscaling: { targetCpuPercent: 70 },
      ingress: { path: '/' },
    });
  });

  test('a site without a control plane is served by another one', () => {
    const siteC = SITE_B.replaceAll('site-b', 'site-c')
      .replace(/ {2}control:[^]* {2}data-1:/, '  data-2:')
      .replaceAll(': 10.', ': 100.')
      .replace('\ntenants:', '\ncontrolPlane: { site: site-b, cluster: control }\ntenants:');
    const [environment] = loadFiles({ ...BOTH, 'stg/site-c.yaml': siteC });
    expect(environment?.sites[2]?.servedBy?.endpoint).toBe('stg-site-b-control');
  });

  test('an ingress on AWS is served by its load balancers', () => {
    const siteB = SITE_B.replace('bare-metal', 'aws')
      .replace('metallb: {}', 'aws-load-balancer-controller: {}')
      .replace('      ingress-nginx: {}\n', '');
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': siteB })).toEqual([]);
  });

  test('services of a cluster share a host by path', () => {
    const other =
      '          other: { image: a.example.com/b:1, resources: { cpu: 1m, memory: 1Mi }, ingress: { host: app.site-b.example.com, path: /other } }\n';
    expect(errorsOf({ ...BOTH, 'stg/site-b.yaml': SITE_B + other })).toEqual([]);
  });

  test('one environment is loaded, whatever is wrong in the others', () => {
    const files = {
      ...BOTH,
      'prod/site-a.yaml': 'domain: [',
      'checks/none.ts': '',
      '.git/config.yaml': '[',
      'stg/.site-a.yaml': '[',
    };
    expect(loadFiles(files, 'stg').map(({ name, sites }) => [name, sites.map((site) => site.name)])).toEqual([
      ['stg', ['site-a', 'site-b']],
    ]);
  });

  test('a link to a folder is a folder, and one to nothing is none', () => {
    inFolder({ 'elsewhere/stg/site-a.yaml': MINIMAL }, (root) => {
      const dir = join(root, 'environments');
      mkdirSync(dir);
      symlinkSync(join(root, 'elsewhere', 'stg'), join(dir, 'stg'));
      symlinkSync(join(root, 'nowhere'), join(dir, 'prod'));
      expect(loadEnvironments({ dir }).map(({ name }) => name)).toEqual(['stg']);
    });
  });

  test('ours', () => {
    const environments = loadEnvironments({ dir: import.meta.dirname });
    expect(environments.map(({ name, sites }) => [name, sites.map((site) => site.name)])).toEqual([
      ['prod', ['site-a', 'site-b']],
      ['sandbox', ['site-a', 'site-b']],
      ['stg', ['site-a', 'site-b']],
    ]);
  });
});
