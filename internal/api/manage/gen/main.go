// Command gen writes the OpenAPI document of the management API to the given file.
package main

import (
	"fmt"
	"os"

	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
)

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give it one file to write, not %d", len(args))
	}
	text, err := manage.New(surface.Services{}).YAML()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], text, 0o644)
}
