package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"bellman/internal/spelling"
)

// prefix begins the name of every environment variable that is a setting.
const prefix = "BELLMAN_"

// fileSuffix ends the name of the variable that names a file with a secret setting,
// as orchestrators mount them.
const fileSuffix = "_FILE"

// secretTag marks the flags that hold or may hold a secret, such as an address with
// a password.
const secretTag = "secret"

// newParser returns what reads the command line and the environment into c.
func newParser(c *cli) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("bellman"), kong.UsageOnError(),
		kong.Description("Bellman: a self-hosted Telegram channel for a customer base."),
		kong.Vars{"version": version},
		kong.Resolvers(kong.ResolverFunc(secretFile)),
		kong.ValueFormatter(explainFlag),
	)
}

// validate makes the checks of the flags of the chosen command. Kong makes them for
// what is on the command line alone, and values come from the environment too.
func validate(call *kong.Context) error {
	for _, flag := range call.Flags() {
		if v, ok := reflect.TypeAssert[interface{ Validate() error }](flag.Target); ok {
			if err := v.Validate(); err != nil {
				return fmt.Errorf("--%s: %w", flag.Name, err)
			}
		}
	}
	return nil
}

// secretFile reads a secret setting from the file that its variable with _FILE at
// the end names. White space around it is not part of it.
func secretFile(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !flag.Tag.Has(secretTag) {
		return nil, nil
	}
	for _, name := range flag.Envs {
		path := os.Getenv(name + fileSuffix)
		if path == "" {
			continue
		}
		if os.Getenv(name) != "" {
			return nil, fmt.Errorf("%s and %s%s are both set: unset one of them", name, name, fileSuffix)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", name, fileSuffix, err)
		}
		value := strings.TrimSpace(string(text))
		if value == "" {
			return nil, fmt.Errorf("%s%s: %s is empty", name, fileSuffix, path)
		}
		return value, nil
	}
	return nil, nil
}

// explainFlag adds a flag's default and variables to its help.
func explainFlag(value *kong.Value) string {
	var more []string
	if value.HasDefault && value.Default != "" {
		more = append(more, "default "+value.Default)
	}
	for _, name := range value.Tag.Envs {
		more = append(more, "$"+name)
		if value.Tag.Has(secretTag) {
			more = append(more, "$"+name+fileSuffix)
		}
	}
	if len(more) == 0 {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " (" + strings.Join(more, ", ") + ")."
}

// known returns the variables that any command of the node reads.
func known(node *kong.Node) (names []string) {
	for _, flag := range node.Flags {
		for _, name := range flag.Envs {
			names = append(names, name)
			if flag.Tag.Has(secretTag) {
				names = append(names, name+fileSuffix)
			}
		}
	}
	for _, child := range node.Children {
		names = append(names, known(child)...)
	}
	return names
}

// A stranger is a variable that looks like a setting and is none.
type stranger struct {
	name string
	// meant is the setting with the nearest name; empty when none is near.
	meant string
}

// said returns the sentence about a stranger.
func (s stranger) said() string {
	if s.meant == "" {
		return s.name + " is no setting of Bellman: it has no effect"
	}
	return s.name + " is no setting of Bellman and has no effect: is it " + s.meant + "?"
}

// strangers returns those variables of the environment that begin as settings do
// and are not among the known ones, by name.
func strangers(environment, known []string) []stranger {
	var found []stranger
	for _, line := range environment {
		name, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(strings.ToUpper(name), prefix) || slices.Contains(known, name) {
			continue
		}
		found = append(found, stranger{name, nearest(name, known)})
	}
	slices.SortFunc(found, func(a, b stranger) int { return strings.Compare(a.name, b.name) })
	return found
}

// nearest returns the setting that was meant by a name, empty when none is near.
func nearest(name string, known []string) string {
	var names []string
	for _, k := range known {
		names = append(names, strings.TrimPrefix(k, prefix))
	}
	near := spelling.Nearest(strings.TrimPrefix(strings.ToUpper(name), prefix), names)
	if near == "" {
		return ""
	}
	return prefix + near
}
