package main

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesComeFromPrivateHostsOnlyWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	inside := netip.MustParseAddr("10.0.0.1")
	require.False(t, settings{}.reachable()(inside))
	require.True(t, settings{privateHosts: true}.reachable()(inside))
}
