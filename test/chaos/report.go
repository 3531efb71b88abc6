package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// String is the line about a run.
func (r *result) String() string {
	verdict := "ok"
	if len(r.broken) > 0 {
		verdict = fmt.Sprintf("%d RULES BROKEN", len(r.broken))
	}
	nature := "rough"
	if r.plan.gentle {
		nature = "gentle"
	}
	return strings.Join([]string{
		fmt.Sprintf("%-8s seed %d  %-6s %d servers", r.plan.engine, r.plan.seed, nature, r.plan.servers),
		fmt.Sprintf("%d bots x %d x %d at %3d/s", r.plan.bots, r.plan.campaigns, r.plan.chats, r.plan.rate),
		fmt.Sprintf("sent %5d  failed %4d  skipped %4d  unknown %3d", r.rows["sent"], r.rows["failed"], r.rows["skipped"], r.rows["unknown"]),
		fmt.Sprintf("%d imports  %2d sends (%d twice)  %5d activities in %3d arrays", r.imports, r.sends, r.resent, r.activities, r.arrays),
		fmt.Sprintf("mass %3d  %d resumed  %3d MiB", r.mass, r.resumed, r.memory>>20),
		fmt.Sprintf("%3d faults  %5.1f s  %s", r.inflicted(), r.took.Seconds(), verdict),
	}, "  ")
}

// inflicted is how many faults there were.
func (r *result) inflicted() (n int) {
	for _, count := range r.faults {
		n += count
	}
	return n
}

// report sums up all runs.
type report struct {
	runs    map[string]int
	faults  map[string]int
	rows    map[string]int64
	arrived int
	twice   int64
	lost    int64
	// imports, sends, resent, activities and arrays are those of a result.
	imports, sends, resent, activities, arrays int
}

func (s *report) add(r *result) {
	if s.runs == nil {
		s.runs, s.faults, s.rows = map[string]int{}, map[string]int{}, map[string]int64{}
	}
	s.runs[r.plan.engine]++
	for name, n := range r.faults {
		s.faults[name] += n
	}
	for status, n := range r.rows {
		s.rows[status] += n
	}
	s.arrived += r.arrived
	s.twice += r.twice
	s.lost += r.lost
	s.imports, s.sends, s.resent = s.imports+r.imports, s.sends+r.sends, s.resent+r.resent
	s.activities, s.arrays = s.activities+r.activities, s.arrays+r.arrays
}

// String is the report.
func (s *report) String() string {
	var b strings.Builder
	b.WriteString("\nruns      ")
	for _, engine := range slices.Sorted(maps.Keys(s.runs)) {
		fmt.Fprintf(&b, " %d %s", s.runs[engine], engine)
	}
	fmt.Fprintf(&b, "\nmessages   %d arrived; recipients: %d sent, %d failed, %d skipped, %d unknown",
		s.arrived, s.rows["sent"], s.rows["failed"], s.rows["skipped"], s.rows["unknown"])
	fmt.Fprintf(&b, "\nimports    %d accepted\nsends      %d keyed, %d of them arrived twice\nactivities %d in %d arrays",
		s.imports, s.sends, s.resent, s.activities, s.arrays)
	fmt.Fprintf(&b, "\nduplicates %d\nlost       %d\nfaults", s.twice, s.lost)
	for _, name := range slices.Sorted(maps.Keys(s.faults)) {
		fmt.Fprintf(&b, "\n  %6d  %s", s.faults[name], name)
	}
	return b.String()
}
