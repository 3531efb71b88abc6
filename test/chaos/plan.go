package main

import (
	"math/rand/v2"
	"strings"
	"time"

	"bellman/internal/sandbox"
)

// kind is a fault that is carried out at a moment of a run.
type kind string

const (
	kill              kind = "kill -9"            // a server dies and is started again
	term              kind = "SIGTERM"            // a server is stopped and started again
	freeze            kind = "SIGSTOP"            // a server stands still for longer than its lease
	postgresFast      kind = "postgres fast"      // PostgreSQL is restarted by an operator
	postgresImmediate kind = "postgres immediate" // PostgreSQL crashes
	cutDatabase       kind = "cut database"       // every connection to PostgreSQL breaks
	cutTelegram       kind = "cut telegram"       // every connection to Telegram breaks
	pause             kind = "pause"              // a campaign is paused and resumed
	flood             kind = "flood"              // Telegram answers 429 for a while
	leave             kind = "leave"              // people block the bot or delete their accounts
	silentDatabase    kind = "silent database"    // servers lose PostgreSQL: nothing passes, and nothing is closed
	deafDatabase      kind = "database unheard"   // PostgreSQL hears servers, and they do not hear it
	silentTelegram    kind = "silent telegram"    // nothing passes to Telegram, and nothing is closed until that is over
	deafTelegram      kind = "telegram unheard"   // Telegram hears everything, and nobody hears it
	fullTelegram      kind = "full telegram"      // Telegram accepts connections and closes those that are too many, or all
	away              kind = "database away"      // a SQLite file is not where it was for a while
)

// fault is a fault with its moment and its object.
type fault struct {
	kind kind
	// after is how long after the fault before.
	after time.Duration
	// server, bot and campaign are indexes among those of the run.
	server, bot, campaign int
	// hold is how long a frozen server stands still, or a pause, a silence or an absence lasts.
	hold time.Duration
	// count is how many calls meet a flood, how many people leave, how many servers lose PostgreSQL, or how many connections
	// a full Telegram serves.
	count int
}

// plan is one run, drawn from a seed.
type plan struct {
	seed    uint64
	engine  string
	servers int
	bots    int
	// chats is how many each bot has, campaigns how many broadcasts go out to them at once.
	chats     int64
	campaigns int
	// rate is how many messages a second a bot sends.
	rate int
	// latency and jitter are Telegram's, in milliseconds.
	latency, jitter int64
	// distance is how long every byte to or from PostgreSQL takes.
	distance time.Duration
	// gentle runs meet no fault that leaves it unknown whether a message arrived.
	gentle bool
	faults []fault
	// weather holds faults of Telegram that come at random all the time.
	weather []sandbox.Fault
	// mass is what becomes of the bot whose chats are all gone at some time.
	mass mass
	// chores go on beside the broadcasts.
	chores chores
}

// size bounds a run: for how long its messages take at their pace, how many faults come meanwhile, and how many imports,
// of how many people, and keyed sends.
type size struct {
	sending                time.Duration
	faults                 int
	imports, people, sends int
}

var (
	long  = size{sending: 10 * time.Second, faults: 7, imports: 6, people: 600, sends: 80}
	short = size{sending: 5 * time.Second, faults: 3, imports: 2, people: 200, sends: 12}
)

// draw makes the plan of a run. The same seed makes the same plan.
func draw(seed uint64, engine string, s size) plan {
	random := rand.New(rand.NewPCG(seed, 0))
	p := plan{
		seed: seed, engine: engine, servers: 1,
		bots: between(random, 2, 5), campaigns: between(random, 1, 4), rate: pick(random, 30, 60, 120, 250),
		latency: int64(between(random, 1, 40)), jitter: int64(between(random, 1, 60)),
		gentle: random.IntN(3) == 0,
	}
	if engine == postgres {
		p.servers = between(random, 2, 3)
		p.distance = time.Duration(pick(random, 0, 0, 1, 5, 20)) * time.Millisecond
	}
	p.chats = int64(float64(p.rate) * s.sending.Seconds() / float64(p.campaigns) * (0.8 + 0.4*random.Float64()))
	for range between(random, 2, s.faults) {
		p.faults = append(p.faults, p.fault(random))
	}
	for _, f := range sky(random) {
		if random.IntN(3) == 0 && !(p.gentle && doubtful(f)) {
			p.weather = append(p.weather, f)
		}
	}
	p.mass = mass{good: random.Int64N(massChats / 8), blocked: random.IntN(2) == 0}
	// The chores come last, so that a seed goes on drawing the faults that it has always drawn.
	p.chores = p.drawChores(random, s)
	return p
}

