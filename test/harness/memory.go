package harness

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

var (
	residentNow  = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)
	residentPeak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
)

// Memory returns the present and the highest resident memory of a running process, in bytes. Only Linux tells it.
func (p *Process) Memory() (now, peak int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0, 0, err
	}
	for what, to := range map[*regexp.Regexp]*int64{residentNow: &now, residentPeak: &peak} {
		found := what.FindSubmatch(text)
		if found == nil {
			return 0, 0, fmt.Errorf("%s has ended", p.name)
		}
		if *to, err = strconv.ParseInt(string(found[1]), 10, 54); err != nil {
			return 0, 0, err
		}
		*to <<= 10
	}
	return now, peak, nil
}
