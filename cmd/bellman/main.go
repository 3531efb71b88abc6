// Command bellman sends Telegram messages to a customer base.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	_ "time/tzdata" // time zones of contacts, where the system has none

	"github.com/alecthomas/kong"

	"bellman/internal/fault"
)

// version is set by the linker.
var version = "dev"

// cli is the command line. Every flag can be given as an environment variable
// too.
type cli struct {
	Serve   serveCommand   `cmd:"" help:"Serve the APIs and send."`
	Key     keyCommand     `cmd:"" help:"Make API keys."`
	Bot     botCommand     `cmd:"" help:"Connect bots."`
	Sandbox sandboxCommand `cmd:"" help:"Serve a strict stand-in for Telegram, to try things out against."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	_, err := fmt.Println(version)
	return err
}

func main() {
	var c cli
	call := kong.Parse(&c, kong.Name("bellman"), kong.UsageOnError(),
		kong.Description("Bellman: a self-hosted Telegram channel for a customer base."))
	if err := call.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "bellman: "+explain(err))
		os.Exit(1)
	}
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
