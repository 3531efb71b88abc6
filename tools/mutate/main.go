// Mutate shows what the tests of a package do not notice. It makes one change of
// meaning at a time, a mutant: a condition negated, < become <=, a call left out.
// It builds the tests with it and runs them. Tests that fail kill the mutant. A
// survivor is printed with its place: either a test is missing or the change has no
// effect.
//
// The files of the tree are not changed: the compiler gets the changed file as an
// overlay.
//
//	mutate [flags] ./internal/contact
//
// It ends with status 1 when a mutant survives.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.sample, "sample", 0, "try so many mutants, taken at random; 0 is all")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "what the sample is drawn with")
	flag.DurationVar(&o.limit, "limit", time.Minute, "how long the tests of one package may take; beyond it the mutant is killed")
	flag.StringVar(&o.file, "file", "", "mutate only this file of the package, such as reader.go")
	flag.StringVar(&o.known, "equivalent", "tools/mutate/equivalent.txt", "the list of mutants that change nothing, with the reasons")
	also := flag.String("also", "", "packages, with commas between, whose tests a survivor has to survive as well")
	flag.BoolVar(&o.verbose, "v", false, "print what becomes of every mutant, as it becomes known")
	flag.BoolVar(&o.list, "list", false, "print the mutants and try none")
	flag.Parse()
	if flag.NArg() != 1 || strings.Contains(flag.Arg(0), "...") {
		fmt.Fprintln(os.Stderr, "mutate: name one package, such as ./internal/contact")
		os.Exit(2)
	}
	o.packages = append(o.packages, flag.Arg(0))
	if *also != "" {
		o.packages = append(o.packages, strings.Split(*also, ",")...)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	count, err := run(ctx, o)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	case count.survived > 0:
		os.Exit(1)
	}
}

// options are the options of a run.
type options struct {
	// packages begin with the one that is mutated; the tests of all of them are
	// run.
	packages []string
	sample   int
	seed     uint64
	limit    time.Duration
	file     string
	known    string
	verbose  bool
	list     bool
}

// tally counts mutants by their fate.
type tally struct{ tried, killed, survived, equivalent, unbuilt int }

func (t tally) String() string {
	return fmt.Sprintf("%d tried, %d killed, %d survived; %d known to change nothing, %d that do not compile",
		t.tried, t.killed, t.survived, t.equivalent, t.unbuilt)
}

// run tries mutants until enough are tried or the context ends.
func run(ctx context.Context, o options) (count tally, err error) {
	folder, err := filepath.Abs(o.packages[0])
	if err != nil {
		return count, err
	}
	mutants, err := mutantsIn(folder, o.file)
	if err != nil {
		return count, err
	}
	known, err := readKnown(o.known)
	if err != nil {
		return count, err
	}
	if o.sample > 0 {
		r := rand.New(rand.NewPCG(o.seed, 0))
		r.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	}
	if o.list {
		for _, m := range mutants {
			fmt.Println(m)
		}
		return count, nil
	}
	t, err := newTrial(ctx, o.packages, o.limit)
	if err != nil {
		return count, err
	}
	defer t.close()
	for _, m := range mutants {
		if ctx.Err() != nil || o.sample > 0 && count.tried == o.sample {
			break
		}
		if slices.Contains(known, m.key()) {
			count.equivalent++
			continue
		}
		fate, err := t.try(ctx, m)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return count, err
		}
		count.add(fate)
		if fate == survived || o.verbose {
			fmt.Printf("%s: %s\n", fate, m)
		}
	}
	fmt.Printf("%s: %s", o.packages[0], count)
	if o.sample > 0 {
		fmt.Printf("; -sample %d -seed %d", o.sample, o.seed)
	}
	fmt.Println()
	return count, nil
}

func (t *tally) add(f fate) {
	switch f {
	case unbuilt:
		t.unbuilt++
		return
	case killed:
		t.killed++
	case survived:
		t.survived++
	}
	t.tried++
}
