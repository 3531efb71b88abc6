package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// readKnown reads the keys of the mutants without effect. A line is a key and,
// after " # ", the reason; empty lines and those that begin with # are ignored. A
// missing list is empty.
func readKnown(path string) (keys []string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		key, reason, _ := strings.Cut(line, " # ")
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s:%d: say after \" # \" why this changes nothing", path, number)
		}
		keys = append(keys, key)
	}
	return keys, lines.Err()
}
