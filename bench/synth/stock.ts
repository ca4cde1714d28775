import { readFileSync } from 'node:fs';
import { App, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import { APPS_FOLDER, clusterApplication, componentApplications, rootApplication } from '../../apps/app-of-apps.ts';
import { siteProjects } from '../../apps/projects.ts';
import { endpointAccess, planSite, REGISTRATION_FOLDER } from '../../apps/site.ts';
import { AppProject } from '../../constructs/app-project.ts';
import { Application } from '../../constructs/application.ts';
import { Component } from '../../constructs/component.ts';
import { EndpointAccess } from '../../constructs/endpoint-access.ts';
import type { Cluster, Site } from '../../environments/model.ts';

// A program for stock cdk8s, as its guide has it: each component is a Chart, all Charts are in one App. This output
// type is the one that keeps apart what has the same kind and name in different clusters.
const [input = ''] = process.argv.slice(2);
const sites: Site[] = JSON.parse(readFileSync(input, 'utf8'));
const app = new App({ yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
for (const site of sites) addSite(app, site);
app.synth();

/** The same constructs as `apps/site.ts` makes. */
function addSite(scope: Construct, site: Site): void {
  const root = rootApplication(site);
  if (root === undefined) return;
  const planned = planSite(site);
  const ofSite = new Construct(scope, `${site.environment}-${site.name}`);

  const registration = new Component(ofSite, REGISTRATION_FOLDER, toLabels(site, root.cluster));
  for (const project of siteProjects(site, planned)) new AppProject(registration, project.name, project);
  new Application(registration, root.application.name, root.application);
  const apps = new Component(ofSite, APPS_FOLDER, toLabels(site, root.cluster));
  for (const plan of planned) new Application(apps, plan.cluster.name, clusterApplication(root.application, plan));

  for (const plan of planned) {
    const { cluster, components } = plan;
    const ofCluster = new Construct(ofSite, cluster.name);
    const labels = toLabels(site, cluster);
    const access = new Component(ofCluster, REGISTRATION_FOLDER, labels);
    new EndpointAccess(access, 'EndpointAccess', endpointAccess(site, plan));
    const applications = new Component(ofCluster, APPS_FOLDER, labels);
    for (const props of componentApplications(site, root.application, plan)) {
      new Application(applications, props.name, props);
    }
    for (const { name, build } of components) build(new Component(ofCluster, name, labels));
  }
}

function toLabels({ environment, name: site }: Site, { name: cluster }: Cluster) {
  return { environment, site, cluster };
}
