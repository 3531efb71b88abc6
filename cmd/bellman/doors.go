package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"bellman/internal/api"
)

// addresses are the flags that say where a process is reached, and through whom.
type addresses struct {
	Listen         string    `help:"The address to serve on." default:"127.0.0.1:8080" env:"BELLMAN_LISTEN" placeholder:"ADDR"`
	OpsListen      string    `help:"Another address for /healthz, /readyz and /metrics, which are then on no other one; without a key, and with the profiles of the program (/debug/pprof/): keep it inside." env:"BELLMAN_OPS_LISTEN" placeholder:"ADDR"`
	TrustedProxies []network `help:"The networks of the proxies before this server: what they say in X-Forwarded-For of a client's address is believed." default:"127.0.0.0/8,::1" sep:"," env:"BELLMAN_TRUSTED_PROXIES" placeholder:"NET,…"`
}

// proxies returns the networks of the proxies.
func (a addresses) proxies() (all []netip.Prefix) {
	for _, n := range a.TrustedProxies {
		all = append(all, n.Prefix)
	}
	return all
}

// network is a network in CIDR notation, or a single address.
type network struct{ netip.Prefix }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (n *network) UnmarshalText(text []byte) (err error) {
	written := strings.TrimSpace(string(text))
	if address, err := netip.ParseAddr(written); err == nil {
		n.Prefix = netip.PrefixFrom(address, address.BitLen())
		return nil
	}
	if n.Prefix, err = netip.ParsePrefix(written); err != nil {
		return fmt.Errorf("%q is no network: write it as 10.0.0.0/8, or one address", written)
	}
	return nil
}

// doors are the servers of a process, each with its listener.
type doors struct {
	servers   []*api.Server
	listeners []net.Listener
}

// open listens for the app, and for its operator where that is another address.
func (a addresses) open(served *app, log *slog.Logger) (d doors, err error) {
	for _, door := range []struct {
		address string
		handler http.Handler
		header  int
	}{{a.Listen, served.handler, api.MaxHeader}, {a.OpsListen, served.ops, api.MaxProbeHeader}} {
		if door.address == "" {
			continue
		}
		listener, err := net.Listen("tcp", door.address)
		if err != nil {
			return d, errors.Join(fmt.Errorf("listen on %s: %w", door.address, err), d.close())
		}
		d.listeners = append(d.listeners, listener)
		server := api.NewServer(door.handler, log)
		server.MaxHeaderBytes = door.header
		d.servers = append(d.servers, server)
	}
	return d, nil
}

// serve calls failed with the first error of each server that ends by itself.
func (d doors) serve(failed func(error)) {
	for i, server := range d.servers {
		go func() {
			if err := server.Serve(d.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				failed(err)
			}
		}()
	}
}

// shutdown takes no new requests, and waits for those under way until the context ends.
func (d doors) shutdown(ctx context.Context) (err error) {
	for _, server := range d.servers {
		err = errors.Join(err, server.Shutdown(ctx))
	}
	return err
}

// close ends doors that were not served.
func (d doors) close() (err error) {
	for _, listener := range d.listeners {
		err = errors.Join(err, listener.Close())
	}
	return err
}
