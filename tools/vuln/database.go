// Package vuln pins govulncheck and the database of vulnerabilities that it reads.
package vuln

// The database is the folder data/osv of this module, of which only what is imported is pinned and fetched: the smallest
// of its packages.
import _ "golang.org/x/vulndb/cmd/vulnreport/color"
