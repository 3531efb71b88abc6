// Command bench measures Bellman beside bare loops that do the same work with
// nothing around it, in one run on one machine: the ratios are what counts.
//
// It needs bin/bellman (make build) and, for PostgreSQL, a server in
// BELLMAN_TEST_POSTGRES (make bench starts one).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

// A benchmark measures one thing on one engine and prints its lines.
type benchmark struct {
	name string
	run  func(ctx context.Context, b *bench) error
}

// bench is the environment of a benchmark.
type bench struct {
	// engine is "sqlite" or "postgres", address that of a fresh database.
	engine  string
	address string
	binary  string
	folder  string
}

// row prints one figure.
func (b *bench) row(name, format string, args ...any) {
	fmt.Printf("%-9s %-34s %s\n", b.engine, name, fmt.Sprintf(format, args...))
}

var benchmarks = []benchmark{
	{"tokens", benchTokens},
	{"contacts", benchContacts},
	{"imports", benchImports},
	{"smartsend", benchSmartSend},
	{"activity", benchActivity},
	{"dispatch", benchDispatch},
	{"million", benchMillion},
	{"pace-30", benchPace("pace: 1 bot x 3000 at 30/s", job{bots: 1, chats: 3000}, 30, 1.02)},
	{"pace-1000", benchPace("pace: 1 bot x 30000 at 1000/s", job{bots: 1, chats: 30_000, paid: true}, 1000, 1.05)},
	{"pace-300-bots", benchPace("pace: 300 bots x 600 at 30/s", job{bots: 300, chats: 600}, 30, 1.05)},
	{"pace-0ms", benchFar(0)},
	{"pace-5ms", benchFar(5 * time.Millisecond)},
	{"pace-20ms", benchFar(20 * time.Millisecond)},
	{"pace-50ms", benchFar(50 * time.Millisecond)},
	{"pace-importing", benchBeside("a client that imports", 1, importPeople)},
	{"pace-feeding", benchBeside("4 clients that feed tokens", 4, feedTokens)},
	{"triggered", benchTriggered},
	{"clicks", benchClicks},
	{"click-kills", benchClickKills},
	{"idle", benchIdle},
	{"memory-bodies", benchBodies},
	{"memory-answers", benchAnswers},
}

func main() {
	pattern := flag.String("run", ".", "the `benchmarks` to run, as a regular expression over "+names())
	engines := flag.String("engines", "sqlite,postgres", "the `engines` to measure")
	binary := flag.String("binary", "bin/bellman", "the `program` to measure where a whole process is")
	profiles := flag.String("profiles", "", "the `folder` to write a CPU profile of each benchmark to; none by default")
	flag.Parse()
	if err := run(*pattern, strings.Split(*engines, ","), *binary, *profiles); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() string {
	all := make([]string, len(benchmarks))
	for i, b := range benchmarks {
		all[i] = b.name
	}
	return strings.Join(all, ", ")
}

func run(pattern string, engines []string, binary, profiles string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	binary, err = filepath.Abs(binary)
	if err != nil {
		return err
	}
	if _, err := os.Stat(binary); err != nil {
		return fmt.Errorf("%w: run make build first", err)
	}
	fmt.Printf("%s, %d cores, %s, %s\n", cpu(), runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.DateOnly))
	for _, m := range benchmarks {
		if !chosen.MatchString(m.name) {
			continue
		}
		for _, engine := range engines {
			if err := measure(ctx, m, engine, binary, profiles); err != nil {
				return fmt.Errorf("%s on %s: %w", m.name, engine, err)
			}
		}
	}
	return nil
}

func measure(ctx context.Context, m benchmark, engine, binary, profiles string) (err error) {
	folder, err := os.MkdirTemp("", "bellman-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bench{engine: engine, binary: binary, folder: folder}
	drop, err := b.database(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if profiles == "" {
		return m.run(ctx, b)
	}
	return profiled(filepath.Join(profiles, m.name+"-"+engine+".pprof"), func() error { return m.run(ctx, b) })
}

// profiled writes a CPU profile of fn to the file.
func profiled(path string, fn func() error) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return fn()
}

// cpu names the machine's processor.
func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
