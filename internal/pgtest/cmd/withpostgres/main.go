// Command withpostgres runs another command beside a throwaway PostgreSQL server, whose URL that command finds in
// BELLMAN_TEST_POSTGRES:
//
//	withpostgres go test ./...
//
// It passes signals to the command and ends with its exit code. With -which it only prints the directory of the
// PostgreSQL binaries it would use, and fails when there are none.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"bellman/internal/pgtest"
)

func main() {
	which := flag.Bool("which", false, "print the directory of the PostgreSQL binaries and stop")
	durable := flag.Bool("durable", false, "keep fsync on, as a real server does")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: withpostgres [-durable] COMMAND [ARGUMENT...] | withpostgres -which")
		flag.PrintDefaults()
	}
	flag.Parse()
	code, err := run(*which, pgtest.Config{Durable: *durable}, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

func run(which bool, config pgtest.Config, command []string) (int, error) {
	if which {
		dir, err := pgtest.Binaries()
		if err != nil {
			return 1, err
		}
		fmt.Println(dir)
		return 0, nil
	}
	if len(command) == 0 {
		flag.Usage()
		return 2, nil
	}
	// From here on a signal is the command's business, and the server outlives it.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	server, err := pgtest.Start(context.Background(), config)
	if err != nil {
		return 1, err
	}
	code, err := beside(server, command, signals)
	if err := errors.Join(err, server.Close()); err != nil {
		return max(code, 1), err
	}
	return code, nil
}

func beside(server *pgtest.Server, command []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), pgtest.URLEnv+"="+server.URL())
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have just ended
		case err := <-ended:
			return exitCode(err)
		}
	}
}

func exitCode(err error) (int, error) {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		if err != nil {
			return 1, err
		}
		return 0, nil
	}
	status, _ := exit.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
