package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"bellman/internal/api"
	"bellman/internal/api/redirect"
	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/summary"
	"bellman/internal/track"
)

const (
	clickConnections = 256
	clickRounds      = 6
	clickFor         = time.Second
	clickRate        = 2000
	clickRateFor     = 10 * time.Second
	clickTarget      = "https://shop.example/spring?x=1"
	clickAgent       = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
)

// benchClicks measures redirects, each of another person, with the click stored
// before the answer, beside a bare net/http handler that redirects the same client
// for the same addresses.
func benchClicks(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	links, err := launchLinks(ctx, s)
	if err != nil {
		return err
	}
	service, err := track.New(track.Config{
		Store: s.Clicks, Campaigns: summary.NewCache(s.Summaries, time.Now, slog.New(slog.DiscardHandler)),
		Signer: links.signer, Spool: filepath.Join(b.folder, "clicks"), NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	if err := service.Warm(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- service.Run(running) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", clickTarget)
		w.WriteHeader(http.StatusFound)
	})
	handler := redirect.Handler(service, slog.New(slog.DiscardHandler))
	// They take turns, so that other load on the machine affects both.
	var bare, stored float64
	var clicks int64
	for range clickRounds {
		rate, _, err := redirects(ctx, links, plain)
		if err != nil {
			return err
		}
		bare += rate / clickRounds
		rate, answered, err := redirects(ctx, links, handler)
		if err != nil {
			return err
		}
		stored += rate / clickRounds
		clicks += answered
	}
	b.row("clicks: bare net/http redirect", "%8.0f redirects/s", bare)
	b.row("clicks: redirect, click stored", "%8.0f redirects/s   %.2f of bare (goal 0.50)", stored, stored/bare)
	p50, p99, err := pacedRedirects(ctx, links, handler)
	if err != nil {
		return err
	}
	b.row("clicks: at 2000/s", "p50 %.1f ms, p99 %.1f ms (goal 25)", p50.Seconds()*1000, p99.Seconds()*1000)
	return links.check(ctx, s, clicks+clickRate*int64(clickRateFor/time.Second))
}

const (
	clickKills = 20
	// clicksEach is how many redirects are answered before each kill.
	clicksEach = 2000
)

// benchClickKills kills the built program under a load of redirects, again and
// again, and counts the clicks that were answered and are not in the database.
func benchClickKills(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	links, err := launchLinks(ctx, s)
	if err != nil {
		return err
	}
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(links.key)}
	serve := []string{"serve", "--db", b.address, "--spool", filepath.Join(b.folder, "clicks")}
	var answered []int64
	for range clickKills {
		server, err := b.start(ctx, env, serve...)
		if err != nil {
			return err
		}
		some, err := links.clickUntilKilled(ctx, server)
		if err != nil {
			return err
		}
		answered = append(answered, some...)
	}
	// One more start stores the clicks that are left in files.
	server, err := b.start(ctx, env, serve...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	lost := len(answered)
	for deadline := time.Now().Add(time.Minute); lost > 0 && time.Now().Before(deadline); {
		if lost, err = links.missing(ctx, s, answered); err != nil {
			return err
		}
	}
	b.row("clicks: lost over 20 kill -9", "%8d of %d answered (goal 0)", lost, len(answered))
	return nil
}

// clickUntilKilled follows links as fast as they are answered, kills the server
// after enough answers, and returns the recipients whose links were answered.
func (l *linkMaker) clickUntilKilled(ctx context.Context, server *process) (answered []int64, err error) {
	var (
		mu     sync.Mutex
		killed error
		once   sync.Once
	)
	err = eachConnection(ctx, server.host, func(_ int, c *clicker) error {
		for ctx.Err() == nil {
			// A server that was killed answers no more.
			if c.click(l) != nil {
				break
			}
			mu.Lock()
			answered = append(answered, c.seq)
			enough := len(answered) >= clicksEach
			mu.Unlock()
			if enough {
				once.Do(func() { killed = server.Kill() })
			}
		}
		return ctx.Err()
	})
	if err == nil && len(answered) < clicksEach {
		err = fmt.Errorf("clicks: only %d were answered", len(answered))
	}
	return answered, errors.Join(err, killed)
}

// missing returns how many of the recipients have no click in the database.
func (l *linkMaker) missing(ctx context.Context, s *store.DB, answered []int64) (int, error) {
	clicks, err := s.Clicks.Clicks(ctx, l.campaignID, "", math.MaxInt32)
	if err != nil {
		return 0, err
	}
	stored := map[int64]bool{}
	for _, c := range clicks {
		stored[c.Seq] = true
	}
	lost := 0
	for _, seq := range answered {
		if !stored[seq] {
			lost++
		}
	}
	return lost, nil
}

// linkMaker makes the addresses of links, each of another recipient.
type linkMaker struct {
	key        []byte // the installation's secret key
	signer     *track.Signer
	campaignID int64
	seq        atomic.Int64
}

// launchLinks stores a campaign that has been launched.
func launchLinks(ctx context.Context, s *store.DB) (*linkMaker, error) {
	key := seal.NewKey()
	ring, err := openRing(ctx, s, key)
	if err != nil {
		return nil, err
	}
	one, err := addBot(ctx, s, ring, 1, "")
	if err != nil {
		return nil, err
	}
	now := time.Now()
	content := message.Content{Version: message.Version{Text: "Sale", Buttons: [][]message.Button{{{Text: "Look", URL: clickTarget}}}}}
	frozen, err := content.Encode()
	if err != nil {
		return nil, err
	}
	m, err := s.Messages.CreateMessage(ctx, message.Message{WorkspaceID: 1, Name: "bench", Content: content, CreatedAt: now, UpdatedAt: now})
	if err != nil {
		return nil, err
	}
	l := &linkMaker{key: key, signer: track.NewSigner(ring)}
	l.campaignID, err = s.Campaigns.Create(ctx, campaign.Campaign{
		WorkspaceID: 1, BotID: one.ID, MessageID: m, Name: "bench",
		Kind: campaign.Broadcast, State: campaign.Draft, CreatedAt: now, UpdatedAt: now})
	if err != nil {
		return nil, err
	}
	_, _, err = s.Campaigns.Change(ctx, 1, l.campaignID, func(c *campaign.Campaign) error {
		c.State, c.Content, c.LaunchedAt = campaign.Finished, frozen, now
		return nil
	})
	return l, err
}

// request appends the request for the link of another recipient, and also returns
// that recipient.
func (l *linkMaker) request(dst []byte) (request []byte, seq int64) {
	seq = l.seq.Add(1)
	dst = append(dst, "GET "+track.Path...)
	dst = append(dst, l.signer.Mint(track.Code{CampaignID: l.campaignID, Seq: seq, ContactID: seq})...)
	return append(dst, " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: "+clickAgent+"\r\nAccept-Language: uk\r\n\r\n"...), seq
}

// check returns an error unless the clicks are stored, each of its own person.
func (l *linkMaker) check(ctx context.Context, s *store.DB, clicks int64) error {
	counts, err := s.Clicks.LinkCounts(ctx, l.campaignID)
	if err != nil {
		return err
	}
	if len(counts) != 1 || counts[0].Clicks != clicks || counts[0].People != clicks {
		return fmt.Errorf("clicks: %d were answered, %v are stored", clicks, counts)
	}
	return nil
}

// served serves the handler for as long as fn runs.
func served(h http.Handler, fn func(address string) error) (err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := api.NewServer(h, slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	err = fn(listener.Addr().String())
	err = errors.Join(err, server.Close())
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// redirects returns how many redirects the handler answers, per second and in all.
func redirects(ctx context.Context, l *linkMaker, h http.Handler) (perSecond float64, total int64, err error) {
	var answered atomic.Int64
	err = served(h, func(address string) error {
		began := time.Now()
		err := eachConnection(ctx, address, func(_ int, c *clicker) error {
			for ctx.Err() == nil && time.Since(began) < clickFor {
				if err := c.click(l); err != nil {
					return err
				}
				answered.Add(1)
			}
			return ctx.Err()
		})
		perSecond = float64(answered.Load()) / time.Since(began).Seconds()
		return err
	})
	return perSecond, answered.Load(), err
}

// pacedRedirects requests links at an even rate, and returns how long answers take,
// counted from the moment at which each request was due.
func pacedRedirects(ctx context.Context, l *linkMaker, h http.Handler) (p50, p99 time.Duration, err error) {
	const total = clickRate * int(clickRateFor/time.Second)
	took := make([]time.Duration, total)
	err = served(h, func(address string) error {
		began := time.Now()
		return eachConnection(ctx, address, func(first int, c *clicker) error {
			for n := first; n < total; n += clickConnections {
				due := began.Add(time.Duration(n) * time.Second / clickRate)
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(time.Until(due)):
				}
				if err := c.click(l); err != nil {
					return err
				}
				took[n] = time.Since(due)
			}
			return nil
		})
	})
	slices.Sort(took)
	return took[total/2], took[total*99/100], err
}

// eachConnection runs fn on every one of the connections, side by side.
func eachConnection(ctx context.Context, address string, fn func(number int, c *clicker) error) error {
	var (
		wait   sync.WaitGroup
		dialer net.Dialer
	)
	failed := make(chan error, clickConnections)
	for i := range clickConnections {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		wait.Go(func() { failed <- fn(i, &clicker{conn: conn}) })
	}
	wait.Wait()
	close(failed)
	var all error
	for err := range failed {
		all = errors.Join(all, err)
	}
	return all
}

// clicker is a client that does only what is necessary, so that the server is
// measured and not the client.
type clicker struct {
	conn net.Conn
	// seq is the recipient of the latest requested link.
	seq    int64
	out    []byte
	answer [2048]byte
}

// click requests a link and reads the redirect, which has no body.
func (c *clicker) click(l *linkMaker) error {
	c.out, c.seq = l.request(c.out[:0])
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	for n := 0; ; {
		more, err := c.conn.Read(c.answer[n:])
		n += more
		if bytes.HasSuffix(c.answer[:n], []byte("\r\n\r\n")) {
			if !bytes.HasPrefix(c.answer[:n], []byte("HTTP/1.1 302 ")) {
				return fmt.Errorf("clicks: %.200s", c.answer[:n])
			}
			return nil
		}
		if err != nil {
			return err
		}
		if n == len(c.answer) {
			return fmt.Errorf("clicks: a long answer: %w", io.ErrShortBuffer)
		}
	}
}
