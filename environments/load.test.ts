import { describe, expect, test } from 'vitest';
import { brokenCases, errorsOfSiteB } from '../test/helpers/environment-files.ts';

describe('an environment file is refused for', () => {
  describe('keys', () => {
    test.each(brokenCases`
an unknown key
- plane: data
+ plan: data
! 20:5: 'clusters.data-1.plan' must be a known key, got "plan"; did you mean plane?

an unknown key that resembles none
- plane: control
+ plane: control
+     colour: red
! 11:5: 'clusters.control.colour' must be a known key, got "colour"; remove it, or take one of components, infrastructure, network, plane, storageClasses, tenants

a key of an object's prototype
- metallb: {}
+ metallb: {}
+       constructor: {}
! 29:7: 'clusters.data-1.components.constructor' must be a known key, got "constructor"; remove it, or take one of argo-events, argo-workflows, argocd, aws-ebs-csi-driver, aws-load-balancer-controller, cert-manager, cluster-autoscaler, elasticsearch, external-dns, external-secrets, fluentd, gitea, grafana, harbor, ingress-nginx, keycloak, kibana, loki, metallb, metrics-server, monitoring, nexus, nfs-provisioner, notify-agent, openbao, prometheus, redis, router, sonarqube, summary, task, task-agent

a key of every object
- metallb: {}
+ metallb: {}
+       __proto__: {}
! 29:7: 'clusters.data-1.components.__proto__' must be a known key, got "__proto__"; remove it

a setting of a component that has none
- metallb: {}
+ metallb: { pool: default }
! 28:18: 'clusters.data-1.components.metallb.pool' must be a known key, got "pool"; remove it

a colon without a space
- pods: 20
+ pods:20
! 34:41: 'clusters.data-1.tenants.team-a.quota.pods:20' must be a known key, got "pods:20"; put a space behind the colon of pods

a key of several lines
- LOG_LEVEL: info
+ "LOG\nLEVEL": info
! 43:20: 'clusters.data-1.tenants.team-a.services.backend.env."LOG\nLEVEL"' must be a name of an environment variable in upper case, got "LOG\nLEVEL"; write it like LOG_LEVEL

a key that is a number
- domain: site-b.example.com
+ domain: site-b.example.com
+ 5: five
! 2:1: '5' must be a known key, got "5"; remove it, or take one of clusters, controlPlane, description, domain, externalServices, manifests, tenants

a misspelt part of the file that others refer to
- #bitbucket
- tenants:
+ #bitbucket
+ tenant:
! 6:1: 'tenant' must be a known key, got "tenant"; did you mean tenants?

a misspelt component that services need
- external-secrets: {}
+ external-secret: {}
! 30:7: 'clusters.data-1.components.external-secret' must be a known key, got "external-secret"; did you mean external-secrets?

a missing text
- domain: site-b.example.com
! 2:1: 'domain' must be set, got nothing; add domain: write it like site-b.example.com

a missing choice
-     plane: data
! 19:3: 'clusters.data-1.plane' must be set, got nothing; add plane: choose one of control, data, platform

a missing map
-     network: { nodes: 10.1.0.0/24, pods: 10.2.0.0/16, services: 10.3.0.0/16 }
! 9:3: 'clusters.control.network' must be set, got nothing; add network with nodes, pods, services

several missing keys
- { cpu: "4", memory: 8Gi, pods: 20, storage: 20Gi }
+ {}
! 34:9: 'clusters.data-1.tenants.team-a.quota.cpu' must be set, got nothing; add cpu: write it like "2" or 250m
! 34:9: 'clusters.data-1.tenants.team-a.quota.memory' must be set, got nothing; add memory: write it like 50Gi
! 34:9: 'clusters.data-1.tenants.team-a.quota.pods' must be set, got nothing; add pods: write it like 3
! 34:9: 'clusters.data-1.tenants.team-a.quota.storage' must be set, got nothing; add storage: write it like 50Gi
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('types', () => {
    test.each(brokenCases`
an empty value where a map belongs
- metallb: {}
+ metallb:
! 28:15: 'clusters.data-1.components.metallb' must be a map, got an empty value; write metallb: {}, or settings below it

a value where a map belongs
- metrics-server: {}
+ metrics-server: true
! 31:23: 'clusters.data-1.components.metrics-server' must be a map, got true; write metrics-server: {}, or settings below it

a list where a map belongs
- tenants:
-       team-a:
+ tenants:
+       - team-a:
! 33:7: 'clusters.data-1.tenants' must be a map, got a list; write each entry as name: value

a map where a list belongs
- - { to: 10.7.0.0/24, port: 5432 }
+ { to: 10.7.0.0/24, port: 5432 }
! 41:13: 'clusters.data-1.tenants.team-a.services.backend.egress' must be a list, got a map; begin each entry with - on a line of its own

a map where a text belongs
- domain: site-b.example.com
+ domain: {}
! 1:1: 'domain' must be a DNS name in lower case, got a map; write it like site-b.example.com

a number where a text belongs
- LOG_LEVEL: info
+ PORT: 8080
! 43:26: 'clusters.data-1.tenants.team-a.services.backend.env.PORT' must be a text, got 8080; put it in quotes

an empty value where a text belongs
- LOG_LEVEL: info
+ LOG_LEVEL:
! 43:31: 'clusters.data-1.tenants.team-a.services.backend.env.LOG_LEVEL' must be a text, got an empty value; write LOG_LEVEL: text

a number in quotes
- pods: 20
+ pods: "20"
! 34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be a whole number, got "20"; write it without quotes

a broken number
- pods: 20
+ pods: 20.5
! 34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be a whole number, got 20.5; write it like 3

an endless number
- pods: 20
+ pods: .inf
! 34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be a whole number, got Infinity; write it like 3

a number that is too small
- pods: 20
+ pods: 0
! 34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be at least 1, got 0; raise it to 1 or more

a number that is too big
- pods: 20
+ pods: 10001
! 34:47: 'clusters.data-1.tenants.team-a.quota.pods' must be at most 10000, got 10001; lower it to 10000 or less

a truth value of older YAML
- openebs.io/local }
+ openebs.io/local, default: yes }
! 14:55: 'clusters.control.storageClasses.fast.default' must be true or false, got "yes"; write true or false without quotes

a misspelt choice
- plane: data
+ plane: dta
! 20:12: 'clusters.data-1.plane' must be one of platform, control, data, got "dta"; did you mean data?

another choice
- infrastructure: aws
+ infrastructure: gcp
! 11:21: 'clusters.control.infrastructure' must be one of bare-metal, aws, local, got "gcp"; choose one of them
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('scalars', () => {
    test.each(brokenCases`
a name with an underscore
- data-1:
+ data_1:
! 19:3: 'clusters.data_1' must be a name of 1 to 24 lower-case letters, digits and hyphens that starts with a letter and ends without a hyphen, got "data_1"; use a name like data-1

a name that each object has
- data-1:
+ constructor:
! 19:3: 'clusters.constructor' must be another name than constructor, got "constructor"; use a name like data-1

a host with a scheme
- host: argocd.site-b.example.com
+ host: https://argocd.site-b.example.com
! 16:23: 'clusters.control.components.argocd.host' must be a DNS name in lower case, got "https://argocd.site-b.example.com"; write it like harbor.site-b.example.com, without scheme, port or path

a host with a port
- host: argocd.site-b.example.com
+ host: "argocd.site-b.example.com:443"
! 16:23: 'clusters.control.components.argocd.host' must be a DNS name in lower case, got "argocd.site-b.example.com:443"; write it like harbor.site-b.example.com, without scheme, port or path

a domain of one label
- domain: site-b.example.com
+ domain: localhost
! 1:9: 'domain' must be a DNS name in lower case, got "localhost"; write it like site-b.example.com

a size in decimal units
- size: 50Gi
+ size: 50GB
! 17:65: 'clusters.control.components.nexus.storage.size' must be a size in Mi, Gi or Ti, got "50GB"; write it like 50Gi

a fraction of a core as number
- cpu: 100m
+ cpu: 0.1
! 39:31: 'clusters.data-1.tenants.team-a.services.backend.resources.cpu' must be cores or millicores, got 0.1; write it like "2" or 250m

a period of several units
- retention: 30d
+ retention: 1d12h
! 18:49: 'clusters.control.components.prometheus.retention' must be a period in m, h, d, w or y, got "1d12h"; write it like 15d

a range of IPv6
- services: 10.6.0.0/16
+ services: "fd00::/64"
! 26:17: 'clusters.data-1.network.services' must be an IPv4 range with a prefix length from 8 to 32, got "fd00::/64"; write it like 10.20.0.0/22

a range with a leading zero
- nodes: 10.4.0.0/24
+ nodes: 010.4.0.0/24
! 23:14: 'clusters.data-1.network.nodes' must be an IPv4 range with a prefix length from 8 to 32, got "010.4.0.0/24"; write it like 10.20.0.0/22

a range of everything
- to: 10.7.0.0/24
+ to: 0.0.0.0/0
! 42:23: 'clusters.data-1.tenants.team-a.services.backend.egress.0.to' must be an IPv4 range with a prefix length from 8 to 32, got "0.0.0.0/0"; write it like 10.20.0.0/22

a port beyond the last
- port: 5432
+ port: 65536
! 42:42: 'clusters.data-1.tenants.team-a.services.backend.egress.0.port' must be a port from 1 to 65535, got 65536; write it like 8080

a port that needs root
- image: harbor
+ port: 80
+             image: harbor
! 37:19: 'clusters.data-1.tenants.team-a.services.backend.port' must be a port from 1024 to 65535, got 80; write it like 8080

an image without a version
- team-a/backend:1.0.0
+ team-a/backend
! 37:20: 'clusters.data-1.tenants.team-a.services.backend.image' must be an image with registry, path and an exact version or digest, got "harbor.example.com/team-a/backend"; write it like harbor.example.com/team/app:1.4.2, never :latest

an image with a version that moves
- team-a/backend:1.0.0
+ team-a/backend:latest
! 37:20: 'clusters.data-1.tenants.team-a.services.backend.image' must be an image with registry, path and an exact version or digest, got "harbor.example.com/team-a/backend:latest"; write it like harbor.example.com/team/app:1.4.2, never :latest

a reference to a service without its site
- service: site-a/bitbucket
+ service: bitbucket
! 3:12: 'manifests.service' must be a reference to an external service, got "bitbucket"; write it as site/service, like site-a/bitbucket

a repository with an address
- platform/manifests.git
+ https://bitbucket.example.com/platform/manifests.git
! 4:15: 'manifests.repository' must be a path of a repository that ends in .git, got "https://bitbucket.example.com/platform/manifests.git"; write it like platform/manifests.git

a branch that git refuses
- repository:
+ branch: feature..1
+   repository:
! 4:11: 'manifests.branch' must be a name of a branch, got "feature..1"; write it like main

a mail address without a domain
- owner: team-a@example.com
+ owner: team-a
! 7:20: 'tenants.team-a.owner' must be a mail address, got "team-a"; write it like team@example.com

a group with spaces
- group: team-a-developers
+ group: Team A
! 7:47: 'tenants.team-a.group' must be a group of the SSO, in lower-case letters, digits and hyphens, got "Team A"; write it like business-a-developers

a variable in lower case
- LOG_LEVEL: info
+ log-level: info
! 43:20: 'clusters.data-1.tenants.team-a.services.backend.env.log-level' must be a name of an environment variable in upper case, got "log-level"; write it like LOG_LEVEL

a path without its slash
- host: app.site-b.example.com
+ host: app.site-b.example.com, path: api
! 40:60: 'clusters.data-1.tenants.team-a.services.backend.ingress.path' must be a path that starts with / and holds letters, digits and . _ - alone, got "api"; write it like /api

a path of a probe with a space
- image: harbor
+ health: { liveness: /live z, readiness: /readyz }
+             image: harbor
! 37:33: 'clusters.data-1.tenants.team-a.services.backend.health.liveness' must be a path that starts with / and holds no space, got "/live z"; write it like /healthz

a provisioner with a space
- openebs.io/local
+ local disk
! 14:28: 'clusters.control.storageClasses.fast.provisioner' must be the name of a provisioner, got "local disk"; write it like ebs.csi.aws.com
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });

  describe('secrets', () => {
    test.each(brokenCases`
a secret where a reference belongs
- openbao:platform/argocd#bitbucket
+ argocd:hunter2
! 5:15: 'manifests.credential' must be a reference to a secret, got a value that is not shown; put the secret into OpenBao and write openbao:path/of/secret#key

a secret under secrets
- "openbao:team-a/backend#db"
+ hunter2
! 44:34: 'clusters.data-1.tenants.team-a.services.backend.secrets.DB_LOGIN' must be a reference to a secret, got a value that is not shown; put the secret into OpenBao and write openbao:path/of/secret#key

a variable that is named like a secret
- LOG_LEVEL: info
+ API_TOKEN: hunter2
! 43:31: 'clusters.data-1.tenants.team-a.services.backend.env.API_TOKEN' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it under secrets: openbao:path#key

a secret that is a number
- LOG_LEVEL: info
+ API_TOKEN: 4711
! 43:31: 'clusters.data-1.tenants.team-a.services.backend.env.API_TOKEN' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it under secrets: openbao:path#key

a secret in an address
- LOG_LEVEL: info
+ CACHE: rediss://:hunter2@cache.example.com
! 43:27: 'clusters.data-1.tenants.team-a.services.backend.env.CACHE' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it under secrets: openbao:path#key

a token of a forge
- LOG_LEVEL: info
+ ACCESS: ghp_hunter2hunter2hunter2
! 43:28: 'clusters.data-1.tenants.team-a.services.backend.env.ACCESS' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it under secrets: openbao:path#key

a token of OpenBao
- group: team-a-developers
+ group: team-a-developers, description: hvs.hunter2hunter2hunter2
! 7:79: 'tenants.team-a.description' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it: openbao:path#key

a private key
- LOG_LEVEL: info
+ KEY: "-----BEGIN RSA PRIVATE KEY-----hunter2"
! 43:25: 'clusters.data-1.tenants.team-a.services.backend.env.KEY' must not hold a secret in plain text, got a value that is not shown; put it into OpenBao and refer to it under secrets: openbao:path#key

a token as a key
- LOG_LEVEL: info
+ ghp_hunter2hunter2hunter2: info
! 43:20: 'clusters.data-1.tenants.team-a.services.backend.env.(not shown)' must be a name of an environment variable in upper case, got a value that is not shown; write it like LOG_LEVEL

a reference where the container cannot follow it
- LOG_LEVEL: info
+ LOGIN: openbao:team-a/backend#login
! 43:27: 'clusters.data-1.tenants.team-a.services.backend.env.LOGIN' must be no reference to a secret, got openbao:team-a/backend#login; move it to secrets, or the container gets the reference itself

a variable that is also a secret
- LOG_LEVEL: info
+ DB_LOGIN: info
! 43:20: 'clusters.data-1.tenants.team-a.services.backend.env.DB_LOGIN' must be in env or in secrets, got both; keep one of them
    `)('%s', (_, part, replacement, errors) => {
      expect(errorsOfSiteB(part, replacement)).toEqual(errors);
    });
  });
});
