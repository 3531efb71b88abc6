// Package oapi pins the generator of Go clients with which the OpenAPI documents are tried, and what such clients import.
package oapi

import _ "github.com/oapi-codegen/runtime" // generated clients import it
