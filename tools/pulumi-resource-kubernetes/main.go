// Command pulumi-resource-kubernetes is the official Pulumi Kubernetes provider, built from its library.
//
// The published main package embeds a generated schema that the Go module does not carry, so this one passes the
// smallest schema the engine accepts: resources are typed by the npm package, not by the plugin.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is the provider's release; the npm package of the same major line talks to it.
const version = "4.18.1"

func main() {
	provider.Serve("kubernetes", version, []byte(`{"name":"kubernetes","version":"`+version+`"}`), []byte("{}"))
}
