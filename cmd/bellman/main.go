// Command bellman sends Telegram messages to a customer base.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	_ "time/tzdata" // time zones of contacts, where the system has none

	"github.com/alecthomas/kong"
	_ "golang.org/x/crypto/x509roots/fallback" // root certificates, where the system has none, as in an empty container

	"bellman/internal/fault"
)

// version is set by the linker.
var version = "dev"

// cli is the command line. Every flag can be given as an environment variable
// too.
type cli struct {
	Serve    serveCommand    `cmd:"" help:"Serve the APIs and send."`
	Key      keyCommand      `cmd:"" help:"Make, list and revoke API keys."`
	Secret   secretCommand   `cmd:"" help:"Change the secret key, and see what is sealed under which."`
	Owner    ownerCommand    `cmd:"" help:"Let somebody in when nobody can sign in yet."`
	User     userCommand     `cmd:"" help:"Make and list users, and give them new passwords."`
	Audit    auditCommand    `cmd:"" help:"Check the log of who did what."`
	Bot      botCommand      `cmd:"" help:"Connect bots."`
	Sandbox  sandboxCommand  `cmd:"" help:"Serve a strict stand-in for Telegram, to try things out against."`
	Restored restoredCommand `cmd:"" help:"Prepare a database that was restored from a backup for its first start: nothing that it has done since is done again."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the schema of a database up to date without serving; or print how a cluster divides its tables."`
	Version  versionCommand  `cmd:"" help:"Print the version."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version and leave."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	_, err := fmt.Println(version)
	return err
}

func main() {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		leave(err)
	}
	call, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if err := validate(call); err != nil {
		leave(err)
	}
	unknown := strangers(os.Environ(), known(parser.Model.Node))
	if call.Command() != "serve" { // serve logs them
		for _, s := range unknown {
			fmt.Fprintln(os.Stderr, "bellman: "+s.said())
		}
	}
	if err := call.Run(unknown); err != nil {
		leave(err)
	}
}

// leave ends the program with an error.
func leave(err error) {
	fmt.Fprintln(os.Stderr, "bellman: "+explain(err))
	os.Exit(1)
}

// explain returns the error together with the cause that a fault hides from API
// clients: the person who started the program may know it.
func explain(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Err == nil {
		return err.Error()
	}
	cause := strings.Join(strings.Fields(f.Err.Error()), " ")
	return err.Error() + ": " + cause
}
