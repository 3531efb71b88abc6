package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
)

// Where nothing can be heard, that is said once, and tried again now and then; a
// connection that broke is made anew at once, and each time said.
func TestListenSaysOnceThatNothingIsHeard(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err         error
		tried, said int
	}{
		"deaf":   {fmt.Errorf("%w: no", store.ErrDeaf), 10, 1},
		"broken": {errors.New("reset"), 600, 600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var text bytes.Buffer
				tried := 0
				a := &app{log: slog.New(slog.NewTextHandler(&text, nil)), heard: func(context.Context, func()) error {
					tried++
					return tt.err
				}}
				ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute-time.Millisecond)
				defer stop()
				a.listen(ctx)
				require.Equal(t, tt.tried, tried)
				require.Equal(t, tt.said, strings.Count(text.String(), "are not heard"))
			})
		})
	}
}
