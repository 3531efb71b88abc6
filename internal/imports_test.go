package internal_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A package as `go list` describes it, without the imports of its tests.
type listed struct {
	ImportPath string
	Imports    []string
}

// A rule says what packages may not import. Names end at a slash: "bellman/internal/api" is also its subpackages.
type rule struct {
	why    string
	of     []string // which packages the rule is about
	except []string // which of these it spares
	deny   []string
	allow  []string // which of the denied they may import all the same
}

var (
	features = []string{
		"bellman/internal/activity", "bellman/internal/audience", "bellman/internal/audit", "bellman/internal/automation",
		"bellman/internal/bot", "bellman/internal/campaign", "bellman/internal/contact", "bellman/internal/dispatch",
		"bellman/internal/erasure", "bellman/internal/event",
		"bellman/internal/idempotency", "bellman/internal/imports", "bellman/internal/live", "bellman/internal/media", "bellman/internal/message",
		"bellman/internal/order", "bellman/internal/report", "bellman/internal/retention", "bellman/internal/seal",
		"bellman/internal/subscription", "bellman/internal/summary", "bellman/internal/track",
		"bellman/internal/webhook", "bellman/internal/workspace",
	}
	drivers  = []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5"}
	standIns = []string{
		"bellman/internal/linetest", "bellman/internal/pgtest", "bellman/internal/store/storetest", "bellman/internal/sandbox",
	}
	// Packages that only tests may import.
	testOnly = []string{"bellman/internal/api/apitest", "bellman/internal/api/oidctest"}
)

// The rules of the layout; docs/architecture.md gives the reasons.
var rules = []rule{
	{
		why: "features know no HTTP, no SQL and none of those who call or serve them",
		of:  features,
		deny: slices.Concat(drivers, []string{
			"net/http", "database/sql", "github.com/valyala/fasthttp", "bellman/internal/api", "bellman/internal/store",
		}),
	},
	{
		why: "audience and message do no I/O of their own",
		of:  []string{"bellman/internal/audience", "bellman/internal/message"},
		deny: []string{
			"crypto/rand", "io/fs", "log", "log/slog", "math/rand", "math/rand/v2", "net", "os", "path/filepath",
		},
		allow: []string{"net/netip"}, // reads addresses, calls nobody
	},
	{
		why: "liquid, markup, foreign and sheet know nothing of the rest, nor of each other",
		of: []string{
			"bellman/internal/message/liquid", "bellman/internal/message/markup", "bellman/internal/message/foreign",
			"bellman/internal/imports/sheet",
		},
		deny:  []string{"bellman"},
		allow: []string{"bellman/internal/fault", "bellman/internal/spelling"},
	},
	{
		why:  "another reader of Liquid is for tests, as the oracle",
		of:   []string{"bellman"},
		deny: []string{"github.com/osteele/liquid"},
	},
	{
		why:  "the parser of SQL judges statements in tests",
		of:   []string{"bellman"},
		deny: []string{"github.com/wasilibs/go-pgquery"},
	},
	{
		why:    "api calls features, and they call whom they need",
		of:     []string{"bellman/internal/api"},
		except: testOnly,
		deny:   []string{"bellman/internal/store", "bellman/internal/telegram"},
	},
	{
		why:    "only cmd wires the store to those who declare what they need of it",
		of:     []string{"bellman"},
		except: slices.Concat([]string{"bellman/cmd", "bellman/internal/store", "bellman/test"}, testOnly),
		deny:   []string{"bellman/internal/store"},
	},
	{
		why:    "only cmd chooses where files are kept",
		of:     []string{"bellman"},
		except: slices.Concat([]string{"bellman/cmd", "bellman/internal/blob", "bellman/test"}, testOnly),
		deny:   []string{"bellman/internal/blob"},
	},
	{
		why:    "only store knows the engines",
		of:     []string{"bellman"},
		except: []string{"bellman/internal/store", "bellman/internal/pgtest", "bellman/test"},
		deny:   drivers,
	},
	{
		why:    "the stand-ins are for tests, and for the sandbox in cmd",
		of:     []string{"bellman"},
		except: slices.Concat([]string{"bellman/cmd", "bellman/test"}, standIns, testOnly),
		deny:   standIns,
	},
	{
		why:    "contact.Reader alone reads phones; workspace looks up the names of regions",
		of:     []string{"bellman"},
		except: []string{"bellman/internal/contact", "bellman/internal/workspace"},
		deny:   []string{"github.com/nyaruka/phonenumbers"},
	},
	{
		why:  "only tests import the helpers of tests",
		of:   []string{"bellman"},
		deny: testOnly,
	},
	{
		why:  "loose reads JSON and knows nothing of HTTP",
		of:   []string{"bellman/internal/api/loose"},
		deny: []string{"net/http", "bellman/internal/api/problem", "bellman/internal/api/body", "bellman/internal/api/integration"},
	},
	{
		why: "the leaves that all share know nobody",
		of: []string{
			"bellman/internal/durable", "bellman/internal/fault", "bellman/internal/loop", "bellman/internal/outcome", "bellman/internal/spelling",
		},
		deny: []string{"bellman", "net/http", "database/sql"},
	},
	{
		why:    "nobody imports a command",
		of:     []string{"bellman"},
		except: []string{"bellman/cmd"},
		deny:   []string{"bellman/cmd"},
	},
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	for _, r := range rules {
		t.Run(r.why, func(t *testing.T) {
			t.Parallel()
			require.True(t, slices.ContainsFunc(packages, func(p listed) bool { return within(p.ImportPath, r.of) }),
				"the rule is about no package: was one renamed?")
			require.Empty(t, violations(packages, r))
		})
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	r := rule{
		of: []string{"bellman/internal/api"}, except: []string{"bellman/internal/api/x"}, deny: []string{"net"}, allow: []string{"net/mail"},
	}
	for name, tt := range map[string]struct {
		pkg  listed
		want []string
	}{
		"the package itself":          {listed{"bellman/internal/api", []string{"net"}}, []string{"bellman/internal/api imports net"}},
		"a subpackage":                {listed{"bellman/internal/api/a", []string{"net"}}, []string{"bellman/internal/api/a imports net"}},
		"a subpackage of the denied":  {listed{"bellman/internal/api", []string{"net/http"}}, []string{"bellman/internal/api imports net/http"}},
		"another with the same start": {listed{"bellman/internal/apis", []string{"net"}}, nil},
		"a spared one":                {listed{"bellman/internal/api/x", []string{"net"}}, nil},
		"one that is allowed":         {listed{"bellman/internal/api", []string{"net/mail"}}, nil},
		"an allowed import":           {listed{"bellman/internal/api", []string{"netip"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, violations([]listed{tt.pkg}, r))
		})
	}
}

func violations(packages []listed, r rule) []string {
	var found []string
	for _, p := range packages {
		if !within(p.ImportPath, r.of) || within(p.ImportPath, r.except) {
			continue
		}
		for _, i := range p.Imports {
			if within(i, r.deny) && !within(i, r.allow) {
				found = append(found, p.ImportPath+" imports "+i)
			}
		}
	}
	return found
}

func within(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "bellman/...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	require.NoError(t, err)
	var packages []listed
	decoder := json.NewDecoder(bytes.NewReader(out))
	for decoder.More() {
		var p listed
		require.NoError(t, decoder.Decode(&p))
		packages = append(packages, p)
	}
	return packages
}
