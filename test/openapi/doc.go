// Package openapi tries the OpenAPI documents on programs that this project did not write: two that judge them, and two
// that generate clients from them, which have to compile. `make test` installs what it needs from npm.
package openapi
