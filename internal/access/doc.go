// Package access says who may call: workspaces and their settings, and the API
// keys that both HTTP surfaces ask for.
package access
