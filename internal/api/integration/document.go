package integration

import _ "embed"

// Document is the OpenAPI document of the API, written by hand because its
// leniency is beyond what types can say.
//
//go:embed openapi.yaml
var Document []byte