func between(random *rand.Rand, low, high int) int { return low + random.IntN(high-low+1) }

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

func (p plan) fault(random *rand.Rand) fault {
	kinds := []kind{term, pause, flood, leave, fullTelegram}
	if p.engine == postgres {
		kinds = append(kinds, postgresFast, postgresImmediate, cutDatabase)
	}
	if !p.gentle {
		kinds = append(kinds, kill, kill, cutTelegram, freeze, silentTelegram, deafTelegram)
		if p.engine == postgres {
			kinds = append(kinds, silentDatabase, deafDatabase)
		} else {
			kinds = append(kinds, away)
		}
	}
	f := fault{
		kind:   pick(random, kinds...),
		after:  time.Duration(between(random, 200, 2500)) * time.Millisecond,
		server: random.IntN(p.servers), bot: random.IntN(p.bots), campaign: random.IntN(p.campaigns),
	}
	switch f.kind {
	case freeze:
		f.hold = time.Duration(between(random, 8000, 10000)) * time.Millisecond
	case silentDatabase, deafDatabase, away:
		f.hold, f.count = time.Duration(between(random, 500, 12000))*time.Millisecond, between(random, 1, p.servers)
	case silentTelegram, deafTelegram:
		f.hold = time.Duration(between(random, 200, 5000)) * time.Millisecond
	case fullTelegram:
		f.hold, f.count = time.Duration(between(random, 200, 5000))*time.Millisecond, pick(random, 0, 1, 8)
	case pause:
		f.hold = time.Duration(between(random, 50, 1500)) * time.Millisecond
	case flood:
		f.count = between(random, 1, 8)
	case leave:
		f.count = between(random, 1, max(1, int(p.chats)/20))
	}
	return f
}

// leavers are the people whom a fault has leave its bot.
func (p plan) leavers(f fault) []int64 {
	chats := make([]int64, f.count)
	for i := range chats {
		chats[i] = firstChat + int64(i*131+f.campaign)%p.chats
	}
	return chats
}

// sky is all that the weather can be. What carries a message out and then answers an error that says otherwise is not
// among it: Telegram does not lie.
func sky(random *rand.Rand) []sandbox.Fault {
	rule := func(kind sandbox.FaultKind, most int64) sandbox.Fault {
		return sandbox.Fault{
			Kind: kind, Method: "sendMessage", Probability: 0.002 + 0.02*random.Float64(), Seed: random.Uint64(), Count: most,
			Delivered: random.IntN(2) == 0,
		}
	}
	hang, reset := rule(sandbox.FaultHang, 20), rule(sandbox.FaultReset, 30)
	hang.Duration = time.Duration(between(random, 100, 3000)) * time.Millisecond
	slow := rule(sandbox.FaultSlow, 50)
	slow.Duration = time.Duration(between(random, 100, 3000)) * time.Millisecond
	gateway := rule(sandbox.FaultGateway, 20)
	gateway.Code = pick(random, 502, 504)
	broken := rule(sandbox.FaultError, 50)
	broken.Code, broken.Delivered = pick(random, 500, 503), false
	broken.Description = strings.Repeat(pick(random, "Internal Server Error ", "\u0000я"), pick(random, 1, 10_000))
	many := rule(sandbox.FaultFlood, 10)
	many.RetryAfter, many.Delivered = between(random, 1, 3), false
	refuse := sandbox.Fault{Kind: sandbox.FaultRefuse, Probability: 0.2, Seed: random.Uint64(), Count: 10}
	return []sandbox.Fault{
		hang, reset, slow, gateway, broken, many, refuse, rule(sandbox.FaultGarbage, 10), rule(sandbox.FaultTruncate, 10),
		rule(sandbox.FaultHuge, 10), rule(sandbox.FaultEndless, 10),
	}
}

// doubtful reports whether the fault leaves it unknown whether a message arrived. With 502 and 504 Bellman cannot know:
// they come from something between it and Telegram.
func doubtful(f sandbox.Fault) bool {
	switch f.Kind {
	case sandbox.FaultFlood, sandbox.FaultSlow:
		return false
	case sandbox.FaultError, sandbox.FaultGateway:
		return f.Code == 502 || f.Code == 504
	}
	return true
}
