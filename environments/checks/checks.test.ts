import { describe, expect, test } from 'vitest';
import { brokenCases, errorsOfSiteB } from '../../test/helpers/environment-files.ts';

describe('an environment is refused for', () => {
  describe('names', () => {
    test.each(brokenCases`
a tenant with the name of a project of ours
-   team-a: { owner
+   platform: { owner: a@example.com, group: platform }
+   team-a: { owner
! 7:3: 'tenants.platform' must not be named like a project or namespace of ours, got platform; name it like business-a

a tenant with the name of a namespace
-   team-a: { owner
+   default: { owner: a@example.com, group: platform }
+   team-a: { owner
! 7:3: 'tenants.default' must not be named like a project or namespace of ours, got default; name it like business-a

a tenant with the name of a component
-   team-a: { owner
+   ingress-nginx: { owner: a@example.com, group: platform }
+   team-a: { owner
! 7:3: 'tenants.ingress-nginx' must not be named like a project or namespace of ours, got ingress-nginx; name it like business-a

a tenant in the namespaces of Kubernetes
-   team-a: { owner
+   kube-tools: { owner: a@example.com, group: platform }
+   team-a: { owner
! 7:3: 'tenants.kube-tools' must not begin with kube-, got kube-tools; name it like business-a

a tenant in our namespaces
-   team-a: { owner
+   sitewright-system: { owner: a@example.com, group: platform }
+   team-a: { owner
! 7:3: 'tenants.sitewright-system' must not begin with sitewright-, got sitewright-system; name it like business-a

a cluster with the name of a folder
-   data-1:
+   apps:
! 19:3: 'clusters.apps' must not be named like a folder of the rendered tree, got apps; name it like data-1

another one
-   data-1:
+   registration:
! 19:3: 'clusters.registration' must not be named like a folder of the rendered tree, got registration; name it like data-1

a cluster whose names are too long
-   data-1:
+   data-center-number-1:
! 19:3: 'clusters.data-center-number-1' must have at most 29 characters together with environment and site, got stg-site-b-data-center-number-1, which has 31; shorten one of the names

a cluster with the Application of a component
-   data-1:
+   control-argocd:
! 19:3: 'clusters.control-argocd' must have names of its own in Argo CD, got Application stg-site-b-control-argocd like clusters.control (site-b.yaml:9); rename one of the two

a service with the Secret of the registry
-           backend:
+           registry:
! 36:11: 'clusters.data-1.tenants.team-a.services.registry' must not be named like another Secret of the tenant, got registry, that of the container registry; rename it

a service with the Secret of a certificate
-           backend:
+           web: { image: a.example.com/b:1, resources: { cpu: 1m, memory: 1Mi }, ingress: { host: web.site-b.example.com } }
+           web-tls:
! 37:11: 'clusters.data-1.tenants.team-a.services.web-tls' must not be named like another Secret of the tenant, got web-tls, that of the certificate of web; rename it
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('planes and components', () => {
    test.each(brokenCases`
a data plane without a control plane
- plane: control
+ plane: platform
! 8:1: 'clusters' must have a control plane, got none; add a cluster with plane: control, or set controlPlane
! 16:7: 'clusters.control.components.argocd' must be on a control plane, got a platform plane; move it to such a cluster
! 17:7: 'clusters.control.components.nexus' must be on a control plane, got a platform plane; move it to such a cluster

a second control plane
- plane: data
+ plane: control
! 20:12: 'clusters.data-1.plane' must be control in one cluster of a site, got a second one beside control; make one of them a data plane, or name one in controlPlane
! 33:7: 'clusters.data-1.tenants.team-a' must be on a data plane, got a control plane; move it to such a cluster

clusters without a repository
- manifests:
-   service: site-a/bitbucket
-   repository: platform/manifests.git
-   credential: openbao:platform/argocd#bitbucket
! 1:1: 'manifests' must be set where a site has clusters, got nothing; add manifests with service, repository, credential

a control plane of an unknown site
- #bitbucket
- tenants:
+ #bitbucket
+ controlPlane: { site: site-c, cluster: control }
+ tenants:
! 6:23: 'controlPlane.site' must be a site of the environment, got site-c; did you mean site-a?

a control plane of a site that has none
- #bitbucket
- tenants:
+ #bitbucket
+ controlPlane: { site: site-a, cluster: control }
+ tenants:
! 6:40: 'controlPlane.cluster' must be a control plane of site-a, got control; add a cluster with plane: control to site-a

a control plane that is a data plane
- #bitbucket
- tenants:
+ #bitbucket
+ controlPlane: { site: site-b, cluster: data-1 }
+ tenants:
! 6:40: 'controlPlane.cluster' must be a control plane of site-b, got data-1, a data plane; there is only control

a component on the wrong plane
- metrics-server: {}
+ metrics-server: {}
+       argo-events: {}
! 32:7: 'clusters.data-1.components.argo-events' must be on a control plane, got a data plane; move it to such a cluster

a component on the wrong infrastructure
- metrics-server: {}
+ metrics-server: {}
+       cluster-autoscaler: {}
! 32:7: 'clusters.data-1.components.cluster-autoscaler' must be on aws, got bare-metal; remove it, or set infrastructure: aws

MetalLB without addresses
-       loadBalancers: 10.4.0.192/26
! 28:7: 'clusters.data-1.components.metallb' must have addresses to give out, got no network.loadBalancers; add network.loadBalancers, a part of network.nodes

a tier on the wrong plane
- tier: long-term
+ tier: short-term
! 18:27: 'clusters.control.components.prometheus.tier' must be long-term on a control plane, got short-term; write tier: long-term

an unknown storage class
- size: 50Gi, class: fast
+ size: 50Gi, class: slow
! 17:78: 'clusters.control.components.nexus.storage.class' must be a storage class of the cluster, got slow; there is only fast

a storage class where there is none
-     storageClasses:
-       fast: { provisioner: openebs.io/local }
! 16:78: 'clusters.control.components.nexus.storage.class' must be a storage class of the cluster, got fast; add it to storageClasses of the cluster
! 17:83: 'clusters.control.components.prometheus.storage.class' must be a storage class of the cluster, got fast; add it to storageClasses of the cluster
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('references', () => {
    test.each(brokenCases`
an unknown service
- service: site-a/bitbucket
+ service: site-a/bitbuckt
! 3:12: 'manifests.service' must be an external service that a site of the environment offers, got site-a/bitbuckt; did you mean site-a/bitbucket?

a service of an unknown site
- sso: site-a/sso
+ sso: site-c/login
! 16:55: 'clusters.control.components.argocd.sso' must be an external service that a site of the environment offers, got site-c/login; there is only site-a/sso

a service of the wrong kind
- sso: site-a/sso
+ sso: site-a/bitbucket
! 16:55: 'clusters.control.components.argocd.sso' must refer to a service of kind sso, got site-a/bitbucket, of kind git; there is only site-a/sso
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('ranges', () => {
    test.each(brokenCases`
an address within its range
- nodes: 10.4.0.0/24
+ nodes: 10.4.0.7/24
! 23:14: 'clusters.data-1.network.nodes' must begin at the first address of the range, got 10.4.0.7/24; write 10.4.0.0/24

a destination within its range
- to: 10.7.0.0/24
+ to: 10.7.0.1/24
! 42:23: 'clusters.data-1.tenants.team-a.services.backend.egress.0.to' must begin at the first address of the range, got 10.7.0.1/24; write 10.7.0.0/24

an overlap in a cluster
- pods: 10.5.0.0/16
+ pods: 10.6.0.0/15
! 26:17: 'clusters.data-1.network.services' must not overlap 10.6.0.0/15 of clusters.data-1.network.pods (site-b.yaml:25), got 10.6.0.0/16; choose a range of its own

an overlap of clusters, at the later one
- nodes: 10.1.0.0/24
+ nodes: 10.5.0.0/16
! 25:13: 'clusters.data-1.network.pods' must not overlap 10.5.0.0/16 of clusters.control.network.nodes (site-b.yaml:12), got 10.5.0.0/16; choose a range of its own

load balancers beside the nodes
- loadBalancers: 10.4.0.192/26
+ loadBalancers: 10.4.1.0/26
! 24:22: 'clusters.data-1.network.loadBalancers' must lie in the nodes range, got 10.4.1.0/26; take a part of 10.4.0.0/24

more load balancers than nodes
- loadBalancers: 10.4.0.192/26
+ loadBalancers: 10.4.0.0/23
! 24:22: 'clusters.data-1.network.loadBalancers' must lie in the nodes range, got 10.4.0.0/23; take a part of 10.4.0.0/24
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('tenants and services', () => {
    test.each(brokenCases`
an unknown tenant
- team-a:
-         quota
+ team-b:
+         quota
! 33:7: 'clusters.data-1.tenants.team-b' must be a tenant of the site, got team-b; did you mean team-a?

a tenant where the site has none
- tenants:
-   team-a: { owner: team-a@example.com, group: team-a-developers }
! 32:7: 'clusters.data-1.tenants.team-a' must be a tenant of the site, got team-a; add it to tenants of the site

a tenant on a control plane
-   data-1:
+     tenants: { team-a: { quota: { cpu: "1", memory: 1Gi, pods: 1, storage: 1Gi } } }
+   data-1:
! 19:16: 'clusters.control.tenants.team-a' must be on a data plane, got a control plane; move it to such a cluster

replicas beside autoscaling
- image: harbor
+ replicas: 3
+             image: harbor
! 37:13: 'clusters.data-1.tenants.team-a.services.backend.replicas' must not be set beside autoscaling, got 3; keep one: a fixed number, or a range to scale in

a range to scale in that is upside down
- maxReplicas: 4
+ maxReplicas: 1
! 38:57: 'clusters.data-1.tenants.team-a.services.backend.autoscaling.maxReplicas' must be at least minReplicas, which is 2, got 1; raise it to 2 or more

secrets without External Secrets
-       external-secrets: {}
! 44:13: 'clusters.data-1.tenants.team-a.services.backend.secrets' must be on a cluster with external-secrets, got one without; add external-secrets: {} to its components

autoscaling without metrics
-       metrics-server: {}
! 38:13: 'clusters.data-1.tenants.team-a.services.backend.autoscaling' must be on a cluster with metrics-server, got one without; add metrics-server: {} to its components

an ingress without a controller
-       ingress-nginx: {}
! 40:13: 'clusters.data-1.tenants.team-a.services.backend.ingress' must be on a cluster with ingress-nginx, got one without; add ingress-nginx: {} to its components
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('hosts', () => {
    test.each(brokenCases`
a host in another domain
- host: app.site-b.example.com
+ host: app.example.com
! 40:30: 'clusters.data-1.tenants.team-a.services.backend.ingress.host' must lie in the domain of the site, got app.example.com; let it end with .site-b.example.com

the host of a component
- host: app.site-b.example.com
+ host: argocd.site-b.example.com, path: /app
! 40:30: 'clusters.data-1.tenants.team-a.services.backend.ingress.host' must lead to one place, got argocd.site-b.example.com as in site-b.yaml:16; choose another name
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });
});
