import { describe, expect, test } from 'vitest';
import { reveal } from '../test/helpers/pulumi.ts';
import { CANARY, metadataOf, siteStack } from '../test/helpers/site-stack.ts';
import { parseCredential } from './argocd-registration.ts';

test('the repository is registered with the account that reads it, whose token may hold colons', async () => {
  const { the } = await siteStack('sandbox.site-b');
  const repository = the('argocd-repository');
  expect(metadataOf(repository)).toMatchObject({
    name: 'repository-sandbox-site-b',
    namespace: 'argocd',
    labels: {
      'argocd.argoproj.io/secret-type': 'repository',
      'sitewright.dev/environment': 'sandbox',
      'sitewright.dev/site': 'site-b',
      'sitewright.dev/cluster': 'control',
    },
  });
  expect(reveal(repository.inputs.stringData)).toEqual({
    type: 'git',
    url: 'http://127.0.0.1:7990/scm/platform/manifests-sandbox.git',
    username: 'reader',
    password: `${CANARY}:with-colon`,
  });
});

describe('Argo CD itself', () => {
  test('is patched, so that its own installation keeps the rest', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const settings = the('argocd-settings');
    expect(settings.type).toBe('kubernetes:core/v1:ConfigMapPatch');
    expect(metadataOf(settings)).toMatchObject({
      name: 'argocd-cm',
      namespace: 'argocd',
      annotations: { 'pulumi.com/patchForce': 'true' },
    });
    expect(settings.inputs.data).toMatchObject({
      'application.resourceTrackingMethod': 'annotation',
      'resource.respectRBAC': 'strict',
      'cluster.inClusterEnabled': 'false',
    });
  });

  test('has its default project closed, and stays so when the site goes', async () => {
    const { the } = await siteStack('sandbox.site-b');
    const project = the('argocd-project-default');
    expect(project.inputs.spec).toEqual({
      description: 'Closed: every Application names a project of its own',
      sourceRepos: [],
      destinations: [],
    });
    expect(project.retainOnDelete).toBe(true);
  });

  test('gets the root Application after its repository and projects', async () => {
    const { the } = await siteStack('sandbox.site-b');
    expect(the('argocd-root').dependencies).toEqual(
      expect.arrayContaining(['argocd-repository', 'argocd-project-sandbox-site-b-apps']),
    );
    expect(the('argocd-root').inputs.spec).toMatchObject({
      project: 'sandbox-site-b-apps',
      source: { path: 'sandbox/site-b/apps' },
      destination: { name: 'sandbox-site-b-control' },
    });
  });
});

test.each(['', 'token', ':token', 'user:'])('the credential %j is an error that does not show it', (value) => {
  expect(() => parseCredential('https://git.example.com/it.git', value)).toThrow(
    new Error('credential of https://git.example.com/it.git must be like user:token, got another form; set it again'),
  );
});
