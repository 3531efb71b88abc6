// Package access says who may call: the API keys that both HTTP surfaces ask for.
package access
