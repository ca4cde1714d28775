import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadEnvironments } from '../../environments/load.ts';
import type { Environment } from '../../environments/model.ts';
import { EnvironmentError } from '../../environments/problem.ts';

/** Environment files by their path, such as `stg/site-a.yaml`. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Loads environment files that a test brings along. */
export function loadFiles(files: Files, environment?: string): Environment[] {
  return inFolder(files, (dir) => loadEnvironments({ dir, environment }));
}

/** What is wrong in environment files, in order, named without the folder that they were written to. */
export function errorsOf(files: Files, environment?: string): string[] {
  return inFolder(files, (dir) => {
    try {
      loadEnvironments({ dir, environment });
      return [];
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      return error.message.replaceAll(`${dir}/`, '').replaceAll(dir, '.').split('\n');
    }
  });
}

/** Writes files to a folder that is gone afterwards. */
export function inFolder<T>(files: Files, use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'environments-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    }
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A site that others refer to. */
export const SITE_A = `domain: site-a.example.com
externalServices:
  bitbucket: { kind: git, url: https://bitbucket.site-a.example.com/scm }
  cube: { kind: messenger, url: https://cube.site-a.example.com }
  sso: { kind: sso, url: https://sso.site-a.example.com }
`;

/** A site with a bit of everything. */
export const SITE_B = `domain: site-b.example.com
manifests:
  service: site-a/bitbucket
  repository: platform/manifests.git
  credential: openbao:platform/argocd#bitbucket
tenants:
  team-a: { owner: team-a@example.com, group: team-a-developers }
clusters:
  control:
    plane: control
    infrastructure: aws
    network: { nodes: 10.1.0.0/24, pods: 10.2.0.0/16, services: 10.3.0.0/16 }
    storageClasses:
      fast: { provisioner: openebs.io/local }
    components:
      argocd: { host: argocd.site-b.example.com, sso: site-a/sso }
      nexus: { host: nexus.site-b.example.com, storage: { size: 50Gi, class: fast } }
      prometheus: { tier: long-term, retention: 30d, storage: { size: 9Gi, class: fast } }
  data-1:
    plane: data
    infrastructure: bare-metal
    network:
      nodes: 10.4.0.0/24
      loadBalancers: 10.4.0.192/26
      pods: 10.5.0.0/16
      services: 10.6.0.0/16
    components:
      metallb: {}
      ingress-nginx: {}
      external-secrets: {}
      metrics-server: {}
    tenants:
      team-a:
        quota: { cpu: "4", memory: 8Gi, pods: 20, storage: 20Gi }
        services:
          backend:
            image: harbor.example.com/team-a/backend:1.0.0
            autoscaling: { minReplicas: 2, maxReplicas: 4 }
            resources: { cpu: 100m, memory: 256Mi }
            ingress: { host: app.site-b.example.com }
            egress:
              - { to: 10.7.0.0/24, port: 5432 }
            env: { LOG_LEVEL: info }
            secrets: { DB_LOGIN: "openbao:team-a/backend#db" }
`;

/** One way to break site B, and the errors that it gives, without the file they begin with. */
type BrokenCase = [title: string, part: string, replacement: string, errors: string[]];

/**
 * Reads broken cases from a text, one to a paragraph: a title, then lines of site B with `-` that lines with `+` take
 * the place of, then the errors with `!`.
 */
export function brokenCases({ raw: [text = ''] }: TemplateStringsArray): BrokenCase[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => {
      const [title = '', ...lines] = paragraph.split('\n');
      const of = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
      return [title, of('-').join('\n'), of('+').join('\n'), of('!')];
    });
}

/** What is wrong in site B after a part of it, which it must hold once, was replaced. */
export function errorsOfSiteB(part: string, replacement: string): string[] {
  if (SITE_B.split(part).length !== 2) throw new Error(`site B must hold ${part} once`);
  const errors = errorsOf({ 'stg/site-a.yaml': SITE_A, 'stg/site-b.yaml': SITE_B.replace(part, () => replacement) });
  return errors.map((error) => error.replace('stg/site-b.yaml:', ''));
}
