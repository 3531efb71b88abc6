// Command chaos breaks from outside what can break under running broadcasts, and checks after each run that nobody
// received a message twice, that nobody was forgotten, and that Bellman reports what happened.
//
// A run is a fresh database, one server on SQLite or two or three on PostgreSQL, several bots with several broadcasts
// at once, and faults drawn from a seed: processes killed, stopped and frozen, PostgreSQL restarted, crashed, far away and
// silent, a SQLite file away, connections cut, and everything that Telegram does on a bad day: silence, answers that nobody
// hears, no room for connections, answers of 10 MB or without an end. The same seed draws the same faults; when exactly they
// hit depends on the machine. Beside them a bot loses all of its chats at once, none of which may be removed.
//
// Beside the broadcasts go the chores: people are imported, messages sent one by one under keys, each call repeated until
// a server answers it, and a webhook is told of everything, whose receiver is no better than Telegram. What is promised of
// each is in its file.
//
// What cannot be brought about from outside, or not with these rules, has tests of its own. Of a bot as a whole: one campaign
// that the database refuses, groups that move to one id, waits of hours, and messages that vanish for minutes (in dispatch:
// TestOneCampaignNeverStopsAnother, TestLongWaitsKeepNoOtherChatInMemory, TestMessagesThatVanishPauseTheCampaign; in store:
// TestGroupsThatMoveAtOnce). Of the database: the pace with a slow one (in dispatch: TestPaceHoldsWhenStepsAreSlow; make
// bench), packets that are dropped (in e2e: TestTheWayToTheDatabase), a disk that is full or can only be read and a file that
// is damaged (in e2e: TestADiskIsFull, TestADiskIsReadOnly; in store: TestAFullDatabase, TestADamagedDatabase,
// TestAnIllPostgreSQL), one process for a file (in cmd/bellman: TestADatabaseUnderTwoNamesIsOne), clocks that are set back (in
// store: TestClockSetBackMovesTheDeadlines), and a stop while Telegram holds answers back (in dispatch:
// TestStopSaysWhatItDoesNotWaitFor).
//
// It needs bin/bellman (make build) and PostgreSQL's binaries (make tools).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"bellman/internal/pgtest"
)

type options struct {
	binary   string
	engines  []string
	seed     uint64
	runs     int
	duration time.Duration
}

func main() {
	var o options
	engine := flag.String("engine", sqlite+","+postgres, "the `engines` to run on, in turn")
	flag.StringVar(&o.binary, "binary", "bin/bellman", "the `program` to break")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "the seed of the first run; the next ones count up")
	flag.IntVar(&o.runs, "runs", 0, "how many runs; 0 for as many as the duration holds")
	flag.DurationVar(&o.duration, "duration", 20*time.Minute, "begin no run after this time; with -runs it counts only when given")
	flag.Parse()
	o.engines = strings.Split(*engine, ",")
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "duration" })
	if o.runs > 0 && !given {
		o.duration = 1<<63 - 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bellman-chaos-")
	if err != nil {
		return err
	}
	servers := map[string]*pgtest.Server{}
	defer func() {
		for _, server := range servers {
			err = errors.Join(err, server.Close())
		}
	}()
	for _, engine := range o.engines {
		switch engine {
		case sqlite:
		case postgres:
			// The effects of a crash show only on a server that writes to disk.
			if servers[engine], err = pgtest.Start(ctx, pgtest.Config{Durable: true}); err != nil {
				return err
			}
		default:
			return fmt.Errorf("no such engine: %q", engine)
		}
	}
	return runAll(ctx, o, folder, servers)
}

// runAll runs until the time is over or a rule is broken. Then the folder is kept.
func runAll(ctx context.Context, o options, folder string, servers map[string]*pgtest.Server) error {
	var sum report
	begun := time.Now()
	for i := 0; (o.runs == 0 || i < o.runs) && time.Since(begun) < o.duration; i++ {
		engine := o.engines[i%len(o.engines)]
		p := draw(o.seed+uint64(i), engine, long)
		r, err := carryOut(ctx, o.binary, folder, p, servers[engine])
		if err != nil {
			return fmt.Errorf("run %d, -engine %s -seed %d: %w\nthe logs are in %s", i+1, engine, p.seed, err, folder)
		}
		fmt.Println(r)
		sum.add(r)
		if len(r.broken) > 0 {
			fmt.Println(strings.Join(append([]string{"faults:"}, r.log...), "\n"))
			fmt.Println(&sum)
			return fmt.Errorf("run %d, -engine %s -seed %d broke the rules:\n%s\nthe logs and the journal are in %s",
				i+1, engine, p.seed, strings.Join(r.broken, "\n"), folder)
		}
	}
	fmt.Println(&sum)
	return os.RemoveAll(folder)
}
