module sitewright.dev/tools/external-secrets

go 1.26.0

// For its custom resource definitions alone: nothing of it is compiled, so `go mod tidy` would drop the line.
require github.com/external-secrets/external-secrets v1.3.2
