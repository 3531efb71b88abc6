// Package access decides who may call: it keeps the API keys that both HTTP
// surfaces ask for.
package access
