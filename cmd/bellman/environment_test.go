package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func parser(t *testing.T, c *cli) *kong.Kong {
	t.Helper()
	p, err := newParser(c)
	require.NoError(t, err)
	return p
}

func TestEveryFlagThatTakesAValueShowsItsDefaultAndVariables(t *testing.T) {
	t.Parallel()
	var c cli
	p := parser(t, &c)
	for _, command := range p.Model.Leaves(true) {
		for _, flag := range command.Flags {
			help := explainFlag(flag.Value)
			for _, name := range flag.Envs {
				require.Contains(t, help, "$"+name, "%s --%s", command.Name, flag.Name)
			}
			if flag.HasDefault {
				require.Contains(t, help, "default "+flag.Default, "%s --%s", command.Name, flag.Name)
			}
		}
	}
}

func TestVariablesThatAreNoSettingsAreNamed(t *testing.T) {
	t.Parallel()
	var c cli
	settings := known(parser(t, &c).Model.Node)
	for name, meant := range map[string]string{
		"BELLMAN_PUBLIC_ULR":     "BELLMAN_PUBLIC_URL",
		"bellman_db":             "BELLMAN_DB",
		"BELLMAN_SECRETKEY":      "BELLMAN_SECRET_KEY",
		"BELLMAN_SECRET_KEYFILE": "BELLMAN_SECRET_KEY_FILE",
		"BELLMAN_LISTENS":        "BELLMAN_LISTEN",
		"BELLMAN_SOMETHING_ELSE": "",
	} {
		found := strangers([]string{"PATH=/bin", "BELLMAN_DB=x", "BELLMAN_DB_FILE=x", name + "=secret"}, settings)
		require.Equal(t, []stranger{{name, meant}}, found)
		require.Contains(t, found[0].said(), name)
		require.NotContains(t, found[0].said(), "secret")
		require.Equal(t, meant != "", strings.Contains(found[0].said(), "is it "+meant))
	}
}

func TestSecretsCanBeReadFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("postgres://me:s3cret@db/x\n"), 0o600))
	t.Setenv("BELLMAN_DB_FILE", file)
	var c cli
	_, err := parser(t, &c).Parse([]string{"serve"})
	require.NoError(t, err)
	require.Equal(t, "postgres://me:s3cret@db/x", c.Serve.DB)

	_, err = parser(t, &c).Parse([]string{"serve", "--db", "other.db"})
	require.NoError(t, err)
	require.Equal(t, "other.db", c.Serve.DB, "the flag wins")

	t.Setenv("BELLMAN_DB", "also.db")
	_, err = parser(t, &c).Parse([]string{"serve"})
	require.ErrorContains(t, err, "BELLMAN_DB and BELLMAN_DB_FILE are both set")

	t.Setenv("BELLMAN_DB", "")
	t.Setenv("BELLMAN_DB_FILE", file+".gone")
	_, err = parser(t, &c).Parse([]string{"serve"})
	require.ErrorContains(t, err, "BELLMAN_DB_FILE: open "+file+".gone")

	require.NoError(t, os.WriteFile(file, []byte(" \n"), 0o600))
	t.Setenv("BELLMAN_DB_FILE", file)
	_, err = parser(t, &c).Parse([]string{"serve"})
	require.ErrorContains(t, err, "is empty")
}

func TestValuesOfTheEnvironmentAreChecked(t *testing.T) {
	t.Setenv("BELLMAN_PUBLIC_URL", "go.example")
	var c cli
	call, err := parser(t, &c).Parse([]string{"serve"})
	require.NoError(t, err)
	require.ErrorContains(t, validate(call), "--public-url: the public address is one such as")
}
